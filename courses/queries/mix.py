"""The mix of each module as planned and as delivered, and what would bring a plan inside the rule.

Planned are all sessions of the year that were not called off; delivered are those of them whose
roll is submitted, which an app above knows. A session counts for module and strand of its course,
and for the audience of its class. It counts once for the district, and once for each school that
holds or joins its class: that school's members were taught it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, F, OuterRef, QuerySet, Sum

from config.lib.filters import Filters, ListRequest
from config.lib.hours import ZERO
from config.lib.periods import in_force
from config.lib.years import day_of_judgement
from courses.enums import Strand
from courses.mix import (
    Change,
    Hours,
    Step,
    Target,
    Targets,
    Verdict,
    find_changes,
    judge,
    judge_strand,
    share_of,
)
from courses.models import Course, JoiningSchool, Module, Session, StrandShare
from courses.queries.loads import is_delivered
from courses.querysets import SessionQuerySet

# Courses and sessions named for one step of a change.
NAMED = 3


@dataclass(frozen=True)
class MixRow:
    """Hours of one module, school, audience and strand; other schools joined these sessions."""

    module_id: int
    school_id: int
    audience: str
    strand: Strand
    planned: Decimal
    delivered: Decimal
    joined_by: Sequence[int] = ()


@dataclass(frozen=True)
class Gauge:
    """The hours of a module by strand beside its rule: all, or those of a school or an audience."""

    hours: Hours
    targets: Targets

    @property
    def whole(self) -> Decimal:
        """All hours."""
        return sum(self.hours.values(), ZERO)

    @property
    def verdict(self) -> Verdict:
        """Whether the mix is inside."""
        return judge(self.hours, self.targets)

    def share(self, strand: Strand) -> Decimal | None:
        """The share of a strand in per cent; None without hours."""
        return share_of(strand, self.hours)

    def verdict_of(self, strand: Strand) -> Verdict:
        """Whether the strand is inside."""
        return judge_strand(strand, self.hours, self.targets)


@dataclass(frozen=True)
class NamedStep:
    """A step of a change with courses that could be taken, and sessions that could take them."""

    step: Step
    count: int
    courses: Sequence[Course]
    sessions: Sequence[Session]

    @property
    def label(self) -> str:
        """The strand that gains."""
        return str(self.step.strand.label)

    @property
    def from_label(self) -> str:
        """The strand that gives, if a session changes its course."""
        return str(self.step.instead_of.label) if self.step.instead_of else ""


@dataclass(frozen=True)
class NamedChange:
    """A change in courses and sessions."""

    change: Change
    steps: Sequence[NamedStep]


@dataclass
class ModuleMix:
    """A module in a year: its rule, its planned and delivered hours, and what would help."""

    module: Module
    planned: Gauge
    delivered: Gauge
    by_school: Mapping[int, tuple[Gauge, Gauge]]
    by_audience: Mapping[str, tuple[Gauge, Gauge]]
    changes: list[NamedChange] = field(default_factory=list)

    @property
    def targets(self) -> Targets:
        """The rule."""
        return self.planned.targets


def sessions_of(asked: ListRequest, filters: Filters) -> SessionQuerySet:
    """The sessions of the year, school and audience that were not called off."""
    sessions = Session.objects.listed_for(asked.user, asked.today).to_be_held()
    return filters.apply(sessions.in_year(int(filters.value("year"))))


def list_mix_rows(sessions: SessionQuerySet) -> list[MixRow]:
    """The hours of these sessions, planned and delivered. One statement."""
    joining = JoiningSchool.objects.filter(training_class=OuterRef("training_class"))
    rows = (
        sessions.annotate(joined_by=ArraySubquery(joining.order_by("school").values("school")))
        .values(
            "course__module_id",
            "training_class__school_id",
            "training_class__audience",
            "course__strand",
            "joined_by",
        )
        .annotate(planned=Sum("hours"), delivered=Sum("hours", filter=is_delivered()))
        .order_by()
    )
    return [
        MixRow(
            row["course__module_id"],
            row["training_class__school_id"],
            row["training_class__audience"],
            Strand(row["course__strand"]),
            row["planned"],
            row["delivered"] or ZERO,
            row["joined_by"],
        )
        for row in rows
    ]


def read_targets(on: date) -> dict[int, dict[Strand, Target]]:
    """The mix that each module is to have on the day `on`, by module and strand."""
    targets: dict[int, dict[Strand, Target]] = defaultdict(dict)
    for share in StrandShare.objects.filter(in_force(on)):
        targets[share.module_id][Strand(share.strand)] = Target(share.percent, share.tolerance)
    return targets


def list_mixes(asked: ListRequest, filters: Filters) -> list[ModuleMix]:
    """Each module's mix by the rule in force on the last day of the year, or today in this year.

    What is over cannot change, so only a year that is not over has changes.
    """
    year = int(filters.value("year"))
    sessions = sessions_of(asked, filters)
    rows = list_mix_rows(sessions)
    targets = read_targets(day_of_judgement(year, asked.today))
    mixes = [
        _mix_of(module, [row for row in rows if row.module_id == module.pk], targets[module.pk])
        for module in Module.objects.all()
    ]
    if year >= asked.today.year and any(mix.planned.verdict is Verdict.OUTSIDE for mix in mixes):
        supply = _Supply(sessions, filters.value("audience"), asked.now, asked.today)
        for mix in mixes:
            mix.changes = supply.list_changes(mix)
    return mixes


def _mix_of(module: Module, rows: Sequence[MixRow], targets: Targets) -> ModuleMix:
    planned, delivered = _gauges(rows, targets)
    schools: dict[int, list[MixRow]] = defaultdict(list)
    audiences: dict[str, list[MixRow]] = defaultdict(list)
    for row in rows:
        for school_id in (row.school_id, *row.joined_by):
            schools[school_id].append(row)
        audiences[row.audience].append(row)
    return ModuleMix(
        module,
        planned,
        delivered,
        {key: _gauges(some, targets) for key, some in schools.items()},
        {key: _gauges(some, targets) for key, some in audiences.items()},
    )


def _gauges(rows: Iterable[MixRow], targets: Targets) -> tuple[Gauge, Gauge]:
    """The planned and the delivered hours of these rows."""
    planned, delivered = (dict.fromkeys(Strand, ZERO) for _turn in range(2))
    for row in rows:
        planned[row.strand] += row.planned
        delivered[row.strand] += row.delivered
    return Gauge(planned, targets), Gauge(delivered, targets)


class Offers:
    """The courses that could be added on a day, those that are planned least first. One statement.

    `taught` counts how often each course is planned. Without an `audience`, courses for any.
    """

    def __init__(self, today: date, audience: str, taught: Mapping[int, int]) -> None:
        courses = Course.objects.offered(today)
        self.courses: dict[tuple[int, Strand, Decimal], list[Course]] = defaultdict(list)
        for course in courses.meant_for(audience) if audience else courses:
            kind = (course.module_id, Strand(course.strand), course.hours)
            self.courses[kind].append(course)
        for some in self.courses.values():
            some.sort(key=lambda c: (taught.get(c.pk, 0), not c.is_premium, c.code))

    def menu_of(self, module_id: int) -> dict[Strand, set[Decimal]]:
        """The hours of the courses of a module, by strand."""
        menu: dict[Strand, set[Decimal]] = defaultdict(set)
        for key, strand, hours in self.courses:
            if key == module_id:
                menu[strand].add(hours)
        return menu

    def of_step(self, module_id: int, step: Step) -> list[Course]:
        """Courses that a step could take."""
        return self.courses[module_id, step.strand, step.hours][:NAMED]


class _Supply:
    """The courses that could be added, and the sessions to come that could teach another course.

    Three statements for all modules.
    """

    def __init__(
        self, sessions: SessionQuerySet, audience: str, now: datetime, today: date
    ) -> None:
        taught = dict(sessions.values_list("course").annotate(Count("pk")).order_by())
        self.offers = Offers(today, audience, taught)
        self.sessions: dict[tuple[int, Strand, Decimal], list[Session]] = defaultdict(list)
        for session in _coming(sessions, now):
            kind = (session.course.module_id, Strand(session.course.strand), session.hours)
            self.sessions[kind].append(session)

    def list_changes(self, mix: ModuleMix) -> list[NamedChange]:
        """The smallest changes of the plan that bring the module inside."""
        module_id = mix.module.pk
        menu = self.offers.menu_of(module_id)
        coming = {
            (strand, hours): len(some)
            for (key, strand, hours), some in self.sessions.items()
            if key == module_id
        }
        changes = find_changes(mix.planned.hours, mix.targets, menu=menu, coming=coming)
        return [self._name(module_id, change) for change in changes]

    def _name(self, module_id: int, change: Change) -> NamedChange:
        return NamedChange(
            change,
            [
                NamedStep(
                    step,
                    count,
                    self.offers.of_step(module_id, step),
                    self.sessions.get((module_id, step.instead_of, step.hours), [])[:NAMED]
                    if step.instead_of
                    else [],
                )
                for step, count in change.steps
            ],
        )


def _coming(sessions: SessionQuerySet, now: datetime) -> QuerySet[Session]:
    """Sessions that have not begun and are worth as much as their course, the next one first."""
    return (
        sessions.filter(starts_at__gt=now, hours=F("course__hours"))
        .select_related("course", "training_class__school")
        .order_by("starts_at", "pk")
    )
