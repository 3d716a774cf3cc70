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
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum

from config.lib.hours import STEP, ZERO
from hours.enums import Cap

NO_REASON = Cap.NONE.value
MINUTES_OF_A_DAY = 24 * 60


class HalfDay(Enum):
    """Parts of a day that a cap may limit. Values are the first and last minute of the day."""

    MORNING = (0, 780)
    AFTERNOON = (720, 1110)
    EVENING = (1050, 1440)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one piece of evidence claims for the member on one day, before overlaps and caps.

    `gross` and `own_cut` are credit hours; `attends` says whether the member was there. `begins`
    and `ends` are minutes of the day, or None if the time is not known; what goes on after midnight
    ends after the day's last minute. The caps come from its rule, or are None if the rule sets
    none.
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
    def span(self) -> tuple[int, int] | None:
        """The minutes it takes, counted through all days; None if its time is not known."""
        if self.begins is None or self.ends is None:
            return None
        midnight = self.occurred_on.toordinal() * MINUTES_OF_A_DAY
        return midnight + self.begins, midnight + self.ends

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

    The evidence includes everything current on the days concerned and, for what goes on after
    midnight, on the days beside them; if a yearly cap is in force, everything of the year.
    """
    taken: defaultdict[tuple[object, ...], Decimal] = defaultdict(lambda: ZERO)
    attended: defaultdict[date, list[tuple[int, int]]] = defaultdict(list)
    worth = []
    for piece in evidence:
        left = piece.gross - piece.own_cut
        beside = (piece.occurred_on + timedelta(days=n) for n in (-1, 0, 1))
        near = [span for day in beside for span in attended.get(day, ())]
        overlap_cut = _cut_overlap(piece, left, near)
        left -= overlap_cut
        room, cap = _least_room(piece, taken)
        cap_cut = max(left - room, ZERO)
        left -= cap_cut
        for place, _cap, _reason in _caps(piece):
            taken[place] += left
        if piece.attends and piece.span is not None:
            attended[piece.occurred_on].append(piece.span)
        worth.append(Cuts(overlap_cut, cap_cut, cap if cap_cut else NO_REASON))
    return worth


def _caps(evidence: Evidence) -> list[tuple[tuple[object, ...], Decimal | None, str]]:
    """The totals that this evidence adds to, with the cap of each and its name.

    It counts towards every total, including those where its own rule sets no cap.
    """
    places: list[tuple[tuple[object, ...], Decimal | None, str]] = [
        ((evidence.occurred_on,), evidence.daily_cap, Cap.DAY.value),
        ((evidence.occurred_on.year, evidence.category), evidence.yearly_cap, Cap.YEAR.value),
    ]
    half = evidence.half_day
    if half is not None:
        places.append(((evidence.occurred_on, half), evidence.half_day_cap, Cap.HALF_DAY.value))
    return places


def _least_room(
    evidence: Evidence, taken: defaultdict[tuple[object, ...], Decimal]
) -> tuple[Decimal, str]:
    """The hours that the tightest cap leaves, and the name of that cap."""
    return min(
        (max(cap - taken[place], ZERO), reason)
        for place, cap, reason in _caps(evidence)
        if cap is not None
    )


def _cut_overlap(evidence: Evidence, left: Decimal, attended: Sequence[tuple[int, int]]) -> Decimal:
    """The share of the hours with time that is already covered, rounded up to a step."""
    if not evidence.attends or evidence.span is None or not left:
        return ZERO
    begins, ends = evidence.span
    covered = sum(end - begin for begin, end in _union(_within(begins, ends, attended)))
    if not covered:
        return ZERO
    share = left * covered / (ends - begins)
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
