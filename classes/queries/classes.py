"""A class with its sessions, its roster and who waits for a place."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from accounts.models import User
from classes.models import Enrolment, WaitingListEntry
from classes.permissions import supervises
from classes.queries.roll_states import has_submitted_roll
from config.lib.counting import count_rows
from config.lib.periods import in_force
from courses.models import Session, TrainingClass
from courses.permissions import plans_classes, schools_enrolling
from trainees.models import Membership


@dataclass(frozen=True)
class ClassPage:
    """A class, its sessions with `enrolled`, and the members on its roster, withdrawn or waiting.

    `joining` are the names of the schools that join it. Each row of `roster` has the sessions
    before the member left and returned. `places` is how many it takes, None for any number;
    `may_plan` is whether the reader may plan it, `may_enrol` whether they choose trainees, which a
    clerk of a school that joins does too; `roster_is_closed` whether no session is left with
    a roster that may change; `is_over` whether the last has ended; `may_call_off` whether the
    reader may call off upcoming sessions.
    """

    training_class: TrainingClass
    joining: list[str]
    sessions: list[Session]
    roster: list[tuple[Enrolment, str]]
    withdrawn: list[Enrolment]
    waiting: list[WaitingListEntry]
    places: int | None
    may_plan: bool
    may_enrol: bool
    roster_is_closed: bool
    is_over: bool
    may_call_off: bool
    now: datetime

    @property
    def has_seats(self) -> bool:
        """Whether anybody on the roster has a seat number."""
        return any(enrolment.seat for enrolment, _before in self.roster)


def get_class(user: User, class_id: int, on: date) -> TrainingClass:
    """A class that `user` may see. Raises TrainingClass.DoesNotExist."""
    rows = TrainingClass.objects.visible_to(user, on)
    return rows.select_related("school", "module", "programme").get(pk=class_id)


def get_class_page(user: User, class_id: int, now: datetime, on: date) -> ClassPage:
    """The page of a class, in seven statements for any number of rows. Raises like `get_class`."""
    training_class = get_class(user, class_id, on)
    sessions = list(list_class_sessions(training_class))
    enrolments = Enrolment.objects.filter(training_class=training_class).for_roll()
    roster: list[Enrolment] = []
    former: dict[int, list[Enrolment]] = {}
    for enrolment in enrolments:
        if not enrolment.sessions.isempty and enrolment.sessions.upper is None:
            roster.append(enrolment)
        else:
            former.setdefault(enrolment.member_id, []).append(enrolment)
    returned = {enrolment.member_id: former.pop(enrolment.member_id, []) for enrolment in roster}
    may_plan = plans_classes(user, training_class.school_id, on)
    held = [session for session in sessions if not session.is_called_off]
    joining = [row.school.name for row in training_class.joining_schools.select_related("school")]
    return ClassPage(
        training_class=training_class,
        joining=joining,
        sessions=sessions,
        roster=[
            (enrolment, _sessions_before(returned[enrolment.member_id])) for enrolment in roster
        ],
        withdrawn=[_last(rows) for rows in former.values()],
        waiting=list(waiting_for(training_class, on)),
        places=places_of(training_class),
        may_plan=may_plan,
        may_enrol=may_plan or bool(joining and schools_enrolling(user, training_class, on)),
        roster_is_closed=all(
            session.starts_at <= now or has_submitted_roll(session) for session in held
        ),
        is_over=all(session.ends_at <= now for session in held),
        now=now,
        may_call_off=may_plan and any(session.starts_at > now for session in held),
    )


def waiting_for(training_class: TrainingClass, on: date) -> QuerySet[WaitingListEntry]:
    """The waiting list in order, with `organisation_today`, which distinguishes namesakes."""
    here = Membership.objects.filter(in_force(on), member=OuterRef("member"))
    name = Subquery(here.values("organisation__name")[:1])
    return training_class.waiting_list.select_related("member").annotate(organisation_today=name)


def first_with_open_roster(
    sessions: Collection[Session], submitted: Collection[int], at: datetime
) -> Session | None:
    """The first of the sessions to be held with a roster that may still change.

    Neither that session nor any with a higher number has begun or is in `submitted`: a change of
    the roster from a session on applies to all that follow.
    """
    kept = [
        session.number for session in sessions if session.starts_at <= at or session.pk in submitted
    ]
    free = [session for session in sessions if session.number > max(kept, default=0)]
    return min(free, key=lambda session: session.number, default=None)


def find_visited(user: User, page: ClassPage, now: datetime) -> list[Session]:
    """Sessions of the class that `user` may write a supervision note on: those that have begun."""
    if not supervises(user):
        return []
    return [session for session in page.sessions if session.starts_at <= now]


def places_of(training_class: TrainingClass) -> int | None:
    """How many a class takes: its own number, or the capacity of its smallest venue; None: any."""
    if training_class.capacity is not None:
        return training_class.capacity
    held = Q(called_off_at=None)
    places = training_class.sessions.aggregate(
        n=Count("pk", filter=held),
        least=Min("venue__capacity", filter=held),
        planned=Min("venue__capacity"),
    )
    # For a class that is called off entirely: the number that was planned.
    smallest = places["least"] if places["n"] else places["planned"]
    return None if smallest is None else int(smallest)


def with_places(sessions: QuerySet[Session]) -> QuerySet[Session]:
    """Annotate `places` of sessions to be held: how many the class takes, as `places_of` says."""
    held = Session.objects.to_be_held().filter(training_class=OuterRef("training_class"))
    least = held.order_by().values("training_class").annotate(least=Min("venue__capacity"))
    smallest = Subquery(least.values("least"))
    return sessions.annotate(places=Coalesce("training_class__capacity", smallest))


def numbers_of_those_gone(training_class: TrainingClass, field: str) -> set[int]:
    """Pockets or seats on past rolls of members who are no longer on the roster."""
    gone = Enrolment.objects.filter(
        training_class=training_class, sessions__isempty=False, sessions__endswith__isnull=False
    )
    numbers = gone.values_list(field, flat=True)
    return {number for number in numbers if number is not None}


def _sessions_before(left: list[Enrolment]) -> str:
    """The numbers of the sessions before a member left, such as 1, 3–4."""
    spans = sorted(
        (enrolment.sessions.lower or 1, enrolment.sessions.upper or 1)
        for enrolment in left
        if not enrolment.sessions.isempty
    )
    return _(", ").join(
        str(lower) if upper == lower + 1 else f"{lower}–{upper - 1}" for lower, upper in spans
    )


def _last(left: list[Enrolment]) -> Enrolment:
    """The last departure of a member who left more than once."""
    return max(left, key=lambda enrolment: enrolment.sessions.upper or 0)


def list_class_sessions(training_class: TrainingClass) -> QuerySet[Session]:
    """The sessions by number, each with `enrolled`. One statement."""
    roster = Enrolment.objects.of_outer_session()
    return (
        training_class.sessions.select_related("course", "venue", "instructor", "roll")
        .annotate(enrolled=count_rows(roster))
        .order_by("number")
    )
