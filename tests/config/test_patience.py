"""A migration behind a long reader: it steps back, the portal goes on, and it comes again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from threading import Event, Thread

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection, transaction

from config.patience import Patience
from tests.connections import PATIENCE
from tests.database import migrate_again

pytestmark = pytest.mark.django_db(transaction=True)

TABLE = "reports_sheetlayout"
FAST = {"lock_seconds": 0.6, "pause_seconds": 0.1, "attempts": 50}


def count() -> None:
    """What any page does with the table; refused if it had to wait for long."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '10s'")
        cursor.execute(f"SELECT count(*) FROM {TABLE}")


@contextmanager
def reader(may_end: Event) -> Iterator[int]:
    """Somebody who has read the table in a transaction that stays open; yields his process."""
    reads, pids = Event(), []

    def read() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL application_name = 'a long report'")
            cursor.execute(f"SELECT pg_backend_pid() FROM (SELECT count(*) FROM {TABLE}) c")
            pids.append(cursor.fetchone()[0])
            reads.set()
            may_end.wait(PATIENCE)
        connection.close()

    thread = Thread(target=read)
    thread.start()
    reads.wait(PATIENCE)
    try:
        yield pids[0]
    finally:
        may_end.set()
        thread.join()


@pytest.fixture
def whole_again():
    yield
    migrate_again()


@pytest.mark.usefixtures("whole_again")
def test_the_portal_goes_on_and_the_migration_comes_again():
    may_end, output, others = Event(), StringIO(), []

    def page() -> None:
        """Reads between two attempts, while the reader still reads; then he ends."""
        while output.getvalue().count("Attempt") < 2:
            time.sleep(0.02)
        count()
        others.append(may_end.is_set())
        connection.close()
        may_end.set()

    with reader(may_end) as pid:
        other = Thread(target=page)
        other.start()
        call_command("migrate", "reports", "zero", verbosity=0, stdout=output, **FAST)
        other.join()

    assert others == [False]
    said = output.getvalue().splitlines()
    assert said[0].startswith(f"Waiting for process {pid} (a long report, role ")
    assert "Attempt 1 of 50; the next in 0.1 s." in said[0]
    assert TABLE not in connection.introspection.table_names()


def test_it_gives_up_with_one_line_and_changes_nothing():
    with reader(Event()) as pid, pytest.raises(CommandError) as refusal:
        call_command(
            "migrate", "reports", "zero", verbosity=0, stdout=StringIO(), **FAST | {"attempts": 2}
        )

    assert f"Waiting for process {pid} (a long report" in str(refusal.value)
    assert "in vain, 2 times." in str(refusal.value)
    count()


def test_another_fault_is_not_tried_again():
    calls = []

    def fail() -> None:
        calls.append(1)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = '10ms'")
            cursor.execute("SELECT pg_sleep(5)")

    with pytest.raises(OperationalError):
        Patience(attempts=3).run(connection, fail)
    assert calls == [1]


def test_the_limit_ends_with_the_work():
    def limit() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SHOW lock_timeout")
            return cursor.fetchone()[0]

    assert Patience(lock_seconds=2).run(connection, limit) == "2s"
    assert limit() == "0"
