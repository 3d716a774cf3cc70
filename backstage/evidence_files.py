"""Uploaded evidence files: what is stored of a file, and the limits.

Images are stored as a re-encoded copy. Evidence other than photographs may also be PDF.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.models import User
from backstage.enums import FileKind
from backstage.files import FileError, store_file
from backstage.models import StoredFile
from config.lib.pdf_files import MEDIA_TYPE as PDF
from config.lib.pdf_files import PdfError, is_pdf
from config.lib.pictures import MEDIA_TYPE, PictureError, copy_picture
from config.lib.resident_ids import holds_resident_id

MOST_PHOTOS = 9
MOST_BYTES = 10 * 1024 * 1024


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
    refuse_id_in_name(name)
    kind = FileKind(kind)  # a caller may have its value
    try:
        if kind != FileKind.PHOTO and is_pdf(data):
            return Copy(data, name_file(kind.label, data, "pdf"), PDF)
        neither = _("This is neither a photograph (JPEG, PNG, WebP) nor a PDF.")
        otherwise = "" if kind == FileKind.PHOTO else neither
        copy = copy_picture(data, otherwise=otherwise)
        return Copy(copy, name_file(kind.label, data, "jpg"), MEDIA_TYPE)
    except (PdfError, PictureError) as error:
        message = _("%(name)s: %(problem)s")
        raise FileError(message % {"name": name, "problem": error}) from error


def refuse_id_in_name(name: str) -> None:
    """Raise FileError if the name that a file had on a device holds an ID number."""
    if holds_resident_id(name):
        raise FileError(_("The file's name holds an ID number. Give it another name."))


def name_file(what: Promise | str, data: bytes, ending: str) -> str:
    """Our name of a stored file: what it is, and signs that tell it from others.

    The name that it had on a device may say who is in it, and is kept nowhere.
    """
    with translation.override(settings.LANGUAGE_CODE):
        return f"{what}-{sha256(data).hexdigest()[:6]}.{ending}"


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
