"""What a booking letter does to the mix of its school's year, before anything is scheduled."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import cycle
from typing import NamedTuple

from config.lib.hours import ZERO
from config.lib.years import day_of_judgement
from courses.enums import Strand
from courses.models import Module, PresetSession, Session
from courses.queries.mix import Gauge, list_mix_rows, read_targets
from dispatch.models import BookingItem

# Hours by module and strand; of any module none.
type HoursOfModules = defaultdict[int, dict[Strand, Decimal]]


class Wanted(NamedTuple):
    """Hours of a module and strand that a letter asks for."""

    module_id: int
    strand: Strand
    hours: Decimal


@dataclass(frozen=True)
class MixChange:
    """A module in the school's year: as planned so far, and with the letter."""

    module: Module
    before: Gauge
    after: Gauge


def list_mix_changes(
    school_id: int, wanted: Sequence[Wanted], *, begins: date, today: date
) -> list[MixChange]:
    """The modules that are wanted, in the year of the day `begins`. Three statements.

    Planned are the school's sessions of that year that were not called off.
    """
    before = sum_planned(school_id, begins.year)
    after = add_wanted(before, wanted)
    targets = read_targets(day_of_judgement(begins.year, today))
    return [
        MixChange(
            module,
            Gauge(before[module.pk], targets.get(module.pk, {})),
            Gauge(after[module.pk], targets.get(module.pk, {})),
        )
        for module in Module.objects.filter(pk__in={row.module_id for row in wanted})
    ]


def sum_planned(school_id: int, year: int) -> HoursOfModules:
    """The hours of a school's sessions of a year that were not called off. One statement."""
    sessions = Session.objects.to_be_held().in_year(year).for_school(school_id)
    hours = _no_hours()
    for row in list_mix_rows(sessions):
        hours[row.module_id][row.strand] += row.planned
    return hours


def add_wanted(planned: HoursOfModules, wanted: Iterable[Wanted]) -> HoursOfModules:
    """The hours once a letter is taught as well."""
    hours = _no_hours()
    for module_id, of_module in planned.items():
        hours[module_id].update(of_module)
    for one in wanted:
        hours[one.module_id][one.strand] += one.hours
    return hours


def _no_hours() -> HoursOfModules:
    return defaultdict(lambda: dict.fromkeys(Strand, ZERO))


def asked_by(items: Iterable[BookingItem]) -> list[tuple[int, Strand]]:
    """Module and strand of each course and wish of a letter, in their order."""
    return [
        (item.course.module_id, Strand(item.course.strand))
        if item.course
        else (item.module_id or 0, Strand(item.strand))
        for item in items
    ]


def wanted_by(asked: Sequence[tuple[int, Strand]], preset: str) -> list[Wanted]:
    """What the sessions of a format are worth if courses and wishes take them in turn.

    Scheduling does the same, so that school and desk read one mix. One statement.
    """
    if not asked:
        return []
    rows = PresetSession.objects.filter(preset=preset).order_by("number")
    hours = rows.values_list("hours", flat=True)
    return [Wanted(*one, worth) for worth, one in zip(hours, cycle(asked), strict=False)]
