"""The load of lecturers: hours planned and taught, by month and in the year.

As in the mix (`courses.queries.mix`), planned are the sessions that were not called off, and taught
are those of them that were delivered, which an app above knows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Q, Sum
from django.db.models.functions import ExtractMonth

from config.lib.asking import ask
from config.lib.hours import ZERO
from courses.models import Session
from courses.querysets import SessionQuerySet
from courses.signals import delivered_asked

MONTHS = range(1, 13)


@dataclass(frozen=True)
class Hours:
    """Sessions with their credit hours: `planned` of all, `taught` of those that were delivered."""

    sessions: int = 0
    planned: Decimal = ZERO
    taught: Decimal = ZERO

    def __add__(self, other: Hours) -> Hours:
        return Hours(
            self.sessions + other.sessions,
            self.planned + other.planned,
            self.taught + other.taught,
        )


@dataclass(frozen=True)
class Load:
    """What one lecturer has to teach in a year. `months` has twelve, from January."""

    months: tuple[Hours, ...] = (Hours(),) * len(MONTHS)

    @property
    def year(self) -> Hours:
        """The sum of all months."""
        return sum(self.months, Hours())

    def month(self, number: int) -> Hours:
        """A month by its number; January is 1."""
        return self.months[number - 1]


def is_delivered() -> Q:
    """The condition that a session was delivered."""
    condition = Q(pk__in=[])
    for keys in ask(delivered_asked, Session):
        condition |= Q(pk__in=keys)
    return condition


def sum_loads(
    instructor_ids: Collection[int], year: int, sessions: SessionQuerySet | None = None
) -> dict[int, Load]:
    """The load of each of these lecturers in `year`, also of those who teach nothing.

    One statement for any number of lecturers. `sessions` narrows what counts, such as to those
    of some schools; without it all sessions count, wherever they are held.
    """
    held = (Session.objects.all() if sessions is None else sessions).to_be_held().in_year(year)
    rows = (
        held.filter(instructor__in=instructor_ids)
        .annotate(month=ExtractMonth("held_on"))
        .values("instructor_id", "month")
        .annotate(n=Count("pk"), planned=Sum("hours"), taught=Sum("hours", filter=is_delivered()))
        .order_by()
    )
    found: dict[int, dict[int, Hours]] = defaultdict(dict)
    for row in rows:
        hours = Hours(row["n"], row["planned"], row["taught"] or ZERO)
        found[row["instructor_id"]][row["month"]] = hours
    return {
        key: Load(tuple(found[key].get(month, Hours()) for month in MONTHS))
        for key in instructor_ids
    }
