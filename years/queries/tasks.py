"""Tasks of this app for the home page: a member's own hours, and disputes."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db.models import Count, Min
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.enums import Role
from accounts.models import User
from accounts.roles import held_roles, holds_any
from backstage.tasklist import Task
from config.lib.dates import format_day
from config.lib.hours import format_hours, grammatical_number
from config.lib.periods import local_date
from hours.enums import DisputeState
from hours.models import Dispute
from hours.queries.clock_list import count_missed
from hours.queries.clocks import ClockState
from hours.queries.requirements import Outcome
from hours.querysets import DisputeQuerySet
from schools.models import School
from trainees.querysets import schools_in_role
from years.queries.hours import MemberYear, get_own_year

# After ANSWER_DAYS an answer is late, and a decision is no longer shown to the school. A member
# sees an answer or decision on the home page for NEWS_DAYS.
ANSWER_DAYS = 7
NEWS_DAYS = 30


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


def list_dispute_tasks(user: User, now: datetime) -> list[Task]:
    """Disputes for a clerk to answer or the department to decide, and news for the member."""
    roles, on = held_roles(user), local_date(now)
    tasks: list[Task] = []
    if Role.SCHOOL_CLERK in roles:
        answered = Dispute.objects.answered_by(user, on)
        tasks += _waiting(answered, DisputeState.OPEN, on) + _decided(answered, now)
    if Role.ORGANISATION_DEPARTMENT in roles:
        tasks += _waiting(Dispute.objects.decided_by(user, on), DisputeState.APPEALED, on)
    if Role.MEMBER in roles:
        tasks += _answer_tasks(user, now)
    return tasks


def list_clock_tasks(user: User, now: datetime) -> list[Task]:
    """Trainings of new secretaries and members that were missed: for clerks and the department."""
    on, roles = local_date(now), held_roles(user)
    is_office = Role.ORGANISATION_DEPARTMENT in roles
    if is_office:
        schools = list(School.objects.values_list("pk", flat=True))
    elif Role.SCHOOL_CLERK in roles:
        schools = schools_in_role(user, on, Role.SCHOOL_CLERK)
    else:
        return []
    missed = count_missed(schools, on, outside=is_office)
    if not missed:
        return []
    label = ngettext(
        "Make up for %(n)d training missed by its day",
        "Make up for %(n)d trainings missed by their day",
        missed,
    )
    address = f"{reverse('years:clocks')}?clock_state={ClockState.SHORT}"
    return [Task(label % {"n": missed}, address, late=True)]


def _waiting(rows: DisputeQuerySet, state: DisputeState, on: date) -> list[Task]:
    """The task to handle the disputes in this state, if there are any."""
    waiting = rows.filter(state=state).with_last_step()
    n, oldest = waiting.aggregate(n=Count("pk"), oldest=Min("moved_at")).values()
    if not n:
        return []
    if state == DisputeState.OPEN:
        label = ngettext("Answer %(n)d dispute", "Answer %(n)d disputes", n)
    else:
        label = ngettext("Decide %(n)d appeal", "Decide %(n)d appeals", n)
    since = local_date(oldest)
    return [
        Task(
            label % {"n": n},
            f"{reverse('years:disputes')}?stage={state}",
            due=_("since %(first)s") % {"first": format_day(since)},
            late=on > since + timedelta(days=ANSWER_DAYS),
        )
    ]


def _decided(rows: DisputeQuerySet, now: datetime) -> list[Task]:
    """Recent decisions by the department on the school's answers; hours may have changed."""
    decided = rows.filter(state=DisputeState.DECIDED).with_last_step()
    recent = decided.filter(moved_at__gt=now - timedelta(days=ANSWER_DAYS))
    n = recent.count()
    if not n:
        return []
    label = ngettext("%(n)d appeal was decided", "%(n)d appeals were decided", n)
    return [Task(label % {"n": n}, f"{reverse('years:disputes')}?stage={DisputeState.DECIDED}")]


def _answer_tasks(user: User, now: datetime) -> list[Task]:
    """Recent answers to and decisions on the user's own disputes."""
    disputes = Dispute.objects.of_account(user).filter(
        state__in=[DisputeState.ANSWERED, DisputeState.DECIDED]
    )
    recent = disputes.with_last_step().filter(moved_at__gt=now - timedelta(days=NEWS_DAYS))
    return [
        Task(
            _("Your dispute was answered"),
            reverse("years:dispute", args=[dispute.pk]),
            detail=f"{dispute.subject} · {format_day(dispute.occurred_on)}",
        )
        for dispute in recent.with_subject().order_by("-moved_at")
    ]
