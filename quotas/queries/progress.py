"""Claimed against actual: of the lines of a task, by school, and by audience and module."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from config.lib.periods import local_date
from config.lib.years import day_of_judgement
from courses.models import Module
from quotas.enums import COVERAGES
from quotas.models import AnnualTask, TaskLine
from quotas.projection import project, same_day
from quotas.queries.actuals import cell_of, read_actuals
from quotas.queries.claims import Key, accepted_amounts, cover_by
from schools.enums import Audience
from schools.models import School


@dataclass(frozen=True)
class Standing:
    """One figure beside what was claimed of it (None if nothing was).

    `expected` is the projection for 31 December, None if there is none; `before` is last year's.
    """

    done: Decimal
    claimed: Decimal | None
    expected: Decimal | None
    before: Decimal

    @property
    def share(self) -> Decimal | None:
        """What is done of the claim in per cent."""
        return round(self.done * 100 / self.claimed, 0) if self.claimed else None

    @property
    def is_reached(self) -> bool:
        return self.claimed is not None and self.done >= self.claimed

    @property
    def is_behind(self) -> bool:
        """Whether the projection is below the claim."""
        return (
            self.claimed is not None
            and not self.is_reached
            and self.expected is not None
            and self.expected < self.claimed
        )


class Progress:
    """The figures of a year at some schools, beside their accepted claims. Six statements.

    `outside` says whether the members outside every school's area are among the district's.
    """

    def __init__(
        self, schools: Sequence[School], year: int, now: datetime, *, outside: bool = False
    ) -> None:
        self.schools, self.year = schools, year
        self.on = day_of_judgement(year, local_date(now))
        self.is_over = local_date(now).year > year
        keys = [school.pk for school in schools]
        self._serving = {school.pk for school in schools if self.on in school.period}
        self.actuals = read_actuals(keys, year, now, outside=outside)
        until = same_day(self.on, year - 1)
        self._before = read_actuals(keys, year - 1, now, until=until, outside=outside)
        self.accepted = accepted_amounts(year)
        self.modules = list(Module.objects.order_by("code"))

    def of_line(self, line: TaskLine) -> Standing:
        """A line at all these schools together."""
        claimed = cover_by(line, self.schools, self.accepted, self._serving)
        return self._standing(line.key, None, claimed)

    def of_school(self, line: TaskLine, school: School) -> Standing:
        """A line at one school."""
        claimed = self.accepted.get(school.pk, {}).get(line.key)
        return self._standing(line.key, school.pk, claimed)

    def _standing(self, key: Key, school: int | None, claimed: Decimal | None) -> Standing:
        cell = cell_of(*key, school)
        done, before = self.actuals.amount(cell), self._before.amount(cell)
        expected = None
        if key[0] not in COVERAGES and not self.is_over:
            by_then = self._before.part(cell)
            expected = project(key[0], done, on=self.on, before=before, before_by_then=by_then)
        return Standing(done, claimed, expected, before)

    def by_audience(self, measure: str) -> list[tuple[str, list[tuple[Module | None, Decimal]]]]:
        """The figure of a measure for each audience ("" for all) and module (None for all)."""
        modules: list[Module | None] = [None, *self.modules]
        return [
            (
                audience,
                [
                    (module, self.actuals.amount(cell_of(measure, audience, _key(module))))
                    for module in modules
                ],
            )
            for audience in ("", *Audience.values)
        ]


def _key(module: Module | None) -> int | None:
    return module.pk if module else None


def lines_of(year: int) -> list[TaskLine]:
    """The lines of the task in force. One statement."""
    newest = AnnualTask.objects.newest(year)
    lines = TaskLine.objects.filter(task__in=newest.values("pk"))
    return list(lines.select_related("module", "task").order_by("pk"))
