"""Tasks of this app for the home page."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.enums import Role
from accounts.models import User
from accounts.roles import holds_any
from backstage.tasklist import Task
from config.lib.hours import format_hours, grammatical_number
from config.lib.periods import local_date
from hours.queries.clocks import ClockState
from hours.queries.requirements import Outcome
from years.queries.hours import MemberYear, get_own_year


def own_tasks(user: User, now: datetime) -> list[Task]:
    """Hours that a member still owes this year, and trainings with a deadline."""
    if not holds_any(user, Role.MEMBER):
        return []
    today = local_date(now)
    member_year = get_own_year(user, today.year, today)
    trainings = [
        Task(
            _("Attend a concentrated training"),
            reverse("years:my_hours"),
            detail=clock.label,
            due=clock.sentence,
        )
        for clock in member_year.clocks
        if clock.state == ClockState.NOT_YET_DUE
    ]
    return [*trainings, _own_hours(member_year)]


def _own_hours(member_year: MemberYear) -> Task:
    verdict = member_year.verdict
    url = reverse("years:my_hours")
    if verdict and verdict.outcome == Outcome.NOT_YET_DUE and not verdict.left:
        return Task(_("Attend a concentrated training this year"), url, _("The hours are done."))
    if verdict and verdict.outcome == Outcome.NOT_YET_DUE:
        detail = _("Owed %(owed)s, done %(done)s.") % {
            "owed": format_hours(verdict.owed),
            "done": format_hours(verdict.done),
        }
        label = ngettext(
            "Study %(hours)s more credit hour this year",
            "Study %(hours)s more credit hours this year",
            grammatical_number(verdict.left),
        )
        return Task(label % {"hours": format_hours(verdict.left)}, url, detail=detail)
    return Task(_("See my credit hours"), url)
