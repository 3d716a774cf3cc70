"""Tasks about the money on the home page."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.enums import Role
from accounts.models import User
from accounts.roles import holds_any
from backstage.tasklist import Task
from config.lib.dates import format_day
from config.lib.periods import local_date
from funding.enums import CommitmentState
from funding.models import Commitment
from funding.permissions import allocates, schools_as_clerk
from funding.queries.class_money import list_classes_without_money
from schools.models import RoleGrant, School

_STEPS = {
    Role.CUSTODIAN: CommitmentState.TO_CHECK,
    Role.APPROVER: CommitmentState.TO_APPROVE,
    Role.PAYER: CommitmentState.TO_PAY,
}


def fund_tasks(user: User, now: datetime) -> list[Task]:
    """Classes without money for their clerk; costs that wait for the next of their money, or for
    the department's decision on an exception.
    """
    tasks = _without_money(user, now) + [
        task
        for role, state in _STEPS.items()
        if holds_any(user, role)
        for task in _waiting(user, role, state, now)
    ]
    return tasks + (_to_decide() if allocates(user) else [])


def _to_decide() -> list[Task]:
    waiting = Commitment.objects.with_stages().filter(state=CommitmentState.TO_DECIDE).order_by()
    found = waiting.aggregate(n=Count("pk"), first=Min("requested_at"))
    label = ngettext(
        "Decide on %(n)d exception from a rule",
        "Decide on %(n)d exceptions from rules",
        found["n"],
    )
    return [_task(label, CommitmentState.TO_DECIDE, found)] if found["n"] else []


def _without_money(user: User, now: datetime) -> list[Task]:
    on = local_date(now)
    schools = schools_as_clerk(user, on) if holds_any(user, Role.SCHOOL_CLERK) else set()
    if not schools:
        return []
    found = list_classes_without_money(School.objects.filter(pk__in=schools), on)
    n = sum(any(cost.may_follow for cost in one.costs) for one in found)
    if not n:
        return []
    label = ngettext(
        "See to the money of %(n)d class: costs have none yet",
        "See to the money of %(n)d classes: costs have none yet",
        n,
    )
    return [Task(label % {"n": n}, reverse("funding:classes"))]


def _waiting(user: User, role: Role, state: CommitmentState, now: datetime) -> list[Task]:
    grants = RoleGrant.objects.in_force(local_date(now)).filter(
        Q(school=None) | Q(school=OuterRef("school"), channel=OuterRef("channel")),
        user=user,
        role=role,
    )
    waiting = Commitment.objects.filter(Exists(grants)).with_stages().filter(state=state)
    found = waiting.order_by().aggregate(n=Count("pk"), first=Min("requested_at"))
    n = found["n"]
    if not n:
        return []
    label = {
        Role.CUSTODIAN: ngettext(
            "Check whether %(n)d cost fits its money",
            "Check whether %(n)d costs fit their money",
            n,
        ),
        Role.APPROVER: ngettext("Approve %(n)d cost", "Approve %(n)d costs", n),
        Role.PAYER: ngettext("Pay %(n)d approved cost", "Pay %(n)d approved costs", n),
    }[role]
    return [_task(label, state, found)]


def _task(label: str, state: CommitmentState, found: dict[str, Any]) -> Task:
    return Task(
        label % {"n": found["n"]},
        f"{reverse('funding:commitments')}?state={state}",
        due=_("since %(day)s") % {"day": format_day(local_date(found["first"]))},
    )
