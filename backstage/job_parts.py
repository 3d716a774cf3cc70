"""Parts of a job: done side by side by the workers, each once.

A part is one transaction, which also marks it as done; it holds an advisory lock with the same
connection. So whatever is lost, a part is done wholly or not at all, and never twice. The last part
that ends enqueues its job for the last step; if that is lost, `jobs.requeue_stale` does so.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from django.db import InterfaceError, OperationalError, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from backstage.enums import JobState
from backstage.jobs import (
    MOST_ATTEMPTS,
    JobError,
    PartRun,
    describe_fault,
    hold_lock,
    kind_of,
    refuse,
    settle_parts,
)
from backstage.models import Job, JobPart

logger = logging.getLogger(__name__)


def run_part(*, part_id: int, clock: Callable[[], datetime]) -> None:
    """Run a part unless it is over or at work elsewhere.

    Any error ends the part, and with it the job, except a lost database connection: then the part
    stays open and is enqueued again.
    """
    part = JobPart.objects.select_related("job__asked_by").filter(pk=part_id).first()
    if part is None or part.is_over:
        return
    with hold_lock(part.lock_name) as is_free:
        if not is_free:
            return
        with translation.override(part.job.language or None):
            if _begin(part, clock()):
                _carry_out(part, clock)
    settle_parts(part.job, clock())


def _carry_out(part: JobPart, clock: Callable[[], datetime]) -> None:
    work = kind_of(part.job).run_part or refuse
    try:
        with transaction.atomic():
            work(PartRun(part.job, part.key, clock))
            _end(part, JobState.DONE, clock())
    except JobError as error:
        _fail(part, str(error), clock())
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        logger.exception("Part %s of job %d met a fault.", part.key, part.job_id)
        _fail(part, describe_fault(part.job), clock())


@transaction.atomic
def _begin(part: JobPart, at: datetime) -> bool:
    """Mark the part as running; False if it is over, or ends here."""
    job = Job.objects.locked().get(pk=part.job_id)
    stored = JobPart.objects.select_for_update().get(pk=part.pk)
    if stored.is_over:
        return False
    if job.is_over or job.stop_asked or job.parts.filter(state=JobState.FAILED).exists():
        _end(part, JobState.STOPPED, at)
        return False
    if stored.attempts >= MOST_ATTEMPTS:
        problem = _("This was broken off %(n)d times, so it was given up.")
        _fail(part, problem % {"n": stored.attempts}, at)
        return False
    stored.state = JobState.RUNNING
    stored.attempts += 1
    stored.started_at = at
    stored.save(update_fields=["state", "attempts", "started_at"])
    return True


@transaction.atomic
def _fail(part: JobPart, problem: str, at: datetime) -> None:
    """End the part as failed; the others of its job do not begin any more."""
    job = Job.objects.locked().get(pk=part.job_id)
    _end(part, JobState.FAILED, at, problem=problem[:500])
    job.parts.waiting().update(state=JobState.STOPPED, ended_at=at)


def _end(part: JobPart, state: JobState, at: datetime, *, problem: str = "") -> None:
    JobPart.objects.filter(pk=part.pk).update(state=state, ended_at=at, problem=problem)
