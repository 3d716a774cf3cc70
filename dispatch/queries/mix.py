"""What a booking letter does to the mix of its school's year, before anything is scheduled."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from config.lib.hours import ZERO
from config.lib.years import day_of_judgement
from courses.enums import Strand
from courses.models import Module, PresetSession, Session
from courses.queries.mix import Gauge, list_mix_rows, read_targets
from dispatch.models import BookingItem


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
    year = begins.year
    sessions = Session.objects.to_be_held().in_year(year).for_school(school_id)
    before: dict[int, dict[Strand, Decimal]] = defaultdict(lambda: dict.fromkeys(Strand, ZERO))
    for row in list_mix_rows(sessions):
        before[row.module_id][row.strand] += row.planned
    targets = read_targets(day_of_judgement(year, today))
    changes = []
    for module in Module.objects.filter(pk__in={row.module_id for row in wanted}):
        after = dict(before[module.pk])
        for one in wanted:
            if one.module_id == module.pk:
                after[one.strand] += one.hours
        of_module = targets.get(module.pk, {})
        changes.append(
            MixChange(module, Gauge(before[module.pk], of_module), Gauge(after, of_module))
        )
    return changes


def wanted_by(items: Iterable[BookingItem], preset: str) -> list[Wanted]:
    """What the items of a letter ask for; a wish is worth a session of the format."""
    rows = [
        (item.course.module_id, item.course.strand, item.course.hours)
        if item.course
        else (item.module_id or 0, item.strand, None)
        for item in items
    ]
    usual = usual_hours(preset) if any(hours is None for _module, _strand, hours in rows) else ZERO
    return [
        Wanted(module_id, Strand(strand), usual if hours is None else hours)
        for module_id, strand, hours in rows
    ]


def usual_hours(preset: str) -> Decimal:
    """The hours of the first session of a format; none if it has no session."""
    first = PresetSession.objects.filter(preset=preset).order_by("number").first()
    return first.hours if first else ZERO
