"""Uploaded evidence files: what is stored of a file, and the limits.

Images are stored as a re-encoded copy. Evidence other than photographs may also be PDF.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath

from django.utils.translation import gettext as _

from accounts.models import User
from backstage.enums import FileKind
from backstage.files import FileError, store_file
from backstage.models import StoredFile
from config.lib.pdf_files import MEDIA_TYPE as PDF
from config.lib.pdf_files import PdfError, is_pdf
from config.lib.pictures import MEDIA_TYPE, PictureError, copy_picture

MOST_PHOTOS = 9
MOST_BYTES = 10 * 1024 * 1024
_LONGEST_NAME = 80


@dataclass(frozen=True)
class Copy:
    """The stored form of a file."""

    data: bytes
    name: str
    media_type: str


def copy_evidence(kind: FileKind, data: bytes, name: str) -> Copy:
    """The stored form of a file, detected by its content. Raises FileError."""
    if len(data) > MOST_BYTES:
        message = _("%(name)s is larger than %(n)d MB.")
        raise FileError(message % {"name": name, "n": MOST_BYTES // 1024**2})
    stem = PurePath(name.replace("\0", "")).stem[:_LONGEST_NAME] or kind.value
    try:
        if kind != FileKind.PHOTO and is_pdf(data):
            return Copy(data, f"{stem}.pdf", PDF)
        neither = _("This is neither a photograph (JPEG, PNG, WebP) nor a PDF.")
        otherwise = "" if kind == FileKind.PHOTO else neither
        return Copy(copy_picture(data, otherwise=otherwise), f"{stem}.jpg", MEDIA_TYPE)
    except (PdfError, PictureError) as error:
        message = _("%(name)s: %(problem)s")
        raise FileError(message % {"name": name, "problem": error}) from error


def store_evidence(copy: Copy, *, owner: User, at: datetime) -> StoredFile:
    """Store a copy for as long as its subject exists. Raises FileError on a full disk."""
    return store_file(
        data=copy.data,
        name=copy.name,
        media_type=copy.media_type,
        owner=owner,
        at=at,
        keep_days=None,
    )
