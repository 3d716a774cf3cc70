"""What a contract finds, and the breaches of today."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

# Found when the contracts were written. It only ever gets shorter and must become empty: an entry
# that no contract finds any more fails `test_known_breaches`.
KNOWN: tuple[str, ...] = (
    "accounts/way_in.py names tables of schools",  # the administration's page for a new grant
    "schools/views/schools.py names addresses of courses",
    "templates/schools/schools.html names addresses of courses",
)


class Breach(NamedTuple):
    """`place` is a file, a model or an app; `what` it does that it must not; `detail` shows it."""

    place: str
    what: str
    detail: str
    line: int | None = None

    @property
    def key(self) -> str:
        """As `KNOWN` names it: lines move, so they are no part of it."""
        return f"{self.place} {self.what}"

    def __str__(self) -> str:
        place = self.place if self.line is None else f"{self.place}:{self.line}"
        return f"{place} {self.what}: {self.detail}"


def told(breaches: Iterable[Breach]) -> list[str]:
    """All of them, as a person reads them."""
    return [str(breach) for breach in breaches]


def new(breaches: Iterable[Breach], known: tuple[str, ...] = KNOWN) -> list[str]:
    """Those that are not known, as a person reads them."""
    return told(breach for breach in breaches if breach.key not in known)


def settled(breaches: Iterable[Breach], known: tuple[str, ...] = KNOWN) -> list[str]:
    """The entries of `known` that nothing breaches any more."""
    return sorted(set(known) - {breach.key for breach in breaches})
