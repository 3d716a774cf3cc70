"""Detect the kind of an uploaded office file by its content; refuse files with macros.

Only the list of content types is unpacked, up to a limit, and the first signs of each part. The
rest of the archive is not opened here, only by the people who download it.
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
# The main part of each kind, with its file ending and the media type sent to browsers.
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
# How archives and programs begin; tables behind a chart and packed
# drawings are too, and are known by name.
_ARCHIVES = (b"PK\x03\x04", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"BZh", b"MZ", b"\xd0\xcf\x11\xe0")
_TABLES = (".xlsx", ".docx", ".pptx", ".emz", ".wmz")
# Binary formats from before 2007 and encrypted current files use this container.
_OLD_CONTAINER = b"\xd0\xcf\x11\xe0"


class OfficeFileError(Exception):
    """The file is not an acceptable document or presentation. The message is for the user."""


def detect_office_file(data: bytes) -> tuple[str, str] | None:
    """The ending and media type of a .docx or .pptx; None if the data is no archive.

    Raises OfficeFileError for other archives, and for files with macros, encrypted or damaged.
    """
    if data.startswith(_OLD_CONTAINER):
        problem = _("An office file of an old kind, or with a password: save it as %(kinds)s.")
        raise OfficeFileError(problem % {"kinds": "PDF, .docx, .pptx"})
    if not data.startswith(b"PK\x03\x04"):
        return None
    names, types, holds_archive = _read_types(data)
    has_programs = any(name.endswith(_PROGRAMS) or "/activex/" in name for name in names)
    if has_programs or "macroenabled" in types.lower():
        raise OfficeFileError(_("This file holds macros. Save it without them, or as PDF."))
    if holds_archive:
        raise OfficeFileError(_("This file holds other files. Save it without them, or as PDF."))
    office_kind = next((kind for main, kind in _KINDS.items() if f'"{main}"' in types), None)
    if office_kind is None:
        raise OfficeFileError(_("Only documents (.docx) and presentations (.pptx) are taken."))
    return office_kind


def _read_types(data: bytes) -> tuple[list[str], str, bool]:
    """The names of the parts in lower case, their content types, and whether one is an archive."""
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
            holds_archive = any(_is_archive(archive, entry) for entry in entries)
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
    return names, types.decode("utf-8", "replace"), holds_archive


def _is_archive(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bool:
    """Whether a part begins as an archive or a program does, and is no table of a chart."""
    if entry.is_dir() or entry.filename.lower().endswith(_TABLES):
        return False
    with archive.open(entry) as part:
        return part.read(8).startswith(_ARCHIVES)
