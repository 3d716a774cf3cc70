"""Work on tables that waits for a lock only shortly, and tries again.

A migration that waits for a long reader makes everybody else who wants the table wait behind it. So
each attempt gives up after a few seconds and is rolled back, and the portal goes on until the next.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread

from django.db import Error, OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg2.errors import LockNotAvailable

from config.lib.rows import rows_of

_LOOK_SECONDS = 0.25
# No text of a query, which may hold personal data. Of others' sessions a role without
# pg_read_all_stats sees no ages.
_BLOCKERS = """
SELECT pid, coalesce(nullif(application_name, ''), backend_type, 'unknown') AS application,
       usename AS role, extract(epoch FROM now() - xact_start)::int AS seconds
FROM pg_stat_activity WHERE pid = ANY(pg_blocking_pids(%s)) ORDER BY xact_start, pid
"""


@dataclass(frozen=True)
class _Blocker:
    """Who holds the lock, as `_BLOCKERS` finds it."""

    pid: int
    application: str
    role: str
    seconds: int | None

    def __str__(self) -> str:
        age = "" if self.seconds is None else f", for {self.seconds} s"
        return f"process {self.pid} ({self.application}, role {self.role}{age})"


class StillLockedError(Exception):
    """Every attempt met a lock. The message says whose."""


@dataclass
class Patience:
    """How long an attempt waits for a lock, how long it then pauses, and how often it tries."""

    lock_seconds: float = 2
    pause_seconds: float = 5
    attempts: int = 60
    tell: Callable[[str], object] = field(default=print)

    def run[T](self, connection: BaseDatabaseWrapper, work: Callable[[], T]) -> T:
        """Do `work` on the connection, again after each lock that it did not get.

        What an attempt has committed stays, so `work` goes on from there, as `migrate` does. Raises
        StillLockedError.
        """
        self._limit(connection, f"{int(self.lock_seconds * 1000)}ms")
        try:
            for attempt in range(1, self.attempts + 1):
                with _watch(connection) as blockers:
                    try:
                        return work()
                    except OperationalError as error:
                        if not isinstance(error.__cause__, LockNotAvailable):
                            raise
                waits = f"Waiting for {'; '.join(blockers) or 'a lock that is free again'}"
                if attempt < self.attempts:
                    self.tell(
                        f"{waits}. Attempt {attempt} of {self.attempts}; the next in "
                        f"{self.pause_seconds:g} s."
                    )
                    time.sleep(self.pause_seconds)
            raise StillLockedError(f"{waits} in vain, {self.attempts} times.")
        finally:
            self._limit(connection, "0")

    def _limit(self, connection: BaseDatabaseWrapper, limit: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, false)", [limit])


@contextmanager
def _watch(connection: BaseDatabaseWrapper) -> Iterator[list[str]]:
    """A list of whom this connection waits for, as it was when last seen waiting."""
    blockers: list[str] = []
    ended = Event()
    pid = connection.connection.info.backend_pid

    def look() -> None:
        other = connection.copy()
        try:
            while not ended.wait(_LOOK_SECONDS):
                with other.cursor() as cursor:
                    cursor.execute(_BLOCKERS, [pid])
                    if found := rows_of(cursor, _Blocker):
                        blockers[:] = map(str, found)
        except Error:
            return  # it only tells; the work goes on without
        finally:
            other.close()

    watcher = Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield blockers
    finally:
        ended.set()
        watcher.join()
