"""PDF documents: typst renders a template of `templates/documents/` with data.

Only the fonts of two locked packages are used. A character that neither font has is an error, so a
slip or a letter never shows a box in place of a name. The same template and data give the same
bytes.
"""

import json
import struct
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import noto_cjk_sans_otc
import pylopdf_fonts_zh_cn
import typst
from django.conf import settings
from django.utils.translation import gettext as _

# A character is set in the first font that has it, as in the templates' `#set text(font: …)`. The
# second font has the rare characters; in its collection, use the face for Simplified Chinese.
_COMMON = Path(pylopdf_fonts_zh_cn.sans_path())
_RARE, _RARE_FACE = Path(str(noto_cjk_sans_otc.FONT_PATH)), 2
_WIDE_ENOUGH = 12  # the `cmap` format that covers code points above 65,535


class DocumentError(Exception):
    """The document cannot be rendered. The message may be shown to the person who requested it."""


def set_document(template: str, data: Mapping[str, Any]) -> bytes:
    """Render `templates/documents/<template>.typ`, which reads `data` as JSON, to PDF.

    Raises DocumentError for a character that no font has.
    """
    folder: Path = settings.BASE_DIR / "templates" / "documents"
    source = (folder / f"{template}.typ").read_bytes()
    text = json.dumps(data, ensure_ascii=False)
    shown = {sign for sign in text + source.decode() if not sign.isspace()}
    missing = sorted(sign for sign in shown if ord(sign) not in _signs())
    if missing:
        raise DocumentError(
            _("No font holds these signs, so nothing was printed: %(signs)s")
            % {"signs": " ".join(f"{sign} (U+{ord(sign):04X})" for sign in missing)}
        )
    pdf = typst.compile(
        source,
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"data": text},
        timestamp=0,
    )
    if not isinstance(pdf, bytes):
        raise TypeError("typst gave no PDF.")
    return pdf


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(_COMMON.parent), str(_RARE.parent)],
    )


@lru_cache(maxsize=1)
def _signs() -> frozenset[int]:
    """The code points that at least one of the two fonts has."""
    return frozenset(_signs_of(_COMMON, 0) | _signs_of(_RARE, _RARE_FACE))


def _signs_of(path: Path, face: int) -> set[int]:
    """The code points of a font (OpenType, `cmap`, subtables of format 12)."""
    data = path.read_bytes()
    start = struct.unpack_from(">I", data, 12 + 4 * face)[0] if data[:4] == b"ttcf" else 0
    (tables,) = struct.unpack_from(">H", data, start + 4)
    records = (struct.unpack_from(">4sIII", data, start + 12 + 16 * n) for n in range(tables))
    cmap = next(offset for tag, _sum, offset, _length in records if tag == b"cmap")
    (subtables,) = struct.unpack_from(">H", data, cmap + 2)
    signs: set[int] = set()
    for number in range(subtables):
        (offset,) = struct.unpack_from(">I", data, cmap + 4 + 8 * number + 4)
        kind, _pad, _size, _lang, groups = struct.unpack_from(">HHIII", data, cmap + offset)
        if kind == _WIDE_ENOUGH:
            for group in range(groups):
                first, last, _glyph = struct.unpack_from(
                    ">III", data, cmap + offset + 16 + 12 * group
                )
                signs.update(range(first, last + 1))
    return signs
