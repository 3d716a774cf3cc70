"""Which office file an upload is, told by its content; one that could run a program is refused.

Nothing but the list of content types is unpacked, and of that no more than a limit: what else is
in the archive is opened by whoever fetches it.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from io import BytesIO

from django.utils.translation import gettext as _

_MOST_PARTS = 5_000
_MOST_TYPES = 1 << 20
_TYPES = "[Content_Types].xml"
_OOXML = "application/vnd.openxmlformats-officedocument."
# The main part of each kind, and what a browser is told of the file.
_KINDS = {
    f"{_OOXML}wordprocessingml.document.main+xml": (
        "docx",
        f"{_OOXML}wordprocessingml.document",
    ),
    f"{_OOXML}presentationml.presentation.main+xml": (
        "pptx",
        f"{_OOXML}presentationml.presentation",
    ),
}
_PROGRAMS = ("vbaproject.bin", "vbadata.xml")
# The binary formats before 2007 and encrypted files of today lie in this container.
_OLD_CONTAINER = b"\xd0\xcf\x11\xe0"


class OfficeFileError(Exception):
    """The file is no document or presentation that can be kept. The message is for the person."""


def detect_office_file(data: bytes) -> tuple[str, str] | None:
    """The ending and media type of a .docx or .pptx; None for what is no archive at all.

    Raises OfficeFileError for archives of another kind, with macros, encrypted or damaged.
    """
    if data.startswith(_OLD_CONTAINER):
        problem = _("An office file of an old kind, or with a password: save it as %(kinds)s.")
        raise OfficeFileError(problem % {"kinds": "PDF, .docx, .pptx"})
    if not data.startswith(b"PK\x03\x04"):
        return None
    names, types = _read_types(data)
    has_programs = any(name.endswith(_PROGRAMS) or "/activex/" in name for name in names)
    if has_programs or "macroenabled" in types.lower():
        raise OfficeFileError(_("This file holds macros. Save it without them, or as PDF."))
    found = next((kind for main, kind in _KINDS.items() if f'"{main}"' in types), None)
    if found is None:
        raise OfficeFileError(_("Only documents (.docx) and presentations (.pptx) are taken."))
    return found


def _read_types(data: bytes) -> tuple[list[str], str]:
    """The names of the parts in small letters, and the list of their content types."""
    damaged = OfficeFileError(_("This file is damaged. Send it again."))
    if data.count(b"PK\x01\x02") > _MOST_PARTS:
        raise damaged
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            entries = archive.infolist()
            if any(entry.flag_bits & 1 for entry in entries):
                raise OfficeFileError(_("This file has a password. Send it without one."))
            names = [entry.filename.lower() for entry in entries]
            if names.count(_TYPES.lower()) != 1:
                raise OfficeFileError(
                    _("Only documents (.docx) and presentations (.pptx) are taken.")
                )
            with archive.open(_TYPES) as part:
                types = part.read(_MOST_TYPES + 1)
    except (
        zipfile.BadZipFile,
        KeyError,
        ValueError,
        NotImplementedError,
        EOFError,
        struct.error,
        zlib.error,
    ) as error:
        raise damaged from error
    if len(types) > _MOST_TYPES:
        raise damaged
    return names, types.decode("utf-8", "replace")
