"""Jobs with parts on real workers: whatever is killed, each part and the last step count once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import transaction
from django.utils import timezone

from backstage.enums import JobState
from backstage.jobs import order_job
from backstage.models import Job, JobPart
from tests import factories
from tests.factories import acting
from tests.services import summing
from tests.services.conftest import (
    PATIENCE,
    RedisServer,
    Worker,
    end_connections_at_work,
    wait_for,
)

PARTS = ["a", "bb", "ccc", "dddd", "eeeee"]
# What a run without any fault writes.
CLEAN = [*((word, len(word)) for word in PARTS), ("sum", 15)]


@pytest.fixture
def workers(two_workers: Worker, tmp_path: Path) -> Iterator[Worker]:
    yield two_workers
    for word in (*PARTS, "sum"):
        (tmp_path / word).unlink(missing_ok=True)


@pytest.fixture
def order(sender, tmp_path: Path):
    """Orders a job whose steps in `held` wait once they have written."""

    def order(*held: str) -> Job:
        for word in held:
            (tmp_path / word).touch()
        with transaction.atomic():
            return order_job(
                kind=summing.KIND,
                arguments={"folder": str(tmp_path)},
                parts=[(word, word) for word in PARTS],
                by=acting(factories.make_user()),
                at=timezone.now(),
            )

    def let_go(*held: str) -> None:
        for word in held:
            (tmp_path / word).unlink()

    order.let_go = let_go
    return order


def wait_for_parts(job: Job, state: JobState, *keys: str) -> None:
    wait_for(lambda: job.parts.filter(key__in=keys, state=state).count() == len(keys), PATIENCE)


def wait_for_last_step(job: Job, attempts: int = 1) -> None:
    wait_for(lambda: Job.objects.filter(pk=job.pk, attempts=attempts).exists(), PATIENCE)


def wait_for_end(job: Job) -> Job:
    wait_for(lambda: Job.objects.get(pk=job.pk).is_over, PATIENCE)
    job.refresh_from_db()
    return job


def assert_is_clean(job: Job) -> None:
    assert (job.state, job.problem, job.done) == (JobState.DONE, "", len(PARTS))
    assert summing.read_rows() == CLEAN
    assert not JobPart.objects.exclude(state=JobState.DONE).exists()


def test_messages_that_come_twice_count_once(workers, order, sender):
    job = order("a", "bb")
    wait_for_parts(job, JobState.RUNNING, "a", "bb")
    for key in [*job.parts.values_list("pk", flat=True)] * 2:
        sender.send_task("backstage.run_part", args=[key])
    sender.send_task("backstage.run_job", args=[job.pk])
    order.let_go("a", "bb")

    assert_is_clean(wait_for_end(job))
    assert set(job.parts.values_list("attempts", flat=True)) == {1}
    assert job.attempts == 1


def test_a_worker_killed_in_a_part_and_in_the_last_step_costs_nothing(workers, order):
    job = order("a", "bb", "sum")
    wait_for_parts(job, JobState.RUNNING, "a", "bb")
    workers.kill()
    assert summing.read_rows() == []
    order.let_go("a", "bb")
    wait_for_last_step(job)
    assert sorted(job.parts.values_list("attempts", flat=True)) == [1, 1, 1, 1, 2]

    workers.kill()
    workers.start()
    wait_for_last_step(job, attempts=2)
    order.let_go("sum")

    assert_is_clean(wait_for_end(job))


def test_a_redis_that_loses_everything_in_mid_run_costs_nothing(
    workers, order, redis_server: RedisServer
):
    job = order("a", "bb")
    wait_for_parts(job, JobState.RUNNING, "a", "bb")
    redis_server.kill()
    order.let_go("a", "bb")
    wait_for_parts(job, JobState.DONE, "a", "bb")
    redis_server.start()

    assert_is_clean(wait_for_end(job))


def test_connections_that_the_database_ends_cost_nothing(workers, order):
    job = order("a", "bb", "sum")
    wait_for_parts(job, JobState.RUNNING, "a", "bb")
    assert end_connections_at_work() == 2
    order.let_go("a", "bb")
    wait_for_last_step(job)
    assert end_connections_at_work() == 1
    order.let_go("sum")

    assert_is_clean(wait_for_end(job))
    assert job.attempts == 2
