"""What blocks the final reconciliation of a year: a registry, which upper apps add to."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise


@dataclass(frozen=True)
class Blocker:
    """One kind of thing that must be finished before a year is reconciled.

    `count` says how many there are of a year at a moment, at one school or, without one, anywhere.
    `address` leads to them; `who` can finish them.
    """

    key: str
    label: str | Promise
    who: str | Promise
    count: Callable[[int, int | None, datetime], int]
    address: Callable[[int, int | None], str]
    rank: int


_blockers: dict[str, Blocker] = {}


def register_blocker(blocker: Blocker) -> None:
    """Register a kind of blocker; called once per kind, at start-up."""
    _blockers[blocker.key] = blocker


@dataclass(frozen=True)
class Blocked:
    """A blocker with its number of open things and where they are."""

    label: str
    who: str
    count: int
    address: str


def list_blocked(year: int, now: datetime, school_id: int | None = None) -> list[Blocked]:
    """What blocks the year, by rank, of one school or of all."""
    found = []
    for blocker in _in_order():
        if count := blocker.count(year, school_id, now):
            address = blocker.address(year, school_id)
            found.append(Blocked(str(blocker.label), str(blocker.who), count, address))
    return found


def count_blocked(year: int, now: datetime) -> dict[str, int]:
    """The number of open things by the key of their blocker, if there are any."""
    counts = {blocker.key: blocker.count(year, None, now) for blocker in _in_order()}
    return {key: count for key, count in counts.items() if count}


def _in_order() -> Iterable[Blocker]:
    return sorted(_blockers.values(), key=lambda blocker: blocker.rank)
