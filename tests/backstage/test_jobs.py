"""Orders for work: never lost, carried out once, one at a time in a queue."""

from __future__ import annotations

from datetime import timedelta

import psycopg2
import pytest
from celery import current_app
from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.utils import translation

from accounts.enums import ActorChannel
from accounts.models import AuditEntry
from backstage import jobs, tasks
from backstage.enums import JobState
from backstage.jobs import (
    JobError,
    JobKind,
    enqueue,
    order_job,
    register_kind,
    requeue_stale,
    run_job,
    stop_job,
)
from backstage.models import Job
from config.lib.lock_classes import LockClass
from tests import factories
from tests.factories import NOON, acting

pytestmark = pytest.mark.django_db


def clock():
    return NOON + timedelta(minutes=5)


@pytest.fixture
def kind():
    """A kind of job whose work each test fills in; its queue is `test`."""

    class Work:
        def __init__(self) -> None:
            self.runs: list[Job] = []
            self.do = lambda progress: None

        def __call__(self, progress):
            self.runs.append(progress.job)
            return self.do(progress)

    work = Work()
    register_kind(JobKind("test.work", lambda job: "work", work, queue="test"))
    yield work
    del jobs._kinds["test.work"]


def order(user=None, **fields) -> Job:
    job = order_job(
        kind="test.work", arguments={}, by=acting(user or factories.make_user()), at=NOON
    )
    Job.objects.filter(pk=job.pk).update(**fields)
    return job


def run(job: Job) -> Job:
    run_job(job_id=job.pk, clock=clock)
    job.refresh_from_db()
    return job


@pytest.mark.parametrize("channel", [ActorChannel.WEB, ActorChannel.COMMAND])
def test_a_job_acts_for_the_person_who_ordered_it_by_the_way_of_the_order(kind, channel):
    """Also one that is begun by another process, which knows of it only what is stored."""
    by = acting(factories.make_user() if channel is ActorChannel.WEB else None, channel)
    job = order_job(kind="test.work", arguments={}, by=by, at=NOON)
    actors = []
    kind.do = lambda progress: actors.append(progress.by)
    run(job)

    assert actors == [by]


