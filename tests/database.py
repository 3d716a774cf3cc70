"""The test database: created and migrated by the owner, used by the application's role.

tests/conftest.py imports the fixture, so that it overrides the fixture of pytest-django.
"""

import os
from collections.abc import Iterator
from io import StringIO
from itertools import count
from typing import Any

import psutil
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.test import TransactionTestCase
from django.test.utils import setup_databases, teardown_databases
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from accounts.chain.sealing import heads_file, seal_acts
from config.embedded import uses_embedded_server
from config.lib.database_roles import as_owner
from config.lib.versions import versioned_models

# Filled by migrations, so a flush leaves them as they were. They may reference only each other.
REFERENCE_TABLES = frozenset(
    {
        "accounts_privacynotice",
        "courses_module",
        "instructors_letterrule",
        "courses_presetsession",
        "courses_strandshare",
        "hours_creditrule",
        "hours_creditstep",
        "rolls_doorrule",
        "schools_yearendrule",
        "classes_ratingrule",
        "hours_requirementrule",
        "dispatch_bookingrule",
        "quotas_warningrule",
        "funding_userule",
        "funding_feerule",
        "funding_voucherrule",
        "funding_limitrule",
    }
)
# The rows of each, as PostgreSQL copies them.
_reference_rows: dict[str, str] = {}
_first_heads: list[str] = []
TRUNCATE_EVERY = 25
_flushes = count(1)
CHAIN_TABLES = {"accounts_writtenrows", "accounts_signedact", "accounts_seal"}
KEPT_TABLES = (
    {"django_migrations", "django_content_type", "auth_permission"}
    | REFERENCE_TABLES
    | CHAIN_TABLES
)


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None,
    django_db_blocker: DjangoDbBlocker,
    django_db_keepdb: bool,
    django_db_createdb: bool,
    django_db_modify_db_settings: None,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[None]:
    """One database for each xdist worker, reused between runs with --reuse-db.

    On the embedded server its name ends in this process's id, so that concurrent runs do not share
    it.
    """
    with django_db_blocker.unblock(), as_owner():
        if uses_embedded_server() and not django_db_keepdb:
            name = settings.DATABASES["default"]["TEST"]["NAME"] or "test_xuetang"
            settings.DATABASES["default"]["TEST"]["NAME"] = f"{name}_{os.getpid()}"
            _drop_databases_of_dead_runs()
        databases = setup_databases(
            verbosity=0, interactive=False, keepdb=django_db_keepdb and not django_db_createdb
        )
        settings.CHAIN_HEADS = tmp_path_factory.mktemp("heads") / "heads"
        _begin_as_migrated()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _case: flush_tables())
        yield
    if not django_db_keepdb:
        with django_db_blocker.unblock(), as_owner():
            _end_other_sessions()
            teardown_databases(databases, verbosity=0)


_NUMBER_ANEW = """
SELECT setval(sequence.oid::regclass, 1, false) FROM pg_class sequence
JOIN pg_depend own ON own.objid = sequence.oid AND own.deptype IN ('a', 'i')
WHERE sequence.relkind = 'S' AND own.refobjid = ANY(%s::text[]::regclass[])
"""


# The reference tables that a test wrote to.
_TOUCHED = """
SELECT DISTINCT in_table FROM accounts_writtenrows WHERE in_table = ANY(%s)
AND act NOT IN (SELECT unnest(acts) FROM accounts_seal WHERE number = 1)
"""
# What explains the rows that a flush leaves was sealed when the database was made, and stays.
_FORGET = """
DELETE FROM accounts_seal WHERE number > 1;
DELETE FROM accounts_signedact WHERE number NOT IN (SELECT unnest(acts) FROM accounts_seal);
DELETE FROM accounts_writtenrows WHERE act NOT IN (SELECT unnest(acts) FROM accounts_seal)
"""


