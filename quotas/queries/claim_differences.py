"""What the schools claimed of the year's task, beside what a reconciliation found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_CEILING, Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from classes.enums import RollState
from config.lib.hours import ZERO, format_hours
from config.lib.sentences import join_sentences
from courses.models import Session
from hours.models import CreditEntry
from hours.queries.requirements import Outcome
from quotas.enums import COVERAGES, Measure
from quotas.models import MemberResult, Reconciliation, TaskLine
from quotas.queries.actuals import Actuals, cell_of, read_actuals
from quotas.queries.claims import accepted_amounts, cover_by
from quotas.queries.progress import lines_of
from rolls.enums import AttendanceStatus
from rolls.models import Attendance
from rolls.queries.deadlines import is_due
from schools.models import School

_COUNTED = Q(verdict__in=[Outcome.MET, Outcome.SHORT, Outcome.NOT_YET_DUE])
# The key of all schools together.
ALL = None


@dataclass(frozen=True)
class ClaimDifference:
    """A line of the task at a school, or without one at all of them: claimed, found, and why.

    `claimed` is None if the school claimed nothing of the line.
    """

    school: School | None
    line: TaskLine
    claimed: Decimal | None
    result: Decimal
    reason: str

    @property
    def difference(self) -> Decimal | None:
        return None if self.claimed is None else self.result - self.claimed


@dataclass(frozen=True)
class Coverage:
    """Of the members of a school and an audience who owe hours: trained, and on target."""

    counted: int
    trained: int
    met: int

    def number(self, measure: str) -> int:
        return self.trained if measure == Measure.TRAINED else self.met

    def share(self, measure: str) -> Decimal:
        """Per cent with one decimal; 0 if nobody owes hours."""
        if not self.counted:
            return ZERO
        return round(Decimal(self.number(measure)) * 100 / self.counted, 1)


NOBODY = Coverage(0, 0, 0)


class ClaimDifferences:
    """The lines of a year's task at some schools, beside their accepted claims. Eight statements.

    Shares of members are those of the run's results; the other figures are counted now, as on the
    page of the progress, and move no more once the year is closed. `outside` says whether the
    members outside every school's area are among the district's.
    """

    def __init__(
        self, run: Reconciliation, schools: Sequence[School], now: datetime, *, outside: bool
    ) -> None:
        self.schools = schools
        keys = [school.pk for school in schools]
        self._serving = set(run.parts.values_list("school", flat=True))
        self._lines = lines_of(run.year)
        self._accepted = accepted_amounts(run.year)
        self._actuals: Actuals = read_actuals(keys, run.year, now, coverage=False, outside=outside)
        self._covered = read_coverage(run, keys, outside=outside)
        self._facts = _read_facts(run.year, keys, now)

    def rows(self) -> list[ClaimDifference]:
        """All lines of all schools together, if there are several, then those of each school.

        Of a school without results, such as one that was merged, what it claimed or did.
        """
        together = [self._together(line) for line in self._lines] if self.schools[1:] else []
        rows = [
            self._row(line, school, self._accepted.get(school.pk, {}).get(line.key))
            for school in self.schools
            for line in self._lines
        ]
        return together + [
            row
            for row in rows
            if row.school.pk in self._serving or row.claimed is not None or row.result
        ]

    def _together(self, line: TaskLine) -> ClaimDifference:
        return self._row(line, None, cover_by(line, self.schools, self._accepted, self._serving))

    def _row(self, line: TaskLine, school: School | None, claimed: Decimal | None) -> Any:
        key = school.pk if school else ALL
        covered = self._covered.get((key, line.audience), NOBODY)
        if line.measure in COVERAGES:
            result = covered.share(line.measure)
        else:
            result = self._actuals.amount(cell_of(*line.key, key))
        reason = self._explain(line, key, claimed, covered)
        return ClaimDifference(school, line, claimed, result, reason)

    def _explain(
        self, line: TaskLine, key: int | None, claimed: Decimal | None, covered: Coverage
    ) -> str:
        """The figures behind a result; of classes and marks those of the whole school."""
        facts = self._facts.get(key, {})
        if line.measure in COVERAGES:
            return _explain_share(line.measure, covered, claimed)
        if line.measure == Measure.HOURS:
            text = _("Concentrated training %(a)s, collective study %(b)s, other %(c)s.")
            hours = {name: format_hours(facts.get(name, ZERO)) for name in "abc"}
            return text % hours
        sentences = [_("Sessions called off: %(n)d.") % {"n": facts.get("called_off", 0)}]
        if facts.get("waiting"):
            sentences.append(_("Rolls not submitted: %(n)d.") % {"n": facts["waiting"]})
        if line.measure != Measure.EVENTS:
            marks = {"absent": facts.get("absent", 0), "leave": facts.get("on_leave", 0)}
            sentences.append(_("Absent: %(absent)d, on leave: %(leave)d.") % marks)
        return join_sentences(sentences)


def _explain_share(measure: str, covered: Coverage, claimed: Decimal | None) -> str:
    words = {"n": covered.number(measure), "m": covered.counted}
    text = _("%(n)d of %(m)d members who owe hours.") % words
    if claimed is None:
        return text
    wanted = int((claimed * covered.counted / 100).to_integral_value(ROUND_CEILING))
    missing = max(wanted - covered.number(measure), 0)
    asked = _("The claim asks for %(k)d; missing: %(l)d.") % {"k": wanted, "l": missing}
    return join_sentences([text, asked])


def read_coverage(
    run: Reconciliation, keys: Sequence[int], *, outside: bool
) -> dict[tuple[int | None, str], Coverage]:
    """By school, or all of them, and audience, or "" for all members. One statement."""
    seen = Q(school__in=keys) | Q(school=None) if outside else Q(school__in=keys)
    rows = (
        MemberResult.objects.filter(_COUNTED, seen, reconciliation=run)
        .order_by()
        .values_list("school", "audience")
        .annotate(
            counted=Count("pk"),
            trained=Count("pk", filter=Q(concentrated__gt=0)),
            met=Count("pk", filter=Q(verdict=Outcome.MET)),
        )
    )
    sums: dict[tuple[int | None, str], list[int]] = {}
    for school, audience, *numbers in rows:
        # Members outside all areas are in the sum of all schools alone.
        places = {ALL, school}
        for key in {(place, group) for place in places for group in ("", audience)}:
            sums[key] = [a + b for a, b in zip(sums.get(key, [0, 0, 0]), numbers, strict=True)]
    return {key: Coverage(*numbers) for key, numbers in sums.items()}


def _read_facts(year: int, keys: Sequence[int], now: datetime) -> dict[int | None, dict[str, Any]]:
    """Sessions, marks and hours by category, of each school and all of them. Three statements."""
    facts: dict[int | None, dict[str, Any]] = {}
    sessions = Session.objects.in_year(year).filter(training_class__school__in=keys)
    _add(
        facts,
        sessions,
        "training_class__school",
        called_off=Count("pk", filter=Q(called_off_at__isnull=False)),
        waiting=Count("pk", filter=is_due(now)),
    )
    marks = Attendance.objects.filter(
        session__held_on__year=year,
        session__roll__state=RollState.SUBMITTED,
        session__training_class__school__in=keys,
    )
    _add(
        facts,
        marks,
        "session__training_class__school",
        absent=Count("pk", filter=Q(status=AttendanceStatus.ABSENT)),
        on_leave=Count("pk", filter=Q(status=AttendanceStatus.ON_LEAVE)),
    )
    main = Q(category="concentrated"), Q(category="collective")
    _add(
        facts,
        CreditEntry.objects.filter(credit_year=year, school__in=keys),
        "school",
        a=Sum("hours", filter=main[0], default=ZERO),
        b=Sum("hours", filter=main[1], default=ZERO),
        c=Sum("hours", filter=~main[0] & ~main[1], default=ZERO),
    )
    return facts


def _add(
    facts: dict[int | None, dict[str, Any]], rows: QuerySet, path: str, **figures: Any
) -> None:
    """Add the figures of each school, and their sums, to `facts`."""
    for row in rows.order_by().values(path).annotate(**figures):
        for key in (row[path], ALL):
            known = facts.setdefault(key, {})
            for name in figures:
                known[name] = known.get(name, 0) + row[name]
