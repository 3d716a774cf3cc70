"""Bulk inserts: ids reserved in advance where other rows need them, and rows sent by COPY.

Both need only INSERT on the table and USAGE on its sequence, so the application's role can do them.
Keys are known when rows are built, so no row is updated afterwards.
"""

import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from itertools import batched
from typing import Any

from django.db import connection, models
from django.db.backends.postgresql.psycopg_any import DateRange

from config.lib.rows import select_column

ROWS_AT_ONCE = 10_000

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def reserve_ids(model: type[models.Model], count: int) -> list[int]:
    """Reserve `count` ids of `model`, in ascending order; its sequence continues after them."""
    table = connection.ops.quote_name(model._meta.db_table)
    column = model._meta.pk.column
    statement = "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)"
    return select_column(statement, [table, column, count])


def copy_rows(
    model: type[models.Model], fields: Sequence[str], rows: Iterable[Sequence[Any]]
) -> int:
    """Append `rows` with cells in the order of `fields`. Returns the number of rows.

    Fields are named by attribute (`school_id`). At most `ROWS_AT_ONCE` rows of text are in memory.
    """
    names = {field.attname: str(field.column) for field in model._meta.concrete_fields}
    quote = connection.ops.quote_name
    columns = ", ".join(quote(names[field]) for field in fields)
    statement = f"COPY {quote(model._meta.db_table)} ({columns}) FROM STDIN"
    count = 0
    with connection.cursor() as cursor:
        for batch in batched(rows, ROWS_AT_ONCE):
            lines = ("\t".join(map(_cell, row)) for row in batch)
            cursor.copy_expert(statement, io.StringIO("\n".join(lines) + "\n"))
            count += len(batch)
    return count


def _cell(value: Any) -> str:
    """One value in the text form of COPY."""
    if value is None:
        return r"\N"
    if isinstance(value, str):
        return value.translate(_ESCAPES)
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, DateRange):
        return f"[{value.lower},{value.upper or ''})"
    return str(value)
