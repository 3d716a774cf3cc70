"""What a contract finds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Breach(NamedTuple):
    """`place` is a file, a model or an app; `what` it does that it must not; `detail` shows it."""

    place: str
    what: str
    detail: str
    line: int | None = None

    def __str__(self) -> str:
        place = self.place if self.line is None else f"{self.place}:{self.line}"
        return f"{place} {self.what}: {self.detail}"


def told(breaches: Iterable[Breach]) -> list[str]:
    """All of them, as a person reads them."""
    return [str(breach) for breach in breaches]
