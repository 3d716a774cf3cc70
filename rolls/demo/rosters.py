"""Demo data: the rosters of the classes, and the marks on their rolls."""

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from classes.enums import RollState
from classes.models import Enrolment, Roll
from config.lib.copying import copy_rows, reserve_ids
from courses.demo import ClassRow, Part, SessionRow, Slot
from hours.models import Source
from rolls.enums import AttendanceStatus
from rolls.hours_source import KEY, training_of
from rolls.models import Attendance
from schools.demo import DemoPlan, DemoSchools
from schools.demo.network import JINMENHU, YANGLIUQING
from schools.enums import Audience
from trainees.demo.people import Person
from trainees.demo.posts import Focus
from trainees.enums import PostKind

# The possible states of a school's latest roll and the one before it, with their weights. None
# means that there is no roll.
_WAITING = ((RollState.DRAFT, 0.7), (None, 0.4))
_ALWAYS_WAITING = (YANGLIUQING, JINMENHU)
_MARKED_IN_DRAFT = 0.7
# Marks per hundred trainees.
_MARKS = {
    AttendanceStatus.PRESENT: 88,
    AttendanceStatus.LATE: 4,
    AttendanceStatus.ON_LEAVE: 5,
    AttendanceStatus.ABSENT: 3,
}
_OLDEST_ON_ROSTER = 78
_ASKED_PER_SEAT = 4  # some are away, exempt or in another class
_MOST_HOURS = 48  # in classes, over the whole window
_SUBMITTED_AFTER = (20, 150)  # minutes after the session

# The marks of the demo's own member; later classes have no roll yet.
_FOCUS_MARKS = {
    Part.PRESENT: AttendanceStatus.PRESENT,
    Part.LATE: AttendanceStatus.LATE,
    Part.SAME_DAY: AttendanceStatus.PRESENT,
    Part.ON_LEAVE: AttendanceStatus.ON_LEAVE,
    Part.ABSENT: AttendanceStatus.ABSENT,
    Part.MICRO: AttendanceStatus.LATE,
    Part.LAST_YEAR: AttendanceStatus.PRESENT,
}
_FOCUS_PARTS = frozenset({*_FOCUS_MARKS, Part.TODAY_LATER, Part.AHEAD})


@dataclass(slots=True)
class Roster:
    """A class with its trainees, each with their branch (a place in the tree)."""

    training_class: ClassRow
    trainees: list[tuple[Person, int]]


def seed_rosters(
    plan: DemoPlan,
    schools: DemoSchools,
    people: list[Person],
    classes: list[ClassRow],
    focus: Focus,
) -> None:
    """Store enrolments, rolls and attendance."""
    rosters = list(_fill(plan, schools, people, classes, focus))
    organisations = schools.organisations
    copy_rows(
        Enrolment,
        ["training_class_id", "member_id", "organisation_id", "phone_pocket"],
        (
            (roster.training_class.id, person.id, organisations[branch].id, pocket)
            for roster in rosters
            for pocket, (person, branch) in enumerate(roster.trainees, 1)
        ),
    )
    states = _states(plan, classes)
    sources = _store_sources(rosters, states)
    copy_rows(
        Roll,
        ["session_id", "state", "submitted_at", "submitted_by_id", "source_id"],
        _roll_cells(plan, schools, rosters, states, sources),
    )
    copy_rows(
        Attendance,
        [
            "session_id", "member_id", "organisation_id", "status", "version", "marked_at",
            "marked_by_id",
        ],
        _mark_cells(plan, schools, rosters, states, focus),
    )  # fmt: skip


def _fill(
    plan: DemoPlan,
    schools: DemoSchools,
    people: list[Person],
    classes: list[ClassRow],
    focus: Focus,
) -> Iterator[Roster]:
    """Fill rosters from the school's area and the class's audience, without double booking."""
    pools = _pools(schools, people, focus)
    busy: dict[tuple[date, Slot], set[int]] = defaultdict(set)
    hours: dict[int, Decimal] = defaultdict(Decimal)
    home = schools.school_for(focus.branch)
    for c in classes:
        rng = plan.rng("roster", c.code)
        roster = Roster(c, list(_focus_trainees(c, focus)) if c.school is home else [])
        meetings = [(session.day, session.slot) for session in c.sessions]
        worth = sum(session.hours for session in c.sessions)
        away = set().union(*(busy[meeting] for meeting in meetings))
        away.update(pk for pk, so_far in hours.items() if so_far + worth > _MOST_HOURS)
        # If the audience leaves two thirds of the seats empty, ordinary members fill them.
        for audience in (c.audience, Audience.ORDINARY):
            if audience is c.audience or len(roster.trainees) < c.size / 3:
                pool = pools[c.school.id, audience]
                asked = rng.sample(pool, min(len(pool), _ASKED_PER_SEAT * c.size))
                _invite(schools, roster, asked, away)
        for person, _ in roster.trainees:
            hours[person.id] += worth
            for meeting in meetings:
                busy[meeting].add(person.id)
        yield roster


