"""Running several calls at the same time, each on its own database connection."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from typing import Any

from django.db import connection, transaction

# Seconds until a wait is given up: so many that a busy machine is no failure. A quiet one never
# waits for them.
PATIENCE = 120


def together(*calls: Callable[[], Any]) -> list[Any]:
    """Run all calls at once, each on its own connection; returns their results in order."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        barrier.wait()
        try:
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def overlapping(first: Callable[[], Any], second: Callable[[], Any]) -> list[Any]:
    """Run two calls: the second starts after the first has acted, before it commits.

    The first commits once another connection waits for its locks.
    """
    acted = Event()

    def begin() -> Any:
        try:
            with transaction.atomic():
                answer = first()
                acted.set()
                wait_for_a_lock()
        finally:
            acted.set()
        return answer

    def follow() -> Any:
        acted.wait(PATIENCE)
        return second()

    return together(begin, follow)


def wait_for_a_lock() -> None:
    """Wait until another connection waits for a lock of this one."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks "
                "WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
            )
            if cursor.fetchone()[0]:
                return
        time.sleep(0.02)
    raise AssertionError("Nobody waited.")
