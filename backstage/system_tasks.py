"""System tasks, and the menu links and look-ups that belong to no other app."""

from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.enums import ADMINISTRATOR_ROLES, DISTRICT_ROLES, Role
from accounts.models import User
from accounts.roles import holds_any
from backstage.enums import JobState
from backstage.menu import MenuLink
from backstage.models import Job
from backstage.tasklist import Task

FAILED_WITHIN = timedelta(days=7)
_SYSTEM = frozenset({Role.SYSTEM_ADMINISTRATOR})
_ADMINISTRATION = DISTRICT_ROLES | ADMINISTRATOR_ROLES

# Label, page, roles that see it, and rank.
LOOKUPS = (
    (_("Privacy notices"), "admin:accounts_privacynotice_changelist", _SYSTEM, 330),
    (_("Jobs"), "admin:backstage_job_changelist", _SYSTEM, 331),
    (_("Administration"), "admin:index", _ADMINISTRATION, 400),
)
LINKS = (
    MenuLink(_("Home"), "home", rank=0),
    MenuLink(_("Audit trail"), "accounts:trail", 90, frozenset({Role.AUDIT_ADMINISTRATOR})),
    MenuLink(_("Administration"), "admin:index", 100, _ADMINISTRATION),
)


def failed_job_tasks(user: User, now: datetime) -> list[Task]:
    """Recently failed jobs, for the system administrator."""
    if not holds_any(user, *_SYSTEM):
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
