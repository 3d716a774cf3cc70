"""Tasks of this app on a person's home page."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.enums import Role
from accounts.models import User
from accounts.roles import holds_any
from backstage.tasklist import TASKS_OF_A_KIND, Task
from classes.models import SupervisionDraft
from classes.permissions import supervises
from classes.queries.leaves import list_classes_with_leaves
from classes.queries.materials import list_taught_with_materials
from classes.queries.ratings import list_to_rate
from config.lib.dates import format_clock, format_day
from courses.models import Session
from trainees.models import Member

# The next sessions of a lecturer: about a month of them.
SESSIONS_SHOWN = 8


def leave_tasks(user: User, now: datetime) -> list[Task]:
    """Requests for leave that wait for the clerk, by class."""
    if not holds_any(user, Role.SCHOOL_CLERK):
        return []
    tasks = []
    for training_class in list_classes_with_leaves(user, now)[:TASKS_OF_A_KIND]:
        label = ngettext(
            "Answer %(n)d request for leave", "Answer %(n)d requests for leave", training_class.n
        )
        address = reverse("classes:training_class", args=[training_class.pk])
        tasks.append(
            Task(label % {"n": training_class.n}, f"{address}#leaves", training_class.title)
        )
    return tasks


def teaching_tasks(user: User, now: datetime) -> list[Task]:
    """The next sessions that a lecturer teaches, each with its place among the engagements."""
    if not holds_any(user, Role.LECTURER):
        return []
    sessions = Session.objects.to_be_held().filter(instructor__user=user, ends_at__gt=now)
    rows = sessions.select_related("training_class__school", "venue", "course")
    address = reverse("classes:my_teaching")
    return [
        Task(
            _("Teach “%(title)s”, session %(number)d")
            % {"title": session.training_class.title, "number": session.number},
            f"{address}#session-{session.pk}",
            " · ".join((session.course.title, session.training_class.school.name, session.where)),
            due=_("%(day)s, %(from)s to %(to)s")
            % {
                "day": format_day(session.held_on),
                "from": format_clock(session.starts_at),
                "to": format_clock(session.ends_at),
            },
        )
        for session in rows.order_by("starts_at", "pk")[:SESSIONS_SHOWN]
    ]


def material_lookups(user: User, now: datetime) -> list[Task]:
    """Materials of the classes that a lecturer teaches."""
    if not holds_any(user, Role.LECTURER):
        return []
    return [
        Task(
            _("Materials of the class %(title)s") % {"title": training_class.title},
            reverse("classes:class_materials", args=[training_class.pk]),
            is_lookup=True,
        )
        for training_class in list_taught_with_materials(user, now)[:TASKS_OF_A_KIND]
    ]


def supervision_tasks(user: User, _now: datetime) -> list[Task]:
    """Drafts of notes that only their supervisor sees."""
    if not supervises(user):
        return []
    n = SupervisionDraft.objects.filter(supervisor=user).count()
    if not n:
        return []
    label = ngettext("File %(n)d supervision note", "File %(n)d supervision notes", n)
    return [Task(label % {"n": n}, f"{reverse('classes:supervision_notes')}#drafts")]


def rating_tasks(user: User, now: datetime) -> list[Task]:
    """Classes that the member attended and can still rate."""
    if not holds_any(user, Role.MEMBER):
        return []
    member = Member.objects.filter(user=user, merged_into=None).first()
    return [
        Task(
            _("Rate the class %(title)s") % {"title": window.training_class.title},
            reverse("classes:rate_class", args=[window.training_class.pk]),
            _("Without your name."),
            due=_("until %(day)s") % {"day": format_day(window.last_day)},
        )
        for window in (list_to_rate(member, now) if member else [])[:TASKS_OF_A_KIND]
    ]
