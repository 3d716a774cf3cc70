"""What keeps the site leaves a row: beat's ticks, signs of life of workers, backups."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, DurationField, ExpressionWrapper, F, Min, Q, QuerySet
from django.db.models.functions import Now

from backstage.enums import JobState, RunOutcome
from backstage.files_folder import mark_new_folder
from backstage.models import Job, OperationRun

BEAT, WORKER, BACKUP, RESTORE_DRILL = "beat", "worker", "backup", "restore_drill"
# Ticks and signs of life come every minute; one may fall into a restart, three are no chance.
SIGN_OF_LIFE_SECONDS = 60
LATE_AFTER = timedelta(minutes=3)
# Long enough to look back at a bad night; backups and other runs are kept for good.
_KEEP_SIGNS_OF_LIFE = timedelta(days=2)
FAILED_WITHIN = timedelta(days=7)


def record_run(
    kind: str, *, started_at: datetime, outcome: RunOutcome | str, detail: str = ""
) -> OperationRun:
    """Record that a run of `kind` has just ended; `detail` has no personal data."""
    return OperationRun.objects.create(
        kind=kind, started_at=started_at, outcome=outcome, detail=detail[:500]
    )


def tick(*, at: datetime) -> None:
    """Beat's trace of every minute; also deletes old traces, and marks a new files folder."""
    record_run(BEAT, started_at=at, outcome=RunOutcome.OK)
    old = OperationRun.objects.filter(kind__in=[BEAT, WORKER])
    old.filter(finished_at__lt=Now() - _KEEP_SIGNS_OF_LIFE).delete()
    mark_new_folder()


def latest_run(kind: str) -> OperationRun | None:
    """The last run of `kind`, with its `age` by the clock of the database."""
    return _with_age(kind).first()


def latest_age(kind: str) -> timedelta | None:
    """How long ago the last successful run of `kind` ended."""
    run = _with_age(kind).filter(outcome=RunOutcome.OK).first()
    return run.age if run else None


def living_workers() -> list[str]:
    """The names of the workers that gave a sign of life lately."""
    recent = _with_age(WORKER).filter(finished_at__gt=Now() - LATE_AFTER)
    return sorted(set(recent.values_list("detail", flat=True)))


@dataclass(frozen=True)
class QueueFigures:
    """How many jobs wait, run, and failed lately; and since when the oldest one waits."""

    waiting: int
    running: int
    failed: int
    waiting_since: datetime | None


def read_queue(*, at: datetime) -> QueueFigures:
    """The jobs as the rows say, whatever the broker holds."""
    waiting = Q(state=JobState.QUEUED)
    counts = Job.objects.aggregate(
        waiting=Count("pk", filter=waiting),
        running=Count("pk", filter=Q(state=JobState.RUNNING)),
        failed=Count("pk", filter=Q(state=JobState.FAILED, ended_at__gt=at - FAILED_WITHIN)),
        waiting_since=Min("asked_at", filter=waiting),
    )
    return QueueFigures(**counts)


def _with_age(kind: str) -> QuerySet[Any]:
    """The runs of `kind`, newest first."""
    age = ExpressionWrapper(Now() - F("finished_at"), output_field=DurationField())
    return OperationRun.objects.filter(kind=kind).annotate(age=age)
