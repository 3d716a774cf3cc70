"""Evidence of a study: adding photographs, sheets and certificates to drafts, and removing them.

A picture is stored as our own re-encoded copy. A sheet or certificate may also be a PDF.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import record_act
from accounts.origin import Actor
from backstage.enums import FileKind
from backstage.evidence_files import MOST_PHOTOS, copy_evidence, store_evidence
from backstage.files import FileError
from studies.actions.studies import drop_file, lock_own_draft
from studies.errors import StudyError
from studies.models import StudyFile

MOST_OTHERS = 3


def add_study_file(
    *, study_id: int, kind: FileKind, data: bytes, name: str, by: Actor, at: datetime
) -> StudyFile:
    """Add a file to the actor's own draft.

    Raises Study.DoesNotExist for any other record, and StudyError (field `files`) for a file that
    is too large, of a wrong type, or one too many.
    """
    try:
        copy = copy_evidence(kind, data, name)
    except FileError as error:
        raise StudyError(str(error), "files") from error
    with transaction.atomic():
        study = lock_own_draft(study_id=study_id, by=by)
        user = study.recorded_by
        most = MOST_PHOTOS if kind == FileKind.PHOTO else MOST_OTHERS
        if study.files.filter(kind=kind).count() >= most:
            message = _("A record holds no more than %(n)d files of this kind: %(kind)s.")
            raise StudyError(message % {"n": most, "kind": kind.label}, "files")
        try:
            stored = store_evidence(copy, owner=user, at=at)
        except FileError as error:
            raise StudyError(str(error), "files") from error
        added = StudyFile.objects.create(
            study=study, kind=kind, file=stored, added_at=at, added_by=user
        )
        record_act(act="add_study_file", obj=study, by=by, at=at, after=_audit_facts(added))
    return added


def remove_study_file(*, study_id: int, file_id: int, by: Actor, at: datetime) -> None:
    """Remove a file from the actor's own draft.

    Raises Study.DoesNotExist, StudyFile.DoesNotExist.
    """
    with transaction.atomic():
        study = lock_own_draft(study_id=study_id, by=by)
        study_file = study.files.select_related("file").get(pk=file_id)
        record_act(
            act="remove_study_file", obj=study, by=by, at=at, before=_audit_facts(study_file)
        )
        drop_file(study_file)


def _audit_facts(study_file: StudyFile) -> dict[str, str]:
    return {"evidence": study_file.kind, "file": str(study_file.file.key)}
