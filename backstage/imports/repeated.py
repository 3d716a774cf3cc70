"""Rows of an uploaded table that share what only one may have."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Protocol

from backstage.imports.reasons import CellReason, RowPlace

# A row names so many of the others, and only counts the rest: a value may stand in all of 38,000.
NAMED = 5


class Refusable(Protocol):
    """A row of a table, whatever the table is about."""

    place: RowPlace

    def refuse(self, field: Any, reason: str, **values: Any) -> None:
        """Refuse the row because of the cell of a field."""


def list_repeated[Row](
    rows: Iterable[Row], value_of: Callable[[Row], str]
) -> Iterator[tuple[str, Sequence[Row]]]:
    """Each value that several rows have, with these rows; an empty value is none."""
    by_value: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if value := value_of(row):
            by_value[value].append(row)
    return ((value, same) for value, same in by_value.items() if len(same) > 1)


def refuse_repeated(same: Sequence[Refusable], field: Any) -> None:
    """Refuse all rows that share a value: none is guessed to be right."""
    first = [row.place for row in same[: NAMED + 1]]
    others = len(same) - 1
    for place, row in enumerate(same):
        rows = first[:NAMED] if place > NAMED else [other for other in first if other != row.place]
        if others > NAMED:
            row.refuse(field, CellReason.SAME_IN_MANY_ROWS, n=others, rows=rows)
        else:
            row.refuse(field, CellReason.SAME_IN_ROWS, rows=rows)
