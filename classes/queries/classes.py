"""A class with its sessions, its roster and who waits for a place."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Min, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from accounts.models import User
from classes.enums import RollState
from classes.models import Enrolment, WaitingListEntry
from classes.permissions import supervises
from config.lib.counting import count_rows
from config.lib.periods import in_force
from courses.models import Session, TrainingClass
from courses.permissions import plans_classes
from trainees.models import Membership


@dataclass(frozen=True)
class ClassPage:
    """A class, its sessions with `enrolled`, those on its roster and those who left or wait.

    Beside each on the `roster` stand the sessions on which he was before he had left and come back.
    `places` is how many it takes, None for any number; `may_plan` whether the reader sets it up;
    `roster_is_closed` whether no session is left whose roster may change, `is_over` whether the
    last has ended; `may_call_off` whether he may call off what is ahead.
    """

    training_class: TrainingClass
    sessions: list[Session]
    roster: list[tuple[Enrolment, str]]
    withdrawn: list[Enrolment]
    waiting: list[WaitingListEntry]
    places: int | None
    may_plan: bool
    roster_is_closed: bool
    is_over: bool
    may_call_off: bool
    now: datetime

    @property
    def has_seats(self) -> bool:
        """Whether anybody on the roster has a seat number."""
        return any(one.seat for one, _before in self.roster)


def get_class(user: User, class_id: int, on: date) -> TrainingClass:
    """A class within the sight of `user`. Raises TrainingClass.DoesNotExist."""
    rows = TrainingClass.objects.visible_to(user, on)
    return rows.select_related("school", "module", "programme").get(pk=class_id)


def get_class_page(user: User, class_id: int, now: datetime, on: date) -> ClassPage:
    """Six statements, whatever the number of sessions and trainees. Raises as `get_class`."""
    found = get_class(user, class_id, on)
    sessions = list(_sessions(found))
    enrolments = Enrolment.objects.filter(training_class=found).for_roll()
    roster: list[Enrolment] = []
    former: dict[int, list[Enrolment]] = {}
    for one in enrolments:
        if not one.sessions.isempty and one.sessions.upper is None:
            roster.append(one)
        else:
            former.setdefault(one.member_id, []).append(one)
    returned = {one.member_id: former.pop(one.member_id, []) for one in roster}
    may_plan = plans_classes(user, found.school_id, on)
    held = [one for one in sessions if not one.is_called_off]
    return ClassPage(
        training_class=found,
        sessions=sessions,
        roster=[(one, _sessions_before(returned[one.member_id])) for one in roster],
        withdrawn=[_last(rows) for rows in former.values()],
        waiting=list(waiting_for(found, on)),
        places=places_of(found),
        may_plan=may_plan,
        roster_is_closed=all(one.starts_at <= now or _is_submitted(one) for one in held),
        is_over=all(one.ends_at <= now for one in held),
        now=now,
        may_call_off=may_plan and any(one.starts_at > now for one in held),
    )


def waiting_for(training_class: TrainingClass, on: date) -> QuerySet[WaitingListEntry]:
    """The waiting list in order, each with `organisation_today`, which tells namesakes apart."""
    here = Membership.objects.filter(in_force(on), member=OuterRef("member"))
    name = Subquery(here.values("organisation__name")[:1])
    return training_class.waiting_list.select_related("member").annotate(organisation_today=name)


def first_with_open_roster(
    sessions: Collection[Session], submitted: Collection[int], at: datetime
) -> Session | None:
    """Of the sessions to be held the first of which the roster may still change.

    Neither it nor any that follows by number has begun or is among those with a `submitted` roll:
    whoever is put on a roster, or taken off, from a session on is so for all that follow.
    """
    kept = [one.number for one in sessions if one.starts_at <= at or one.pk in submitted]
    free = [one for one in sessions if one.number > max(kept, default=0)]
    return min(free, key=lambda one: one.number, default=None)


def find_visited(user: User, page: ClassPage, now: datetime) -> list[Session]:
    """Sessions of the class on which `user` may write a supervision note: those that have begun."""
    if not supervises(user):
        return []
    return [one for one in page.sessions if one.starts_at <= now]


def places_of(training_class: TrainingClass) -> int | None:
    """How many a class takes: its own number, or what its smallest venue holds; None: any."""
    if training_class.capacity is not None:
        return training_class.capacity
    held = Q(called_off_at=None)
    found = training_class.sessions.aggregate(
        n=Count("pk", filter=held),
        least=Min("venue__capacity", filter=held),
        planned=Min("venue__capacity"),
    )
    # Of a class that is called off altogether, as many as it was to take.
    smallest = found["least"] if found["n"] else found["planned"]
    return None if smallest is None else int(smallest)


def numbers_of_those_gone(training_class: TrainingClass, field: str) -> set[int]:
    """Pockets or seats on past rolls of those who are on the roster no longer."""
    gone = Enrolment.objects.filter(
        training_class=training_class, sessions__isempty=False, sessions__endswith__isnull=False
    )
    numbers = gone.values_list(field, flat=True)
    return {number for number in numbers if number is not None}


def _sessions_before(left: list[Enrolment]) -> str:
    """The numbers of the sessions that somebody attended before he left: 1, 3–4."""
    spans = sorted(
        (one.sessions.lower or 1, one.sessions.upper or 1)
        for one in left
        if not one.sessions.isempty
    )
    return _(", ").join(
        str(lower) if upper == lower + 1 else f"{lower}–{upper - 1}" for lower, upper in spans
    )


def _last(left: list[Enrolment]) -> Enrolment:
    """When somebody left who came and went: the last time."""
    return max(left, key=lambda one: one.sessions.upper or 0)


def _sessions(training_class: TrainingClass) -> QuerySet[Session]:
    roster = Enrolment.objects.of_outer_session()
    return (
        training_class.sessions.select_related("course", "venue", "instructor", "roll")
        .annotate(enrolled=count_rows(roster))
        .order_by("number")
    )


def _is_submitted(session: Session) -> bool:
    roll = getattr(session, "roll", None)
    return roll is not None and roll.state == RollState.SUBMITTED
