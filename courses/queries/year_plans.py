"""A school's plan of a year: its lines by month, and its mix beside that of its sessions."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import cycle, islice

from django.db.models import Count
from django.db.models.functions import ExtractMonth

from config.lib.periods import months_of
from config.lib.years import day_of_judgement, first_month_left
from courses.enums import Strand
from courses.mix import Change, Step, find_changes
from courses.models import Course, PlannedCourse, Session
from courses.queries.loads import is_delivered
from courses.queries.mix import (
    ModuleMix,
    NamedChange,
    NamedStep,
    Offers,
    PlanAct,
    list_intended_rows,
    list_mix_rows,
    mixes_of,
)
from courses.querysets import SessionQuerySet
from schools.enums import Audience
from schools.models import School


@dataclass(frozen=True)
class PlanLine:
    """A course of the plan, how many sessions teach it in its month, and how many delivered it."""

    planned: PlannedCourse
    sessions: int
    delivered: int

    @property
    def hours(self) -> Decimal:
        """The hours of all its times."""
        return self.planned.course.hours * self.planned.times

    @property
    def left(self) -> int:
        """How many of its times no session teaches yet."""
        return max(self.planned.times - self.sessions, 0)


def list_plan_lines(school: School, year: int) -> list[PlanLine]:
    """The courses of the plan by month. Two statements."""
    counts = (
        _sessions_of(school, year)
        .annotate(month=ExtractMonth("held_on"))
        .values("month", "course_id", "training_class__audience")
        .annotate(all=Count("pk"), delivered=Count("pk", filter=is_delivered()))
        .order_by()
        .values_list("month", "course_id", "training_class__audience", "all", "delivered")
    )
    taught = {(month, course, who): counted for month, course, who, *counted in counts}
    rows = school.planned_courses.filter(year=year).select_related("course__module", "school")
    return [
        PlanLine(row, *taught.get((row.month, row.course_id, row.audience), (0, 0))) for row in rows
    ]


def list_year_mixes(
    school: School, lines: Sequence[PlanLine], year: int, *, today: date
) -> list[ModuleMix]:
    """Each module that the school plans or teaches in the year, with changes of the plan.

    `lines` are those of the plan. What is over cannot change, so changes add in the months that are
    left, and take out or swap what no session teaches yet. Five statements.
    """
    plans = PlannedCourse.objects.filter(school=school, year=year)
    rows = [*list_mix_rows(_sessions_of(school, year)), *list_intended_rows(plans)]
    mixes = [
        mix for mix in mixes_of(rows, day_of_judgement(year, today)) if not mix.gauges.is_empty
    ]
    if year >= today.year:
        supply = _Supply(lines, year, first_month_left(year, today))
        for mix in mixes:
            mix.changes = supply.list_changes(mix)
    return mixes


def _sessions_of(school: School, year: int) -> SessionQuerySet:
    return Session.objects.to_be_held().in_year(year).for_school(school)


class _Supply:
    """The courses that a plan could have, and those that it has and that may still change.

    Only courses that are offered in all months left, and meant for everybody that the plan is for:
    each of them may stand in for each other. One statement.
    """

    def __init__(self, lines: Iterable[PlanLine], year: int, first_month: int) -> None:
        taught: Counter[int] = Counter()
        courses = Course.objects.offered_throughout(months_of(year, first_month, 12))
        lines = list(lines)
        for audience in sorted({line.planned.audience for line in lines}):
            courses = courses.meant_for(audience)
        for line in lines:
            taught[line.planned.course_id] += line.planned.times
        self.offers = Offers(courses, taught)
        self.months = range(first_month, 13)
        self.audiences = {
            module: max(hours, key=lambda who: (hours[who], who))
            for module, hours in _hours_by_audience(lines).items()
        }
        # Those with most times left come first, so that few lines are named.
        self.lines = sorted(
            (line for line in lines if line.planned.month >= first_month and line.left),
            key=lambda line: (-line.left, line.planned.month, line.planned.pk),
        )

    def list_changes(self, mix: ModuleMix) -> list[NamedChange]:
        """The smallest changes of the plan that bring the module inside."""
        module_id = mix.module.pk
        coming: Counter[tuple[Strand, Decimal]] = Counter()
        for line in self.lines:
            if line.planned.course.module_id == module_id:
                coming[_kind_of(line)] += line.left
        changes = find_changes(
            mix.intended.hours,
            mix.targets,
            menu=self.offers.menu_of(module_id),
            coming=coming,
            may_take_out=True,
        )
        return [self._name(module_id, change) for change in changes]

    def _name(self, module_id: int, change: Change) -> NamedChange:
        left = {line.planned.pk: line.left for line in self.lines}
        steps = []
        for step, count in change.steps:
            lines = self._take(module_id, step, count, left)
            courses = self.offers.of_step(module_id, step)
            steps.append(NamedStep(step, count, courses, planned=lines))
        return NamedChange(change, steps, self._acts(module_id, steps))

    def _acts(self, module_id: int, steps: Sequence[NamedStep]) -> list[PlanAct]:
        """What carries the steps out: what gives way first, then what comes.

        Courses of the same kind take turns. One that stands in for another is taught in its month
        to its audience; one that is added, in the months left in turn, to the audience with most
        hours of the module.
        """
        less: Counter[tuple[Course, int, str]] = Counter()
        more: Counter[tuple[Course, int, str]] = Counter()
        audience = self.audiences.get(module_id, Audience.ORDINARY.value)
        for part in steps:
            turns = cycle(part.courses)
            for row, times in part.planned:
                less[row.course, row.month, row.audience] += times
            if part.step.strand is None:
                continue
            places = [(row.month, row.audience) for row, n in part.planned for _turn in range(n)]
            if part.step.instead_of is None:
                months = islice(cycle(self.months), part.count)
                places = [(month, audience) for month in months]
            for month, who in places:
                more[next(turns), month, who] += 1
        return [
            *(PlanAct(*kind, -times) for kind, times in less.items()),
            *(PlanAct(*kind, times) for kind, times in more.items()),
        ]

    def _take(
        self, module_id: int, step: Step, count: int, left: dict[int, int]
    ) -> list[tuple[PlannedCourse, int]]:
        """The courses of the plan that give way to `count` of the step, and how often each does."""
        taken = []
        for line in self.lines:
            row = line.planned
            if (row.course.module_id, _kind_of(line)) != (module_id, step.source):
                continue
            times = min(count, left[row.pk])
            if times:
                taken.append((row, times))
                left[row.pk] -= times
                count -= times
        return taken


def _hours_by_audience(lines: Iterable[PlanLine]) -> dict[int, dict[str, Decimal]]:
    """The hours of each module in the plan, by audience."""
    hours: dict[int, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for line in lines:
        hours[line.planned.course.module_id][line.planned.audience] += line.hours
    return hours


def _kind_of(line: PlanLine) -> tuple[Strand, Decimal]:
    return Strand(line.planned.course.strand), line.planned.course.hours
