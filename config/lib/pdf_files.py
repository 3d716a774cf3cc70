"""Check by content, never by name, whether an upload is a complete PDF.

Only its beginning and end are read; the rest is opened only by people who download it.
"""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

MEDIA_TYPE = "application/pdf"
_BEGINS = b"%PDF-"
_VERSION = re.compile(rb"%PDF-[12]\.\d")
# A PDF ends with the offset of its cross-reference table; some programs append a few bytes.
_ENDS = re.compile(rb"startxref\s+\d+\s+%%EOF")
_TAIL = 2048


class PdfError(Exception):
    """The file begins as a PDF but is not complete. The message is for the user."""


def is_pdf(data: bytes) -> bool:
    """Whether the content is a PDF; False for a file of another kind.

    Raises PdfError if it begins as a PDF but does not end as one: it is cut off or only named so.
    """
    if not data.startswith(_BEGINS):
        return False
    if not _VERSION.match(data) or not _ENDS.search(data[-_TAIL:]):
        raise PdfError(_("This PDF is damaged or not complete. Send it again."))
    return True
