"""Orders for work behind the pages: kept as rows, rung for by the broker, carried out once.

A lost broker loses nothing: `list_unheard` finds what is to be rung for again. A lost worker loses
nothing either: its lock ends with its connection, and the job is begun anew, so what a kind runs
must come to one result however often it is begun.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from celery import current_app
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import translation
from django.utils.connection import ConnectionProxy
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from kombu.exceptions import KombuError

from accounts.audit import record_act
from accounts.enums import ActorChannel
from accounts.models import User
from accounts.origin import Actor
from backstage.enums import JobState
from backstage.models import Job, StoredFile

logger = logging.getLogger(__name__)

MOST_ATTEMPTS = 3
KEEP_DAYS = 90
# A job that was rung for may wait behind another one; after this long the bell may be lost.
RING_AGAIN_AFTER = timedelta(minutes=1)
_LOCKS = 74_21  # our class of advisory locks

_REPORT = """
UPDATE backstage_job SET done = least(%(done)s, %(total)s), total = %(total)s WHERE id = %(job)s
RETURNING stop_asked
"""


class JobError(Exception):
    """The job cannot be done. The message is for the person who asked."""


class JobStopped(Exception):
    """Somebody asked the job to stop; raised inside it by `Progress.report`."""


@dataclass(frozen=True)
class JobKind:
    """What a kind of job is called, does, and where its result is looked at.

    `run` returns the file that it wrote, if any, and `may_fetch` says whether a person may still
    have it. Jobs of one `lane` never run side by side. What a kind reports are rows, or with
    `in_rows` false steps, which people see as a percentage. `title` says what the kind does where
    the job itself may be forgotten.
    """

    name: str
    label: Callable[[Job], str | Promise]
    run: Callable[[Progress], StoredFile | None]
    page: Callable[[Job], str] | None = None
    lane: str = ""
    may_fetch: Callable[[Job, User, datetime], bool] | None = None
    in_rows: bool = True
    title: str | Promise = ""


_kinds: dict[str, JobKind] = {}


def register_kind(kind: JobKind) -> None:
    """Make a kind of job known; called once per kind, at start-up."""
    _kinds[kind.name] = kind


def kind_of(job: Job) -> JobKind:
    """The kind of a stored job; of one that is no more its name, which does and gives nothing."""
    return _kinds.get(job.kind) or JobKind(
        job.kind, label=lambda job: job.kind, run=_refuse, may_fetch=lambda *_: False
    )


def format_job(name: str) -> str:
    """A job as the trail keeps it, kind and number, in words."""
    kind, _space, number = name.rpartition(" ")
    title = _kinds[kind].title if kind in _kinds else ""
    return f"{title} {number}" if title else name


def _refuse(progress: Progress) -> None:
    raise JobError(_("Work of this kind is no longer done: %(kind)s") % {"kind": progress.job.kind})


class Progress:
    """What a running job knows of itself, and how it tells how far it is."""

    def __init__(self, job: Job, clock: Callable[[], datetime]) -> None:
        self.job = job
        self.clock = clock
        self._connection: BaseDatabaseWrapper | ConnectionProxy = connection

    @property
    def by(self) -> Actor:
        """Whoever ordered the job, from where: what it does is that person's act."""
        return Actor(self.job.asked_by, ActorChannel(self.job.channel), self.job.address)

    def report(self, done: int, total: int) -> None:
        """Tell how many of `total` rows are done. Raises JobStopped if somebody asked for it.

        Call it outside of a transaction, or within `beside`, or nobody sees it before the end.
        """
        with self._connection.cursor() as cursor:
            cursor.execute(_REPORT, {"job": self.job.pk, "done": done, "total": total})
            told = cursor.fetchone()
        if told and told[0]:
            raise JobStopped

    @contextmanager
    def beside(self) -> Iterator[None]:
        """Report by a connection of its own: for work that is one transaction from end to end.

        That transaction must not write the job's row.
        """
        self._connection = connection.copy()
        try:
            yield
        finally:
            self._connection.close()
            self._connection = connection


