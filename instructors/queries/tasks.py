"""Tasks about lecturers on the home page."""

from __future__ import annotations

from datetime import date, datetime
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.enums import Role
from accounts.interests import own_accounts
from accounts.models import User
from accounts.roles import holds_any
from backstage.tasklist import Task
from config.lib.dates import format_day
from config.lib.periods import day_before, local_date
from instructors.enums import NominationState
from instructors.models import AppointmentLetter, Instructor, Nomination
from instructors.permissions import appoints
from instructors.queries.rules import warned_until


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


def letter_tasks(user: User, now: datetime) -> list[Task]:
    """Letters to issue to new lecturers and to renew; a lecturer's own letter that ends."""
    on = local_date(now)
    return [*_letters_to_issue(user, on), *_own_letter(user, on)]


def _letters_to_issue(user: User, on: date) -> list[Task]:
    if not appoints(user):
        return []
    others = Instructor.objects.exclude(user__in=own_accounts(user))
    address = reverse("instructors:issue_letters")
    tasks = []
    new = others.filter(letters=None).count()
    if new:
        label = ngettext(
            "Issue %(n)d first letter of appointment",
            "Issue %(n)d first letters of appointment",
            new,
        )
        tasks.append(Task(label % {"n": new}, address))
    ending = _ending(on).filter(instructor__in=others)
    ends = sorted(ending.values_list("period__endswith", flat=True))
    if ends:
        label = ngettext(
            "Renew %(n)d letter of appointment", "Renew %(n)d letters of appointment", len(ends)
        )
        due = _("until %(day)s") % {"day": format_day(day_before(ends[0]))}
        tasks.append(Task(label % {"n": len(ends)}, address, due=due))
    return tasks


def _own_letter(user: User, on: date) -> list[Task]:
    if not holds_any(user, Role.LECTURER):
        return []
    ending = _ending(on).filter(instructor__user=user)
    return [
        Task(
            _("Have your letter of appointment renewed"),
            reverse("instructors:letter", args=[key]),
            number,
            due=_("until %(day)s") % {"day": format_day(day_before(end))},
        )
        for key, number, end in ending.values_list("pk", "number", "period__endswith")
    ]


def _ending(on: date) -> QuerySet[AppointmentLetter]:
    """Letters in force that end within the days of warning, without a later one."""
    until = warned_until(on)
    letters = AppointmentLetter.objects.in_force(on).filter(period__endswith__lte=until)
    return letters.filter(instructor__in=Instructor.objects.without_letter_after(until))
