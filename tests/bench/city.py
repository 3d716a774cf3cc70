"""A whole city: 1.2 million members with 24 million entries of one year.

The demo's members are copied with their facts and hours by plain SQL, past all triggers, so nothing
of the copies is in the trail or the chain. It takes about 20 GB, and long.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg2
from django.db import connection
from django.utils import timezone

from config.lib.periods import today
from hours.actions.balances import rebuild_balances
from schools.models import School
from tests.bench.database import vacuum
from tests.bench.figures import Row, compare, require_truth
from tests.bench.limits import Limits
from tests.bench.pages import DASHBOARD_TURNS, PLAIN_SUM
from tests.bench.reconciliation import fill_ledger, measure_reconciliation
from years.queries.overview import list_figures, sum_figures

COPIES = 31
TURNS = 3
# The memory of the server process beside its shared buffers: some times its `work_mem`.
MEGABYTES = 300
# How long the database may take for the overview, in ms.
OVERVIEW = 300

# Keys of a copy lie beyond all others: each copy has a million of members and ten of entries.
_MEMBER, _ENTRY = "+ %(copy)s * 1000000", "+ %(copy)s * 10000000"
# How columns of copies differ, by table.
_COPIED: dict[str, dict[str, str]] = {
    "trainees_member": {
        "id": f"id {_MEMBER}",
        "number": f"'9' || lpad((id {_MEMBER})::text, 9, '0')",
        "resident_id_fingerprint": "'x' || to_char(%(copy)s, 'FM00')"
        " || substr(resident_id_fingerprint, 4)",
        "user_id": "NULL",
        # Other people: with birth or phone in common, all copies of a row would be duplicates.
        "birth_date": "birth_date - 7 * %(copy)s",
        "phone": "''",
    },
    **{
        table: {"id": f"id {_ENTRY}", "member_id": f"member_id {_MEMBER}"}
        for table in ("trainees_membership", "trainees_post", "trainees_exemption")
    },
    "hours_assessment": {
        "id": f"id {_ENTRY}",
        "member_id": f"member_id {_MEMBER}",
        "owner_id": f"owner_id {_MEMBER}",
    },
    "hours_creditentry": {
        "id": f"id {_ENTRY}",
        "member_id": f"member_id {_MEMBER}",
        "assessment_id": f"assessment_id {_ENTRY}",
        "reverses_id": f"reverses_id {_ENTRY}",
        "source_key": "source_key || ':' || %(copy)s",
    },
    "rolls_attendance": {"id": f"id {_ENTRY}", "member_id": f"member_id {_MEMBER}"},
}


def measure_city() -> Iterator[Row]:
    """Multiply the demo, open its overview, and reconcile it; look at the memory of the server."""
    fill_ledger()
    multiply()
    yield from _measure_overview()
    with _watch_memory() as peaks:
        yield from measure_reconciliation(TURNS)
    peak = max(peaks, default=0)
    yield require_truth(f"reconcile: {peak:,} MB of the server", is_true=0 < peak <= MEGABYTES)


def _measure_overview() -> Iterator[Row]:
    """The figures of all schools, beside the plain sum of the hours of the year."""
    rebuild_balances([today().year], on=today())
    vacuum()
    limits = Limits()
    row = compare(
        "overview of the city, plain sum",
        asked=1,
        turns=DASHBOARD_TURNS,
        limit=lambda: limits.read(PLAIN_SUM, {"year": today().year})[0],
        ours=_open_overview,
    )
    limits.close()
    yield row
    is_quick = float(row.ours) <= OVERVIEW
    yield require_truth(f"overview of the city: within {OVERVIEW} ms", is_true=is_quick)


def _open_overview() -> float:
    schools = list(School.objects.all())
    started = time.perf_counter()
    assert sum_figures(list_figures(schools, today().year, timezone.now()), "").members > 0
    return time.perf_counter() - started


def multiply(copies: int = COPIES) -> None:
    """Copy every member so many times, with memberships, posts, exemptions, marks and hours."""
    with closing(psycopg2.connect(os.environ["DATABASE_OWNER_URL"])) as owner:
        owner.autocommit = True
        with owner.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            for table, changed in _COPIED.items():
                columns = _list_columns(cursor, table)
                cursor.execute(f"SELECT max(id) FROM {table}")
                [last] = cursor.fetchone()
                values = ", ".join(changed.get(name, f'"{name}"') for name in columns)
                names = ", ".join(f'"{name}"' for name in columns)
                for copy in range(1, copies + 1):
                    cursor.execute(
                        f"INSERT INTO {table} ({names})"
                        f" SELECT {values} FROM {table} WHERE id <= %(last)s ORDER BY id",
                        {"copy": copy, "last": last},
                    )


def _list_columns(cursor, table: str) -> list[str]:
    cursor.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
        " AND NOT attisdropped AND attgenerated = '' ORDER BY attnum",
        [table],
    )
    return [name for (name,) in cursor.fetchall()]


@contextmanager
def _watch_memory() -> Iterator[list[int]]:
    """The memory of our server process in MB, ten times a second, beside shared buffers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        status = Path(f"/proc/{cursor.fetchone()[0]}/status")
    seen: list[int] = []
    is_over = threading.Event()

    def look() -> None:
        while not is_over.wait(0.1):
            lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
            seen.append(int(lines["RssAnon"].split()[0]) // 1024)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield seen
    finally:
        is_over.set()
        watcher.join()