def test_an_order_is_rung_for_only_once_it_is_committed(kind, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        job = order()
        assert kind.runs == []

    job.refresh_from_db()
    assert len(kind.runs) == 1
    assert (job.state, job.ended_at is None) == (JobState.DONE, False)


def test_an_order_whose_act_fails_does_not_exist(kind):
    with transaction.atomic():
        order()
        transaction.set_rollback(True)

    assert not Job.objects.exists()


def test_a_job_runs_once_however_often_it_is_rung_for(kind):
    job = order()

    run(job)
    run(job)

    assert len(kind.runs) == 1


def test_the_message_of_a_job_error_reaches_the_person(kind):
    def refuse(progress):
        raise JobError("row 3 is wrong")

    kind.do = refuse

    assert (run(order()).state, Job.objects.get().problem) == (JobState.FAILED, "row 3 is wrong")


def test_a_failed_job_is_an_error_line_without_what_the_person_reads(kind, caplog):
    def refuse(progress):
        raise JobError("王芳 is there twice")

    kind.do = refuse
    job = run(order())

    told = [(line.levelname, line.getMessage()) for line in caplog.records]
    assert told == [("ERROR", f"Job {job.pk} (test.work) failed.")]


def test_a_job_that_is_done_or_stopped_is_none(kind, caplog):
    run(order())
    stop_job(job=order(), by=acting(factories.make_user()), at=NOON)

    assert caplog.records == []


def test_an_unforeseen_error_is_logged_and_tells_nothing_of_its_inside(kind, caplog):
    def fail(progress):
        raise ValueError("inside")

    kind.do = fail
    job = run(order())

    assert job.state == JobState.FAILED
    assert "inside" not in job.problem
    assert str(job.pk) in job.problem
    assert "ValueError" in caplog.text


def test_a_lost_database_leaves_the_job_open(kind):
    def lose(progress):
        raise OperationalError("server closed the connection")

    kind.do = lose
    job = order()
    with pytest.raises(OperationalError):
        run(job)

    job.refresh_from_db()
    assert job.state == JobState.RUNNING


def test_a_job_that_lost_its_worker_is_begun_anew_and_given_up_after_three_times(kind):
    job = run(order(state=JobState.RUNNING, attempts=1))
    assert (job.state, job.attempts) == (JobState.DONE, 2)

    job = run(order(state=JobState.RUNNING, attempts=3))
    assert job.state == JobState.FAILED
    assert job.problem
    assert len(kind.runs) == 1


def test_progress_is_seen_and_a_stop_is_obeyed_at_the_next_step(kind):
    def work(progress):
        progress.report(10, 100)
        stored = Job.objects.get(pk=progress.job.pk)
        assert (stored.done, stored.total) == (10, 100)
        stop_job(job=stored, by=acting(stored.asked_by), at=NOON)
        progress.report(20, 100)
        pytest.fail("went on")

    kind.do = work
    job = run(order())

    assert job.state == JobState.STOPPED
    assert AuditEntry.objects.filter(act="stop_job", object_id=str(job.pk)).exists()


def test_a_waiting_job_is_stopped_at_once_and_one_that_is_over_stays_as_it_is(kind):
    over, waiting = run(order()), order()
    for job in (waiting, over):
        stop_job(job=job, by=acting(job.asked_by), at=NOON)
        job.refresh_from_db()

    assert waiting.state == JobState.STOPPED
    assert (over.state, over.stop_asked) == (JobState.DONE, False)
    assert run(waiting).attempts == 0


def test_a_job_runs_in_the_language_of_its_order(kind):
    languages = []
    kind.do = lambda progress: languages.append(translation.get_language())
    with translation.override("en"):
        english = order()
    with translation.override("zh-hans"):
        chinese = order()

    run(english)
    run(chinese)

    assert languages == ["en", "zh-hans"]


def test_the_end_of_a_job_rings_for_the_next_of_its_lane(kind):
    first, second = order(), order()

    run(first)

    second.refresh_from_db()
    assert second.state == JobState.DONE
    assert [job.pk for job in kind.runs] == [first.pk, second.pk]


def test_a_lane_that_is_taken_by_another_connection_keeps_the_job_waiting(kind):
    job = order()
    parameters = connection.get_connection_params()
    parameters.pop("cursor_factory", None)
    parameters.pop("context", None)
    other = psycopg2.connect(**parameters)
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, hashtext('test'))", [LockClass.JOBS])
        assert run(job).state == JobState.QUEUED
        assert requeue_stale(at=clock()) == 0
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock_all()")
    finally:
        other.close()

    assert run(job).state == JobState.DONE


def test_the_round_rings_for_what_nobody_heard(kind):
    unheard, enqueued, enqueued_long_ago, over = (
        order(),
        order(sent_at=NOON),
        order(sent_at=NOON),
        order(),
    )
    stop_job(job=over, by=acting(over.asked_by), at=NOON)
    Job.objects.filter(pk=enqueued_long_ago.pk).update(sent_at=NOON - timedelta(hours=1))
    Job.objects.filter(pk=enqueued.pk).update(queue="")

    assert requeue_stale(at=NOON) >= 1

    states = dict(Job.objects.values_list("pk", "state"))
    assert states[unheard.pk] == JobState.DONE
    assert states[enqueued_long_ago.pk] == JobState.DONE
    assert states[enqueued.pk] == JobState.QUEUED
    assert states[over.pk] == JobState.STOPPED


def test_a_broker_that_is_away_costs_nothing_but_time(kind, monkeypatch, caplog):
    job = order()

    def away(*args, **kwargs):
        raise ConnectionRefusedError

    monkeypatch.setattr(tasks.run_job, "apply_async", away)
    enqueue(job.pk, NOON)
    monkeypatch.undo()

    job.refresh_from_db()
    assert job.sent_at is None
    assert requeue_stale(at=NOON) == 1
    job.refresh_from_db()
    assert job.state == JobState.DONE


def test_beat_rings_and_sweeps():
    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    current_app.loader.import_default_modules()

    assert {"backstage.requeue_stale", "backstage.sweep_files"} <= scheduled
    assert scheduled <= set(current_app.tasks)


def test_jobs_that_have_been_over_for_long_are_forgotten(kind):
    over, open_ = run(order()), order()

    assert jobs.sweep_jobs(at=clock() + timedelta(days=89)) == 0
    assert jobs.sweep_jobs(at=clock() + timedelta(days=91)) == 1
    assert list(Job.objects.all()) == [open_]
    assert over.pk != open_.pk
