"""What the pages and tasks of special audits show."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db.models import Count, Min, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.enums import Role
from accounts.roles import holds_any
from backstage.tasklist import Task
from config.lib.dates import format_day
from config.lib.periods import local_date
from funding.enums import FindingState
from funding.models import (
    AuditedFund,
    AuditedPayment,
    AuditFinding,
    FindingAnswer,
    SpecialAudit,
)
from funding.querysets import AuditedPaymentQuerySet, AuditFindingQuerySet, AuditQuerySet
from schools.models import RoleGrant, School
from schools.querysets import SchoolQuerySet

if TYPE_CHECKING:
    from accounts.models import User


def schools_audited_by(user: User, on: date) -> SchoolQuerySet:
    """Schools of whose money `user` audits at least one channel."""
    grants = RoleGrant.objects.in_force(on).filter(user=user, role=Role.AUDITOR)
    if grants.filter(school=None).exists():
        return School.objects.order_by("code")
    return School.objects.filter(pk__in=grants.values("school")).order_by("code")


def list_audits(user: User, on: date) -> AuditQuerySet:
    """Audits that `user` sees, the newest first, with their sample and findings that they see."""
    sampled = AuditedPayment.objects.visible_to(user, on).filter(audit=OuterRef("pk")).order_by()
    findings = (
        AuditFinding.objects.visible_to(user, on)
        .filter(audited_payment__audit=OuterRef("pk"))
        .with_state()
        .order_by()
    )
    waiting = findings.exclude(state=FindingState.SETTLED)
    return (
        SpecialAudit.objects.visible_to(user, on)
        .select_related("closure")
        .annotate(
            sampled=_count(sampled, "audit"),
            raised=_count(findings, "audited_payment__audit"),
            waiting=_count(waiting, "audited_payment__audit"),
        )
        .order_by("-opened_at", "-pk")
    )


def list_sample(audit: SpecialAudit, user: User, on: date) -> AuditedPaymentQuerySet:
    """The sampled payments that `user` sees, the largest first, with their findings."""
    findings = (
        AuditFinding.objects.with_state()
        .select_related("raised_by")
        .prefetch_related(
            Prefetch(
                "answers",
                FindingAnswer.objects.select_related("answered_by", "review__reviewed_by").order_by(
                    "pk"
                ),
            )
        )
        .order_by("pk")
    )
    return (
        AuditedPayment.objects.visible_to(user, on)
        .filter(audit=audit)
        .select_related("payment__school", "payment__commitment", "payment__posted_by")
        .prefetch_related(Prefetch("findings", findings))
        .order_by("-amount", "pk")
    )


def sees_whole(audit: SpecialAudit, user: User, on: date) -> bool:
    """Whether `user` sees all money in the scope, and so what the sample was drawn from."""
    funds = AuditedFund.objects.filter(audit=audit)
    return not funds.exclude(pk__in=funds.visible_to(user, on).values("pk")).exists()


def having_finding(user: User, on: date, state: str) -> Q:
    """Condition on audits: a finding that `user` sees waits in this way."""
    seen = AuditFinding.objects.visible_to(user, on).with_state().filter(state=state)
    return Q(pk__in=seen.values("audited_payment__audit"))


def audit_tasks(user: User, now: datetime) -> list[Task]:
    """For the auditor answers to review and findings overdue; for the clerk findings to answer."""
    tasks = []
    if holds_any(user, Role.AUDITOR):
        own = AuditFinding.objects.of_auditor(user, now).with_state()
        tasks += _to_review(own) + _overdue(own, local_date(now))
    if holds_any(user, Role.SCHOOL_CLERK):
        tasks += _to_answer(AuditFinding.objects.of_clerk(user, now).with_state(), now)
    return tasks


def _to_review(findings: AuditFindingQuerySet) -> list[Task]:
    answers = FindingAnswer.objects.filter(
        pk__in=findings.filter(state=FindingState.TO_REVIEW).values("answer_key")
    )
    found = answers.aggregate(n=Count("pk"), first=Min("answered_at"))
    if not found["n"]:
        return []
    label = ngettext(
        "Review %(n)d answer to a finding", "Review %(n)d answers to findings", found["n"]
    )
    due = _("since %(day)s") % {"day": format_day(local_date(found["first"]))}
    return [Task(label % {"n": found["n"]}, _address(FindingState.TO_REVIEW), due=due)]


def _overdue(findings: AuditFindingQuerySet, on: date) -> list[Task]:
    late = findings.filter(state=FindingState.TO_ANSWER, due_on__lt=on)
    found = late.aggregate(n=Count("pk"), first=Min("due_on"))
    if not found["n"]:
        return []
    label = ngettext(
        "Ask after %(n)d overdue answer to a finding",
        "Ask after %(n)d overdue answers to findings",
        found["n"],
    )
    due = _("by %(day)s") % {"day": format_day(found["first"])}
    address = _address(FindingState.TO_ANSWER)
    return [Task(label % {"n": found["n"]}, address, due=due, late=True)]


def _to_answer(findings: AuditFindingQuerySet, now: datetime) -> list[Task]:
    found = findings.filter(state=FindingState.TO_ANSWER).aggregate(
        n=Count("pk"), first=Min("due_on")
    )
    if not found["n"]:
        return []
    label = ngettext(
        "Answer %(n)d finding of an audit", "Answer %(n)d findings of audits", found["n"]
    )
    due = _("by %(day)s") % {"day": format_day(found["first"])}
    late = found["first"] < local_date(now)
    address = _address(FindingState.TO_ANSWER)
    return [Task(label % {"n": found["n"]}, address, due=due, late=late)]


def _address(state: FindingState) -> str:
    return f"{reverse('funding:audits')}?waiting={state}"


def _count(rows: QuerySet, by: str) -> Coalesce:
    return Coalesce(Subquery(rows.values(by).annotate(n=Count("pk", distinct=True)).values("n")), 0)
