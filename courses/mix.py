"""The mix of a module: the shares of its strands by hours, and what brings it inside the rule.

Hours by strand come in; verdicts and changes come out. Nothing is rounded: hours are counted in
quarters and shares in hundredths of a point, so that a share on the border is inside.
Local rule; default 40/40/20 ± 5 points (district scheme of 2019).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from itertools import combinations
from typing import NamedTuple

from config.lib.hours import STEP, ZERO
from courses.enums import Strand

# No advice asks for more courses of a kind than this: it would be no small change.
MOST_COURSES = 60
MOST_CHANGES = 3
_HUNDRED = Decimal(100)


class Target(NamedTuple):
    """The share that a strand is to have, in per cent, and its tolerance in points."""

    percent: Decimal
    tolerance: Decimal

    @property
    def lower(self) -> Decimal:
        """The least share that is inside."""
        return max(self.percent - self.tolerance, ZERO)

    @property
    def upper(self) -> Decimal:
        """The largest share that is inside."""
        return min(self.percent + self.tolerance, _HUNDRED)


type Hours = Mapping[Strand, Decimal]
type Targets = Mapping[Strand, Target]


class Verdict(Enum):
    """How a share, or a whole mix, stands to its rule."""

    INSIDE = "inside"
    TOO_LITTLE = "too_little"
    TOO_MUCH = "too_much"
    # At least one strand is too little or too much.
    OUTSIDE = "outside"
    # There are no hours, or no rule is in force.
    NONE = "none"


def share_of(strand: Strand, hours: Hours) -> Decimal | None:
    """The share of a strand in all hours, in per cent; None without hours."""
    whole = sum(hours.values(), ZERO)
    return hours.get(strand, ZERO) * 100 / whole if whole else None


def judge_strand(strand: Strand, hours: Hours, targets: Targets) -> Verdict:
    """Whether the share of a strand lies within its tolerance."""
    whole, target = sum(hours.values(), ZERO), targets.get(strand)
    if not whole or target is None:
        return Verdict.NONE
    part = hours.get(strand, ZERO) * 100
    if part < target.lower * whole:
        return Verdict.TOO_LITTLE
    return Verdict.TOO_MUCH if part > target.upper * whole else Verdict.INSIDE


def judge(hours: Hours, targets: Targets) -> Verdict:
    """Whether every strand lies within its tolerance."""
    verdicts = {judge_strand(strand, hours, targets) for strand in targets} - {Verdict.NONE}
    if not verdicts:
        return Verdict.NONE
    return Verdict.INSIDE if verdicts == {Verdict.INSIDE} else Verdict.OUTSIDE


@dataclass(frozen=True)
class Step:
    """A kind of change: add a course of a strand, or teach it instead of one of another strand.

    `hours` are those of one course; at most `limit` such courses can be changed.
    """

    strand: Strand
    hours: Decimal
    instead_of: Strand | None = None
    limit: int = MOST_COURSES

    def after(self, hours: Hours, count: int) -> dict[Strand, Decimal]:
        """The hours by strand once `count` courses are changed."""
        changed = dict(hours)
        changed[self.strand] = changed.get(self.strand, ZERO) + self.hours * count
        if self.instead_of is not None:
            changed[self.instead_of] = changed.get(self.instead_of, ZERO) - self.hours * count
        return changed


@dataclass(frozen=True)
class Change:
    """Steps, each with its number of courses, that together bring a mix inside."""

    steps: tuple[tuple[Step, int], ...]

    @property
    def hours(self) -> Decimal:
        """The size of the change: the hours added or taught differently."""
        return sum((step.hours * count for step, count in self.steps), ZERO)

    @property
    def courses(self) -> int:
        """How many courses are added or taught instead of others."""
        return sum(count for _step, count in self.steps)

    def after(self, hours: Hours) -> Hours:
        """The hours by strand after the change."""
        for step, count in self.steps:
            hours = step.after(hours, count)
        return hours


def find_changes(
    hours: Hours,
    targets: Targets,
    *,
    menu: Mapping[Strand, Collection[Decimal]],
    coming: Mapping[tuple[Strand, Decimal], int],
) -> list[Change]:
    """The smallest changes that bring the mix inside, by hours and then by number of courses.

    `menu` has the hours of the courses that can be added, by strand; `coming` counts the sessions,
    by strand and hours, that may still teach another course as long. A change has one kind of step,
    or two if that is smaller. Without hours, without a rule, or inside it there is nothing to do.
    """
    if judge(hours, targets) is not Verdict.OUTSIDE:
        return []
    steps = sorted(_list_steps(targets, menu, coming), key=lambda step: -step.hours)
    found = []
    for step in steps:
        count = _fewest(hours, targets, step)
        if count is not None:
            found.append(Change(((step, count),)))
    smallest = min((change.hours for change in found), default=None)
    for pair in combinations(steps, 2):
        change = _smallest_of_two(hours, targets, pair, smallest)
        if change is not None:
            smallest = change.hours
            found.append(change)
    return sorted(found, key=_size)[:MOST_CHANGES]


def _size(change: Change) -> tuple[Decimal, int, int]:
    swaps = sum(step.instead_of is not None for step, _count in change.steps)
    return change.hours, change.courses, swaps


def _list_steps(
    targets: Targets,
    menu: Mapping[Strand, Collection[Decimal]],
    coming: Mapping[tuple[Strand, Decimal], int],
) -> Iterator[Step]:
    for strand in targets:
        for hours in set(menu.get(strand, ())):
            yield Step(strand, hours)
    for (strand, hours), count in coming.items():
        for other in targets:
            if other != strand and hours in menu.get(other, ()):
                yield Step(other, hours, strand, min(count, MOST_COURSES))


def _smallest_of_two(
    hours: Hours, targets: Targets, pair: tuple[Step, Step], smallest: Decimal | None
) -> Change | None:
    """The smallest change of both kinds of step that is smaller than `smallest`, or None."""
    first, second = pair
    best: Change | None = None
    for count in range(1, first.limit + 1):
        if smallest is not None and first.hours * count >= smallest:
            break
        more = _fewest(first.after(hours, count), targets, second)
        if more is None or not _are_left(first, count, second, more):
            continue
        change = Change(((first, count), (second, more)))
        if smallest is None or change.hours < smallest:
            best, smallest = change, change.hours
    return best


def _are_left(first: Step, count: int, second: Step, more: int) -> bool:
    """Whether there are sessions enough for both, if both change sessions of one kind."""
    are_same = (first.instead_of, first.hours) == (second.instead_of, second.hours)
    return first.instead_of is None or not are_same or count + more <= first.limit


def _fewest(hours: Hours, targets: Targets, step: Step) -> int | None:
    """The smallest number of courses by which `step` brings the mix inside, or None.

    With n courses each border of a strand is a condition `a + n * b <= 0` in whole numbers.
    """
    fewest, most = 1, step.limit
    for a, b in _conditions(hours, targets, step):
        if b > 0:
            most = min(most, -a // b)
        elif b < 0:
            fewest = max(fewest, -(a // b))
        elif a > 0:
            return None
    return fewest if fewest <= most else None


def _conditions(hours: Hours, targets: Targets, step: Step) -> Iterable[tuple[int, int]]:
    moved = step.after({}, 1)
    whole, more = _quarters(sum(hours.values(), ZERO)), _quarters(sum(moved.values(), ZERO))
    for strand, target in targets.items():
        part = _quarters(hours.get(strand, ZERO)) * 10_000
        added = _quarters(moved.get(strand, ZERO)) * 10_000
        lower, upper = int(target.lower * 100), int(target.upper * 100)
        yield part - upper * whole, added - upper * more
        yield lower * whole - part, lower * more - added


def _quarters(hours: Decimal) -> int:
    return int(hours / STEP)