def order_job(*, kind: str, arguments: dict[str, Any], by: Actor, at: datetime) -> Job:
    """Order a job in the transaction of the act that wants it; it is rung for after the commit.

    It runs in the language in which it was ordered.
    """
    job = Job.objects.create(
        kind=kind,
        arguments=arguments,
        lane=_kinds[kind].lane,
        language=translation.get_language() or "",
        asked_by=by.user,
        asked_at=at,
        channel=by.channel,
        address=by.address,
    )
    transaction.on_commit(lambda: enqueue(job.pk, at))
    return job


def enqueue(job_id: int, at: datetime) -> None:
    """Tell the workers of a job. A broker that is away is told later, by the minute's round."""
    task = current_app.tasks["backstage.run_job"]  # it calls `run_job` below
    try:
        task.apply_async([job_id], retry=False)
    except (OSError, KombuError, *current_app.connection_for_write().connection_errors):
        logger.warning("The broker is away; job %d waits for the next round.", job_id)
        return
    Job.objects.filter(pk=job_id).update(sent_at=at)


def requeue_stale(*, at: datetime) -> int:
    """Ring for open jobs that nobody works on and nobody was told of lately; returns how many."""
    count = 0
    for job in Job.objects.open():
        recently_enqueued = job.sent_at is not None and at - job.sent_at < RING_AGAIN_AFTER
        if recently_enqueued or _is_worked_on(job):
            continue
        enqueue(job.pk, at)
        count += 1
    return count


@transaction.atomic
def stop_job(*, job: Job, by: Actor, at: datetime) -> None:
    """Ask a job to stop: at once if it waits, else at its next step. One that is over stays so."""
    stored = Job.objects.select_for_update().get(pk=job.pk)
    if stored.is_over:
        return
    if stored.state == JobState.QUEUED:
        stored.state, stored.ended_at = JobState.STOPPED, at
    stored.stop_asked = True
    stored.save(update_fields=["state", "ended_at", "stop_asked"])
    record_act(act="stop_job", obj=stored, by=by, at=at)


def run_job(*, job_id: int, clock: Callable[[], datetime]) -> None:
    """Carry out a job unless it is over or its lane is taken; then enqueue the next of its lane.

    Whatever goes wrong ends the job with words for the person who asked, but for a lost database:
    then the job stays open and is rung for again.
    """
    job = Job.objects.filter(pk=job_id).first()
    if job is None or job.is_over:
        return
    with _lane_of(job) as is_free:
        if not is_free or not _begin(job, clock()):
            return
        with translation.override(job.language or None):
            _carry_out(job, clock)
    following = Job.objects.open().filter(lane=job.lane).first() if job.lane else None
    if following:
        enqueue(following.pk, clock())


def sweep_jobs(*, at: datetime) -> int:
    """Forget jobs that have been over for `KEEP_DAYS`; returns how many."""
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
        logger.exception("Job %d (%s) failed.", job.pk, job.kind)
        problem = _("Something went wrong here; the system administrator finds it as job %(n)d.")
        _end(job, JobState.FAILED, clock(), problem=problem % {"n": job.pk})
    else:
        _end(job, JobState.DONE, clock(), file=file)


@transaction.atomic
def _begin(job: Job, at: datetime) -> bool:
    """Mark the job as running; False if it is over, or ends here after too many attempts."""
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
    Job.objects.filter(pk=job.pk).update(state=state, ended_at=at, **values)


@contextmanager
def _lane_of(job: Job) -> Iterator[bool]:
    """Hold the lane of a job, or the job itself where it has none; False if another holds it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, hashtext(%s))", [_LOCKS, _lock_name(job)])
        is_free = cursor.fetchone()[0]
    try:
        yield is_free
    finally:
        if is_free and connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_advisory_unlock(%s, hashtext(%s))", [_LOCKS, _lock_name(job)]
                )


def _is_worked_on(job: Job) -> bool:
    with _lane_of(job) as is_free:
        return not is_free


def _lock_name(job: Job) -> str:
    return job.lane or f"job {job.pk}"
