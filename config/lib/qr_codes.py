"""QR codes as SVG for pages and documents."""

from __future__ import annotations

import segno
from django.utils.safestring import SafeString, mark_safe


def draw_qr(text: str) -> SafeString:
    """The QR code of `text` with its quiet zone: black on white, without styles or a size.

    Error correction level M: up to 15 per cent may be hidden by a scratch or a finger.
    """
    code = segno.make(text, error="m", micro=False, boost_error=False)
    drawn = code.svg_inline(
        border=4, dark="#000", light="#fff", omitsize=True, svgclass=None, lineclass=None
    )
    return mark_safe(drawn)  # noqa: S308 - paths alone; the text is nowhere in it
