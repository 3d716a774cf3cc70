"""A school's plan of a year: its lines by month, and the mix that it would give."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import Count
from django.db.models.functions import ExtractMonth

from config.lib.hours import ZERO
from config.lib.years import day_of_judgement
from courses.enums import Strand
from courses.mix import find_changes
from courses.models import Module, PlannedCourse, Session
from courses.queries.mix import Gauge, NamedChange, NamedStep, Offers, read_targets
from schools.models import School


@dataclass(frozen=True)
class PlanLine:
    """A course of the plan, and how many sessions teach it in its month."""

    planned: PlannedCourse
    sessions: int

    @property
    def hours(self) -> Decimal:
        """The hours of all its times."""
        return self.planned.course.hours * self.planned.times


@dataclass
class PlannedMix:
    """The mix of a module in a plan, and the courses that would bring it inside."""

    module: Module
    gauge: Gauge
    changes: list[NamedChange] = field(default_factory=list)


def list_plan_lines(school: School, year: int) -> list[PlanLine]:
    """The courses of the plan by month. Two statements."""
    sessions = Session.objects.to_be_held().in_year(year).for_school(school)
    counts = (
        sessions.annotate(month=ExtractMonth("held_on"))
        .values_list("month", "course_id", "training_class__audience")
        .annotate(Count("pk"))
        .order_by()
    )
    taught = {(month, course, audience): count for month, course, audience, count in counts}
    rows = school.planned_courses.filter(year=year).select_related("course__module", "school")
    return [PlanLine(row, taught.get((row.month, row.course_id, row.audience), 0)) for row in rows]


def list_planned_mixes(lines: Iterable[PlanLine], year: int, today: date) -> list[PlannedMix]:
    """The mix of each module that the plan has courses of, with changes by courses of the menu."""
    lines = list(lines)
    targets = read_targets(day_of_judgement(year, today))
    taught: Counter[int] = Counter()
    for line in lines:
        taught[line.planned.course_id] += line.planned.times
    offers = Offers(today, "", taught)
    mixes = []
    for module in Module.objects.filter(pk__in={line.planned.course.module_id for line in lines}):
        hours = dict.fromkeys(Strand, ZERO)
        for line in lines:
            if line.planned.course.module_id == module.pk:
                hours[Strand(line.planned.course.strand)] += line.hours
        gauge = Gauge(hours, targets[module.pk])
        changes = find_changes(
            gauge.hours, gauge.targets, menu=offers.menu_of(module.pk), coming={}
        )
        named = [
            NamedChange(
                change,
                [
                    NamedStep(step, count, offers.of_step(module.pk, step), [])
                    for step, count in change.steps
                ],
            )
            for change in changes
        ]
        mixes.append(PlannedMix(module, gauge, named))
    return mixes
