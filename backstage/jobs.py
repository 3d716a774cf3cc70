"""Background jobs: stored as rows, enqueued with the broker, executed once.

A lost broker loses no job: `requeue_stale` enqueues open jobs again. Nor does a lost worker: its
lock ends with its connection and the job starts again. So a kind must give the same result however
often its jobs start.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import translation
from django.utils.connection import ConnectionProxy
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.audit import record_act
from accounts.enums import ActorChannel
from accounts.models import User
from accounts.origin import Actor
from backstage.broker import send_task
from backstage.enums import JobState
from backstage.models import Job, StoredFile
from config.lib.lock_classes import LockClass

logger = logging.getLogger(__name__)

MOST_ATTEMPTS = 3
KEEP_DAYS = 90
# An enqueued job may wait for another; after this long its message may be lost.
REQUEUE_AFTER = timedelta(minutes=1)

_REPORT = """
UPDATE backstage_job SET done = least(%(done)s, %(total)s), total = %(total)s WHERE id = %(job)s
RETURNING stop_asked
"""


class JobError(Exception):
    """The job cannot be done. The message is for the person who ordered it."""


class JobStopped(Exception):
    """A person stopped the job; `Progress.report` raises this inside the job."""


@dataclass(frozen=True)
class JobKind:
    """A kind of job: its label, its function, and the page of its result.

    `run` returns the file that it wrote, if any; `may_fetch` says whether a person may still
    download it. Jobs of one `queue` never run at the same time. Progress is counted in rows, or if
    `in_rows` is false in steps, shown as a percentage. `title` describes the kind for jobs that may
    be deleted already.
    """

    name: str
    label: Callable[[Job], str | Promise]
    run: Callable[[Progress], StoredFile | None]
    page: Callable[[Job], str] | None = None
    queue: str = ""
    may_fetch: Callable[[Job, User, datetime], bool] | None = None
    in_rows: bool = True
    title: str | Promise = ""


_kinds: dict[str, JobKind] = {}


def register_kind(kind: JobKind) -> None:
    """Register a kind of job; called once per kind, at start-up."""
    _kinds[kind.name] = kind


def kind_of(job: Job) -> JobKind:
    """The kind of a stored job. For an unknown kind, a stand-in that only fails."""
    return _kinds.get(job.kind) or JobKind(
        job.kind, label=lambda job: job.kind, run=_refuse, may_fetch=lambda *_: False
    )


def format_job(name: str) -> str:
    """A stored job name from the audit trail, kind and number, in words."""
    kind, _space, number = name.rpartition(" ")
    title = _kinds[kind].title if kind in _kinds else ""
    return f"{title} {number}" if title else name


def _refuse(progress: Progress) -> None:
    raise JobError(_("Work of this kind is no longer done: %(kind)s") % {"kind": progress.job.kind})


class Progress:
    """The state of a running job, and its progress reports."""

    def __init__(self, job: Job, clock: Callable[[], datetime]) -> None:
        self.job = job
        self.clock = clock
        self._connection: BaseDatabaseWrapper | ConnectionProxy = connection

    @property
    def by(self) -> Actor:
        """The person who ordered the job; its actions are recorded as theirs."""
        return Actor(self.job.asked_by, ActorChannel(self.job.channel), self.job.address)

    def report(self, done: int, total: int) -> None:
        """Report that `done` of `total` rows are done. Raises JobStopped if a stop was requested.

        Call it outside a transaction or within `beside`; otherwise others see it only at the end.
        """
        with self._connection.cursor() as cursor:
            cursor.execute(_REPORT, {"job": self.job.pk, "done": done, "total": total})
            row = cursor.fetchone()
        if row and row[0]:
            raise JobStopped

    @contextmanager
    def beside(self) -> Iterator[None]:
        """Report through a separate connection, for work that is one single transaction.

        That transaction must not write the job's row.
        """
        self._connection = connection.copy()
        try:
            yield
        finally:
            self._connection.close()
            self._connection = connection


def order_job(*, kind: str, arguments: dict[str, Any], by: Actor, at: datetime) -> Job:
    """Order a job in the caller's transaction; it is enqueued after the commit.

    It runs in the language in which it was ordered.
    """
    job = Job.objects.create(
        kind=kind,
        arguments=arguments,
        queue=_kinds[kind].queue,
        language=translation.get_language() or "",
        asked_by=by.user,
        asked_at=at,
        channel=by.channel,
        address=by.address,
    )
    transaction.on_commit(lambda: enqueue(job.pk, at))
    return job


def enqueue(job_id: int, at: datetime) -> None:
    """Send a job to the workers. If the broker is unavailable, `requeue_stale` sends it later."""
    if send_task("backstage.run_job", job_id):  # it calls `run_job` below
        Job.objects.filter(pk=job_id).update(sent_at=at)
    else:
        logger.warning("The broker is away; job %d waits for the next round.", job_id)


def requeue_stale(*, at: datetime) -> int:
    """Enqueue open jobs that are neither running nor recently enqueued; return how many."""
    count = 0
    for job in Job.objects.open():
        recently_enqueued = job.sent_at is not None and at - job.sent_at < REQUEUE_AFTER
        if recently_enqueued or _is_worked_on(job):
            continue
        enqueue(job.pk, at)
        count += 1
    return count


@transaction.atomic
def stop_job(*, job: Job, by: Actor, at: datetime) -> None:
    """Request a stop: at once for a waiting job, else at its next step; not if it is over."""
    stored = Job.objects.select_for_update().get(pk=job.pk)
    if stored.is_over:
        return
    if stored.state == JobState.QUEUED:
        stored.state, stored.ended_at = JobState.STOPPED, at
    stored.stop_asked = True
    stored.save(update_fields=["state", "ended_at", "stop_asked"])
    record_act(act="stop_job", obj=stored, by=by, at=at)


def run_job(*, job_id: int, clock: Callable[[], datetime]) -> None:
    """Run a job unless it is over or its queue is taken; then enqueue the next of its queue.

    Any error ends the job with a message for its owner, except a lost database connection: then the
    job stays open and is enqueued again.
    """
    job = Job.objects.filter(pk=job_id).first()
    if job is None or job.is_over:
        return
    with _queue_of(job) as is_free:
        if not is_free or not _begin(job, clock()):
            return
        with translation.override(job.language or None):
            _carry_out(job, clock)
    following = Job.objects.open().filter(queue=job.queue).first() if job.queue else None
    if following:
        enqueue(following.pk, clock())


def sweep_jobs(*, at: datetime) -> int:
    """Delete jobs that have been over for `KEEP_DAYS`; return how many."""
    return Job.objects.filter(ended_at__lt=at - timedelta(days=KEEP_DAYS)).delete()[0]


def _carry_out(job: Job, clock: Callable[[], datetime]) -> None:
    try:
        file = kind_of(job).run(Progress(job, clock))
    except JobStopped:
        _end(job, JobState.STOPPED, clock())
    except JobError as error:
        _end(job, JobState.FAILED, clock(), problem=str(error))
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        logger.exception("Job %d (%s) met a fault.", job.pk, job.kind)
        problem = _("Something went wrong here; the system administrator finds it as job %(n)d.")
        _end(job, JobState.FAILED, clock(), problem=problem % {"n": job.pk})
    else:
        _end(job, JobState.DONE, clock(), file=file)


@transaction.atomic
def _begin(job: Job, at: datetime) -> bool:
    """Mark the job as running; False if it is over, or fails here after too many attempts."""
    stored = Job.objects.select_for_update().get(pk=job.pk)
    if stored.is_over:
        return False
    if stored.attempts >= MOST_ATTEMPTS:
        problem = _("This was broken off %(n)d times, so it was given up. Nothing was changed.")
        _end(job, JobState.FAILED, at, problem=problem % {"n": stored.attempts})
        return False
    stored.state = JobState.RUNNING
    stored.attempts += 1
    stored.started_at = at
    stored.save(update_fields=["state", "attempts", "started_at"])
    return True


def _end(job: Job, state: JobState, at: datetime, **values: Any) -> None:
    """End the job. The log of a failure leaves out the problem, which may name a person."""
    if state == JobState.FAILED:
        logger.error("Job %d (%s) failed.", job.pk, job.kind)
    Job.objects.filter(pk=job.pk).update(state=state, ended_at=at, **values)


@contextmanager
def _queue_of(job: Job) -> Iterator[bool]:
    """Lock the job's queue, or the job itself if it has none; yields False if it is taken."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_lock(%s, hashtext(%s))", [LockClass.JOBS, _lock_name(job)]
        )
        is_free = cursor.fetchone()[0]
    try:
        yield is_free
    finally:
        if is_free and connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_advisory_unlock(%s, hashtext(%s))", [LockClass.JOBS, _lock_name(job)]
                )


def _is_worked_on(job: Job) -> bool:
    with _queue_of(job) as is_free:
        return not is_free


def _lock_name(job: Job) -> str:
    return job.queue or f"job {job.pk}"
