"""Tasks of this app for the home page."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, Min
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.enums import Role
from accounts.models import User
from accounts.roles import holds_any
from backstage.tasklist import Task
from config.lib.dates import format_day
from config.lib.periods import local_date
from studies.filters import RETURNED, REVIEW
from studies.models import Study
from studies.permissions import RECORDER_ROLES, REVIEWER_ROLES, sees_studies, serves_organisations


def study_lookups(user: User, _now: datetime) -> list[Task]:
    """Links to record, declare and look up study."""
    tasks = []
    if serves_organisations(user):
        record = reverse("studies:choose_organisation")
        tasks.append(Task(_("Record a study"), record, is_lookup=True))
        tasks.append(Task(_("Record a visit"), f"{record}?visit=1", is_lookup=True))
    if holds_any(user, Role.MEMBER):
        tasks.append(Task(_("Declare hours"), reverse("studies:declare"), is_lookup=True))
    if sees_studies(user):
        tasks.append(Task(_("Study records"), reverse("studies:studies"), is_lookup=True))
    return tasks


def review_tasks(user: User, now: datetime) -> list[Task]:
    """Records of study waiting for a review step by the user."""
    if not holds_any(user, *REVIEWER_ROLES):
        return []
    waiting = Study.objects.to_review_by(user, local_date(now))
    n, oldest = waiting.aggregate(
        n=Count("pk", distinct=True), oldest=Min("submissions__submitted_at")
    ).values()
    if not n:
        return []
    label = ngettext("Review %(n)d study record", "Review %(n)d study records", n) % {"n": n}
    due = _("since %(first)s") % {"first": format_day(local_date(oldest))} if oldest else ""
    url = f"{reverse('studies:studies')}?progress={REVIEW}"
    return [Task(label, url, _("Nobody has these hours before they are passed."), due=due)]


def returned_tasks(user: User, _now: datetime) -> list[Task]:
    """Records that were returned to the user."""
    if not holds_any(user, *RECORDER_ROLES, Role.MEMBER):
        return []
    n = Study.objects.returned_to(user).count()
    if not n:
        return []
    label = ngettext("Mend %(n)d returned study record", "Mend %(n)d returned study records", n)
    url = f"{reverse('studies:studies')}?progress={RETURNED}"
    return [Task(label % {"n": n}, url, _("The reason stands with the record."))]
