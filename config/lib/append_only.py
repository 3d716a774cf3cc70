"""Append-only tables: the model base and the migration operation.

Two barriers protect each table: the application's role has no UPDATE, DELETE or TRUNCATE right on
it (granted after each migration by `config.lib.database_privileges`), and a trigger refuses these
statements to every other role.
"""

from typing import Any, NoReturn

from django.db import migrations, models

FUNCTION_SQL = """
CREATE OR REPLACE FUNCTION forbid_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: its rows are append-only', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$
"""


class AppendOnlyError(TypeError):
    """Code tried to change or delete a row of an append-only table."""


class AppendOnlyModel(models.Model):
    """A model with rows that are inserted and read, never changed or deleted."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert the row. Raises AppendOnlyError for a row that is already stored."""
        if not self._state.adding:
            raise AppendOnlyError(f"{type(self).__name__} rows are append-only.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Always raises AppendOnlyError."""
        raise AppendOnlyError(f"{type(self).__name__} rows are append-only.")


def append_only_models() -> list[type[AppendOnlyModel]]:
    """All concrete append-only models of the project."""
    from django.apps import apps  # noqa: PLC0415 - the registry is empty while this is imported

    return [model for model in apps.get_models() if issubclass(model, AppendOnlyModel)]


class ForbidChanges(migrations.RunSQL):
    """Migration operation: refuse UPDATE, DELETE and TRUNCATE on `table` by triggers."""

    def __init__(self, table: str) -> None:
        self.table = table
        super().__init__(
            sql=[
                FUNCTION_SQL,
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION forbid_change()",
                f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION forbid_change()",
            ],
            reverse_sql=[
                f"DROP TRIGGER {table}_append_only ON {table}",
                f"DROP TRIGGER {table}_no_truncate ON {table}",
            ],
        )

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return self.__class__.__qualname__, [self.table], {}
