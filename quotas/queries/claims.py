"""How far the claims of the schools cover the task of a year."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from config.lib.hours import ZERO
from quotas.enums import COVERAGES, ClaimState
from quotas.models import AnnualTask, ClaimLine, QuotaClaim, TaskLine
from schools.models import School

# What a line is about: measure, audience and module.
type Key = tuple[str, str, int | None]


def cover_of(line: TaskLine, amounts: Iterable[Decimal | None]) -> Decimal:
    """What the schools together take of a line, from what each takes; None from who takes nothing.

    Numbers and hours are summed. A share of members is promised by each school for its own, so the
    lowest one counts: another school's zeal trains nobody here.
    """
    taken = [amount if amount is not None else ZERO for amount in amounts]
    if line.measure in COVERAGES:
        return min(taken, default=ZERO)
    return sum(taken, ZERO)


def cover_by(
    line: TaskLine,
    schools: Iterable[School],
    accepted: Mapping[int, Mapping[Key, Decimal]],
    serving: Collection[int | None],
) -> Decimal | None:
    """What these schools together claimed of a line; None if none of them claimed anything.

    Shares of members are promised by those that are `serving` on the day of judgement: one that
    was merged before has none by then. Of numbers and hours it did its part.
    """
    taken = [
        accepted.get(school.pk, {}).get(line.key)
        for school in schools
        if school.pk in serving or line.measure not in COVERAGES
    ]
    return cover_of(line, taken) if any(amount is not None for amount in taken) else None


@dataclass(frozen=True)
class CoverLine:
    """A line of the task with what is claimed of it: accepted, and with what waits to be decided.

    `by_school` has what each school claims by its last claim that counts: submitted, else accepted.
    """

    line: TaskLine
    accepted: Decimal
    claimed: Decimal
    by_school: dict[int, Decimal] = field(default_factory=dict)

    @property
    def gap(self) -> Decimal:
        """What no accepted claim covers yet."""
        return max(self.line.amount - self.accepted, ZERO)


@dataclass(frozen=True)
class Cover:
    """The task of a year beside the claims of its schools; `last` has each school's last claim."""

    task: AnnualTask
    schools: list[School]
    lines: list[CoverLine]
    last: dict[int, QuotaClaim]

    @property
    def is_covered(self) -> bool:
        return all(not line.gap for line in self.lines)


def read_cover(task: AnnualTask, on: date) -> Cover:
    """The claims to a published task, of the schools open on the day `on`. Five statements.

    Those that were merged or closed in the year before that day stay with what they claimed.
    """
    claims = QuotaClaim.objects.filter(year=task.year).exclude(state=ClaimState.DRAFT)
    last = {claim.school_id: claim for claim in claims.newest().select_related("school")}
    of_year = School.objects.in_year(task.year).order_by("code")
    schools = [school for school in of_year if on in school.period or school.pk in last]
    serving = {school.pk for school in schools if on in school.period}
    accepted = accepted_amounts(task.year)
    hoped = accepted | _amounts(ClaimState.SUBMITTED, task.year)
    lines = []
    for line in task.lines.select_related("module").order_by("pk"):
        by_school = {key: of[line.key] for key, of in hoped.items() if line.key in of}
        firm, all_claimed = (cover_by(line, schools, of, serving) for of in (accepted, hoped))
        lines.append(CoverLine(line, firm or ZERO, all_claimed or ZERO, by_school))
    return Cover(task, schools, lines, last)


def accepted_amounts(year: int) -> dict[int, dict[Key, Decimal]]:
    """What each school's newest accepted claim takes, by what the line is about. One statement."""
    return _amounts(ClaimState.ACCEPTED, year)


def _amounts(state: ClaimState, year: int) -> dict[int, dict[Key, Decimal]]:
    newest = QuotaClaim.objects.filter(year=year, state=state).newest()
    found: dict[int, dict[Key, Decimal]] = {}
    lines = ClaimLine.objects.filter(claim__in=newest.values("pk"))
    for line in lines.select_related("task_line", "claim"):
        found.setdefault(line.claim.school_id, {})[line.task_line.key] = line.amount
    return found
