"""Evidence of a session: photographs and the signed sheet; fixed once the roll is submitted."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import record_act
from accounts.origin import Actor
from backstage.enums import FileKind
from backstage.evidence_files import MOST_PHOTOS, copy_evidence, store_evidence
from backstage.files import FileError, delete_file
from classes.queries.roll_states import is_submitted
from courses.models import Session
from rolls.actions.attendance import lock_session
from rolls.errors import RollError
from rolls.models import SessionFile

# A sheet of 300 names has a dozen pages; one PDF holds them all.
MOST_SHEETS = 9


def add_session_file(
    *, session_id: int, kind: FileKind, data: bytes, name: str, by: Actor, at: datetime
) -> SessionFile:
    """Add a file to a session from its day on, also after the roll is submitted.

    Raises Session.DoesNotExist if the clerk may not see the session, PermissionDenied, and a
    RollError naming the file if it is too large, of a wrong type, a duplicate, or one too many.
    """
    try:
        copy = copy_evidence(kind, data, name)
        with transaction.atomic():
            session, user = lock_session(session_id, by, at, may_be_settled=True)
            digest = sha256(data).hexdigest()
            _require_room(session, kind, name, digest)
            added = SessionFile.objects.create(
                session=session,
                kind=kind,
                file=store_evidence(copy, owner=user, at=at),
                digest=digest,
                added_at=at,
                added_by=user,
            )
            _record(session, "add_session_file", by=by, at=at, after=_audit_facts(added))
    except FileError as error:
        raise RollError(str(error)) from error
    return added


def _require_room(session: Session, kind: FileKind, name: str, digest: str) -> None:
    """Raise RollError for a duplicate file, or one too many; the session is locked."""
    files = SessionFile.objects.filter(session=session)
    same = files.filter(digest=digest).first()
    if same is not None:
        message = _("%(name)s: this file is there already (%(kind)s).")
        raise RollError(message % {"name": name, "kind": same.get_kind_display()})
    is_photo = kind == FileKind.PHOTO
    most = MOST_PHOTOS if is_photo else MOST_SHEETS
    if files.filter(kind=kind).count() >= most:
        photos = _("%(name)s: a session holds no more than %(n)d photographs.")
        sheets = _("%(name)s: a session holds no more than %(n)d files of the signed sheet.")
        raise RollError((photos if is_photo else sheets) % {"name": name, "n": most})


def remove_session_file(*, session_id: int, file_id: int, by: Actor, at: datetime) -> None:
    """Remove a file of a session whose roll is not submitted.

    Raises Session.DoesNotExist, SessionFile.DoesNotExist, PermissionDenied, and RollError once
    the roll is submitted: from then on the file is evidence for the hours.
    """
    with transaction.atomic():
        session, _user = lock_session(session_id, by, at)
        if is_submitted(session):
            raise RollError(_("The roll is submitted, so its evidence stays."))
        session_file = SessionFile.objects.select_related("file").get(session=session, pk=file_id)
        _record(session, "remove_session_file", by=by, at=at, before=_audit_facts(session_file))
        session_file.delete()
        delete_file(session_file.file)


def _audit_facts(session_file: SessionFile) -> dict[str, str]:
    return {"evidence": session_file.kind, "file": str(session_file.file.key)}


def _record(
    session: Session, act: str, *, by: Actor, at: datetime, **facts: dict[str, str]
) -> None:
    record_act(
        act=act, obj=session, by=by, at=at, school_code=session.training_class.school.code, **facts
    )
