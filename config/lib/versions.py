"""Tables that keep every version of their rows: the model base and the migration operations.

`recorded_at` is when the current version of a row was recorded. Every change or deletion of a row
copies the version before it to `<table>_past`, with `known_until`, the moment until which it was
known. So the state known at a moment K consists of the rows of the table recorded by K, plus the
rows of the past recorded by K and known until after K. The past table is append-only, with the two
barriers of `config.lib.append_only`.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import migrations, models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.lib.append_only import ForbidChanges
from config.lib.rows import select_value


class VersionedModel(models.Model):
    """A model with stored former versions. Its migration adds `KeepVersions("table")`.

    An update that sets no `recorded_at` is recorded at the database server's current time.
    """

    recorded_at = models.DateTimeField(_("recorded at"), default=timezone.now, editable=False)

    class Meta:
        abstract = True

    @classmethod
    def past_table(cls) -> str:
        """The table of former versions."""
        return past_of(cls._meta.db_table)

    def first_recorded_at(self) -> datetime:
        """When the first version of this row was recorded."""
        statement = f"SELECT min(recorded_at) FROM {self.past_table()} WHERE id = %s"  # noqa: S608
        former = select_value(statement, [self.pk])
        return min(former or self.recorded_at, self.recorded_at)


def versioned_models() -> list[type[VersionedModel]]:
    """All concrete versioned models of the project."""
    from django.apps import apps  # noqa: PLC0415 - the registry is empty while this is imported

    return [model for model in apps.get_models() if issubclass(model, VersionedModel)]


def past_of(table: str) -> str:
    """The table that stores the former versions of `table`."""
    return f"{table}_past"


def as_known(table: str, columns: Iterable[str], at: str, where: str = "true") -> str:
    """The rows of `table` as they were known at the moment `at` (SQL), as a FROM item.

    `where` narrows them below the union, where an index serves it.
    """
    named = ", ".join(columns)
    return (
        f"(SELECT {named} FROM {table} WHERE {where} AND recorded_at <= {at} "  # noqa: S608
        f"UNION ALL SELECT {named} FROM {past_of(table)} "
        f"WHERE {where} AND recorded_at <= {at} AND known_until > {at})"
    )


# The statement may set `recorded_at`; otherwise it is the moment when the row is written.
_FUNCTION = """
CREATE FUNCTION {table}_keep_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        INSERT INTO {past} SELECT clock_timestamp(), OLD.*;
        RETURN OLD;
    END IF;
    IF NEW.recorded_at = OLD.recorded_at THEN
        NEW.recorded_at := clock_timestamp();
    END IF;
    INSERT INTO {past} SELECT NEW.recorded_at, OLD.*;
    RETURN NEW;
END $$
"""


_ADD_COLUMN = """
DO $$ BEGIN
    EXECUTE (SELECT format('ALTER TABLE {past} ADD COLUMN {column} %s',
                           format_type(atttypid, atttypmod))
             FROM pg_attribute WHERE attrelid = '{table}'::regclass AND attname = '{column}');
END $$
"""


class KeepVersions(migrations.RunSQL):
    """Migration operation: store the former versions of the rows of `table`.

    `key` is an additional column, besides the id, by which they are looked up. The past table
    starts with `known_until`, followed by the columns of the table in their order. So a later
    `AddField` must be followed by `AddToPast`.
    """

    def __init__(self, table: str, key: str | None = None) -> None:
        self.table, self.key = table, key
        past = past_of(table)
        forbid = ForbidChanges(past)
        keyed = [f"CREATE INDEX {past}_{key} ON {past} ({key})"] if key else []
        super().__init__(
            sql=[
                f"CREATE TABLE {past} (known_until timestamptz NOT NULL, LIKE {table})",
                f"CREATE INDEX {past}_id ON {past} (id)",
                *keyed,
                _FUNCTION.format(table=table, past=past),
                f"CREATE TRIGGER {table}_keep_version BEFORE UPDATE ON {table} FOR EACH ROW "
                f"WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION {table}_keep_version()",
                f"CREATE TRIGGER {table}_keep_deleted BEFORE DELETE ON {table} FOR EACH ROW "
                f"EXECUTE FUNCTION {table}_keep_version()",
                *forbid.sql,
            ],
            reverse_sql=[
                f"DROP TRIGGER {table}_keep_version ON {table}",
                f"DROP TRIGGER {table}_keep_deleted ON {table}",
                f"DROP FUNCTION {table}_keep_version()",
                f"DROP TABLE {past}",
            ],
        )

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return self.__class__.__qualname__, [self.table, self.key], {}


class AddToPast(migrations.RunSQL):
    """Migration operation after an `AddField`: adds the new `column` to the past of `table`."""

    def __init__(self, table: str, column: str) -> None:
        self.table, self.column = table, column
        past = past_of(table)
        super().__init__(
            sql=_ADD_COLUMN.format(table=table, past=past, column=column),
            reverse_sql=f"ALTER TABLE {past} DROP COLUMN {column}",
        )

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return self.__class__.__qualname__, [self.table, self.column], {}
