"""A person's own jobs: in the head while they run, on the home page until the file is fetched."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.sessions.backends.base import SessionBase
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import AuditEntry, User
from backstage.enums import JobState
from backstage.jobs import keeps_parts, kind_of
from backstage.models import Job, StoredFile
from backstage.tasklist import TASKS_OF_A_KIND, Task
from config.lib.dates import format_moment

# In the session of a person who looked at a job that was not over. Nobody else's pages ask.
_OPEN_JOBS = "open_jobs"


def note_open_job(session: SessionBase) -> None:
    """From now on the head of each page looks for open jobs of the user."""
    if not session.get(_OPEN_JOBS):
        session[_OPEN_JOBS] = True


def list_in_head(user: User, session: SessionBase) -> list[dict[str, Any]]:
    """The user's open jobs with their progress; once there is none, nobody asks again."""
    if not session.get(_OPEN_JOBS):
        return []
    jobs = list(Job.objects.visible_to(user).open())
    if not jobs:
        del session[_OPEN_JOBS]
    return [describe_job(job) for job in jobs]


def describe_job(job: Job) -> dict[str, Any]:
    """A job with its label, its progress, and the page of its result."""
    kind = kind_of(job)
    return {
        "job": job,
        "label": kind.label(job),
        "page_url": kind.page(job) if kind.page else "",
        "in_rows": kind.in_rows and not kind.run_part,
        "in_parts": kind.run_part is not None,
        "keeps_parts": keeps_parts(job),
        "percent": 100 * job.done // job.total if job.total else None,
    }


def fetch_tasks(user: User, now: datetime) -> list[Task]:
    """Files of the user's own jobs that they have not downloaded yet, the newest first."""
    rows = Job.objects.visible_to(user).filter(state=JobState.DONE, file__expires_at__gt=now)
    jobs = list(rows.select_related("file").order_by("-ended_at", "-pk")[: 4 * TASKS_OF_A_KIND])
    if not jobs:
        return []
    keys = [str(job.file_id) for job in jobs]
    fetched = set(
        AuditEntry.objects.filter(
            act="download_file",
            object_type=StoredFile._meta.label_lower,
            object_id__in=keys,
            actor=user,
        ).values_list("object_id", flat=True)
    )
    waiting = [job for job in jobs if str(job.file_id) not in fetched]
    return [_fetch(job) for job in waiting[:TASKS_OF_A_KIND]]


def _fetch(job: Job) -> Task:
    until = job.file.expires_at if job.file else None
    return Task(
        _("Download: %(list)s") % {"list": kind_of(job).label(job)},
        reverse("backstage:job", args=[job.pk]),
        due=_("until %(moment)s") % {"moment": format_moment(until)} if until else "",
    )
