"""Rows of our own SQL, read by name: a class names every column once, and nothing counts places.

`select_rows` and its like carry a statement out and read what it returns. No other module fetches
from a cursor, but for one first value (`tests/architecture/test_rows.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

from config.lib.prepared import PreparedStatement

type Statement = str | PreparedStatement
type Values = Mapping[str, Any] | Sequence[Any] | None


class ColumnsError(TypeError):
    """The columns of a statement are not those that its reader asks for."""


def select_rows[Row](
    kind: type[Row], statement: Statement, values: Values = None, **beside: Any
) -> list[Row]:
    """The rows of the statement, each as a `kind`, a dataclass or a NamedTuple.

    Its first fields bear the names of the columns, in their order; further ones are given `beside`
    or have a default. Raises ColumnsError if the names differ.
    """
    with connection.cursor() as cursor:
        _execute(cursor, statement, values)
        return rows_of(cursor, kind, **beside)


def select_row[Row](kind: type[Row], statement: Statement, values: Values = None) -> Row | None:
    """The first row of the statement as a `kind`; None if it has none."""
    with connection.cursor() as cursor:
        _execute(cursor, statement, values)
        _require_names(cursor, kind)
        row = cursor.fetchone()
    return None if row is None else kind(*row)


def select_named(statement: Statement, values: Values = None) -> dict[str, Any] | None:
    """The first row by the names of its columns, for one whose columns are known at start-up only.

    None without a row.
    """
    with connection.cursor() as cursor:
        _execute(cursor, statement, values)
        row = cursor.fetchone()
        names = [column.name for column in cursor.description]
    return None if row is None else dict(zip(names, row, strict=True))


def select_column(statement: Statement, values: Values = None) -> list[Any]:
    """The values of a statement with one column. Raises ColumnsError if it has another number."""
    with connection.cursor() as cursor:
        _execute(cursor, statement, values)
        return column_of(cursor)


def select_value(statement: Statement, values: Values = None) -> Any:
    """The value of a statement with one column; None without a row. Raises ColumnsError."""
    with connection.cursor() as cursor:
        _execute(cursor, statement, values)
        _require_number(cursor, 1)
        row = cursor.fetchone()
    return None if row is None else row[0]


def select_map(statement: Statement, values: Values = None) -> dict[Any, Any]:
    """The second column of a statement by its first. Raises ColumnsError if it has others."""
    with connection.cursor() as cursor:
        _execute(cursor, statement, values)
        _require_number(cursor, 2)
        return dict(cursor.fetchall())


def rows_of[Row](cursor: CursorWrapper, kind: type[Row], **beside: Any) -> list[Row]:
    """All rows of what the cursor has carried out, as `select_rows` reads them."""
    _require_names(cursor, kind)
    return [kind(*row, **beside) for row in cursor.fetchall()]


def column_of(cursor: CursorWrapper) -> list[Any]:
    """All values of what the cursor has carried out, as `select_column` reads them."""
    _require_number(cursor, 1)
    return [value for (value,) in cursor.fetchall()]


def stream_rows[Row](cursor: CursorWrapper, kind: type[Row], chunk_size: int) -> Iterator[Row]:
    """The same, some rows at a time, for a cursor that streams."""
    while rows := cursor.fetchmany(chunk_size):
        _require_names(cursor, kind)  # known only once the first rows are there
        yield from (kind(*row) for row in rows)


def _execute(cursor: CursorWrapper, statement: Statement, values: Values) -> None:
    if isinstance(statement, PreparedStatement):
        assert isinstance(values, Mapping)  # noqa: S101 - its values have names
        statement.execute(cursor, values)
    else:
        cursor.execute(statement, values)


@cache
def _names(kind: type) -> tuple[str, ...]:
    """The fields of a dataclass or a NamedTuple, in order."""
    if is_dataclass(kind):
        return tuple(field.name for field in fields(kind))
    names: tuple[str, ...] = kind._fields  # type: ignore[attr-defined]
    return names


def _require_names(cursor: CursorWrapper, kind: type) -> None:
    columns = tuple(column.name for column in cursor.description)
    names = _names(kind)[: len(columns)]
    if columns != names:
        text = f"{kind.__name__} has the fields {', '.join(names)}, not {', '.join(columns)}."
        raise ColumnsError(text)


def _require_number(cursor: CursorWrapper, number: int) -> None:
    if len(cursor.description) != number:
        text = f"The statement has {len(cursor.description)} columns, not {number}."
        raise ColumnsError(text)
