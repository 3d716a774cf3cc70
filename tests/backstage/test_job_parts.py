"""Jobs with parts: each part once, the last step once, and an end whatever happens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import psycopg2
import pytest
from celery import Celery, current_app
from django.db import OperationalError, connection
from django.urls import reverse
from django.utils import translation

from accounts.enums import Role
from backstage import jobs
from backstage.broker import send_tasks
from backstage.enums import JobState, RunOutcome
from backstage.job_parts import run_part
from backstage.jobs import (
    JobError,
    JobKind,
    PartRun,
    Progress,
    Run,
    order_job,
    register_kind,
    requeue_stale,
    run_job,
    stop_job,
)
from backstage.models import Job, JobPart, OperationRun
from config.lib.lock_classes import LockClass
from tests import factories
from tests.browsers import browser_of
from tests.factories import NOON, acting

pytestmark = pytest.mark.django_db

LATER = NOON + timedelta(hours=1)


def clock():
    return NOON + timedelta(minutes=5)


def write(word: str) -> None:
    OperationRun.objects.create(kind="test", started_at=NOON, outcome=RunOutcome.OK, detail=word)


def written() -> list[str]:
    return list(
        OperationRun.objects.filter(kind="test").order_by("pk").values_list("detail", flat=True)
    )


@contextmanager
def at_work_elsewhere(part: JobPart) -> Iterator[None]:
    parameters = connection.get_connection_params()
    parameters.pop("cursor_factory", None)
    parameters.pop("context", None)
    other = psycopg2.connect(**parameters)
    try:
        with other.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_lock(%s, hashtext(%s))", [LockClass.JOBS, part.lock_name]
            )
        yield
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock_all()")
    finally:
        other.close()


class Work:
    """Parts write their keys, the last step `sum`; a word may do or raise something else too."""

    def __init__(self) -> None:
        self.meanwhile: dict[str, Callable[[], object]] = {}
        self.faults: dict[str, Exception] = {}
        self.runs: list[Run] = []

    def part(self, run: PartRun) -> None:
        self._do(run, run.key)

    def last(self, progress: Progress) -> None:
        self._do(progress, "sum")

    def undo(self, run: Run) -> None:
        OperationRun.objects.filter(kind="test").delete()
        self._do(run, "undone")

    def _do(self, run: Run, word: str) -> None:
        self.runs.append(run)
        write(word)
        if word in self.meanwhile:
            self.meanwhile[word]()
        if word in self.faults:
            raise self.faults[word]


@pytest.fixture
def work():
    """Two kinds with parts: if a job fails, what its parts wrote is `kept`, or `undone`."""
    work = Work()
    register_kind(JobKind("test.kept", lambda job: "kept", work.last, run_part=work.part))
    register_kind(
        JobKind(
            "test.undone",
            lambda job: "undone",
            work.last,
            run_part=work.part,
            undo_parts=work.undo,
            queue="test",
        )
    )
    yield work
    del jobs._kinds["test.kept"], jobs._kinds["test.undone"]


@pytest.fixture
def broker(monkeypatch):
    """Messages that were sent: kept here, where otherwise a worker would act on them at once."""
    sent: list[tuple[str, int]] = []
    monkeypatch.setattr(jobs, "send_task", lambda _name, key: not sent.append(("job", key)))
    monkeypatch.setattr(
        jobs, "send_tasks", lambda _name, keys: not sent.extend(("part", key) for key in keys)
    )
    return sent


def order(kind: str = "test.kept", keys: str = "abc", *, user=None, language="en") -> Job:
    with translation.override(language):
        return order_job(
            kind=kind,
            arguments={},
            parts=[(key, f"school {key}") for key in keys],
            by=acting(user or factories.make_user()),
            at=NOON,
        )


def run(job: Job) -> Job:
    run_job(job_id=job.pk, clock=clock)
    job.refresh_from_db()
    return job


def part_of(job: Job, key: str) -> JobPart:
    return job.parts.get(key=key)


def do(job: Job, key: str) -> JobPart:
    run_part(part_id=part_of(job, key).pk, clock=clock)
    return part_of(job, key)


def states(job: Job) -> dict[str, str]:
    return dict(job.parts.values_list("key", "state"))


def test_parts_are_done_and_then_the_last_step(work):
    job = run(order())

    assert written() == ["a", "b", "c", "sum"]
    assert (job.state, job.done, job.total, job.attempts) == (JobState.DONE, 3, 3, 1)
    assert set(states(job).values()) == {JobState.DONE}


def test_a_job_without_a_single_part_has_its_last_step(work):
    assert run(order(keys="")).state == JobState.DONE
    assert written() == ["sum"]


def test_parts_are_sent_once_and_the_last_step_after_the_last_part(work, broker):
    job = order(keys="ab")
    keys = [part_of(job, key).pk for key in "ab"]
    run(job)
    run(job)
    assert broker == [("part", keys[0]), ("part", keys[1])]

    do(job, "b")
    assert len(broker) == 2
    do(job, "a")
    job.refresh_from_db()

    assert broker[2:] == [("job", job.pk)]
    assert (job.state, job.done) == (JobState.RUNNING, 2)
    assert written() == ["b", "a"]
    assert run(job).state == JobState.DONE


def test_the_same_message_twice_does_a_part_and_the_last_step_once(work, broker):
    job = run(order(keys="ab"))
    for key in "aabb":
        do(job, key)
    run(job)
    run(job)

    assert written() == ["a", "b", "sum"]
    assert list(job.parts.values_list("attempts", flat=True)) == [1, 1]


def test_a_part_at_work_elsewhere_is_left_to_it(work, broker):
    job = run(order(keys="a"))
    JobPart.objects.update(state=JobState.RUNNING)
    with at_work_elsewhere(part_of(job, "a")):
        assert do(job, "a").state == JobState.RUNNING
        assert requeue_stale(at=LATER) == 0

    assert do(job, "a").state == JobState.DONE


def test_the_round_sends_lost_parts_and_a_lost_last_step_again(work, broker):
    job = run(order(keys="abc"))
    broker.clear()
    do(job, "a")
    assert requeue_stale(at=clock()) == 0
    JobPart.objects.filter(job=job, key="b").update(state=JobState.RUNNING, attempts=1)

    assert requeue_stale(at=LATER) == 2
    assert broker == [("part", part_of(job, "b").pk), ("part", part_of(job, "c").pk)]

    do(job, "b")
    do(job, "c")
    broker.clear()
    assert requeue_stale(at=LATER) == 1
    assert broker == [("job", job.pk)]
    assert requeue_stale(at=LATER) == 0


def test_parts_that_wait_for_their_turn_are_not_sent_again_while_another_is_at_work(work, broker):
    job = run(order(keys="abc"))
    broker.clear()
    JobPart.objects.filter(job=job, key__in="ab").update(state=JobState.RUNNING, attempts=1)
    with at_work_elsewhere(part_of(job, "a")):
        assert requeue_stale(at=LATER) == 1

    assert broker == [("part", part_of(job, "b").pk)]


def test_a_broker_that_is_away_leaves_parts_for_the_next_round(work, broker, monkeypatch):
    job = order(keys="ab")
    with monkeypatch.context() as away:
        away.setattr(jobs, "send_tasks", lambda *_: False)
        run(job)
    assert job.state == JobState.RUNNING

    assert requeue_stale(at=NOON) == 2
    assert {kind for kind, _key in broker} == {"part"}


def do_nothing(key: int) -> None:
    """Nothing."""


@contextmanager
def sent_through(broker: str, **options: object) -> Iterator[None]:
    """Tasks are sent through another broker, `test.part` among them."""
    before = current_app._get_current_object()
    with Celery("test", broker=broker, set_as_current=False) as app:
        app.conf.broker_transport_options = options
        app.task(name="test.part")(do_nothing)
        app.set_current()
        try:
            yield
        finally:
            before.set_current()


def test_a_group_for_a_broker_that_is_away_is_not_sent():
    # Nothing listens on the first port.
    with sent_through("redis://127.0.0.1:1/0", max_retries=1, interval_start=0):
        assert not send_tasks("test.part", [1, 2])


def test_a_group_is_some_messages_in_the_folder_of_a_site_without_redis(tmp_path):
    folder = str(tmp_path / "queue")
    (tmp_path / "queue").mkdir()
    options = {"data_folder_in": folder, "data_folder_out": folder}
    with sent_through("files://localhost", control_folder=str(tmp_path / "control"), **options):
        assert send_tasks("test.part", [7, 8])
        with current_app.connection_for_read() as queue, queue.SimpleQueue("celery") as messages:
            received = [messages.get(timeout=30).payload[0] for _ in range(2)]

    assert received == [[7], [8]]


def test_a_failing_part_ends_the_job_and_what_others_wrote_stays(work, broker):
    work.faults["b"] = JobError("row 3 is wrong")
    job = run(order(keys="abc"))
    do(job, "a")
    part = do(job, "b")
    assert (part.state, part.problem) == (JobState.FAILED, "row 3 is wrong")
    assert do(job, "c").state == JobState.STOPPED
    run(job)

    assert (job.state, job.problem) == (JobState.FAILED, "school b: row 3 is wrong")
    assert written() == ["a"]


def test_a_failing_part_undoes_the_others_if_the_kind_says_so(work, broker):
    work.faults["b"] = JobError("row 3 is wrong")
    job = run(order("test.undone", keys="abc"))
    do(job, "a")
    do(job, "b")

    assert run(job).state == JobState.FAILED
    assert written() == ["undone"]


def test_a_part_at_work_comes_to_its_end_before_its_job_ends(work, broker):
    """So nothing is written after `undo_parts`."""
    job = run(order("test.undone", keys="abc"))
    work.faults["b"] = JobError("row 3 is wrong")
    work.meanwhile["a"] = lambda: do(job, "b")
    do(job, "a")

    assert states(job) == {
        "a": JobState.DONE,
        "b": JobState.FAILED,
        "c": JobState.STOPPED,
    }
    assert broker[-1] == ("job", job.pk)
    assert run(job).state == JobState.FAILED
    assert written() == ["undone"]


def test_a_fault_tells_nothing_of_its_inside(work, broker, caplog):
    work.faults["a"] = ValueError("inside")
    job = run(order(keys="a"))
    do(job, "a")
    run(job)

    assert job.state == JobState.FAILED
    assert "inside" not in job.problem
    assert str(job.pk) in job.problem
    assert "ValueError" in caplog.text


def test_a_last_step_that_fails_undoes_the_parts_if_the_kind_says_so(work, broker):
    work.faults["sum"] = JobError("no sum")
    kept, undone = run(order(keys="a")), run(order("test.undone", keys="b"))
    do(kept, "a")
    run(kept)
    assert (kept.state, kept.problem, written()) == (JobState.FAILED, "no sum", ["a"])

    do(undone, "b")
    run(undone)
    assert (undone.state, written()) == (JobState.FAILED, ["undone"])


def test_an_undoing_that_fails_ends_the_job_all_the_same(work, broker):
    work.faults = {"b": JobError("row 3 is wrong"), "undone": ValueError("inside")}
    job = run(order("test.undone", keys="ab"))
    do(job, "a")
    do(job, "b")
    run(job)

    assert (job.state, written()) == (JobState.FAILED, ["a"])
    assert str(job.pk) in job.problem


def test_a_lost_database_leaves_part_and_last_step_open(work, broker):
    job = run(order(keys="a"))
    work.faults["a"] = OperationalError("server closed the connection")
    with pytest.raises(OperationalError):
        do(job, "a")
    assert part_of(job, "a").state == JobState.RUNNING
    assert written() == []

    work.faults = {"sum": OperationalError("server closed the connection")}
    do(job, "a")
    with pytest.raises(OperationalError):
        run(job)
    job.refresh_from_db()
    assert (job.state, written()) == (JobState.RUNNING, ["a"])

    work.faults.clear()
    assert run(job).state == JobState.DONE
    assert written() == ["a", "sum"]


def test_a_part_that_loses_its_worker_three_times_ends_the_job(work, broker):
    job = run(order(keys="ab"))
    JobPart.objects.filter(job=job, key="a").update(state=JobState.RUNNING, attempts=3)

    assert do(job, "a").state == JobState.FAILED
    assert part_of(job, "b").state == JobState.STOPPED
    assert run(job).state == JobState.FAILED
    assert written() == []


def test_a_last_step_that_loses_its_worker_three_times_ends_the_job(work, broker):
    job = run(order(keys="a"))
    do(job, "a")
    Job.objects.filter(pk=job.pk).update(attempts=3)

    assert run(job).state == JobState.FAILED
    assert "Nothing was changed" not in job.problem
    assert written() == ["a"]


def test_a_stop_ends_parts_that_have_not_begun(work, broker):
    job = run(order("test.undone", keys="abc"))
    by = acting(job.asked_by)
    do(job, "b")
    work.meanwhile["a"] = lambda: stop_job(job=job, by=by, at=NOON)
    do(job, "a")

    assert states(job) == {
        "a": JobState.DONE,
        "b": JobState.DONE,
        "c": JobState.STOPPED,
    }
    assert run(job).state == JobState.STOPPED
    assert written() == ["undone"]


def test_a_stop_ends_a_job_none_of_whose_parts_is_at_work(
    work, broker, django_capture_on_commit_callbacks
):
    job = run(order(keys="ab"))
    broker.clear()
    with django_capture_on_commit_callbacks(execute=True):
        stop_job(job=job, by=acting(job.asked_by), at=NOON)

    assert broker == [("job", job.pk)]
    assert run(job).state == JobState.STOPPED
    assert do(job, "a").state == JobState.STOPPED
    assert written() == []


def test_a_lost_part_does_not_begin_again_after_a_stop(work, broker):
    job = run(order(keys="ab"))
    JobPart.objects.filter(job=job, key="a").update(state=JobState.RUNNING, attempts=1)
    stop_job(job=job, by=acting(job.asked_by), at=NOON)

    assert do(job, "a").state == JobState.STOPPED
    assert broker[-1] == ("job", job.pk)


def test_a_lane_is_taken_from_the_first_part_to_the_last_step(work, broker):
    first = run(order("test.undone", keys="a"))
    second = run(order("test.undone", keys="b"))
    assert second.state == JobState.QUEUED
    assert requeue_stale(at=clock()) == 0

    do(first, "a")
    broker.clear()
    assert run(first).state == JobState.DONE
    assert broker == [("job", second.pk)]
    assert run(second).state == JobState.RUNNING


def test_parts_run_for_the_person_and_in_the_language_of_the_order(work, broker):
    languages = []
    work.meanwhile["a"] = lambda: languages.append(translation.get_language())
    user = factories.make_user()
    job = run(order(keys="a", user=user, language="zh-hans"))
    do(job, "a")

    assert languages == ["zh-hans"]
    assert work.runs[0].by == acting(user)


def test_a_kind_that_is_gone_only_fails(work, broker):
    job = run(order(keys="a"))
    kept = jobs._kinds.pop("test.kept")
    do(job, "a")
    run(job)
    jobs._kinds["test.kept"] = kept

    assert job.state == JobState.FAILED
    assert "test.kept" in job.problem


def test_old_jobs_go_with_their_parts_and_are_counted_as_jobs(work, broker):
    job = run(order(keys="ab"))
    stop_job(job=job, by=acting(job.asked_by), at=NOON)
    run(job)

    assert jobs.sweep_jobs(at=clock() + timedelta(days=91)) == 1
    assert not JobPart.objects.exists()


def test_the_page_shows_the_parts_and_stops_them(work, broker):
    user = factories.make_user()
    factories.grant(user, Role.ORGANISATION_DEPARTMENT)
    browser = browser_of(user)
    job = run(order(keys="abc", user=user))
    work.faults["b"] = JobError("row 3 is wrong")
    do(job, "a")
    address = reverse("backstage:job", args=[job.pk])

    page = browser.get(address).text
    assert "1 of 3 parts" in page
    assert all(f"school {key}" in page for key in "abc")
    assert "33%" in browser.get(reverse("home")).text

    do(job, "b")
    run(job)
    page = browser.get(address).text
    assert "school b: row 3 is wrong" in page
    assert "What its finished parts wrote stays." in page

    job = run(order("test.undone", keys="ab", user=user))
    page = browser.post(reverse("backstage:stop_job", args=[job.pk]), follow=True).text
    assert "It was asked to stop" in page
    run(job)
    page = browser.get(reverse("backstage:job", args=[job.pk])).text
    assert "It was stopped, and nothing was written." in page
