"""Check by content, never by name, whether an upload is a complete and quiet PDF.

Refused is one that runs something or carries other files, and one that is an archive at the same
time. Names of its objects are looked for in the file and in its packed parts, up to a limit; the
rest is opened only by people who download it.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

from django.utils.translation import gettext as _

MEDIA_TYPE = "application/pdf"
_BEGINS = b"%PDF-"
_VERSION = re.compile(rb"%PDF-[12]\.\d")
# A PDF ends with the offset of its cross-reference table; some programs append a few bytes.
_ENDS = re.compile(rb"startxref\s+\d+\s+%%EOF")
_TAIL = 2048
# Scripts, programs, films and forms that run, and files inside (ISO 32000, 7.11.4 and 12.6.4).
_LOUD = re.compile(rb"/(JavaScript|Launch|RichMedia|EmbeddedFiles?|XFA)(?![A-Za-z0-9])")
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_PACKED = re.compile(rb"/ObjStm.{0,400}?stream\r?\n", re.DOTALL)
# The end of an archive, at most this far from the end of the file (PKZIP).
_ARCHIVE_ENDS, _ARCHIVE_TAIL = b"PK\x05\x06", 65_557
_MOST_UNPACKED = 64 * 1024 * 1024


class PdfError(Exception):
    """The file begins as a PDF but is not acceptable. The message is for the user."""


def is_pdf(data: bytes) -> bool:
    """Whether the content is a PDF; False for a file of another kind.

    Raises PdfError if it begins as a PDF but does not end as one (it is cut off or only named so),
    if it holds scripts or other files, or if it is an archive as well.
    """
    if not data.startswith(_BEGINS):
        return False
    if not _VERSION.match(data) or not _ENDS.search(data[-_TAIL:]):
        raise PdfError(_("This PDF is damaged or not complete. Send it again."))
    if _ARCHIVE_ENDS in data[-_ARCHIVE_TAIL:] or any(_is_loud(part) for part in _parts(data)):
        raise PdfError(
            _("This PDF holds scripts or other files. Print it as a PDF anew, and send that.")
        )
    return True


def _is_loud(part: bytes) -> bool:
    """Whether one of the names stands there, also where signs of it are written as #xx."""
    if _LOUD.search(part):
        return True
    plain = _ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), part)
    return bool(_LOUD.search(plain))


def _parts(data: bytes) -> Iterator[bytes]:
    """The file as it is, then its packed objects. Raises PdfError where these are too large."""
    yield data
    left = _MOST_UNPACKED
    for found in _PACKED.finditer(data):
        unpack = zlib.decompressobj()
        try:
            objects = unpack.decompress(data[found.end() :], left)
        except zlib.error:  # packed in another way, or damaged
            continue
        left -= len(objects)
        if left <= 0:
            raise PdfError(_("This PDF is damaged or not complete. Send it again."))
        yield objects
