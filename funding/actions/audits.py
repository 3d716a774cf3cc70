"""Special audits: open with a sample, raise findings, answer, review, close.

The auditor changes nothing of the money. Nobody audits money of their own: a payment that they
asked for, checked, approved or paid, or a school whose custodian they are or were on the audited
days, under any of their accounts.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.audit import record_act
from accounts.enums import Role
from accounts.interests import own_accounts
from accounts.models import User
from accounts.origin import Actor, person_of
from config.lib.lock_classes import LockClass
from config.lib.periods import local_date
from funding.actions.ledger import Fund, lock_funds, require_valid
from funding.amounts import ZERO
from funding.audit_notices import tell_auditors, tell_clerks, tell_of_return
from funding.enums import FindingState, ReviewOutcome, SampleMethod
from funding.errors import FundError
from funding.models import (
    AnswerReview,
    AuditClosure,
    AuditedFund,
    AuditedPayment,
    AuditFinding,
    FindingAnswer,
    FundTransaction,
    SpecialAudit,
)
from funding.permissions import asks_for_money, audits_all
from funding.queries.populations import (
    FundKey,
    amounts_of,
    funds_of,
    payments_handled_by,
    payments_of,
)
from funding.sampling import draw_sample
from schools.models import RoleGrant, School

_SEED_BYTES = 16


@dataclass(frozen=True)
class AuditScope:
    """Whose payments of which days are audited, and how many are drawn.

    `threshold` (yuan): all payments above it are in the sample as well.
    """

    title: str
    schools: tuple[School, ...]
    channels: tuple[str, ...]
    period: DateRange
    sample_size: int
    threshold: Decimal | None = None


def open_audit(*, scope: AuditScope, by: Actor, at: datetime) -> SpecialAudit:
    """Open a special audit and draw its sample with a seed that nobody chooses.

    Raises PermissionDenied for money that the person does not audit, and FundError.
    """
    person = person_of(by)
    funds = [Fund(school.pk, channel) for school in scope.schools for channel in scope.channels]
    with transaction.atomic():
        lock_funds(funds)
        _require_auditor(funds, by, at)
        _require_no_custodian(funds, scope.period, by, at)
        newest = FundTransaction.objects.order_by("-pk").first()
        payments = payments_of(funds, scope.period, newest.pk if newest else 0)
        population = amounts_of(payments)
        if newest is None or not population:
            raise FundError(_("No payment of these schools and channels lies in these days."))
        if payments_handled_by(payments, own_accounts(by.user)).exists():
            raise FundError(
                _("Nobody audits money of their own: you took a step of one of these payments.")
            )
        audit = SpecialAudit(
            title=scope.title,
            period=scope.period,
            method=SampleMethod.UNITS,
            seed=secrets.token_hex(_SEED_BYTES),
            sample_size=scope.sample_size,
            threshold=scope.threshold,
            population_size=len(population),
            population_sum=sum(population.values(), ZERO),
            last_transaction=newest,
            opened_at=at,
            opened_by=person,
        )
        require_valid(audit)
        audit.save()
        AuditedFund.objects.bulk_create(AuditedFund(audit=audit, **f._asdict()) for f in funds)
        _store_sample(audit, population)
        _record(
            "open_audit",
            audit,
            by,
            at,
            method=audit.method,
            seed=audit.seed,
            population_size=audit.population_size,
            population_sum=audit.population_sum,
            sample_size=audit.sample_size,
            threshold=audit.threshold,
        )
    return audit


def raise_finding(
    *, payment_id: int, text: str, severity: str, due_on: date, by: Actor, at: datetime
) -> AuditFinding:
    """Note what is wrong with a sampled payment, and tell the clerks of its school.

    Raises PermissionDenied and FundError.
    """
    with transaction.atomic():
        sampled = AuditedPayment.objects.select_related("audit", "payment__school").get(
            pk=payment_id
        )
        _lock_for_auditor(sampled.audit, by, at)
        finding = AuditFinding(
            audited_payment=sampled,
            text=text,
            severity=severity,
            due_on=due_on,
            raised_at=at,
            raised_by=person_of(by),
        )
        if due_on <= local_date(at):
            raise FundError(_("The answer is due on a later day."), "due_on")
        require_valid(finding)
        finding.save()
        tell_clerks(finding, at=at)
        school = sampled.payment.school.code
        _record("raise_finding", finding, by, at, school, severity=severity, due_on=due_on)
    return finding


def answer_finding(*, finding_id: int, text: str, by: Actor, at: datetime) -> FindingAnswer:
    """The clerk of the payment's school answers, and the auditor is told.

    Several answers may follow one another until one is accepted. Raises PermissionDenied and
    FundError.
    """
    person = person_of(by)
    with transaction.atomic():
        finding = _lock_finding(finding_id)
        school = finding.audited_payment.payment.school
        if not asks_for_money(person, school.pk, local_date(at)):
            raise PermissionDenied
        if finding.state == FindingState.SETTLED:  # type: ignore[attr-defined]
            raise FundError(_("This finding is settled."))
        answer = FindingAnswer(finding=finding, text=text, answered_at=at, answered_by=person)
        require_valid(answer)
        answer.save()
        tell_auditors(answer, at=at)
        _record("answer_finding", answer, by, at, school.code)
    return answer


def review_answer(
    *, answer_id: int, outcome: str, reason: str, by: Actor, at: datetime
) -> AnswerReview:
    """The auditor accepts the newest answer to a finding, or returns it, with a reason.

    The clerks of the school are told of a return. Raises PermissionDenied and FundError.
    """
    with transaction.atomic():
        answer = FindingAnswer.objects.get(pk=answer_id)
        finding = _lock_finding(answer.finding_id)
        _require_auditor_of(finding.audited_payment.audit, by, at)
        waits = finding.state == FindingState.TO_REVIEW  # type: ignore[attr-defined]
        if not waits or finding.answer_key != answer.pk:  # type: ignore[attr-defined]
            raise FundError(_("This answer is reviewed, or a newer one came meanwhile."))
        if answer.answered_by_id in own_accounts(by.user):
            raise FundError(_("Nobody audits money of their own: this answer is yours."))
        review = AnswerReview(
            answer=answer,
            outcome=outcome,
            reason=reason,
            reviewed_at=at,
            reviewed_by=person_of(by),
        )
        require_valid(review)
        review.save()
        if outcome == ReviewOutcome.RETURNED:
            tell_of_return(review, at=at)
        school = finding.audited_payment.payment.school.code
        _record("review_answer", review, by, at, school, outcome=outcome, reason=reason)
    return review


def close_audit(*, audit_id: int, conclusion: str, by: Actor, at: datetime) -> AuditClosure:
    """End a special audit whose findings are all settled. Raises PermissionDenied and FundError."""
    with transaction.atomic():
        audit = SpecialAudit.objects.get(pk=audit_id)
        _lock_for_auditor(audit, by, at)
        findings = AuditFinding.objects.filter(audited_payment__audit=audit).with_state()
        if findings.exclude(state=FindingState.SETTLED).exists():
            raise FundError(_("A finding is still open: it waits for an answer or its review."))
        closure = AuditClosure(
            audit=audit, conclusion=conclusion, closed_at=at, closed_by=person_of(by)
        )
        require_valid(closure)
        closure.save()
        _record("close_audit", audit, by, at)
    return closure


def may_audit(audit: SpecialAudit, user: User, on: date) -> bool:
    """Whether all money of the audit's scope is audited by `user`."""
    return audits_all(user, funds_of(audit), on)


