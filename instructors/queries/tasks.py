"""Tasks about lecturers on the home page."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from backstage.tasklist import Task
from config.lib.dates import format_day
from config.lib.periods import local_date
from instructors.enums import NominationState
from instructors.models import Nomination
from instructors.permissions import appoints


def nomination_tasks(user: User, _now: datetime) -> list[Task]:
    """Nominations that the organisation department decides, without those of one's own."""
    if not appoints(user):
        return []
    moments = Nomination.objects.decidable_by(user).values_list("nominated_at", flat=True)
    waiting = sorted(moments)
    if not waiting:
        return []
    label = ngettext(
        "Decide %(n)d nomination of a lecturer",
        "Decide %(n)d nominations of lecturers",
        len(waiting),
    )
    query = urlencode({"nomination_state": NominationState.WAITING})
    return [
        Task(
            label % {"n": len(waiting)},
            f"{reverse('instructors:nominations')}?{query}",
            due=_("since %(day)s") % {"day": format_day(local_date(waiting[0]))},
        )
    ]