def _invite(schools: DemoSchools, roster: Roster, asked: list[Person], away: set[int]) -> None:
    """Add people who can come until the roster has its size."""
    c = roster.training_class
    first, last = c.days
    invited = {person.id for person, _ in roster.trainees}
    for person in asked:
        if len(roster.trainees) >= c.size:
            return
        branch = person.branch_on(first)
        if (
            branch is not None
            and branch == person.branch_on(last)
            and schools.school_for(branch).id == c.school.id
            and not person.is_exempt(last)
            and person.id not in away
            and person.id not in invited
        ):
            roster.trainees.append((person, branch))


def _focus_trainees(training_class: ClassRow, focus: Focus) -> Iterator[tuple[Person, int]]:
    if training_class.part in _FOCUS_PARTS:
        yield focus.member, focus.branch
    if training_class.part is Part.SECRETARIES:
        yield focus.secretary, focus.branch


def _pools(
    schools: DemoSchools, people: list[Person], focus: Focus
) -> dict[tuple[int, Audience], list[Person]]:
    """The people a school can invite, by audience; transferred members appear at both schools."""
    pools: dict[tuple[int, Audience], list[Person]] = defaultdict(list)
    for person in people:
        if person is focus.member or person.age > _OLDEST_ON_ROSTER:
            continue
        places = {person.branch, person.branch if person.moved_to is None else person.moved_to}
        for school_id in sorted({schools.school_for(place).id for place in places}):
            pools[school_id, _audience_of(person)].append(person)
    return pools


def _audience_of(person: Person) -> Audience:
    if person.post is PostKind.SECRETARY:
        return Audience.SECRETARIES
    if person.post is PostKind.AFFAIRS_WORKER:
        return Audience.AFFAIRS_WORKERS
    return Audience.ORDINARY


type _States = dict[int, RollState | None]


def _states(plan: DemoPlan, classes: list[ClassRow]) -> _States:
    """The state of the roll of each session that is over; a school's latest may be unfinished.

    Rolls of today's sessions are not taken yet.
    """
    states: _States = {}
    by_school: dict[str, list[SessionRow]] = defaultdict(list)
    for training_class in classes:
        for session in training_class.sessions:
            if session.day < plan.on:
                states[session.id] = RollState.SUBMITTED
                if training_class.part is None:
                    by_school[training_class.school.code].append(session)
    for code, sessions in by_school.items():
        rng = plan.rng("unsubmitted", code)
        sessions.sort(key=lambda session: (session.starts_at, session.id), reverse=True)
        for session, (state, chance) in zip(sessions, _WAITING, strict=False):
            if code in _ALWAYS_WAITING or rng.random() < chance:
                states[session.id] = state
    return states


def _submitted_at(plan: DemoPlan, code: str, session: SessionRow) -> datetime:
    minutes = plan.rng("submitted", code, session.starts_at).randint(*_SUBMITTED_AFTER)
    return session.ends_at + timedelta(minutes=minutes)


def _store_sources(rosters: Iterable[Roster], states: _States) -> dict[int, int]:
    """The sources of hours of the submitted rolls, by session."""
    classes = {
        session.id: roster.training_class.id
        for roster in rosters
        for session in roster.training_class.sessions
        if states.get(session.id) is RollState.SUBMITTED
    }
    sources = dict(zip(classes, reserve_ids(Source, len(classes)), strict=True))
    copy_rows(
        Source,
        ["id", "kind", "training"],
        ((sources[session], KEY, training_of(key)) for session, key in classes.items()),
    )
    return sources


def _roll_cells(
    plan: DemoPlan,
    schools: DemoSchools,
    rosters: Iterable[Roster],
    states: _States,
    sources: dict[int, int],
) -> Iterator[tuple[int, str, datetime | None, int | None, int | None]]:
    for roster in rosters:
        clerk = schools.clerks[roster.training_class.school.id]
        for session in roster.training_class.sessions:
            match states.get(session.id):
                case RollState.SUBMITTED:
                    at = _submitted_at(plan, roster.training_class.code, session)
                    yield session.id, RollState.SUBMITTED.value, at, clerk, sources[session.id]
                case RollState.DRAFT:
                    yield session.id, RollState.DRAFT.value, None, None, None


def _mark_cells(
    plan: DemoPlan, schools: DemoSchools, rosters: Iterable[Roster], states: _States, focus: Focus
) -> Iterator[tuple[int, int, int, str, int, datetime, int]]:
    for roster in rosters:
        training_class = roster.training_class
        clerk = schools.clerks[training_class.school.id]
        rng = plan.rng("marks", training_class.code)
        for session in training_class.sessions:
            state = states.get(session.id)
            if state is None:
                continue
            for seat, (person, branch) in enumerate(roster.trainees):
                # The first trainee stays unmarked, so that the draft is never complete.
                if state is RollState.DRAFT and (not seat or rng.random() > _MARKED_IN_DRAFT):
                    continue
                mark = _mark(rng)
                if person is focus.member and training_class.part:
                    mark = _FOCUS_MARKS[training_class.part]
                organisation = schools.organisations[branch].id
                at = session.starts_at + timedelta(minutes=10)
                yield session.id, person.id, organisation, mark.value, 1, at, clerk


def _mark(rng: random.Random) -> AttendanceStatus:
    return rng.choices(list(_MARKS), list(_MARKS.values()))[0]
