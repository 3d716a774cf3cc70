"""What each piece of evidence is worth to one member: a pure calculation in order of arrival.

Earlier evidence keeps its hours; later evidence gets what is left. So the result depends only on
the current evidence and its order, and hours cut by a cap return once the evidence before it is
withdrawn.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum

from config.lib.hours import STEP, ZERO
from hours.enums import Cap

NO_REASON = Cap.NONE.value


class HalfDay(Enum):
    """Parts of a day that a cap may limit. Values are the first and last minute of the day."""

    MORNING = (0, 780)
    AFTERNOON = (720, 1110)
    EVENING = (1050, 1440)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one piece of evidence claims for the member on one day, before overlaps and caps.

    `gross` and `own_cut` are credit hours; `attends` says whether the member was there. `begins`
    and `ends` are minutes of the day, or None if the time is not known. The caps come from its
    rule, or are None if the rule sets none.
    """

    occurred_on: date
    category: str
    gross: Decimal
    own_cut: Decimal
    attends: bool
    begins: int | None
    ends: int | None
    daily_cap: Decimal
    half_day_cap: Decimal | None
    yearly_cap: Decimal | None

    @property
    def half_day(self) -> HalfDay | None:
        """The half day that contains it; None if it spans more than one half day or has no time."""
        if self.begins is None or self.ends is None:
            return None
        for half in HalfDay:
            first, last = half.value
            if first <= self.begins and self.ends <= last:
                return half
        return None


@dataclass(frozen=True, slots=True)
class Cuts:
    """Credit hours cut from one piece of evidence because of other evidence."""

    overlap_cut: Decimal
    cap_cut: Decimal
    cap_reason: str


def assess(evidence: Iterable[Evidence]) -> list[Cuts]:
    """The cuts for each piece of a member's evidence, which is given in order of seniority.

    The evidence includes everything current on the days concerned; if a yearly cap is in force,
    everything of the year.
    """
    taken: defaultdict[tuple[object, ...], Decimal] = defaultdict(lambda: ZERO)
    attended: defaultdict[date, list[tuple[int, int]]] = defaultdict(list)
    worth = []
    for one in evidence:
        left = one.gross - one.own_cut
        overlap_cut = _cut_overlap(one, left, attended[one.occurred_on])
        left -= overlap_cut
        room, cap = _least_room(one, taken)
        cap_cut = max(left - room, ZERO)
        left -= cap_cut
        for place, _cap, _reason in _caps(one):
            taken[place] += left
        if one.attends and one.begins is not None and one.ends is not None:
            attended[one.occurred_on].append((one.begins, one.ends))
        worth.append(Cuts(overlap_cut, cap_cut, cap if cap_cut else NO_REASON))
    return worth


def _caps(one: Evidence) -> list[tuple[tuple[object, ...], Decimal | None, str]]:
    """The totals that this evidence adds to, with the cap of each and its name.

    It counts towards every total, including those where its own rule sets no cap.
    """
    places: list[tuple[tuple[object, ...], Decimal | None, str]] = [
        ((one.occurred_on,), one.daily_cap, Cap.DAY.value),
        ((one.occurred_on.year, one.category), one.yearly_cap, Cap.YEAR.value),
    ]
    half = one.half_day
    if half is not None:
        places.append(((one.occurred_on, half), one.half_day_cap, Cap.HALF_DAY.value))
    return places


def _least_room(
    one: Evidence, taken: defaultdict[tuple[object, ...], Decimal]
) -> tuple[Decimal, str]:
    """The hours that the tightest cap leaves, and the name of that cap."""
    return min(
        (max(cap - taken[place], ZERO), reason)
        for place, cap, reason in _caps(one)
        if cap is not None
    )


def _cut_overlap(one: Evidence, left: Decimal, attended: Sequence[tuple[int, int]]) -> Decimal:
    """The share of the hours with time that is already covered, rounded up to a step."""
    if not one.attends or one.begins is None or one.ends is None or not left:
        return ZERO
    covered = sum(end - begin for begin, end in _union(_within(one.begins, one.ends, attended)))
    if not covered:
        return ZERO
    share = left * covered / (one.ends - one.begins)
    return min(math.ceil(share / STEP) * STEP, left)


def _within(begins: int, ends: int, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    cut = ((max(begins, first), min(ends, last)) for first, last in spans)
    return sorted((first, last) for first, last in cut if first < last)


def _union(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The time that sorted spans cover together."""
    covered: list[tuple[int, int]] = []
    for first, last in spans:
        if covered and first <= covered[-1][1]:
            covered[-1] = covered[-1][0], max(covered[-1][1], last)
        else:
            covered.append((first, last))
    return covered
