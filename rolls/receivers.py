"""This app's reactions to signals of the apps below."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.dispatch import receiver
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.interests import refuse_own_rows
from accounts.origin import Actor
from accounts.records import RecordError
from backstage.confirmations import Blocker
from classes.enums import RollState
from classes.models import Roll
from classes.querysets import EnrolmentQuerySet
from classes.signals import attendance_asked, marks_asked, pockets_asked
from config.lib.dates import format_day
from config.lib.periods import day_before
from courses.models import Session
from courses.querysets import SessionQuerySet
from courses.signals import session_changing
from rolls.actions.cards import end_card_of_leaver
from rolls.enums import ATTENDED
from rolls.filters import MISSING
from rolls.models import Attendance
from rolls.queries.pockets import with_phone_in_pocket
from schools.models import School
from schools.signals import school_closing, school_merging
from trainees.signals import member_leaving

# Rolls listed one by one; any more are shown in the list of sessions.
ROLLS_SHOWN = 5


@receiver(session_changing, dispatch_uid="rolls.keep_rolled_session")
def keep_rolled_session(session: Session, changed: set[str], by: Actor, **_kwargs: Any) -> None:
    """Reject changes of a session with marks, since credit hours depend on it.

    While the roll is a draft nobody has these hours, so a wrong figure can be put right: the next
    submission posts the right one. Whoever attended by this roll leaves that to somebody else.
    """
    marks = Attendance.objects.filter(session=session)
    if not marks.exists():
        return
    if changed != {"hours"}:
        raise RecordError(_("This session has a roll, so it stays as it is."))
    if Roll.objects.filter(session=session, state=RollState.SUBMITTED).exists():
        raise RecordError(
            _("The roll is submitted with these hours: take it back first, then change them."),
            field="hours",
        )
    attended = marks.filter(status__in=ATTENDED, taken_off=False)
    refuse_own_rows(
        by,
        attended.values_list("member", flat=True),
        lambda text: RecordError(text, field="hours"),
    )


@receiver(school_closing, dispatch_uid="rolls.list_unsubmitted_rolls")
def list_unsubmitted_rolls(school: School, on: date, at: datetime, **_kwargs: Any) -> list[Blocker]:
    """Rolls that nobody could submit once the school's clerks have lost their role.

    Only sessions that are over; the first few are listed one by one.
    """
    due = _open_rolls(school, on).over_by(at).select_related("training_class")
    shown = [
        Blocker(
            _("The roll of %(session)s on %(day)s is not submitted: the clerk submits it first.")
            % {"session": session, "day": format_day(session.held_on)},
            reverse("rolls:roll", args=[session.pk]),
        )
        for session in due.order_by("starts_at", "pk")[:ROLLS_SHOWN]
    ]
    more = due.count() - len(shown)
    if not more:
        return shown
    label = ngettext(
        "%(n)d more roll is not submitted.", "%(n)d more rolls are not submitted.", more
    )
    query = urlencode({"school": school.pk, "to": day_before(on).isoformat(), "due": MISSING})
    return [*shown, Blocker(label % {"n": more}, f"{reverse('rolls:sessions')}?{query}")]


@receiver(school_merging, dispatch_uid="rolls.tell_rolls_to_come")
def tell_rolls_to_come(school: School, on: date, at: datetime, **_kwargs: Any) -> list[str]:
    """Rolls that the school's clerks must still submit while they hold their role."""
    n = _open_rolls(school, on).exclude(ends_at__lte=at).count()
    if not n:
        return []
    label = ngettext(
        "The roll of %(n)d session before that day must be submitted by %(day)s.",
        "The rolls of %(n)d sessions before that day must be submitted by %(day)s.",
        n,
    )
    return [label % {"n": n, "day": format_day(day_before(on))}]


def _open_rolls(school: School, on: date) -> SessionQuerySet:
    """Sessions of the school before the day `on` whose rolls are not submitted."""
    held = Session.objects.to_be_held()
    sessions = held.filter(training_class__school=school, held_on__lt=on)
    return sessions.exclude(roll__state=RollState.SUBMITTED)


@receiver(marks_asked, dispatch_uid="rolls.tell_marked_sessions")
def tell_marked_sessions(
    sessions: Iterable[Session], member_id: int | None = None, **_kwargs: Any
) -> set[int]:
    """The numbers of sessions with marks, including drafts; of one member, or of anyone."""
    marks = Attendance.objects.filter(session__in=sessions)
    if member_id is not None:
        marks = marks.filter(member=member_id)
    return set(marks.values_list("session__number", flat=True))


@receiver(pockets_asked, dispatch_uid="rolls.tell_pockets_in_use")
def tell_pockets_in_use(enrolments: EnrolmentQuerySet, at: datetime, **_kwargs: Any) -> set[int]:
    """Enrolments with the phone in the pocket now: the member attends a session not yet over."""
    return set(with_phone_in_pocket(enrolments, at).values_list("pk", flat=True))


@receiver(attendance_asked, dispatch_uid="rolls.tell_classes_attended")
def tell_classes_attended(member_ids: Collection[int], **_kwargs: Any) -> QuerySet:
    """The classes that the members attended, by submitted rolls."""
    marks = Attendance.objects.filter(
        member__in=member_ids, status__in=ATTENDED, session__roll__state=RollState.SUBMITTED
    )
    return marks.values("session__training_class")


@receiver(member_leaving, dispatch_uid="rolls.end_card_of_who_leaves")
def end_card_of_who_leaves(
    member_id: int, why: str, by: Actor, at: datetime, **_kwargs: Any
) -> list[str]:
    """The card of a member who leaves is not accepted at the door any more."""
    is_ended = end_card_of_leaver(member_id=member_id, reason=why, by=by, at=at)
    return [_("The member card ends.")] if is_ended else []