def flush_tables() -> None:
    """Empty all tables except KEPT_TABLES after a transactional test, which leaves rows behind.

    Only non-empty tables are deleted from: a TRUNCATE of all tables recreates hundreds of files and
    takes longer than most tests. One flush in `TRUNCATE_EVERY` truncates, so that files stay small.

    The application's role may not delete from all tables, and triggers guard the append-only ones;
    only a superuser can disable the triggers.
    """
    with as_owner() as owner, transaction.atomic(), owner.cursor() as cursor:
        names = [
            owner.ops.quote_name(name)
            for name in owner.introspection.table_names(cursor)
            if name not in KEPT_TABLES
        ]
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("SET LOCAL lock_timeout = '10s'")  # a leftover thread may hold locks forever
        _put_back_reference_rows(cursor)
        cursor.execute(_FORGET)
        if next(_flushes) % TRUNCATE_EVERY == 0:
            cursor.execute(f"TRUNCATE {', '.join(names)} RESTART IDENTITY")
            return
        looks = (f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})" for name in names)
        cursor.execute(" UNION ALL ".join(looks))
        full = [name for (name,) in cursor.fetchall()]
        for name in full:
            cursor.execute(f"DELETE FROM {name}")
        cursor.execute(_NUMBER_ANEW, [full])


def _forget_former_versions() -> None:
    """Delete what migrations left in the past of the reference tables, as a flush does; unseal."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("DELETE FROM accounts_seal")
        for model in versioned_models():
            cursor.execute(f"DELETE FROM {model.past_table()}")
            cursor.execute(
                "DELETE FROM accounts_writtenrows WHERE in_table = %s", [model.past_table()]
            )
        cursor.execute(
            "DELETE FROM accounts_signedact"
            " WHERE number NOT IN (SELECT act FROM accounts_writtenrows)"
        )


def _drop_databases_of_dead_runs() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtext('drop test databases'))")
        cursor.execute("SELECT datname FROM pg_database WHERE datname ~ '^test_.*_[0-9]+$'")
        for (name,) in cursor.fetchall():
            if not psutil.pid_exists(int(name.rpartition("_")[2])):
                cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        cursor.execute("SELECT pg_advisory_unlock_all()")


def _put_back_reference_rows(cursor: Any) -> None:
    """As they were, with the moment at which each was recorded: their seal is of these rows."""
    cursor.execute(_TOUCHED, [list(REFERENCE_TABLES)])
    for (table,) in cursor.fetchall():
        cursor.execute(f"DELETE FROM {table}")
        cursor.copy_expert(f"COPY {table} FROM STDIN", StringIO(_reference_rows[table]))


def migrate_again() -> None:
    """Migrate forward after a test of migrations, and begin as with a new database."""
    call_command("migrate", verbosity=0)
    with as_owner():
        _begin_as_migrated()


def _begin_as_migrated() -> None:
    """Seal what the migrations wrote; a flush leaves it, and nothing else."""
    _stop_autovacuum()
    _forget_former_versions()
    with connection.cursor() as cursor:
        for table in REFERENCE_TABLES:
            rows = StringIO()
            cursor.copy_expert(f"COPY {table} TO STDOUT", rows)
            _reference_rows[table] = rows.getvalue()
    heads_file().unlink(missing_ok=True)
    seal_acts(at=timezone.now())
    _first_heads[:] = [heads_file().read_text("ascii")]


def begin_heads() -> None:
    """A file of heads as after the migrations, if there is a database."""
    heads_file().write_text("".join(_first_heads), "ascii")


def _stop_autovacuum() -> None:
    """Turn off autovacuum, so that no table is analysed between two tests, while it is empty.

    A plan made for one row takes minutes for three hundred. A table that was never analysed is
    planned by its size.
    """
    with connection.cursor() as cursor:
        for name in connection.introspection.table_names(cursor):
            table = connection.ops.quote_name(name)
            cursor.execute(f"ALTER TABLE {table} SET (autovacuum_enabled = off)")


def _end_other_sessions() -> None:
    """Close connections left by threads of a live server; they would prevent the drop."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
