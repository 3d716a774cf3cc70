"""The triggers that write down which rows a statement wrote, with a digest of each.

They are made anew after each migration, as the rights are, because they name the columns.
"""

from __future__ import annotations

from functools import partial

from django.db import connection, transaction

from accounts.chain.signing import sign_written_rows
from accounts.chain.tables import Table, list_tables
from accounts.enums import SignedActKind
from config.lib.rows import select_value

# How a row becomes text must depend on no setting of the session.
SETTINGS = {
    "TimeZone": "UTC",
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "postgres",
    "bytea_output": "hex",
    "extra_float_digits": "1",
}
# So many rows share one row of accounts_writtenrows.
ROWS_AT_ONCE = 5000

_WRITE_DOWN = """
INSERT INTO accounts_writtenrows (act, in_table, change, columns, keys, digests)
SELECT {number}, '{table}', {change}, '{extent}',
       array_agg(id ORDER BY id), array_agg(digest ORDER BY id)
FROM (SELECT id, {digest} AS digest,
             (row_number() OVER (ORDER BY id) - 1) / {at_once} AS part FROM {rows}) AS parts
GROUP BY part ORDER BY part;
"""
_FUNCTION = """
CREATE OR REPLACE FUNCTION {table}_write_down() RETURNS trigger LANGUAGE plpgsql {settings} AS $$
DECLARE
    this_act bigint := nullif(current_setting('xuetang.act', true), '')::bigint;
BEGIN
    IF this_act IS NULL THEN
        this_act := nextval('accounts_act');
        PERFORM set_config('xuetang.act', this_act::text, true);
    END IF;
    IF TG_OP = 'UPDATE' THEN {write_changed}
    ELSE {write_others}
    END IF;
    RETURN NULL;
END $$
"""
_TRIGGER = """
CREATE OR REPLACE TRIGGER {table}_write_down_{change} AFTER {change} ON {table}
REFERENCING {sides} FOR EACH STATEMENT EXECUTE FUNCTION {table}_write_down()
"""
SIDES = {
    "insert": "NEW TABLE AS written",
    "update": "OLD TABLE AS former NEW TABLE AS written",
    "delete": "OLD TABLE AS written",
}
# Where columns are left out, an update of these alone writes nothing down.
_CHANGED = """
(SELECT written.* FROM written JOIN former USING (id)
 WHERE ROW({after}) IS DISTINCT FROM ROW({before})) AS changed
"""

_THIS_ACT = "current_setting('xuetang.act')::bigint"
_NUMBER = "SELECT set_config('xuetang.act', nextval('accounts_act')::text, true)"
_LATEST = "SELECT columns FROM accounts_writtenrows WHERE in_table = %s ORDER BY id DESC LIMIT 1"


def digest_sql(columns: list[str]) -> str:
    """The digest of a row (SHA-256 of its text) as SQL over its columns."""
    named = ", ".join(connection.ops.quote_name(column) for column in columns)
    return f"sha256(convert_to(ROW({named})::text, 'UTF8'))"


def _changed(columns: list[str]) -> str:
    sides = {
        part: ", ".join(f"{side}.{connection.ops.quote_name(column)}" for column in columns)
        for part, side in (("after", "written"), ("before", "former"))
    }
    return _CHANGED.format(**sides)


def install_chain() -> None:
    """Make the triggers of every covered table anew, as the owner of the tables.

    A table whose columns (or covered rows) are not those of its last digests, or that has none yet,
    is taken stock of: all its rows are written down as they stand, in an act of its own.
    """
    if select_value("SELECT to_regclass('accounts_writtenrows')") is None:
        return
    for table in list_tables():
        with transaction.atomic():
            _install(table)


def use_fixed_settings() -> None:
    """Give this transaction the settings under which digests are made."""
    with connection.cursor() as cursor:
        for name, value in SETTINGS.items():
            cursor.execute("SELECT set_config(%s, %s, true)", [name, value])


def _install(table: Table) -> None:
    columns, extent = table.columns(), table.extent()
    write = partial(
        _WRITE_DOWN.format,
        table=table.name,
        extent=extent,
        digest=digest_sql(columns),
        at_once=ROWS_AT_ONCE,
    )
    changed = _changed(columns) if table.left_out else "written"
    function = _FUNCTION.format(
        table=table.name,
        settings=" ".join(f"SET {name} = '{value}'" for name, value in SETTINGS.items()),
        write_changed=write(number="this_act", change="'U'", rows=table.source(changed)),
        write_others=write(
            number="this_act", change="left(TG_OP, 1)", rows=table.source("written")
        ),
    )
    with connection.cursor() as cursor:
        cursor.execute(function)
        for change, sides in SIDES.items():
            cursor.execute(_TRIGGER.format(table=table.name, change=change, sides=sides))
        if select_value(_LATEST, [table.name]) == extent:
            return
        use_fixed_settings()
        cursor.execute(_NUMBER)
        cursor.execute(write(number=_THIS_ACT, change="'S'", rows=table.source()))
    sign_written_rows(SignedActKind.STOCK)
