"""The mix of each module: intended, planned, delivered, and what would bring it inside the rule.

Intended are the courses in the year plans of the schools, each as often as it is to be taught.
Planned are all sessions of the year that were not called off; delivered are those of them whose
roll is submitted, which an app above knows. A session counts for module and strand of its course,
and for the audience of its class. It counts once for the district, and once for each school that
holds or joins its class: that school's members were taught it. A course of a plan counts for the
school and the audience of the plan.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Count, F, OuterRef, QuerySet, Sum
from django.utils.dates import MONTHS
from django.utils.translation import gettext as _

from config.lib.dated_rows import from_day_on
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
from courses.models import (
    Course,
    JoiningSchool,
    Module,
    PlannedCourse,
    Session,
    StrandShare,
)
from courses.queries.loads import is_delivered
from courses.querysets import PlannedCourseQuerySet, SessionQuerySet
from schools.enums import Audience

# Courses and sessions named for one step of a change.
NAMED = 3


@dataclass(frozen=True)
class MixRow:
    """Hours of one module, school, audience and strand; other schools joined these sessions.

    A row is of sessions or of year plans.
    """

    module_id: int
    school_id: int
    audience: str
    strand: Strand
    planned: Decimal = ZERO
    delivered: Decimal = ZERO
    joined_by: Sequence[int] = ()
    intended: Decimal = ZERO


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


class Gauges(NamedTuple):
    """The three figures of a module: in the year plans, in the sessions planned, delivered."""

    intended: Gauge
    planned: Gauge
    delivered: Gauge

    @property
    def is_empty(self) -> bool:
        """Whether none of them has hours."""
        return not any(gauge.whole for gauge in self)


@dataclass(frozen=True)
class NamedStep:
    """A step of a change with courses that could be taken, and what could take them.

    That are `sessions` to come, or courses of a year plan, `planned`, each with how many of its
    times give way.
    """

    step: Step
    count: int
    courses: Sequence[Course]
    sessions: Sequence[Session] = ()
    planned: Sequence[tuple[PlannedCourse, int]] = ()

    @property
    def label(self) -> str:
        """The strand that gains, unless something is taken out."""
        return str(self.step.strand.label) if self.step.strand else ""

    @property
    def from_label(self) -> str:
        """The strand that gives, unless something is added."""
        return str(self.step.instead_of.label) if self.step.instead_of else ""


class PlanAct(NamedTuple):
    """What a change does to a year plan: a course so many times more or, below 0, fewer."""

    course: Course
    month: int
    audience: str
    times: int

    def __str__(self) -> str:
        return _("%(month)s “%(course)s”, %(audience)s: %(times)s ×") % {
            "month": MONTHS[self.month],
            "course": self.course.title,
            "audience": Audience(self.audience).label,
            "times": f"{self.times:+d}".replace("-", "−"),
        }


@dataclass(frozen=True)
class NamedChange:
    """A change in courses and sessions; of a year plan also the `acts` that carry it out."""

    change: Change
    steps: Sequence[NamedStep]
    acts: Sequence[PlanAct] = ()

    @property
    def token(self) -> str:
        """What a page that showed the change sends back, so that no other one is carried out."""
        text = "|".join(f"{act.course.pk} {act[1:]}" for act in self.acts)
        return sha256(text.encode()).hexdigest()[:16]


@dataclass
class ModuleMix:
    """A module in a year: its rule, its three figures, and what would help."""

    module: Module
    gauges: Gauges
    by_school: Mapping[int, Gauges]
    by_audience: Mapping[str, Gauges]
    changes: list[NamedChange] = field(default_factory=list)

    @property
    def intended(self) -> Gauge:
        """What the year plans have."""
        return self.gauges.intended

    @property
    def planned(self) -> Gauge:
        """What the sessions have."""
        return self.gauges.planned

    @property
    def delivered(self) -> Gauge:
        """What the sessions with a submitted roll have."""
        return self.gauges.delivered

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


def list_intended_rows(courses: PlannedCourseQuerySet) -> list[MixRow]:
    """The hours that these courses of year plans are worth. One statement."""
    rows = (
        courses.values("course__module_id", "school_id", "audience", "course__strand")
        .annotate(hours=Sum(F("times") * F("course__hours")))
        .order_by()
    )
    return [
        MixRow(
            row["course__module_id"],
            row["school_id"],
            row["audience"],
            Strand(row["course__strand"]),
            intended=row["hours"],
        )
        for row in rows
    ]


def _plans_of(asked: ListRequest, filters: Filters) -> PlannedCourseQuerySet:
    """The courses in the year plans of the year, school and audience."""
    only = {"school": filters.value("school"), "audience": filters.value("audience")}
    plans = PlannedCourse.objects.visible_to(asked.user, asked.today)
    return plans.filter(
        year=int(filters.value("year")), **{name: value for name, value in only.items() if value}
    )


def read_targets(on: date) -> dict[int, dict[Strand, Target]]:
    """The mix that each module is to have on the day `on`, by module and strand."""
    targets: dict[int, dict[Strand, Target]] = defaultdict(dict)
    for share in StrandShare.objects.filter(in_force(on)):
        targets[share.module_id][Strand(share.strand)] = Target(share.percent, share.tolerance)
    return targets


def list_rules(module: Module, since: date) -> list[tuple[DateRange, Targets]]:
    """The rules of a module that hold on the day `since` or later, by their days. One statement."""
    shares = module.shares.filter(from_day_on(since))
    return [(days, targets) for _module, days, targets in _by_days(shares)]


def list_coming_rules(on: date) -> list[tuple[Module, DateRange, Targets]]:
    """The rules that begin after the day `on`, by module. One statement."""
    return _by_days(StrandShare.objects.filter(period__startswith__gt=on))


def _by_days(shares: QuerySet[StrandShare]) -> list[tuple[Module, DateRange, Targets]]:
    rules: dict[tuple[Module, DateRange], dict[Strand, Target]] = defaultdict(dict)
    for share in shares.select_related("module").order_by("module__code", "period"):
        targets = rules[share.module, share.period]
        targets[Strand(share.strand)] = Target(share.percent, share.tolerance)
    return [(module, days, targets) for (module, days), targets in rules.items()]


def list_mixes(asked: ListRequest, filters: Filters) -> list[ModuleMix]:
    """Each module's mix by the rule in force on the last day of the year, or today in this year.

    What is over cannot change, so only a year that is not over has changes.
    """
    year = int(filters.value("year"))
    sessions = sessions_of(asked, filters)
    rows = [*list_mix_rows(sessions), *list_intended_rows(_plans_of(asked, filters))]
    mixes = mixes_of(rows, day_of_judgement(year, asked.today))
    if year >= asked.today.year and any(mix.planned.verdict is Verdict.OUTSIDE for mix in mixes):
        supply = _Supply(sessions, filters.value("audience"), asked.now, asked.today)
        for mix in mixes:
            mix.changes = supply.list_changes(mix)
    return mixes


def mixes_of(rows: Iterable[MixRow], on: date) -> list[ModuleMix]:
    """The mix of every module that these rows give, by the rule of the day `on`. Two statements."""
    targets = read_targets(on)
    of_modules: dict[int, list[MixRow]] = defaultdict(list)
    for row in rows:
        of_modules[row.module_id].append(row)
    return [
        _mix_of(module, of_modules[module.pk], targets[module.pk])
        for module in Module.objects.all()
    ]


def _mix_of(module: Module, rows: Sequence[MixRow], targets: Targets) -> ModuleMix:
    schools: dict[int, list[MixRow]] = defaultdict(list)
    audiences: dict[str, list[MixRow]] = defaultdict(list)
    for row in rows:
        for school_id in (row.school_id, *row.joined_by):
            schools[school_id].append(row)
        audiences[row.audience].append(row)
    return ModuleMix(
        module,
        _gauges(rows, targets),
        {key: _gauges(some, targets) for key, some in schools.items()},
        {key: _gauges(some, targets) for key, some in audiences.items()},
    )


def _gauges(rows: Iterable[MixRow], targets: Targets) -> Gauges:
    """The three figures of these rows."""
    intended, planned, delivered = (dict.fromkeys(Strand, ZERO) for _turn in range(3))
    for row in rows:
        intended[row.strand] += row.intended
        planned[row.strand] += row.planned
        delivered[row.strand] += row.delivered
    return Gauges(Gauge(intended, targets), Gauge(planned, targets), Gauge(delivered, targets))


class Offers:
    """The courses that could be added, those that are planned least first. One statement.

    `taught` counts how often each course is planned.
    """

    def __init__(self, courses: Iterable[Course], taught: Mapping[int, int]) -> None:
        self.courses: dict[tuple[int, Strand, Decimal], list[Course]] = defaultdict(list)
        for course in courses:
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
        """Courses that a step could take; none for one that takes something out."""
        if step.strand is None:
            return []
        return self.courses[module_id, step.strand, step.hours][:NAMED]


class _Supply:
    """The courses that could be added, and the sessions to come that could teach another course.

    Three statements for all modules.
    """

    def __init__(
        self, sessions: SessionQuerySet, audience: str, now: datetime, today: date
    ) -> None:
        taught = dict(sessions.values_list("course").annotate(Count("pk")).order_by())
        courses = Course.objects.offered(today)
        self.offers = Offers(courses.meant_for(audience) if audience else courses, taught)
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
