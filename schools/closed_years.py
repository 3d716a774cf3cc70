"""Guards in the database that keep the figures of closed years (ADR 24): migration operations.

The functions `refuse_closed_years` and `refuse_closed_days` come with a migration of this app;
each app guards its own tables.
"""

from typing import Any

from django.db import migrations

# What a trigger may not name elsewhere: the rows that its statement wrote, as `old_rows` and
# `new_rows`. Where nothing but the period changes, the days that both periods have stay as they
# were; so the end of what is still open can be named in the year after.
_FACTS = """
CREATE FUNCTION {table}_of_open_years() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    days datemultirange;
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT range_agg(period) INTO days FROM new_rows;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT range_agg(period) INTO days FROM old_rows;
    ELSE
        SELECT range_agg(part) INTO days
        FROM old_rows o FULL JOIN new_rows n ON n.id = o.id
        CROSS JOIN LATERAL (
            SELECT coalesce(datemultirange(o.period), '{{}}') AS before,
                   coalesce(datemultirange(n.period), '{{}}') AS after
        ) periods
        CROSS JOIN LATERAL unnest(
            before + after - CASE WHEN ({old}) IS NOT DISTINCT FROM ({new})
                             THEN before * after ELSE '{{}}' END) part;
    END IF;
    PERFORM refuse_closed_days(days);
    RETURN NULL;
END $$
"""
_TRIGGER = """
CREATE TRIGGER {table}_{name} AFTER {act} ON {table} REFERENCING {rows}
FOR EACH STATEMENT EXECUTE FUNCTION {table}_of_open_years()
"""
_ROWS = {
    "INSERT": "NEW TABLE AS new_rows",
    "UPDATE": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "DELETE": "OLD TABLE AS old_rows",
}
_NAMES = {act: f"{act.lower()}_of_open_years" for act in _ROWS}

_POSTED = """
CREATE FUNCTION {table}_of_open_years() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refuse_closed_years(ARRAY(
        SELECT DISTINCT credit_year::integer FROM new_rows ORDER BY 1));
    RETURN NULL;
END $$
"""


class GuardFacts(migrations.RunSQL):
    """Refuse changes of rows of `table`, with a period, on days of a closed year.

    `columns` are what a verdict reads of a row beside its period; other columns may change.
    """

    def __init__(self, table: str, *columns: str) -> None:
        self.table, self.columns = table, columns
        old, new = (", ".join(f'{side}."{name}"' for name in ("id", *columns)) for side in "on")
        super().__init__(
            sql=[
                _FACTS.format(table=table, old=old, new=new),
                *(
                    _TRIGGER.format(table=table, name=_NAMES[act], act=act, rows=rows)
                    for act, rows in _ROWS.items()
                ),
            ],
            reverse_sql=[
                *(f"DROP TRIGGER {table}_{name} ON {table}" for name in _NAMES.values()),
                f"DROP FUNCTION {table}_of_open_years()",
            ],
        )

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return self.__class__.__qualname__, [self.table, *self.columns], {}


class GuardPosts(migrations.RunSQL):
    """Refuse new rows of the append-only `table` whose `credit_year` is closed."""

    def __init__(self, table: str) -> None:
        self.table = table
        name = _NAMES["INSERT"]
        super().__init__(
            sql=[
                _POSTED.format(table=table),
                _TRIGGER.format(table=table, name=name, act="INSERT", rows=_ROWS["INSERT"]),
            ],
            reverse_sql=[
                f"DROP TRIGGER {table}_{name} ON {table}",
                f"DROP FUNCTION {table}_of_open_years()",
            ],
        )

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return self.__class__.__qualname__, [self.table], {}
