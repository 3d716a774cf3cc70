"""The nightly check with the chain, beside one pass over the rows that it checks.

The pass reads each row that the check reads once and makes its digest: those that the chain covers,
the chain's own, and those that are kept of them and recomputed by the check. It compares nothing.
"""

from __future__ import annotations

import time
import tracemalloc
from pathlib import Path
from tempfile import TemporaryDirectory

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.test import override_settings
from django.utils import timezone

from accounts.chain.sealing import seal_acts, set_heads_aside
from accounts.chain.signing import DIGEST
from accounts.chain.tables import list_tables
from accounts.chain.triggers import digest_sql
from accounts.enums import ActorChannel
from accounts.origin import Actor
from hours.actions.ledger_check import check_ledger
from hours.models import Balance, BalanceCount, MonthTotal
from quotas.models import DeliveredSession, MemberResult
from rolls.models import AttendanceTotal
from tests.bench.figures import Row, compare, require_truth

# What is kept of covered rows, which the check recomputes.
KEPT = (Balance, BalanceCount, MonthTotal, AttendanceTotal, DeliveredSession, MemberResult)
TURNS = 3
ASKED = 3
# The memory of Python while 38,000 members are checked; the rows are compared in the database.
MEGABYTES = 300


def measure_ledger_check() -> list[Row]:
    """Compare `verify_ledger` with the pass, and look at what it found and at its memory.

    To be done while every row has its act: the limits of other rows write without.
    """
    # The heads of this database are not those of the portal that shares its folder.
    with TemporaryDirectory() as folder, override_settings(CHAIN_HEADS=Path(folder) / "heads"):
        return _measure()


def _measure() -> list[Row]:
    set_heads_aside(timezone.now())
    seal_acts(at=timezone.now())
    row = compare(
        "verify_ledger with the chain",
        asked=ASKED,
        turns=TURNS,
        warm_up=1,
        limit=_pass,
        ours=_check,
    )
    tracemalloc.start()
    with transaction.atomic():
        found = check_ledger(at=timezone.now(), by=Actor(None, ActorChannel.COMMAND))
        transaction.set_rollback(True)
    peak = tracemalloc.get_traced_memory()[1] / 1024**2
    tracemalloc.stop()
    return [
        row,
        require_truth("verify_ledger: no finding", is_true=found.findings == 0),
        require_truth(f"verify_ledger: below {MEGABYTES} MiB", is_true=peak < MEGABYTES),
    ]


def _pass() -> float:
    started = time.perf_counter()
    with connection.cursor() as cursor:
        for table in list_tables():
            _read(cursor, table.name, table.columns())
        for model in KEPT:
            columns = [field.column for field in model._meta.concrete_fields]
            _read(cursor, model._meta.db_table, columns)
        cursor.execute(f"SELECT act, {DIGEST} FROM accounts_writtenrows w GROUP BY act")
        cursor.fetchall()
    return time.perf_counter() - started


def _read(cursor: CursorWrapper, table: str, columns: list[str]) -> None:
    cursor.execute(f"SELECT count(DISTINCT length({digest_sql(columns)})) FROM {table}")
    cursor.fetchone()


def _check() -> float:
    started = time.perf_counter()
    check_ledger(at=timezone.now(), by=Actor(None, ActorChannel.COMMAND))
    return time.perf_counter() - started
