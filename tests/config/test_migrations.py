"""Guards and rows of every app go back to the bare tables, and come again as they were."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from config.lib.database_roles import as_owner
from tests.database import REFERENCE_TABLES, migrate_again

# Beside the keys of rows, and the moment at which a rule came in.
_ROWS = """
SELECT to_jsonb(t) - '{{id,module_id,rule_id,recorded_at}}'::text[] FROM {table} t ORDER BY t.id
"""
_GUARDS = """
SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT indexdef FROM pg_indexes WHERE tablename ~ '_past$'
ORDER BY 1
"""


def ask(statement: str) -> list[object]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return [row[0] for row in cursor.fetchall()]


def as_it_stands() -> dict[str, list[object]]:
    there = connection.introspection.table_names()
    rows = {
        table: ask(_ROWS.format(table=table)) if table in there else []
        for table in sorted(REFERENCE_TABLES)
    }
    return {"guards": ask(_GUARDS), **rows}


def go_back() -> None:
    """To the initial migration of each app: tables without guards and rows.

    A younger app begins after later migrations of others, so nothing of it stays.
    """
    initials = sorted(settings.BASE_DIR.glob("*/migrations/0001_initial.py"))
    names = [(initial.parents[1].name, initial.stem) for initial in initials]
    with as_owner() as owner:
        # One plan for all, since each plan makes the models of every state anew.
        MigrationExecutor(owner).migrate(
            [(app, None if begins_late(app) else name) for app, name in names]
        )


def begins_late(app: str) -> bool:
    """Whether the first migration of an app depends on more than first migrations of others."""
    migrations = MigrationLoader(connection).disk_migrations
    first = migrations[app, "0001_initial"]
    return any(
        name not in {"0001_initial", "__first__"}
        for other, name in first.dependencies
        if (other, "0001_initial") in migrations
    )


@pytest.fixture
def go_forward() -> Iterator[None]:
    """Whatever fails, the tables end as the models have them."""
    yield
    migrate_again()


@pytest.mark.usefixtures("go_forward")
@pytest.mark.django_db(transaction=True)
def test_what_the_initial_migrations_do_not_hold_goes_back_and_forward():
    before = as_it_stands()
    go_back()
    bare = as_it_stands()
    call_command("migrate", verbosity=0)

    assert bare == {name: [] for name in before}
    assert all(before.values())
    assert as_it_stands() == before
