"""The mix of a module: the shares of its strands by hours, and what brings it inside the rule.

Hours by strand come in; verdicts and changes come out. Nothing is rounded: hours are counted in
quarters and shares in hundredths of a point, so that a share on the border is inside.
Local rule; default 40/40/20 ± 5 points (district scheme of 2019).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
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
    """A kind of change: add a course of a strand, take one out, or teach one instead of another.

    Without `instead_of` a course of `strand` is added; without `strand` one of `instead_of` is
    taken out. `hours` are those of one course; at most `limit` such courses can be changed.
    """

    strand: Strand | None
    hours: Decimal
    instead_of: Strand | None = None
    limit: int = MOST_COURSES

    @property
    def source(self) -> tuple[Strand, Decimal] | None:
        """The strand and hours of the courses that give way, if any do."""
        return None if self.instead_of is None else (self.instead_of, self.hours)

    def after(self, hours: Hours, count: int) -> dict[Strand, Decimal]:
        """The hours by strand once `count` courses are changed."""
        changed = dict(hours)
        for strand, sign in ((self.strand, 1), (self.instead_of, -1)):
            if strand is not None:
                changed[strand] = changed.get(strand, ZERO) + sign * self.hours * count
        return changed


@dataclass(frozen=True)
class Change:
    """Steps, each with its number of courses, that together bring a mix inside."""

    steps: tuple[tuple[Step, int], ...]

    @property
    def hours(self) -> Decimal:
        """The hours added, taken out or taught differently."""
        return sum((step.hours * count for step, count in self.steps), ZERO)

    @property
    def courses(self) -> int:
        """How many acts it takes: courses added, taken out or taught instead of others."""
        return sum(count for _step, count in self.steps)

    @property
    def size(self) -> tuple[int, Decimal]:
        """How large it is: by acts, then by hours."""
        return self.courses, self.hours

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
    may_take_out: bool = False,
) -> list[Change]:
    """The smallest changes that bring the mix inside, by number of courses and then by hours.

    `menu` has the hours of the courses that can be added, by strand; `coming` counts what may still
    change, by strand and hours: it may be taught another course as long, and, if `may_take_out`,
    be left out. A change has one kind of step, or two if that is smaller. Without hours, without a
    rule, or inside it there is nothing to do.
    """
    if judge(hours, targets) is not Verdict.OUTSIDE:
        return []
    now = _distances(hours, targets, 1)
    steps = [
        (step, _distances(step.after({}, 1), targets, 0))
        for step in _list_steps(targets, menu, coming, may_take_out=may_take_out)
    ]
    found = []
    for step, more in steps:
        count = _fewest(now, more, step.limit)
        if count is not None:
            found.append(Change(((step, count),)))
    smallest = min((change.size for change in found), default=None)
    for pair in combinations(steps, 2):
        change = _smallest_of_two(now, pair, smallest)
        if change is not None:
            smallest = change.size
            found.append(change)
    return sorted(found, key=_rank)[:MOST_CHANGES]


def _rank(change: Change) -> tuple[tuple[int, Decimal], int, int]:
    """Of changes as large, one that only adds comes first, and one that takes out last."""
    gone = sum(count for step, count in change.steps if step.strand is None)
    moved = sum(count for step, count in change.steps if step.instead_of is not None)
    return change.size, gone, moved


def _list_steps(
    targets: Targets,
    menu: Mapping[Strand, Collection[Decimal]],
    coming: Mapping[tuple[Strand, Decimal], int],
    *,
    may_take_out: bool,
) -> Iterator[Step]:
    for strand in targets:
        for hours in sorted(set(menu.get(strand, ()))):
            yield Step(strand, hours)
    for (strand, hours), count in sorted(coming.items()):
        most = min(count, MOST_COURSES)
        for other in targets:
            if other != strand and hours in menu.get(other, ()):
                yield Step(other, hours, strand, most)
        if may_take_out:
            yield Step(None, hours, strand, most)


# How far a mix is past each border of its rule, in whole numbers: above 0 is outside. The hours of
# a step move it by as much for every course, so the fewest courses follow without trying plans.
type _Distances = tuple[int, ...]
type _Known = tuple[Step, _Distances]


def _distances(hours: Hours, targets: Targets, least: int) -> _Distances:
    """Two for each strand, and one that asks for `least` quarters of an hour in all."""
    whole = _quarters(sum(hours.values(), ZERO))
    far = [least - whole]
    for strand, target in targets.items():
        part = _quarters(hours.get(strand, ZERO)) * 10_000
        far.append(part - int(target.upper * 100) * whole)
        far.append(int(target.lower * 100) * whole - part)
    return tuple(far)


def _smallest_of_two(
    now: _Distances, pair: tuple[_Known, _Known], smallest: tuple[int, Decimal] | None
) -> Change | None:
    """The smallest change of both kinds of step that is smaller than `smallest`, or None."""
    (first, moved), (second, more) = pair
    best: Change | None = None
    shared = first.limit if first.source is not None and first.source == second.source else None
    for count in range(1, first.limit + 1):
        if smallest is not None and count >= smallest[0]:
            break
        limit = second.limit if shared is None else shared - count
        then = tuple(far + count * by for far, by in zip(now, moved, strict=True))
        others = _fewest(then, more, limit)
        if others is None:
            continue
        change = Change(((first, count), (second, others)))
        if smallest is None or change.size < smallest:
            best, smallest = change, change.size
    return best


def _fewest(now: _Distances, more: _Distances, most: int) -> int | None:
    """The smallest number of courses, at least one, that brings every distance to 0 or less."""
    fewest = 1
    for far, by in zip(now, more, strict=True):
        if by > 0:
            most = min(most, -far // by)
        elif by < 0:
            fewest = max(fewest, -(far // by))
        elif far > 0:
            return None
        if fewest > most:
            return None
    return fewest


def _quarters(hours: Decimal) -> int:
    return int(hours / STEP)
