"""Background jobs: stored as rows, enqueued with the broker, executed once.

A lost broker loses no job: `requeue_stale` enqueues open jobs again. Nor does a lost worker: its
lock ends with its connection and the job starts again. So a kind must give the same result however
often its jobs start.

A job may have parts, which workers do side by side (`backstage.job_parts`). Its own function is
then the last step, once no part is open.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
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
from backstage.broker import send_task, send_tasks
from backstage.enums import JobState
from backstage.models import Job, JobPart, StoredFile
from config.lib.lock_classes import LockClass
from config.lib.rows import column_of, select_column, select_value

logger = logging.getLogger(__name__)

MOST_ATTEMPTS = 3
KEEP_DAYS = 90
# An enqueued job may wait for another; after this long its message may be lost.
REQUEUE_AFTER = timedelta(minutes=1)

_REPORT = """
UPDATE backstage_job SET done = least(%(done)s, %(total)s), total = %(total)s WHERE id = %(job)s
RETURNING stop_asked
"""

# A lock with two keys has objsubid 2, and pg_locks shows both as unsigned.
_TAKEN = """
SELECT name FROM unnest(%(names)s) AS name
WHERE (hashtext(name)::bigint & 4294967295)::oid IN (
    SELECT objid FROM pg_locks
    WHERE locktype = 'advisory' AND classid = %(class)s AND objsubid = 2 AND granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
)
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
    be deleted already. `part_label` says in the reader's language what is stored as the label of a
    part.

    A kind with `run_part` has parts, and progress is counted in them. Each part is one transaction,
    and so is `run`, the last step, which therefore reports no progress. If a part fails or the job
    is stopped, no further part begins and the last step is left out: what the parts that are done
    wrote then stays, or `undo_parts` removes it in the transaction that ends the job.
    """

    name: str
    label: Callable[[Job], str | Promise]
    run: Callable[[Progress], StoredFile | None]
    run_part: Callable[[PartRun], None] | None = None
    undo_parts: Callable[[Run], None] | None = None
    page: Callable[[Job], str] | None = None
    queue: str = ""
    may_fetch: Callable[[Job, User, datetime], bool] | None = None
    in_rows: bool = True
    title: str | Promise = ""
    part_label: Callable[[str], str] = str


_kinds: dict[str, JobKind] = {}


def register_kind(kind: JobKind) -> None:
    """Register a kind of job; called once per kind, at start-up."""
    _kinds[kind.name] = kind


def kind_of(job: Job) -> JobKind:
    """The kind of a stored job. For an unknown kind, a stand-in that only fails."""
    return _kinds.get(job.kind) or JobKind(
        job.kind,
        label=lambda job: job.kind,
        run=refuse,
        run_part=refuse if job.parts.exists() else None,
        may_fetch=lambda *_: False,
    )


def format_job(name: str) -> str:
    """A stored job name from the audit trail, kind and number, in words."""
    kind, _space, number = name.rpartition(" ")
    title = _kinds[kind].title if kind in _kinds else ""
    return f"{title} {number}" if title else name


def refuse(run: Run) -> None:
    """What a kind does that is no longer known. Raises JobError."""
    raise JobError(_("Work of this kind is no longer done: %(kind)s") % {"kind": run.job.kind})


class Run:
    """A job that is being worked on."""

    def __init__(self, job: Job, clock: Callable[[], datetime]) -> None:
        self.job = job
        self.clock = clock

    @property
    def by(self) -> Actor:
        """The person who ordered the job; its actions are recorded as theirs."""
        return Actor(self.job.asked_by, ActorChannel(self.job.channel), self.job.address)


class PartRun(Run):
    """A part of a job that is being worked on; `key` tells which."""

    def __init__(self, job: Job, key: str, clock: Callable[[], datetime]) -> None:
        super().__init__(job, clock)
        self.key = key


class Progress(Run):
    """The state of a running job, and its progress reports."""

    def __init__(self, job: Job, clock: Callable[[], datetime]) -> None:
        super().__init__(job, clock)
        self._connection: BaseDatabaseWrapper | ConnectionProxy = connection

    def report(self, done: int, total: int) -> None:
        """Report that `done` of `total` rows are done. Raises JobStopped if a stop was requested.

        Call it outside a transaction or within `beside`; otherwise others see it only at the end.
        """
        with self._connection.cursor() as cursor:
            cursor.execute(_REPORT, {"job": self.job.pk, "done": done, "total": total})
            [*is_stopped] = column_of(cursor)
        if any(is_stopped):
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


def order_job(
    *,
    kind: str,
    arguments: dict[str, Any],
    parts: Iterable[tuple[str, str]] = (),
    by: Actor,
    at: datetime,
) -> Job:
    """Order a job in the caller's transaction; it is enqueued after the commit.

    It runs in the language in which it was ordered. `parts` has a key and a label for each part.
    """
    in_parts = _kinds[kind].run_part is not None
    named = list(parts) if in_parts else []
    job = Job.objects.create(
        kind=kind,
        arguments=arguments,
        queue=_kinds[kind].queue,
        total=len(named) if in_parts else None,
        language=translation.get_language() or "",
        asked_by=by.user,
        asked_at=at,
        channel=by.channel,
        address=by.address,
    )
    JobPart.objects.bulk_create(JobPart(job=job, key=key, label=label) for key, label in named)
    transaction.on_commit(lambda: enqueue(job.pk, at))
    return job


def enqueue(job_id: int, at: datetime) -> None:
    """Send a job to the workers. If the broker is unavailable, `requeue_stale` sends it later."""
    if send_task("backstage.run_job", job_id):  # it calls `run_job` below
        Job.objects.filter(pk=job_id).update(sent_at=at)
    else:
        logger.warning("The broker is away; job %d waits for the next round.", job_id)


def enqueue_parts(parts: list[JobPart], at: datetime) -> None:
    """Send parts of jobs to the workers as a group, as `enqueue` does with jobs."""
    if not parts:
        return
    keys = [part.pk for part in parts]
    if send_tasks("backstage.run_part", keys):  # it calls `job_parts.run_part`
        JobPart.objects.filter(pk__in=keys).update(sent_at=at)
    else:
        logger.warning("The broker is away; %d parts wait for the next round.", len(keys))


def requeue_stale(*, at: datetime) -> int:
    """Enqueue open jobs and parts that nobody works on and that were not enqueued just now.

    Returns how many. Parts that wait are enqueued again only if no part of their job is at work:
    else they wait for their turn.
    """
    count = 0
    for job in Job.objects.open():
        open_parts = list(job.parts.open()) if job.state == JobState.RUNNING else []
        if open_parts:
            lost = _lost_parts(open_parts, at)
            enqueue_parts(lost, at)
            count += len(lost)
        elif not _just_sent(job, at) and not _is_taken(job):
            enqueue(job.pk, at)
            count += 1
    return count


def _lost_parts(parts: list[JobPart], at: datetime) -> list[JobPart]:
    taken = _list_taken([part.lock_name for part in parts])
    return [
        part
        for part in parts
        if part.lock_name not in taken
        and not _just_sent(part, at)
        and (part.state == JobState.RUNNING or not taken)
    ]


def _just_sent(row: Job | JobPart, at: datetime) -> bool:
    return row.sent_at is not None and at - row.sent_at < REQUEUE_AFTER


@transaction.atomic
def stop_job(*, job: Job, by: Actor, at: datetime) -> None:
    """Request a stop: at once for a waiting job, else at its next step; not if it is over.

    Parts that have not begun are stopped at once, and those that have begun end by themselves.
    """
    stored = Job.objects.locked().get(pk=job.pk)
    if stored.is_over:
        return
    if stored.state == JobState.QUEUED:
        stored.state, stored.ended_at = JobState.STOPPED, at
    stored.stop_asked = True
    stored.save(update_fields=["state", "ended_at", "stop_asked"])
    if stored.parts.waiting().update(state=JobState.STOPPED, ended_at=at):
        transaction.on_commit(lambda: settle_parts(stored, at))
    record_act(act="stop_job", obj=stored, by=by, at=at)


def run_job(*, job_id: int, clock: Callable[[], datetime]) -> None:
    """Run a job unless it is over or its queue is taken; then enqueue the next of its queue.

    A job with open parts only sends those that were never sent: its last part enqueues it again.
    Any error ends the job with a message for its owner, except a lost database connection: then the
    job stays open and is enqueued again.
    """
    job = Job.objects.filter(pk=job_id).first()
    if job is None or job.is_over:
        return
    with _queue_of(job) as is_free:
        if not is_free:
            return
        parts = _begin_parts(job, clock()) if kind_of(job).run_part else []
        if not parts:
            with translation.override(job.language or None):
                if _begin(job, clock):
                    _carry_out(job, clock)
    if parts:
        enqueue_parts([part for part in parts if part.sent_at is None], clock())
        return
    following = Job.objects.open().filter(queue=job.queue).first() if job.queue else None
    if following:
        enqueue(following.pk, clock())


def settle_parts(job: Job, at: datetime) -> None:
    """Count the parts that are done; once none is open, enqueue the job for its last step."""
    if not _count_open(job):
        enqueue(job.pk, at)


def sweep_jobs(*, at: datetime) -> int:
    """Delete jobs that have been over for `KEEP_DAYS`; return how many."""
    old = Job.objects.filter(ended_at__lt=at - timedelta(days=KEEP_DAYS))
    return old.delete()[1].get(Job._meta.label, 0)


def _carry_out(job: Job, clock: Callable[[], datetime]) -> None:
    kind = kind_of(job)
    try:
        with transaction.atomic() if kind.run_part else nullcontext():
            file = kind.run(Progress(job, clock))
            _end(job, JobState.DONE, clock(), file=file)
    except JobStopped:
        _break_off(job, JobState.STOPPED, clock)
    except JobError as error:
        _break_off(job, JobState.FAILED, clock, problem=str(error))
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        logger.exception("Job %d (%s) met a fault.", job.pk, job.kind)
        _break_off(job, JobState.FAILED, clock, problem=describe_fault(job))


def describe_fault(job: Job) -> str:
    """What people read of an error that nobody foresaw."""
    problem = _("Something went wrong here; the system administrator finds it as job %(n)d.")
    return problem % {"n": job.pk}


def _break_off(
    job: Job, state: JobState, clock: Callable[[], datetime], *, problem: str = ""
) -> None:
    """End the job as failed or stopped; `undo_parts` removes what its parts wrote."""
    undo = kind_of(job).undo_parts
    try:
        with transaction.atomic():
            if undo:
                undo(Run(job, clock))
            _end(job, state, clock(), problem=problem)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        logger.exception("What the parts of job %d (%s) wrote stays.", job.pk, job.kind)
        _end(job, JobState.FAILED, clock(), problem=describe_fault(job))


def _begin_parts(job: Job, at: datetime) -> list[JobPart]:
    """Mark the job as running if it has open parts; return those."""
    if not _count_open(job):
        return []
    Job.objects.filter(pk=job.pk, state=JobState.QUEUED).update(
        state=JobState.RUNNING, started_at=at
    )
    return list(job.parts.open())


@transaction.atomic
def _count_open(job: Job) -> int:
    """How many parts are open; those that are done are the progress of the job."""
    stored = Job.objects.locked().get(pk=job.pk)
    stored.done = stored.parts.filter(state=JobState.DONE).count()
    stored.save(update_fields=["done"])
    return stored.parts.open().count()


def _begin(job: Job, clock: Callable[[], datetime]) -> bool:
    """Mark the job as running; False if it is over, or ends here without being run."""
    with transaction.atomic():
        stored = Job.objects.locked().get(pk=job.pk)
        if stored.is_over:
            return False
        end = _end_without_run(stored)
        if end is None:
            if stored.state == JobState.QUEUED or not kind_of(job).run_part:
                stored.started_at = clock()
            stored.state = JobState.RUNNING
            stored.attempts += 1
            stored.save(update_fields=["state", "attempts", "started_at"])
            return True
    _break_off(job, end[0], clock, problem=end[1])
    return False


def _end_without_run(job: Job) -> tuple[JobState, str] | None:
    """How the job ends without being run, and why, if it is not to be run."""
    if kind_of(job).run_part:
        failed = job.parts.filter(state=JobState.FAILED).order_by("ended_at", "pk").first()
        if failed:
            label = kind_of(job).part_label(failed.label)
            problem = _("%(label)s: %(value)s") % {"label": label, "value": failed.problem}
            return JobState.FAILED, problem[:500]
        if job.stop_asked:
            return JobState.STOPPED, ""
    if job.attempts >= MOST_ATTEMPTS:
        problem = _("This was broken off %(n)d times, so it was given up.")
        if not keeps_parts(job):
            problem = _("This was broken off %(n)d times, so it was given up. Nothing was changed.")
        return JobState.FAILED, problem % {"n": job.attempts}
    return None


def keeps_parts(job: Job) -> bool:
    """Whether what its parts wrote stays if the job fails or is stopped."""
    kind = kind_of(job)
    return kind.run_part is not None and kind.undo_parts is None


def _end(job: Job, state: JobState, at: datetime, **values: Any) -> None:
    """End the job. The log of a failure leaves out the problem, which may name a person."""
    if state == JobState.FAILED:
        logger.error("Job %d (%s) failed.", job.pk, job.kind)
    Job.objects.filter(pk=job.pk).update(state=state, ended_at=at, **values)


@contextmanager
def _queue_of(job: Job) -> Iterator[bool]:
    """Lock the job's queue, or the job itself if it has none; yields False if it is taken."""
    with hold_lock(_lock_name(job)) as is_free:
        yield is_free and not _waits_for_parts(job)


@contextmanager
def hold_lock(name: str) -> Iterator[bool]:
    """Hold the lock of a queue, a job or a part, with this connection; yields False if taken."""
    is_free = select_value("SELECT pg_try_advisory_lock(%s, hashtext(%s))", [LockClass.JOBS, name])
    try:
        yield is_free
    finally:
        if is_free and connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_advisory_unlock(%s, hashtext(%s))", [LockClass.JOBS, name]
                )


def _list_taken(names: list[str]) -> set[str]:
    """Which of these locks are held by some connection. It takes none, so it is in nobody's way."""
    return set(select_column(_TAKEN, {"names": names, "class": LockClass.JOBS}))


def _is_taken(job: Job) -> bool:
    return bool(_list_taken([_lock_name(job)])) or _waits_for_parts(job)


def _waits_for_parts(job: Job) -> bool:
    """Whether another job of the queue is between its first part and its end."""
    if not job.queue:
        return False
    others = Job.objects.filter(queue=job.queue, state=JobState.RUNNING, parts__isnull=False)
    return others.exclude(pk=job.pk).exists()


def _lock_name(job: Job) -> str:
    return job.queue or f"job {job.pk}"
