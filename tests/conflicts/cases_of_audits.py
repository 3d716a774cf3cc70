"""Cases of the table about special audits: money that another account of the person handled."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from accounts.enums import Role
from accounts.models import User
from config.lib.periods import inclusive_period
from funding.actions.allocations import AllocationFacts, allocate_funds
from funding.actions.audits import (
    AuditScope,
    answer_finding,
    close_audit,
    open_audit,
    raise_finding,
    review_answer,
)
from funding.actions.commitments import (
    CostFacts,
    approve_commitment,
    commit_funds,
    pay_commitment,
)
from funding.errors import FundError
from funding.models import AuditedPayment, SpecialAudit
from tests.conflicts.cases_of_funds import checked, holder
from tests.conflicts.cases_of_years import second_account
from tests.conflicts.table import Act, World, case
from tests.factories import DAY, NOON, acting, grant

DUE = DAY + timedelta(days=7)


def paid(world: World, asker: User) -> None:
    """A payment that `asker` asked for; the two who act may be its auditors."""
    if asker != world.me:
        grant(asker, Role.SCHOOL_CLERK, world.school)
    for user in (world.me, world.other):
        grant(user, Role.AUDITOR, world.school, channel="fiscal")
    money = AllocationFacts(world.school, DAY.year, "fiscal", "training", Decimal(100), "津〔2〕")
    allocate_funds(facts=money, by=acting(world.third), at=NOON)
    facts = CostFacts(world.school, "fiscal", DAY.year, "meals", Decimal(40), "午餐")
    cost = checked(world, commit_funds(facts=facts, by=acting(asker), at=NOON))
    approve_commitment(commitment_id=cost.pk, by=acting(holder(world, Role.APPROVER)), at=NOON)
    pay_commitment(
        commitment_id=cost.pk,
        amount=Decimal(40),
        by=acting(holder(world, Role.PAYER)),
        at=NOON,
    )


def opened(world: World, by: User) -> SpecialAudit:
    scope = AuditScope("餐费专项审计", (world.school,), ("fiscal",), inclusive_period(DAY, DAY), 1)
    return open_audit(scope=scope, by=acting(by), at=NOON)


def by_another(world: World) -> AuditedPayment:
    """Opened by an auditor with no interest, about a payment that the person asked for."""
    paid(world, second_account(world))
    return opened(world, holder(world, Role.AUDITOR)).payments.get()


@case("open_audit", FundError)
def own_payment_audited(world: World) -> Act:
    paid(world, second_account(world))
    return lambda user: opened(world, user)


@case("raise_finding", FundError)
def own_payment_found_at_fault(world: World) -> Act:
    sampled = by_another(world)
    return lambda user: raise_finding(
        payment_id=sampled.pk,
        text="缺少签到表",
        severity="fault",
        due_on=DUE,
        by=acting(user),
        at=NOON,
    )


@case("review_answer", FundError)
def own_answer_reviewed(world: World) -> Act:
    sampled = by_another(world)
    finding = raise_finding(
        payment_id=sampled.pk,
        text="缺少签到表",
        severity="fault",
        due_on=DUE,
        by=acting(sampled.audit.opened_by),
        at=NOON,
    )
    asker = sampled.payment.commitment.requested_by
    answer = answer_finding(finding_id=finding.pk, text="已补", by=acting(asker), at=NOON)
    return lambda user: review_answer(
        answer_id=answer.pk, outcome="accepted", reason="可", by=acting(user), at=NOON
    )


@case("close_audit", FundError)
def own_audit_closed(world: World) -> Act:
    audit = by_another(world).audit
    return lambda user: close_audit(
        audit_id=audit.pk, conclusion="合规。", by=acting(user), at=NOON
    )
