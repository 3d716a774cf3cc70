"""Engagements follow their sessions: moved, taught by somebody else, called off, delivered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.audit import record_act
from accounts.origin import Actor
from accounts.records import RecordError
from config.lib.asking import ask
from courses.models import Session
from courses.signals import delivered_asked
from dispatch.actions.desk import propose, store
from dispatch.actions.letters import withdraw_engagements
from dispatch.actions.steps import take_step
from dispatch.enums import EngagementState, LetterStage
from dispatch.errors import EngagementError
from dispatch.models import BookingLetter, Engagement
from dispatch.notices import tell_of_link


def follow_session(session: Session, *, by: Actor, at: datetime) -> None:
    """Bring the live engagement of a changed session in line with it. Raises RecordError.

    Another lecturer on the page of the class is a substitution: the former engagement is withdrawn
    and the new lecturer gets a proposal. A lecturer who accepted another time is asked again.
    """
    rows = Engagement.objects.live().filter(session=session).select_related("letter__school")
    engagement = rows.select_for_update(of=("self",)).first()
    if engagement is None:
        former = _last(session) if session.instructor_id else None
        if former is not None:
            _engage_anew(former, session, by, at)
        return
    # Until the lecturer accepts, the session may still have none.
    is_agreed = engagement.state == EngagementState.ACCEPTED or session.instructor_id
    if is_agreed and engagement.instructor_id != session.instructor_id:
        reason = _("Changed on the page of the class.")
        withdraw_engagements([engagement], reason, by=by, at=at)
        if session.instructor_id:
            _engage_anew(engagement, session, by, at)
        return
    _move(engagement, session, by, at)


def _last(session: Session) -> Engagement | None:
    rows = Engagement.objects.filter(session=session).select_related("letter__school")
    return rows.order_by("-pk").first()


def _engage_anew(former: Engagement, session: Session, by: Actor, at: datetime) -> None:
    """Propose the session to the lecturer whom the school chose."""
    engagement = Engagement(
        letter=former.letter,
        number=former.number,
        course=session.course,
        venue=session.venue,
        instructor=session.instructor,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        hours=session.hours,
        session=session,
    )
    _keep(engagement, proposed_at=at)
    _record(engagement, {}, by, at)


def _move(engagement: Engagement, session: Session, by: Actor, at: datetime) -> None:
    """Take over time, place, course and hours; ask the lecturer again about another time."""
    names = ("course_id", "venue_id", "starts_at", "ends_at", "hours")
    moved_from = engagement.starts_at
    before = {
        name: getattr(engagement, name)
        for name in names
        if getattr(engagement, name) != getattr(session, name)
    }
    if not before:
        return
    for name in names:
        setattr(engagement, name, getattr(session, name))
    if engagement.state != EngagementState.DRAFT and {"starts_at", "ends_at"} & before.keys():
        _keep(engagement, proposed_at=at, moved_from=moved_from)
    else:
        _keep(engagement)
    _record(engagement, before, by, at)


def _keep(
    engagement: Engagement,
    *,
    proposed_at: datetime | None = None,
    moved_from: datetime | None = None,
) -> None:
    """Save it, and propose it to its lecturer at `proposed_at`. Raises RecordError."""
    try:
        if proposed_at is None:
            store(engagement)
        else:
            propose([engagement], proposed_at, moved_from=moved_from)
            tell_of_link(engagement, at=proposed_at)
    except EngagementError as error:
        raise RecordError(error.message) from error


def _record(engagement: Engagement, before: dict[str, object], by: Actor, at: datetime) -> None:
    record_act(
        act="follow_session",
        obj=engagement,
        by=by,
        at=at,
        school_code=engagement.letter.school.code,
        before=before,
        after={
            "starts_at": engagement.starts_at,
            "instructor": engagement.instructor_id,
            "state": engagement.state,
        },
    )


def withdraw_for_sessions(
    sessions: Sequence[Session], reason: str, *, by: Actor, at: datetime
) -> None:
    """Withdraw the engagements of sessions that are called off.

    A letter without any session left is cancelled.
    """
    rows = Engagement.objects.live().filter(session__in=sessions).select_related("letter__school")
    engagements = list(rows.select_for_update(of=("self",)).order_by("pk"))
    withdraw_engagements(engagements, reason, by=by, at=at)
    for letter in {row.letter_id: row.letter for row in engagements}.values():
        left = Session.objects.to_be_held().filter(training_class=letter.training_class_id)
        if letter.stage == LetterStage.CONFIRMED and not left.exists():
            take_step(letter, LetterStage.CANCELLED, act="cancel_letter", by=by, at=at, word=reason)


def note_taught_letters(*, by: Actor, at: datetime) -> int:
    """Confirmed letters are taught once all their sessions are delivered; returns how many.

    Sessions that were called off do not count. Delivered are those with a submitted roll, as an app
    above tells.
    """
    delivered = Q(pk__in=[])
    for keys in ask(delivered_asked, Session):
        delivered |= Q(pk__in=keys)
    waiting = Session.objects.to_be_held().exclude(delivered)
    letters = BookingLetter.objects.filter(stage=LetterStage.CONFIRMED).exclude(
        training_class__in=waiting.values("training_class")
    )
    count = 0
    for key in list(letters.values_list("pk", flat=True)):
        with transaction.atomic():
            rows = BookingLetter.objects.select_related("school").select_for_update(of=("self",))
            letter = rows.filter(pk=key, stage=LetterStage.CONFIRMED).first()
            if letter is not None:
                take_step(letter, LetterStage.TAUGHT, act="note_taught", by=by, at=at)
                count += 1
    return count
