"""Breaches that a contract finds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Breach(NamedTuple):
    """A broken rule: `place` (file, model or app), `what` it does wrong, and the `detail`."""

    place: str
    what: str
    detail: str
    line: int | None = None

    def __str__(self) -> str:
        place = self.place if self.line is None else f"{self.place}:{self.line}"
        return f"{place} {self.what}: {self.detail}"


def as_lines(breaches: Iterable[Breach]) -> list[str]:
    """The breaches as readable lines."""
    return [str(breach) for breach in breaches]
