"""The test database: created and migrated by the owner, used by the application's role.

tests/conftest.py imports the fixture, so that it overrides the fixture of pytest-django.
"""

import os
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from io import StringIO
from itertools import count
from typing import Any

import psutil
import psycopg2
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
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
SWEEP_EVERY = 20
LARGE = 128 * 1024  # bytes
_ended = count(1)
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
    it, and it is a copy of one that was migrated once for all workers, and for later runs of the
    same code.
    """
    keeps = django_db_keepdb and not django_db_createdb
    with django_db_blocker.unblock(), as_owner():
        if uses_embedded_server() and not django_db_keepdb:
            name = settings.DATABASES["default"]["TEST"]["NAME"] or "test_xuetang"
            _drop_databases_of_dead_runs()
            databases = _copy_migrated(f"{name}_{os.getpid()}")
        else:
            databases = setup_databases(verbosity=0, interactive=False, keepdb=keeps)
        settings.CHAIN_HEADS = tmp_path_factory.mktemp("heads") / "heads"
        _begin_as_migrated()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _case: flush_tables())
        yield
    if not django_db_keepdb:
        with django_db_blocker.unblock(), as_owner():
            _end_other_sessions()
            teardown_databases(databases, verbosity=0)


def _copy_migrated(name: str) -> list[tuple[BaseDatabaseWrapper, str, bool]]:
    """Make the test database `name` from the one migrated by this code, which is made if missing.

    Workers take turns by a lock on a connection of its own, since ours moves to the new database.
    Returns what `teardown_databases` takes.
    """
    migrated = f"migrated_{_digest_of_code()}"
    server = connection.copy()
    with closing(server), server.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtext('copy migrated database'))")
        cursor.execute("SELECT datname FROM pg_database WHERE datname ~ '^migrated_'")
        former = {there for (there,) in cursor.fetchall()}
        if migrated not in former:
            for there in former:
                cursor.execute(f"DROP DATABASE {there} WITH (FORCE)")
            settings.DATABASES["default"]["TEST"]["NAME"] = f"migrated_half_{os.getpid()}"
            made = setup_databases(verbosity=0, interactive=False)
            teardown_databases(made, verbosity=0, keepdb=True)
            cursor.execute(f"ALTER DATABASE migrated_half_{os.getpid()} RENAME TO {migrated}")
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE {migrated}")
    former_name = settings.DATABASES["default"]["NAME"]
    connection.close()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name
    return [(connections[DEFAULT_DB_ALIAS], former_name, True)]


def _digest_of_code() -> str:
    """Of all that migrations can read: the code of the portal, not that of its tests."""
    digest = sha256()
    for folder in sorted(settings.BASE_DIR.glob("*/__init__.py")):
        if folder.parent.name != "tests":
            for path in sorted(folder.parent.rglob("*.py")):
                digest.update(path.read_bytes())
    digest.update((settings.BASE_DIR / "uv.lock").read_bytes())
    return digest.hexdigest()[:16]


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
    takes longer than most tests.

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
        looks = (f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})" for name in names)
        cursor.execute(" UNION ALL ".join(looks))
        full = [name for (name,) in cursor.fetchall()]
        for name in full:
            cursor.execute(f"DELETE FROM {name}")
        cursor.execute(_NUMBER_ANEW, [full])


_OVERGROWN = """
SELECT oid::regclass::text FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > %s
"""
_AS_IF_NEW = """
UPDATE pg_class SET relpages = 0, reltuples = -1, relallvisible = 0
WHERE oid = ANY(%s::text[]::regclass[])
"""


def sweep_after_test() -> None:
    """Vacuum the tables that tests left large, once in `SWEEP_EVERY` tests.

    A test that is rolled back leaves its rows behind as dead ones. As nothing vacuums them (see
    `_stop_autovacuum`), tens of thousands would lie in the way of each statement in the end.
    Tables are planned afterwards as those that were never analysed.
    """
    if next(_ended) % SWEEP_EVERY or not _reference_rows or connection.in_atomic_block:
        return
    owner = settings.DATABASE_OWNER
    access = {name.lower(): owner[name] for name in ("HOST", "PORT", "USER", "PASSWORD")}
    with closing(psycopg2.connect(dbname=connection.settings_dict["NAME"], **access)) as server:
        server.autocommit = True
        with server.cursor() as cursor:
            cursor.execute(_OVERGROWN, [LARGE])
            tables = [name for (name,) in cursor.fetchall()]
            if tables:
                cursor.execute(f"VACUUM {', '.join(tables)}")
                cursor.execute(_AS_IF_NEW, [tables])


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
