"""Closing rolls at their deadline, and reopening them on request."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import AuditSubject, record_act, record_acts
from accounts.interests import refuse_own_rows
from accounts.models import User
from accounts.origin import Actor
from classes.enums import RollStage
from classes.models import Roll
from config.lib.periods import local_date
from courses.models import Session
from rolls.actions.attendance import lock_session
from rolls.enums import ReopeningAnswer
from rolls.errors import RollError
from rolls.models import Attendance, RollReopening
from rolls.notices import tell_of_reopening
from rolls.permissions import answers_reopenings
from rolls.queries.deadlines import list_to_close
from schools.queries.open_years import refuse_settled

# Rolls closed per transaction: a clerk who is working on one of them waits only a moment.
CLOSED_AT_ONCE = 100


def close_rolls(*, by: Actor, at: datetime) -> int:
    """Close submitted rolls past their deadline; returns how many.

    Safe to run repeatedly and concurrently. A locked roll is skipped until the next run.
    """
    closed = 0
    while n := _close_some(by, at):
        closed += n
    return closed


def _close_some(by: Actor, at: datetime) -> int:
    with transaction.atomic():
        # Sessions are locked first, as everywhere.
        sessions = list(
            Session.objects.filter(pk__in=list_to_close(at).values("session"))
            .select_related("training_class__school")
            .order_by("pk")
            .select_for_update(of=("self",), no_key=True, skip_locked=True)[:CLOSED_AT_ONCE]
        )
        # Checked again under the lock: another worker may have closed some meanwhile.
        due = list_to_close(at).filter(session__in=sessions)
        keys = set(due.values_list("session", flat=True))
        Roll.objects.filter(session__in=keys).update(closed_at=at, reopened_at=None)
        mine = sorted(
            (session for session in sessions if session.pk in keys),
            key=lambda session: session.training_class.school.code,
        )
        for code, of_school in groupby(
            mine, key=lambda session: session.training_class.school.code
        ):
            record_acts(
                act="close_roll",
                subjects=_closed_subjects(of_school),
                by=by,
                at=at,
                school_code=code,
            )
    return len(keys)


def _closed_subjects(sessions: Iterator[Session]) -> Iterator[AuditSubject]:
    for session in sessions:
        yield AuditSubject(
            Session, session.pk, str(session), after={"stage": RollStage.CLOSED.value}
        )


def ask_reopening(*, session_id: int, reason: str, by: Actor, at: datetime) -> RollReopening:
    """Ask the district school to reopen a closed roll.

    Raises Session.DoesNotExist if the clerk may not see the session, PermissionDenied, and
    RollError if the roll is not closed, a request is already pending, or the reason is missing.
    """
    with transaction.atomic():
        session, user = lock_session(session_id, by, at)
        roll = Roll.objects.filter(session=session).first()
        if roll is None or roll.stage != RollStage.CLOSED:
            raise RollError(_("This roll is not closed; there is nothing to reopen."))
        if roll.reopenings.filter(answer="").exists():
            raise RollError(_("A request to reopen this roll waits for its answer already."))
        if not reason.strip():
            raise RollError(_("Say why the roll is to be reopened."))
        asked = RollReopening.objects.create(
            roll=roll, reason=reason.strip(), asked_at=at, asked_by=user
        )
        record_act(
            act="ask_reopening",
            obj=session,
            by=by,
            at=at,
            school_code=session.training_class.school.code,
            after={"reason": asked.reason},
        )
    return asked


def answer_reopening(
    *, reopening_id: int, answer: ReopeningAnswer, word: str, by: Actor, at: datetime
) -> RollReopening:
    """Reopen a closed roll, or refuse with a message to the school. No hours change.

    Nobody may answer their own request. Raises RollReopening.DoesNotExist, PermissionDenied if the
    actor is not the district school's academic officer, and RollError.
    """
    if by.user is None or not answers_reopenings(by.user):
        raise PermissionDenied
    with transaction.atomic():
        asked, session = _lock(reopening_id, by.user, at)
        if asked.answer:
            raise RollError(_("Somebody else has answered this request meanwhile."))
        if asked.asked_by_id == by.user.pk:
            raise RollError(_("Nobody answers a request of their own: a colleague does."))
        marked = Attendance.objects.current().filter(session=session)
        refuse_own_rows(by, marked.values_list("member", flat=True), RollError)
        if answer == ReopeningAnswer.GRANTED:
            refuse_settled(session.held_on, at, RollError)
        if answer == ReopeningAnswer.REFUSED and not word.strip():
            raise RollError(_("Say why the roll stays closed."))
        asked.answer, asked.word = answer, word.strip()
        asked.answered_at, asked.answered_by = at, by.user
        asked.save(update_fields=["answer", "word", "answered_at", "answered_by"])
        if answer == ReopeningAnswer.GRANTED:
            Roll.objects.filter(pk=asked.roll_id).update(closed_at=None, reopened_at=at)
        record_act(
            act="answer_reopening",
            obj=session,
            by=by,
            at=at,
            school_code=session.training_class.school.code,
            after={"answer": asked.answer, "word": asked.word},
        )
        tell_of_reopening(asked, session, at=at)
    return asked


def _lock(reopening_id: int, user: User, at: datetime) -> tuple[RollReopening, Session]:
    """Lock the session, then return the request and the session."""
    visible = Session.objects.visible_to(user, local_date(at))
    seen = RollReopening.objects.filter(roll__session__in=visible).get(pk=reopening_id)
    session = (
        Session.objects.select_related("training_class__school")
        .select_for_update(of=("self",), no_key=True)
        .get(roll__reopenings=seen)
    )
    return RollReopening.objects.get(pk=reopening_id), session
