"""Whether an upload is a whole PDF, told by its content and never by its name.

Nothing of it is read beyond its two ends: what else is in the file is opened by whoever fetches it.
"""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

MEDIA_TYPE = "application/pdf"
_BEGINS = b"%PDF-"
_VERSION = re.compile(rb"%PDF-[12]\.\d")
# A file ends with the place of its table of contents; some programs write a few bytes after that.
_ENDS = re.compile(rb"startxref\s+\d+\s+%%EOF")
_TAIL = 2048


class PdfError(Exception):
    """The file is a PDF only in part. The message is for the person."""


def is_pdf(data: bytes) -> bool:
    """Whether the content is a PDF; False for a file of another kind.

    Raises PdfError where it begins as one and does not end as one: cut off, or only called so.
    """
    if not data.startswith(_BEGINS):
        return False
    if not _VERSION.match(data) or not _ENDS.search(data[-_TAIL:]):
        raise PdfError(_("This PDF is damaged or not complete. Send it again."))
    return True
