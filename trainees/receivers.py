"""What this app says to acts of the apps below."""

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

from accounts.models import User
from accounts.origin import Actor
from accounts.records import RecordError
from backstage.two_steps import Blocker
from config.lib.dates import write_day
from config.lib.hours import format_hours
from config.lib.periods import day_before
from courses.models import Session, TrainingClass
from courses.querysets import SessionQuerySet
from courses.signals import places_changed, session_changing
from schools.errors import SchoolsError
from schools.models import School
from schools.signals import school_closing, school_merging, serving_school_changing
from trainees.actions.declaration_moves import hand_declarations_back, hand_declarations_over
from trainees.actions.enrolments import let_in_waiting
from trainees.actions.hours_moves import move_hours, move_hours_back
from trainees.actions.ledger import lock_evidence_tables
from trainees.actions.member_merges import Moved
from trainees.enums import ATTENDED, DisputeState, RollState, StudyState
from trainees.filters import MISSING
from trainees.models import Attendance, CreditEntry, Dispute, Member, Study
from trainees.queries.duplicates import Cell, Compared
from trainees.queries.hours import get_year_of
from trainees.queries.pockets import with_phone_in_pocket
from trainees.querysets import EnrolmentQuerySet
from trainees.signals import (
    attendance_asked,
    marks_asked,
    members_compared,
    members_merged,
    members_merging,
    members_unmerged,
    owing_changed,
    pockets_asked,
)

# More open rolls than these are looked up in the list of sessions.
ROLLS_SHOWN = 5


@receiver(session_changing, dispatch_uid="trainees.keep_rolled_session")
def keep_rolled_session(session: Session, **_kwargs: Any) -> None:
    """What a roll was taken of stands once it has marks: credit hours rest on it."""
    if Attendance.objects.filter(session=session).exists():
        raise RecordError(_("This session has a roll, so it stays as it is."))


@receiver(places_changed, dispatch_uid="trainees.let_in_who_waits")
def let_in_who_waits(
    training_class: TrainingClass, field: str, by: Actor, at: datetime, **_kwargs: Any
) -> None:
    """A larger class or venue has places for those who wait; a smaller one keeps its trainees."""
    let_in_waiting(training_class=training_class, field=field, by=by, at=at)


@receiver(serving_school_changing, dispatch_uid="trainees.keep_studied_school")
def keep_studied_school(organisation_ids: list[int], on: date, **_kwargs: Any) -> None:
    """Hours of a study stand in the ledger at the school of its day, so that one stays."""
    studies = Study.objects.filter(
        organisation__in=organisation_ids, held_on__gte=on, state=StudyState.APPROVED
    )
    last = studies.select_related("organisation").order_by("held_on").last()
    if last is not None:
        raise SchoolsError(
            _("%(name)s has recorded a study on %(day)s: choose a later day.")
            % {"name": last.organisation.name, "day": write_day(last.held_on)},
            field="on",
        )


