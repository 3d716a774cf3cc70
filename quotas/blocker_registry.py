"""What blocks the final reconciliation of a year: a registry, which upper apps add to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.functional import Promise

# How many there are by school; None for what belongs to no school.
type Counts = Mapping[int | None, int]


@dataclass(frozen=True)
class Blocker:
    """One kind of thing that must be finished before a year is reconciled.

    `count` says how many there are of a year at a moment, by school, at the same cost for any
    number of schools. `address` leads to those of one school or all; `who` can finish them. What
    is not `is_of_schools` belongs to none, so schools neither see nor count it.
    """

    key: str
    label: str | Promise
    who: str | Promise
    count: Callable[[int, datetime], Counts]
    address: Callable[[int, int | None], str]
    rank: int
    is_of_schools: bool = True


_blockers: dict[str, Blocker] = {}


def register_blocker(blocker: Blocker) -> None:
    """Register a kind of blocker; called once per kind, at start-up."""
    _blockers[blocker.key] = blocker


@dataclass(frozen=True)
class Blocked:
    """A blocker with its number of open things, where they are, and the same by school."""

    label: str
    who: str
    count: int
    address: str
    by_school: dict[int, tuple[int, str]] = field(default_factory=dict)


def list_blocked(
    year: int, now: datetime, school_ids: Iterable[int] | None = None
) -> list[Blocked]:
    """What blocks the year, by rank: at these schools, or without them everywhere.

    Costs the same for any number of schools.
    """
    only = None if school_ids is None else set(school_ids)
    one = next(iter(only)) if only and len(only) == 1 else None
    found = []
    for blocker in _in_order():
        if only is not None and not blocker.is_of_schools:
            continue
        counts = {
            school: count
            for school, count in blocker.count(year, now).items()
            if count and (only is None or school in only)
        }
        by_school = {
            school: (count, blocker.address(year, school))
            for school, count in counts.items()
            if school is not None
        }
        if counts:
            total, address = sum(counts.values()), blocker.address(year, one)
            found.append(Blocked(str(blocker.label), str(blocker.who), total, address, by_school))
    return found


def count_blocked(year: int, now: datetime) -> dict[str, int]:
    """The number of open things by the key of their blocker, if there are any."""
    counts = {blocker.key: sum(blocker.count(year, now).values()) for blocker in _in_order()}
    return {key: count for key, count in counts.items() if count}


def name_blocked(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Counts by key, as `count_blocked` gave them, with the labels of their blockers."""
    labels = {blocker.key: str(blocker.label) for blocker in _in_order()}
    known = [(labels[key], counts[key]) for key in labels if key in counts]
    return known + [(key, count) for key, count in counts.items() if key not in labels]


def _in_order() -> Iterable[Blocker]:
    return sorted(_blockers.values(), key=lambda blocker: blocker.rank)
