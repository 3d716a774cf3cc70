"""Tasks of this app for the home page."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, Min
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.enums import Role
from accounts.interests import own_rows
from accounts.models import User
from accounts.roles import holds_any
from backstage.tasklist import TASKS_OF_A_KIND, Task
from classes.enums import RollState
from config.lib.dates import format_day
from config.lib.periods import local_date
from courses.models import Session
from courses.querysets import SessionQuerySet
from rolls.filters import MISSING, REOPENED
from rolls.models import Attendance, RollReopening, WalkIn
from rolls.permissions import answers_reopenings
from rolls.queries.deadlines import is_due, is_overdue
from rolls.queries.reminders import find_latest_reminder, say_reminder
from rolls.queries.rolls import RollDue
from schools.models import School
from schools.permissions import sees_schools

# The number of rolls named in a task; the linked list shows all of them.
ROLLS_NAMED = 3


def roll_tasks(user: User, now: datetime) -> list[Task]:
    """A clerk's rolls to take today and past rolls to submit; for others, past rolls to chase."""
    if not sees_schools(user):
        return []
    takes, today = holds_any(user, Role.SCHOOL_CLERK), local_date(now)
    url = reverse("rolls:sessions")
    sessions = Session.objects.visible_to(user, today).to_be_held()
    over = sessions.filter(is_due(now))
    tasks = []
    if takes:
        over = over.exclude(held_on=today)
        n = sessions.filter(held_on=today).exclude(roll__state=RollState.SUBMITTED).count()
        label = ngettext("Take %(n)d roll today", "Take %(n)d rolls today", n)
        if n:
            tasks.append(Task(label % {"n": n}, f"{url}?due={RollDue.TODAY}", due=_("today")))
    counts = over.aggregate(
        n=Count("pk"), oldest=Min("held_on"), overdue=Count("pk", filter=is_overdue(now))
    )
    if due := counts["n"]:
        if takes:
            label = ngettext("Submit %(n)d roll", "Submit %(n)d rolls", due)
        else:
            label = ngettext(
                "Follow up %(n)d roll not submitted", "Follow up %(n)d rolls not submitted", due
            )
        since = _("since %(first)s") % {"first": format_day(counts["oldest"])}
        address = f"{url}?due={RollDue.DUE if takes else MISSING}"
        detail = _describe_rolls(over, due, counts["overdue"])
        if takes and (reminder := find_latest_reminder(over)):
            detail = f"{say_reminder(reminder)} {detail}"
        tasks.append(Task(label % {"n": due}, address, detail, due=since, late=True))
    return tasks


def _describe_rolls(sessions: SessionQuerySet, n: int, overdue: int) -> str:
    """Which rolls are due, what that means, and how many are overdue."""
    sentences = [
        _("%(names)s.") % {"names": _name_rolls(sessions, n)},
        _("The sessions are over; nobody has these hours yet."),
    ]
    if overdue:
        text = ngettext("%(n)d is past its deadline.", "%(n)d are past their deadline.", overdue)
        sentences.append(text % {"n": overdue})
    return " ".join(sentences)


def _name_rolls(sessions: SessionQuerySet, n: int) -> str:
    """The oldest of these `n` sessions by class, number and day, and how many more there are."""
    shown = sessions.select_related("training_class").order_by("held_on", "starts_at", "pk")
    names = [
        _("%(session)s (%(day)s)") % {"session": session, "day": format_day(session.held_on)}
        for session in shown[:ROLLS_NAMED]
    ]
    if n > ROLLS_NAMED:
        more = n - ROLLS_NAMED
        names.append(ngettext("%(n)d more", "%(n)d more", more) % {"n": more})
    return _("; ").join(names)


def reopening_tasks(user: User, now: datetime) -> list[Task]:
    """Pending requests for the people who answer them; reopened rolls for their clerk."""
    on = local_date(now)
    tasks = []
    if answers_reopenings(user):
        # Uses the join that is needed anyway; the planner may handle a second one badly.
        schools = School.objects.visible_to(user, on)
        waiting = RollReopening.objects.filter(
            answer="", roll__session__training_class__school__in=schools
        )
        if own := own_rows(user):
            marked = Attendance.objects.current().filter(member__in=own)
            waiting = waiting.exclude(roll__session__in=marked.values("session"))
        rows = waiting.select_related("roll__session__training_class").order_by("asked_at", "pk")
        for reopening in rows[:TASKS_OF_A_KIND]:
            address = reverse("rolls:roll", args=[reopening.roll.session_id])
            tasks.append(
                Task(
                    _("Answer the request to reopen a roll"),
                    f"{address}#reopening",
                    _("%(roll)s: %(reason)s")
                    % {"roll": reopening.roll, "reason": reopening.reason},
                    due=_("since %(first)s")
                    % {"first": format_day(local_date(reopening.asked_at))},
                )
            )
    if holds_any(user, Role.SCHOOL_CLERK):
        sessions = Session.objects.visible_to(user, on)
        reopened = sessions.filter(roll__reopened_at__isnull=False)
        if n := reopened.count():
            label = ngettext("Correct %(n)d reopened roll", "Correct %(n)d reopened rolls", n)
            address = f"{reverse('rolls:sessions')}?due={REOPENED}"
            tasks.append(Task(label % {"n": n}, address, _name_rolls(reopened, n)))
    return tasks


def walk_in_tasks(user: User, now: datetime) -> list[Task]:
    """Walk-ins that the clerk has not matched to a member yet."""
    if not holds_any(user, Role.SCHOOL_CLERK):
        return []
    n, oldest = (
        WalkIn.objects.visible_to(user, local_date(now))
        .unmatched()
        .aggregate(n=Count("pk"), oldest=Min("session__held_on"))
        .values()
    )
    if not n:
        return []
    label = ngettext("Match %(n)d walk-in to a member", "Match %(n)d walk-ins to members", n)
    since = _("since %(first)s") % {"first": format_day(oldest)}
    detail = _("They came and were on no roster; nobody has these hours yet.")
    return [Task(label % {"n": n}, reverse("rolls:walk_ins"), detail, due=since)]