@receiver(school_closing, dispatch_uid="trainees.tell_rolls_due")
def tell_rolls_due(school: School, on: date, at: datetime, **_kwargs: Any) -> list[Blocker]:
    """Rolls that nobody could submit any more once the school's clerks have lost their role.

    Those of sessions that are over; the first few by themselves.
    """
    due = _open_rolls(school, on).over_by(at).select_related("training_class")
    shown = [
        Blocker(
            _("The roll of %(session)s on %(day)s is not submitted: the clerk submits it first.")
            % {"session": session, "day": write_day(session.held_on)},
            reverse("trainees:roll", args=[session.pk]),
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
    return [*shown, Blocker(label % {"n": more}, f"{reverse('trainees:sessions')}?{query}")]


@receiver(school_merging, dispatch_uid="trainees.tell_rolls_to_come")
def tell_rolls_to_come(school: School, on: date, at: datetime, **_kwargs: Any) -> list[str]:
    """Rolls that the school's clerks have still to submit while they hold their role."""
    n = _open_rolls(school, on).exclude(ends_at__lte=at).count()
    if not n:
        return []
    label = ngettext(
        "The roll of %(n)d session before that day must be submitted by %(day)s.",
        "The rolls of %(n)d sessions before that day must be submitted by %(day)s.",
        n,
    )
    return [label % {"n": n, "day": write_day(day_before(on))}]


def _open_rolls(school: School, on: date) -> SessionQuerySet:
    """Sessions of the school before the day `on` whose rolls are not submitted."""
    held = Session.objects.to_be_held()
    sessions = held.filter(training_class__school=school, held_on__lt=on)
    return sessions.exclude(roll__state=RollState.SUBMITTED)


@receiver(school_closing, dispatch_uid="trainees.tell_disputes_open")
def tell_disputes_open(school: School, **_kwargs: Any) -> list[Blocker]:
    """Disputes that nobody could answer any more once the school's clerks have lost their role."""
    n = Dispute.objects.filter(school=school, state=DisputeState.OPEN).count()
    if not n:
        return []
    label = ngettext(
        "%(n)d dispute is not answered: the clerk answers it first.",
        "%(n)d disputes are not answered: the clerk answers them first.",
        n,
    )
    query = urlencode({"school": school.pk, "stage": DisputeState.OPEN})
    return [Blocker(label % {"n": n}, f"{reverse('trainees:disputes')}?{query}")]


@receiver(members_merging, dispatch_uid="trainees.hold_evidence")
def hold_evidence(**_kwargs: Any) -> None:
    """Every act on hours waits until the merge is done, since each begins with these locks."""
    lock_evidence_tables()


@receiver(members_merged, dispatch_uid="trainees.move_hours_of_merged")
def move_hours_of_merged(
    kept: Member, given_up: Member, year: int, by: User, at: datetime, **_kwargs: Any
) -> Moved:
    """The hours of this year move to the row that is kept."""
    return move_hours(kept=kept, given_up=given_up, year=year, by=by, at=at)


@receiver(members_unmerged, dispatch_uid="trainees.move_hours_of_unmerged")
def move_hours_of_unmerged(
    kept: Member, given_up: Member, year: int, by: User, at: datetime, **_kwargs: Any
) -> Moved:
    """They go back to the row where their evidence is."""
    return move_hours_back(kept=kept, given_up=given_up, year=year, by=by, at=at)


@receiver(members_compared, dispatch_uid="trainees.compare_hours")
def compare_hours(kept: Member, given_up: Member, on: date, **_kwargs: Any) -> list[Compared]:
    """The hours of both rows in the year of the day `on`."""
    one, other = (
        Cell(format_hours(CreditEntry.objects.filter(member=row).in_year(on.year).sum_hours()))
        for row in (kept, given_up)
    )
    return [Compared(_("Credit hours in %(year)s") % {"year": on.year}, one, other)]


@receiver(members_merged, dispatch_uid="trainees.hand_over_declarations")
def hand_over_declarations(
    kept: Member, given_up: Member, closed: User | None, **_kwargs: Any
) -> Moved:
    """Open declarations that were made with an account that is closed pass to the other one."""
    if closed is None or kept.user is None:
        return Moved({}, [])
    return hand_declarations_over(owner=given_up, old=closed, new=kept.user)


@receiver(members_unmerged, dispatch_uid="trainees.hand_back_declarations")
def hand_back_declarations(
    kept: Member, given_up: Member, account: User | None, moved: dict[str, Any], **_kwargs: Any
) -> Moved:
    """Those that were handed over go back to the account, unless they are of the kept row now."""
    if account is None:
        return Moved({}, [])
    keys = moved.get("declarations", [])
    return hand_declarations_back(keys=keys, owner=given_up, old=kept.user, new=account)


@receiver(owing_changed, dispatch_uid="trainees.tell_year_then")
def tell_year_then(member: Member, first: date, user: User, on: date, **_kwargs: Any) -> list[str]:
    """What the member's year says once the act is carried out, and its `first` day is there.

    A change of a later year says nothing of this one.
    """
    day = first if on < first and first.year == on.year else on
    then = get_year_of(user, member, on.year, day)
    return [_("The year then says: %(sentence)s.") % {"sentence": then.sentence}]


@receiver(marks_asked, dispatch_uid="trainees.tell_marked_sessions")
def tell_marked_sessions(
    sessions: Iterable[Session], member_id: int | None = None, **_kwargs: Any
) -> set[int]:
    """The numbers of sessions with marks, also in a draft; of one member, or of anybody."""
    marks = Attendance.objects.filter(session__in=sessions)
    if member_id is not None:
        marks = marks.filter(member=member_id)
    return set(marks.values_list("session__number", flat=True))


@receiver(pockets_asked, dispatch_uid="trainees.tell_pockets_in_use")
def tell_pockets_in_use(enrolments: EnrolmentQuerySet, at: datetime, **_kwargs: Any) -> set[int]:
    """Enrolments of those whose phone is in their pocket: they came to a session not yet over."""
    return set(with_phone_in_pocket(enrolments, at).values_list("pk", flat=True))


@receiver(attendance_asked, dispatch_uid="trainees.tell_classes_attended")
def tell_classes_attended(member_ids: Collection[int], **_kwargs: Any) -> QuerySet:
    """The classes that the members have come to, by submitted rolls."""
    marks = Attendance.objects.filter(
        member__in=member_ids, status__in=ATTENDED, session__roll__state=RollState.SUBMITTED
    )
    return marks.values("session__training_class")
