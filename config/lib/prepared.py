"""Statements that PostgreSQL plans once per connection and then only carries out.

Planning a join of a dozen tables takes longer than carrying it out for one person. A pooler
between us and the server must keep a session to itself (PgBouncer: `pool_mode = session`).
"""

from collections.abc import Callable, Mapping
from functools import cached_property
from itertools import count
from typing import Any
from weakref import WeakKeyDictionary

from django.db.backends.utils import CursorWrapper

# By connection of the driver: the names under which it knows which statements.
_known: WeakKeyDictionary[Any, dict["PreparedStatement", str]] = WeakKeyDictionary()
_names = count(1)


class PreparedStatement:
    """SQL with values by name, as in `%(year)s`, and the SQL type of each.

    SQL that rests on what apps register at start-up is a function, called at the first use.
    """

    def __init__(self, sql: str | Callable[[], str], **types: str) -> None:
        self._sql = sql
        self._places = {name: f"${place}" for place, name in enumerate(types, start=1)}
        self._types = ", ".join(types.values())
        self._values = ", ".join(f"%({name})s" for name in types)

    @cached_property
    def _body(self) -> str:
        sql = self._sql if isinstance(self._sql, str) else self._sql()
        return (sql % self._places).replace("%", "%%")

    def execute(self, cursor: CursorWrapper, values: Mapping[str, Any]) -> None:
        """Carry the statement out; the first time on a connection it goes along with its plan."""
        known = _known.setdefault(cursor.connection, {})
        name = known.get(self)
        if name is not None:
            cursor.execute(f"EXECUTE {name} ({self._values})", values)
            return
        # A new name each time, since an attempt that failed may have left its own behind.
        name = f"statement_{next(_names)}"
        cursor.execute(
            f"PREPARE {name} ({self._types}) AS {self._body}; EXECUTE {name} ({self._values})",
            values,
        )
        known[self] = name
