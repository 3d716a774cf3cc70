"""A job with parts for workers of the tests: each part writes its amount, the last step their sum.

Workers import it (`tests.services.impatient`). Its rows have no constraint, so one that is written
twice shows. While a file named like a part, or `sum`, lies in the folder of the order, that step
waits after it has written.
"""

from __future__ import annotations

import time
from pathlib import Path

from django.utils import timezone

from backstage.enums import RunOutcome
from backstage.jobs import JobKind, PartRun, Progress, Run, register_kind
from backstage.models import OperationRun

KIND = "test.sum"


def add(run: PartRun) -> None:
    """Write the amount of a part: its length."""
    _write(run, run.key, len(run.key))


def add_up(progress: Progress) -> None:
    """Write the sum of what the parts wrote."""
    _write(progress, "sum", sum(amount for _word, amount in read_rows()))


def read_rows() -> list[tuple[str, int]]:
    """What was written, in order of words."""
    rows = OperationRun.objects.filter(kind=KIND).values_list("detail", flat=True)
    return sorted((row.split()[0], int(row.split()[1])) for row in rows)


def _write(run: Run, word: str, amount: int) -> None:
    OperationRun.objects.create(
        kind=KIND, started_at=timezone.now(), outcome=RunOutcome.OK, detail=f"{word} {amount}"
    )
    while (Path(run.job.arguments["folder"]) / word).exists():
        time.sleep(0.02)
        run.job.parts.exists()  # the database must be there


register_kind(JobKind(KIND, lambda job: "sum", add_up, run_part=add, queue="test sums"))