def _store_sample(audit: SpecialAudit, population: dict[int, Decimal]) -> None:
    drawn = draw_sample(
        population, seed=audit.seed, size=audit.sample_size, threshold=audit.threshold
    )
    AuditedPayment.objects.bulk_create(
        AuditedPayment(audit=audit, payment_id=key, amount=population[key], basis=basis)
        for key, basis in drawn.items()
    )


def _lock(audit_id: int) -> None:
    """Rows of append-only tables cannot be locked, so the lock is advisory."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LockClass.SPECIAL_AUDITS, audit_id])


def _lock_finding(finding_id: int) -> AuditFinding:
    """The finding with its state, under the lock of its audit."""
    findings = AuditFinding.objects.select_related(
        "audited_payment__audit", "audited_payment__payment__school"
    )
    _lock(findings.get(pk=finding_id).audited_payment.audit_id)
    return findings.with_state().get(pk=finding_id)


def _lock_for_auditor(audit: SpecialAudit, by: Actor, at: datetime) -> None:
    _lock(audit.pk)
    _require_auditor_of(audit, by, at)
    if AuditClosure.objects.filter(audit=audit).exists():
        raise FundError(_("This audit is closed."))


def _require_auditor_of(audit: SpecialAudit, by: Actor, at: datetime) -> None:
    """Raise for who may not audit it, or has an own interest in its population."""
    funds = funds_of(audit)
    _require_auditor(funds, by, at)
    _require_no_custodian(funds, audit.period, by, at)
    payments = payments_of(funds, audit.period, audit.last_transaction_id)
    if payments_handled_by(payments, own_accounts(by.user)).exists():
        raise FundError(
            _("Nobody audits money of their own: you took a step of one of these payments.")
        )


def _require_auditor(funds: Iterable[FundKey], by: Actor, at: datetime) -> None:
    if not audits_all(person_of(by), funds, local_date(at)):
        raise PermissionDenied


def _require_no_custodian(
    funds: Iterable[FundKey], days: DateRange, by: Actor, at: datetime
) -> None:
    schools = {school for school, _channel in funds}
    held = RoleGrant.objects.filter(
        Q(period__overlap=days) | Q(period__contains=local_date(at)),
        Q(school=None) | Q(school__in=schools),
        role=Role.CUSTODIAN,
        user__in=own_accounts(by.user),
    )
    if held.exists():
        raise FundError(
            _("Nobody audits money of their own: you are or were custodian of one of the schools.")
        )


def _record(
    act: str, obj: Any, by: Actor, at: datetime, school_code: str = "", **facts: Any
) -> None:
    record_act(act=act, obj=obj, by=by, at=at, after=facts, school_code=school_code)
