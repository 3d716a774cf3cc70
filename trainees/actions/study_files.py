"""Evidence of a study: photographs, the sign-in sheet, a certificate; added to a draft, or removed.

A picture is kept as our own copy of it, a sheet or certificate also as PDF.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import PurePath

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import record_act
from accounts.origin import Actor
from backstage.files import FileError, store_file
from config.lib.pictures import MEDIA_TYPE, PictureError, copy_picture
from trainees.actions.studies import drop_file, lock_own_draft
from trainees.enums import FileKind
from trainees.errors import StudyError
from trainees.models import StudyFile

MOST_PHOTOS = 9
MOST_OTHERS = 3
MOST_BYTES = 10 * 1024 * 1024
_PDF = "application/pdf"
_LONGEST_NAME = 80


def add_study_file(
    *, study_id: int, kind: FileKind, data: bytes, name: str, by: Actor, at: datetime
) -> StudyFile:
    """Add a file to an own draft.

    Raises Study.DoesNotExist for any other record, and StudyError (field `files`) for a file that
    is too large, of a wrong type, or one too many.
    """
    kept, media_type = _copy(kind, data, name)
    with transaction.atomic():
        study = lock_own_draft(study_id=study_id, by=by)
        user = study.recorded_by
        most = MOST_PHOTOS if kind == FileKind.PHOTO else MOST_OTHERS
        if study.files.filter(kind=kind).count() >= most:
            message = _("A record holds no more than %(n)d files of this kind: %(kind)s.")
            raise StudyError(message % {"n": most, "kind": kind.label}, "files")
        ending = "pdf" if media_type == _PDF else "jpg"
        stem = PurePath(name.replace("\0", "")).stem[:_LONGEST_NAME] or kind.value
        try:
            stored = store_file(
                data=kept,
                name=f"{stem}.{ending}",
                media_type=media_type,
                owner=user,
                at=at,
                keep_days=None,
            )
        except FileError as error:
            raise StudyError(str(error), "files") from error
        added = StudyFile.objects.create(
            study=study, kind=kind, file=stored, added_at=at, added_by=user
        )
        record_act(act="add_study_file", obj=study, by=by, at=at, after=_told(added))
    return added


def remove_study_file(*, study_id: int, file_id: int, by: Actor, at: datetime) -> None:
    """Remove a file from an own draft. Raises Study.DoesNotExist, StudyFile.DoesNotExist."""
    with transaction.atomic():
        study = lock_own_draft(study_id=study_id, by=by)
        found = study.files.select_related("file").get(pk=file_id)
        record_act(act="remove_study_file", obj=study, by=by, at=at, before=_told(found))
        drop_file(found)


def _copy(kind: FileKind, data: bytes, name: str) -> tuple[bytes, str]:
    """What is kept of a file, and its media type. Raises StudyError."""
    if len(data) > MOST_BYTES:
        message = _("%(name)s is larger than %(n)d MB.")
        raise StudyError(message % {"name": name, "n": MOST_BYTES // 1024**2}, "files")
    if kind != FileKind.PHOTO and data.startswith(b"%PDF-"):
        return data, _PDF
    try:
        return copy_picture(data), MEDIA_TYPE
    except PictureError as error:
        message = _("%(name)s: %(problem)s") % {"name": name, "problem": error}
        raise StudyError(message, "files") from error


def _told(found: StudyFile) -> dict[str, str]:
    return {"evidence": found.kind, "file": str(found.file.key)}
