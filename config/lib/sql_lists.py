"""Lists over a statement of SQL, as a paginator and an export need them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from django.db import connection

from config.lib.rows import select_rows, select_value, stream_rows


class SqlList[Line](Sequence[Line]):
    """The lines of one statement: one statement counts them, and one reads each slice.

    `row` has a field for each column, and is the line if `_line` says nothing else. `values` are
    the parameters of the statements, which a statement may add to while it is made. `%(reach)s` is
    how many lines are asked for from the first on; None for all.
    """

    def __init__(self, row: type[Any], values: Mapping[str, Any]) -> None:
        self._row = row
        self._values = dict(values)

    @abstractmethod
    def _source(self) -> str:
        """The statement from its FROM to its conditions, which counts the lines."""

    @abstractmethod
    def _statement(self, *, is_whole: bool) -> str:
        """The whole statement in order; an export asks for columns that a page does not show."""

    def _count(self) -> str:
        """The statement that counts the lines."""
        return f"SELECT count(*) {self._source()}"

    def _line(self, row: Any) -> Line:
        """The line of a row."""
        line: Line = row
        return line

    @cached_property
    def _length(self) -> int:
        statement = self._count()
        return select_value(statement, self._values)

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, part: Any) -> Any:
        """A slice; the paginator does not request single lines."""
        statement = self._statement(is_whole=False)
        reach = {"limit": part.stop - part.start, "offset": part.start, "reach": part.stop}
        values = self._values | reach
        rows = select_rows(self._row, f"{statement} LIMIT %(limit)s OFFSET %(offset)s", values)
        return [self._line(row) for row in rows]

    def iterator(self, chunk_size: int = 2000) -> Iterator[Line]:
        """All lines, streamed from the server like a queryset's `iterator`."""
        statement = self._statement(is_whole=True)
        with connection.chunked_cursor() as cursor:
            cursor.execute(statement, {**self._values, "reach": None})
            for row in stream_rows(cursor, self._row, chunk_size):
                yield self._line(row)
