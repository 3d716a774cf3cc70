"""QR codes, drawn as SVG that a page and a document may hold."""

from __future__ import annotations

import segno
from django.utils.safestring import SafeString, mark_safe


def draw_qr(text: str) -> SafeString:
    """The QR code of `text` with its quiet zone: black on white, without styles or a size.

    Of the middle level of correction: a scratch or a finger covers up to 15 per cent.
    """
    code = segno.make(text, error="m", micro=False, boost_error=False)
    drawn = code.svg_inline(
        border=4, dark="#000", light="#fff", omitsize=True, svgclass=None, lineclass=None
    )
    return mark_safe(drawn)  # noqa: S308 - paths alone; the text is nowhere in it
