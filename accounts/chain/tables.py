"""Which tables the chain covers: those of all our models, but for those that say why not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import connection, models

from config.lib.rows import select_column
from config.lib.versions import VersionedModel


@dataclass(frozen=True)
class Table:
    """A covered table. A row of it is told by its `id`, unless the table holds former versions.

    `rows` is a condition in SQL: of a table where rows come and go without an act, those that meet
    it are covered. A covered row leaves them by its deletion alone.
    """

    name: str
    left_out: frozenset[str] = frozenset()
    holds_versions: bool = False
    rows: str = ""

    def source(self, of: str = "") -> str:
        """The covered rows as SQL after FROM: of this table, or of the relation `of`."""
        where = f" WHERE {self.rows}" if self.rows else ""
        return f"(SELECT * FROM {of or self.name}{where}) AS covered"  # noqa: S608 - fixed text

    def extent(self) -> str:
        """What is covered, as text: the columns, and which rows if not all."""
        return ",".join(self.columns()) + (f" WHERE {self.rows}" if self.rows else "")

    def columns(self) -> list[str]:
        """The covered columns as the database has them now, in their order."""
        columns = select_column(_COLUMNS, [self.name])
        return [name for name in columns if name not in self.left_out]


_COLUMNS = """
SELECT attname FROM pg_attribute
WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped ORDER BY attnum
"""


def list_tables() -> list[Table]:
    """The covered tables that exist in the database, by name."""
    with connection.cursor() as cursor:
        existing = set(connection.introspection.table_names(cursor))
    tables = [table for model in list_models() for table in _tables_of(model)]
    return sorted((t for t in tables if t.name in existing), key=lambda table: table.name)


def list_models() -> list[type[models.Model]]:
    """Our own models whose rows the chain covers.

    A model that is left out says why (`unchained_because`); one that leaves out columns names them
    (`unchained_columns`), and one of which only some rows are covered has a condition in SQL
    (`chained_rows`), without quotes.
    """
    return [model for model in list_own_models() if not hasattr(model, "unchained_because")]


def list_own_models() -> list[type[models.Model]]:
    """All models of this project, not those of packages."""
    return [
        model
        for config in apps.get_app_configs()
        if Path(config.path).parent == settings.BASE_DIR
        for model in config.get_models()
    ]


def _tables_of(model: type[models.Model]) -> Iterator[Table]:
    left_out = frozenset(getattr(model, "unchained_columns", ()))
    yield Table(model._meta.db_table, left_out, rows=getattr(model, "chained_rows", ""))
    if issubclass(model, VersionedModel):
        yield Table(model.past_table(), holds_versions=True)
