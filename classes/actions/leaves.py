"""Leave from a session: the trainee requests and withdraws it, the school's clerk answers."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import record_act
from accounts.interests import refuse_own_rows
from accounts.origin import Actor
from classes.enums import LeaveAnswer
from classes.errors import LeaveError
from classes.models import Enrolment, LeaveRequest
from classes.notices import tell_of_leave
from classes.queries.roll_states import is_submitted
from config.lib.periods import local_date
from courses.models import Session


def ask_leave(*, session_id: int, reason: str, by: Actor, at: datetime) -> LeaveRequest:
    """Request leave for the actor from a session that has not begun.

    Raises Session.DoesNotExist if the actor is not on its roster, and LeaveError.
    """
    with transaction.atomic():
        session = _lock_session(session_id)
        enrolment = Enrolment.objects.of_session(session).filter(member__user=by.user).first()
        if by.user is None or enrolment is None:
            raise Session.DoesNotExist
        _require_ahead(session, at)
        if not reason.strip():
            raise LeaveError(_("Say in a few words why you cannot come."))
        asked = LeaveRequest.objects.current().filter(session=session)
        if asked.filter(member=enrolment.member_id).exists():
            raise LeaveError(_("Leave of this session was asked for already."))
        leave = LeaveRequest.objects.create(
            session=session, member_id=enrolment.member_id, reason=reason.strip(), asked_at=at
        )
        _record(leave, "ask_leave", by=by, at=at, after={"reason": leave.reason})
    return leave


def withdraw_leave(*, leave_id: int, by: Actor, at: datetime) -> LeaveRequest:
    """Withdraw the actor's own request before the session begins, even an accepted one.

    Raises LeaveRequest.DoesNotExist for another member's request, and LeaveError.
    """
    with transaction.atomic():
        leave = LeaveRequest.objects.filter(member__user=by.user).get(pk=leave_id)
        _require_ahead(_lock_session(leave.session_id), at)
        leave.refresh_from_db()
        if leave.withdrawn_at is None:
            leave.withdrawn_at = at
            leave.save(update_fields=["withdrawn_at"])
            _record(leave, "withdraw_leave", by=by, at=at)
    return leave


def answer_leave(
    *, leave_id: int, answer: LeaveAnswer, word: str, by: Actor, at: datetime
) -> LeaveRequest:
    """Accept or refuse a request, with a message to the member; a refusal requires one.

    Raises LeaveRequest.DoesNotExist for another school's request, and LeaveError if it is already
    answered or withdrawn, or the roll is submitted.
    """
    if by.user is None:
        raise PermissionDenied
    with transaction.atomic():
        requests = LeaveRequest.objects.answered_at_school_of(by.user, local_date(at))
        leave = requests.get(pk=leave_id)
        refuse_own_rows(by, [leave.member_id], LeaveError)
        session = _lock_session(leave.session_id)
        leave.refresh_from_db()
        if leave.withdrawn_at is not None:
            raise LeaveError(_("The member has taken this request back."))
        if leave.answer:
            raise LeaveError(_("This request is answered already."))
        if is_submitted(session):
            raise LeaveError(_("The roll is submitted: correct the member's mark instead."))
        if answer == LeaveAnswer.REFUSED and not word.strip():
            raise LeaveError(_("Say why leave is refused."), field="word")
        leave.answer, leave.word = answer, word.strip()
        leave.answered_at, leave.answered_by = at, by.user
        leave.save(update_fields=["answer", "word", "answered_at", "answered_by"])
        after = {"answer": leave.answer, "word": leave.word}
        _record(leave, "answer_leave", by=by, at=at, after=after)
        tell_of_leave(leave, at=at)
    return leave


def _lock_session(session_id: int) -> Session:
    """The session, locked so that its roll cannot be submitted. Raises Session.DoesNotExist."""
    rows = Session.objects.select_related("training_class__school")
    return rows.select_for_update(of=("self",), no_key=True).get(pk=session_id)


def _require_ahead(session: Session, at: datetime) -> None:
    if session.is_called_off:
        raise LeaveError(_("This session was called off; nobody needs leave of it."))
    if session.starts_at <= at:
        raise LeaveError(_("This session has begun: tell the office of the school."))


def _record(
    leave: LeaveRequest, act: str, *, by: Actor, at: datetime, after: dict[str, str] | None = None
) -> None:
    record_act(
        act=act,
        obj=leave,
        by=by,
        at=at,
        school_code=leave.session.training_class.school.code,
        after=after,
    )
