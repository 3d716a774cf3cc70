"""Supervision notes: the district school's supervisors draft, file and amend their own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import record_act
from accounts.models import User
from accounts.origin import Actor
from classes.errors import SupervisionError
from classes.models import SupervisionDraft, SupervisionNote
from classes.permissions import supervises
from config.lib.periods import local_date
from courses.models import Session

# A supervisor may arrive before the session begins, to see how it is prepared.
EARLIEST = timedelta(hours=2)


@dataclass(frozen=True)
class Observation:
    """A supervisor's notes: the time of arrival, the observations and the advice.

    `reason` says why a filed note is amended.
    """

    visited_at: datetime
    observed: str
    advice: str = ""
    reason: str = ""


def save_supervision_draft(
    *, session_id: int, seen: Observation, by: Actor, at: datetime
) -> SupervisionDraft:
    """Save the draft; nobody else can see it.

    Raises Session.DoesNotExist, PermissionDenied, and SupervisionError.
    """
    with transaction.atomic():
        session, user = _lock_session(session_id, by, at)
        _require_during(session, seen.visited_at, at)
        draft, _made = SupervisionDraft.objects.update_or_create(
            session=session,
            supervisor=user,
            defaults={
                "visited_at": seen.visited_at,
                "observed": seen.observed.strip(),
                "advice": seen.advice.strip(),
                "reason": seen.reason.strip(),
                "saved_at": at,
            },
        )
        # The audit entry has no text: only the supervisor may read it until it is filed.
        _record("save_supervision_draft", draft, by=by, at=at)
    return draft


def file_supervision_note(
    *, session_id: int, seen: Observation, seen_version: int, by: Actor, at: datetime
) -> SupervisionNote:
    """File a note, or the next version of one's own with a reason, and delete the draft.

    `seen_version` is the version that the supervisor read before writing, 0 for none. Raises like
    `save_supervision_draft`, also if nothing was observed, or another version was filed since.
    """
    with transaction.atomic():
        session, user = _lock_session(session_id, by, at)
        _require_during(session, seen.visited_at, at)
        if not seen.observed.strip():
            raise SupervisionError(_("A note says what was observed."), field="observed")
        notes = SupervisionNote.objects.filter(session=session, supervisor=user)
        last = notes.order_by("version").last()
        stored = last.version if last else 0
        if stored != seen_version:
            raise SupervisionError(_("A version was filed meanwhile. Look at it again."))
        if last and not seen.reason.strip():
            raise SupervisionError(_("Say why the note is amended."), field="reason")
        note = SupervisionNote.objects.create(
            session=session,
            supervisor=user,
            version=stored + 1,
            visited_at=seen.visited_at,
            observed=seen.observed.strip(),
            advice=seen.advice.strip(),
            reason=seen.reason.strip() if last else "",
            filed_at=at,
        )
        SupervisionDraft.objects.filter(session=session, supervisor=user).delete()
        act = "amend_supervision_note" if last else "file_supervision_note"
        after = {"observed": note.observed, "advice": note.advice, "reason": note.reason}
        record_act(
            act=act,
            obj=note,
            by=by,
            at=at,
            school_code=session.training_class.school.code,
            before={"observed": last.observed, "advice": last.advice} if last else None,
            after=after,
        )
    return note


def discard_supervision_draft(*, session_id: int, by: Actor, at: datetime) -> None:
    """Delete one's own draft. Raises Session.DoesNotExist and PermissionDenied."""
    with transaction.atomic():
        session, user = _lock_session(session_id, by, at)
        draft = SupervisionDraft.objects.filter(session=session, supervisor=user).first()
        if draft is not None:
            _record("discard_supervision_draft", draft, by=by, at=at)
            draft.delete()


def _lock_session(session_id: int, by: Actor, at: datetime) -> tuple[Session, User]:
    """The session, locked, if the actor may see it and supervises teaching."""
    if by.user is None:
        raise PermissionDenied
    session = (
        Session.objects.visible_to(by.user, local_date(at))
        .select_related("training_class__school")
        .select_for_update(of=("self",), no_key=True)
        .get(pk=session_id)
    )
    if not supervises(by.user):
        raise PermissionDenied
    return session, by.user


def _require_during(session: Session, visited_at: datetime, at: datetime) -> None:
    if visited_at > at:
        raise SupervisionError(_("This time has not come yet."), field="arrived")
    if not session.starts_at - EARLIEST <= visited_at < session.ends_at:
        raise SupervisionError(
            _("A visit falls within the session, or up to two hours before it."), field="arrived"
        )


def _record(act: str, draft: SupervisionDraft, *, by: Actor, at: datetime) -> None:
    school = draft.session.training_class.school
    record_act(act=act, obj=draft, by=by, at=at, school_code=school.code)
