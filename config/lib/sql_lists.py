"""Lists over a statement of SQL, as a paginator and an export need them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from django.db import connection


class SqlList[Line](Sequence[Line]):
    """The lines of one statement: one statement counts them, and one reads each slice.

    `make` turns the columns of a row into a line; `values` are the parameters of the statements,
    which a statement may add to while it is made. `%(reach)s` is how many lines are asked for from
    the first on; None for all.
    """

    def __init__(self, make: Callable[..., Line], values: Mapping[str, Any]) -> None:
        self._make = make
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

    @cached_property
    def _length(self) -> int:
        statement = self._count()
        with connection.cursor() as cursor:
            cursor.execute(statement, self._values)
            return cursor.fetchone()[0]

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, part: Any) -> Any:
        """A slice; the paginator does not request single lines."""
        statement = self._statement(is_whole=False)
        reach = {"limit": part.stop - part.start, "offset": part.start, "reach": part.stop}
        with connection.cursor() as cursor:
            cursor.execute(f"{statement} LIMIT %(limit)s OFFSET %(offset)s", self._values | reach)
            return [self._make(*row) for row in cursor.fetchall()]

    def iterator(self, chunk_size: int = 2000) -> Iterator[Line]:
        """All lines, streamed from the server like a queryset's `iterator`."""
        statement = self._statement(is_whole=True)
        with connection.chunked_cursor() as cursor:
            cursor.execute(statement, {**self._values, "reach": None})
            while rows := cursor.fetchmany(chunk_size):
                yield from (self._make(*row) for row in rows)
