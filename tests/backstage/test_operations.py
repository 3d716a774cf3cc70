"""Rows that show what runs: beat, workers, backups; and the state of the queue."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from backstage.enums import JobState, RunOutcome
from backstage.files_folder import FolderState, look_at_folder
from backstage.models import Job, OperationRun
from backstage.operations import (
    BACKUP,
    BEAT,
    WORKER,
    latest_age,
    latest_run,
    living_workers,
    read_queue,
    record_run,
    tick,
)
from tests.factories import NOON

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def make_run(kind: str, age: timedelta, **fields) -> OperationRun:
    run = record_run(kind, started_at=NOON, **{"outcome": RunOutcome.OK, **fields})
    run.finished_at = timezone.now() - age
    run.save(update_fields=["finished_at"])
    return run


def test_a_run_ends_by_the_clock_of_the_database_whatever_ours_says():
    record_run(BACKUP, started_at=NOON, outcome=RunOutcome.OK, detail="x" * 600)

    run = latest_run(BACKUP)
    assert run is not None
    assert run.started_at == NOON
    assert timedelta(0) <= run.age < MINUTE
    assert len(run.detail) == 500


def test_a_failed_run_is_the_latest_but_none_to_rest_upon():
    assert latest_run(BACKUP) is latest_age(BACKUP) is None
    make_run(BACKUP, 30 * MINUTE)
    failed = make_run(BACKUP, 10 * MINUTE, outcome=RunOutcome.FAILED)

    assert latest_run(BACKUP) == failed
    age = latest_age(BACKUP)
    assert age is not None
    assert 30 * MINUTE <= age < 31 * MINUTE


def test_a_worker_lives_as_long_as_it_gives_signs():
    make_run(WORKER, MINUTE, detail="two")
    make_run(WORKER, 2 * MINUTE, detail="two")
    make_run(WORKER, MINUTE, detail="one")
    make_run(WORKER, 4 * MINUTE, detail="gone")

    assert living_workers() == ["one", "two"]


def test_a_tick_leaves_its_trace_and_marks_a_new_folder():
    tick(at=NOON)

    assert latest_age(BEAT) is not None
    assert look_at_folder() is FolderState.OK


def test_a_tick_sweeps_old_traces_and_keeps_backups():
    kept = [make_run(BEAT, timedelta(days=1)), make_run(BACKUP, timedelta(days=700))]
    for kind in (BEAT, WORKER):
        make_run(kind, timedelta(days=3))
    tick(at=NOON)

    assert set(OperationRun.objects.exclude(finished_at__gt=timezone.now() - MINUTE)) == set(kept)


def test_the_queue_is_that_of_the_rows():
    assert vars(read_queue(at=NOON)) == {
        "waiting": 0,
        "running": 0,
        "failed": 0,
        "waiting_since": None,
    }
    for hours in (1, 2):
        Job.objects.create(kind="x", asked_at=NOON - timedelta(hours=hours))
    Job.objects.create(kind="x", asked_at=NOON - timedelta(hours=3), state=JobState.RUNNING)
    for days in (6, 8):
        ended = NOON - timedelta(days=days)
        Job.objects.create(kind="x", asked_at=ended, ended_at=ended, state=JobState.FAILED)

    queue = read_queue(at=NOON)
    assert (queue.waiting, queue.running, queue.failed) == (2, 1, 1)
    assert queue.waiting_since == NOON - timedelta(hours=2)
