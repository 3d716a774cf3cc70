"""The annual report: what was taught in a year, and how its members stand, by everything asked for.

For a year that was closed all of it is read from what the final reconciliation froze. For any other
year it is counted now, by the same statements.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Count, Sum
from django.utils.dates import MONTHS
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backstage.exports import NOT_NAMED, NOT_NAMED_LABEL
from config.lib.filters import Filters, ListRequest
from config.lib.hours import ZERO
from config.lib.periods import local_date
from config.lib.rows import select_rows
from courses.enums import Format, RegulationTask, Strand
from courses.models import Module, Programme
from hours.queries.balances import balance_source
from instructors.enums import Corps
from quotas.models import MemberResult, Reconciliation
from quotas.queries.deliveries import Delivered, read_delivered, read_frozen
from schools.enums import Audience
from schools.filters import OUTSIDE, OUTSIDE_AREAS, chosen_schools, holds_outside
from schools.models import School


@dataclass(frozen=True)
class Dimension:
    """One way in which the report divides the sessions: its name, label, and the keys of one."""

    name: str
    label: Promise
    keys: Callable[[Delivered], Sequence[str]]


DIMENSIONS = (
    Dimension("school", gettext_lazy("School"), lambda one: [str(one.school_id)]),
    Dimension("audience", gettext_lazy("Audience"), lambda one: [one.audience]),
    Dimension("module", gettext_lazy("Module"), lambda one: [str(one.module_id)]),
    Dimension("strand", gettext_lazy("Strand"), lambda one: [one.strand]),
    Dimension("task", gettext_lazy("Task of the regulation"), lambda one: one.tasks or [NOT_NAMED]),
    Dimension("format", gettext_lazy("Format"), lambda one: [one.format]),
    Dimension("corps", gettext_lazy("Corps"), lambda one: [one.corps or NOT_NAMED]),
    Dimension(
        "programme",
        gettext_lazy("Programme"),
        lambda one: [str(one.programme_id or NOT_NAMED)],
    ),
    Dimension("month", gettext_lazy("Month"), lambda one: [str(one.held_on.month)]),
)


@dataclass(frozen=True)
class DeliveryLine:
    """The sums of the sessions of one key. A class or member of several keys counts at each."""

    key: str
    label: str
    classes: int
    sessions: int
    person_times: int
    members: int
    taught: Decimal
    hours: Decimal


class _Alike(NamedTuple):
    """The members of a school and an audience with the same verdict, and sums of their hours."""

    school_id: int | None
    audience: str
    verdict: str
    members: int
    owed: Decimal
    done: Decimal
    concentrated: Decimal


@dataclass
class Standing:
    """How the members of one school and audience, or of several, stand in their year."""

    members: int = 0
    counted: int = 0
    met: int = 0
    exempt: int = 0
    out: int = 0
    owed: Decimal = ZERO
    done: Decimal = ZERO
    concentrated: Decimal = ZERO

    @property
    def share(self) -> Decimal | None:
        """Share on target in per cent, one decimal; None if nobody owes hours."""
        return round(Decimal(self.met) * 100 / self.counted, 1) if self.counted else None

    def add(self, alike: _Alike) -> None:
        """Add members with the same verdict."""
        verdict, members = alike.verdict, alike.members
        self.members += members
        self.done += alike.done
        self.concentrated += alike.concentrated
        if verdict in {"exempt", "out"}:
            setattr(self, verdict, getattr(self, verdict) + members)
            return
        self.counted += members
        self.owed += alike.owed
        self.met += members if verdict == "met" else 0


@dataclass(frozen=True)
class StandingLine:
    """The standing of the members of one school or audience."""

    key: str
    label: str
    standing: Standing


type _Standings = dict[tuple[str, str], Standing]


@dataclass(frozen=True)
class AnnualReport:
    """A year of some schools. Without a `run` it is counted at `now`, else it is as frozen."""

    year: int
    run: Reconciliation | None
    now: datetime
    schools: list[School]
    sessions: list[Delivered]
    standings: _Standings
    labels: dict[str, dict[str, str]] = field(default_factory=dict)

    def lines(self, dimension: Dimension) -> list[DeliveryLine]:
        """The sums by the keys of a dimension, in the order of its labels."""
        groups: dict[str, list[Delivered]] = defaultdict(list)
        for one in self.sessions:
            for key in dimension.keys(one):
                groups[key].append(one)
        labels = self.labels[dimension.name]
        return [sum_sessions(key, labels[key], groups[key]) for key in labels if key in groups]

    @property
    def total(self) -> DeliveryLine:
        """All sessions together; who attended at two schools counts once."""
        return sum_sessions("", _("Total"), self.sessions)

    def standing_lines(self, dimension: str) -> list[StandingLine]:
        """How members stand by `school` or `audience`."""
        place = ("school", "audience").index(dimension)
        sums: dict[str, Standing] = defaultdict(Standing)
        for keys, one in self.standings.items():
            _merge(sums[keys[place]], one)
        labels = self.labels[dimension]
        return [StandingLine(key, labels[key], sums[key]) for key in labels if key in sums]

    @property
    def standing(self) -> Standing:
        """How all members stand."""
        whole = Standing()
        for one in self.standings.values():
            _merge(whole, one)
        return whole


def find_frozen(year: int) -> Reconciliation | None:
    """The final reconciliation of which the results of the year stand; None if it is not closed."""
    return Reconciliation.objects.frozen().filter(year=year).select_related("lock").first()


def read_report(asked: ListRequest, filters: Filters) -> AnnualReport:
    """The report of the chosen year, of the schools that the user may see or chose."""
    year = int(filters.value("year"))
    run, schools = find_frozen(year), chosen_schools(asked, filters)
    keys, outside = [school.pk for school in schools], holds_outside(asked, filters)
    sessions = read_sessions(year, keys, asked.now, run=run)
    rows = (
        _frozen_standings(run, keys, outside=outside)
        if run
        else _live_standings(year, keys, local_date(asked.now), outside=outside)
    )
    standings: _Standings = defaultdict(Standing)
    for alike in rows:
        standings[str(alike.school_id or OUTSIDE), alike.audience].add(alike)
    labels = labels_of(schools)
    return AnnualReport(year, run, asked.now, schools, sessions, dict(standings), labels)


def read_sessions(
    year: int, school_ids: list[int], now: datetime, *, run: Reconciliation | None = None
) -> list[Delivered]:
    """The sessions of a year: as frozen if it was closed, else as they stand now."""
    run = run or find_frozen(year)
    if run:
        return read_frozen(run, school_ids)
    return read_delivered(school_ids, date(year, 1, 1), date(year, 12, 31), now)


def _frozen_standings(run: Reconciliation, school_ids: list[int], *, outside: bool) -> list[_Alike]:
    results = MemberResult.objects.filter(reconciliation=run)
    of_schools = results.filter(school__in=school_ids)
    if outside:
        of_schools |= results.filter(school=None)
    rows = (
        of_schools.order_by("school", "audience", "verdict")
        .values_list("school", "audience", "verdict")
        .annotate(Count("pk"), Sum("owed"), Sum("done"), Sum("concentrated"))
    )
    return [_Alike(*row) for row in rows]


def _live_standings(year: int, school_ids: list[int], on: date, *, outside: bool) -> list[_Alike]:
    balances = balance_source(year, on)
    columns = "school_id, audience, verdict, owed, hours, concentrated"
    statement = f"""
        SELECT school_id, audience, verdict, count(*) AS members, sum(owed) AS owed,
               sum(hours) AS done, sum(concentrated) AS concentrated
        FROM {balances.rows(columns)}
        WHERE (school_id = ANY(%(schools)s) OR %(outside)s AND school_id IS NULL)
          AND verdict <> 'none'
        GROUP BY school_id, audience, verdict
    """  # noqa: S608 - fixed text, no input
    asked = {"schools": school_ids, "outside": outside}
    return select_rows(_Alike, statement, balances.values | asked)


def labels_of(schools: list[School]) -> dict[str, dict[str, str]]:
    """The words for the keys of each dimension, in their order."""
    nothing = {NOT_NAMED: str(NOT_NAMED_LABEL)}
    programmes = Programme.objects.order_by("kind", "name").values_list("pk", "name")
    modules = Module.objects.order_by("code").values_list("pk", "name")
    return {
        "school": {str(school.pk): school.name for school in schools}
        | {OUTSIDE: str(OUTSIDE_AREAS)},
        "audience": _words(Audience),
        "module": {str(key): name for key, name in modules},
        "strand": _words(Strand),
        "task": _words(RegulationTask) | nothing,
        "format": _words(Format),
        "corps": _words(Corps) | nothing,
        "programme": {str(key): name for key, name in programmes} | nothing,
        "month": {str(month): str(name) for month, name in MONTHS.items()},
    }


def _words(choices: Any) -> dict[str, str]:
    return {value: str(label) for value, label in choices.choices}


def sum_sessions(key: str, label: str, sessions: Sequence[Delivered]) -> DeliveryLine:
    return DeliveryLine(
        key=key,
        label=label,
        classes=len({one.training_class_id for one in sessions}),
        sessions=len(sessions),
        person_times=sum(one.person_times for one in sessions),
        members=len({member for one in sessions for member in one.members}),
        taught=sum((one.taught for one in sessions), ZERO),
        hours=sum((one.hours for one in sessions), ZERO),
    )


def _merge(whole: Standing, part: Standing) -> None:
    for name in whole.__dataclass_fields__:
        setattr(whole, name, getattr(whole, name) + getattr(part, name))


def narrow(report: AnnualReport, filters: Filters) -> list[Delivered]:
    """The sessions of a report that fit the chosen keys, the latest first."""
    chosen = [(one, filters.value(one.name)) for one in DIMENSIONS if filters.value(one.name)]
    fitting = (
        session
        for session in report.sessions
        if all(key in dimension.keys(session) for dimension, key in chosen)
    )
    return sorted(fitting, key=lambda one: (one.held_on, one.session_id), reverse=True)


def count_times(sessions: Iterable[Delivered]) -> Counter[int]:
    """How often each member attended these sessions."""
    return Counter(member for one in sessions for member in one.members)
