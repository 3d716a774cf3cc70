"""Failed jobs, for the system administrator."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import ngettext

from accounts.enums import Role
from accounts.models import User
from accounts.roles import holds_any
from backstage.enums import JobState
from backstage.models import Job
from backstage.operations import FAILED_WITHIN
from backstage.tasklist import Task


def failed_job_tasks(user: User, now: datetime) -> list[Task]:
    """Recently failed jobs, for the system administrator."""
    if not holds_any(user, Role.SYSTEM_ADMINISTRATOR):
        return []
    failed = Job.objects.filter(state=JobState.FAILED, ended_at__gt=now - FAILED_WITHIN).count()
    if not failed:
        return []
    label = ngettext(
        "Look at %(n)d job that failed within a week",
        "Look at %(n)d jobs that failed within a week",
        failed,
    )
    address = f"{reverse('admin:backstage_job_changelist')}?state__exact={JobState.FAILED}"
    return [Task(label % {"n": failed}, address)]
