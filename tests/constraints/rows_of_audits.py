"""Valid rows of special audits, as `rows.VALID` has them, and what they refer to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Model

from accounts.enums import Role
from config.lib.periods import inclusive_period, local_date
from funding.actions.audits import AuditScope, answer_finding, open_audit, raise_finding
from funding.actions.commitments import (
    CostFacts,
    approve_commitment,
    check_commitment,
    commit_funds,
    pay_commitment,
)
from funding.models import (
    AnswerReview,
    AuditClosure,
    AuditedFund,
    AuditedPayment,
    AuditFinding,
    EarmarkCheck,
    FindingAnswer,
    FundTransaction,
    SpecialAudit,
)
from tests.constraints.rows_of_funding import FundRows
from tests.factories import NOON, acting, grant, make_user

DUE = local_date(NOON) + timedelta(days=7)

AUDITS: dict[type[Model], Callable[[Any], dict[str, Any]]] = {
    SpecialAudit: lambda w: {
        "title": "餐费专项审计",
        "period": inclusive_period(date(2026, 1, 1), date(2026, 6, 30)),
        "method": "units",
        "seed": "2026",
        "sample_size": 1,
        "threshold": Decimal(100),
        "population_size": 1,
        "population_sum": Decimal(20),
        "last_transaction": w.fund_payment,
        "opened_at": NOON,
        "opened_by": w.fund_auditor,
    },
    AuditedFund: lambda w: {"audit": w.special_audit, "school": w.school, "channel": "dues"},
    AuditedPayment: lambda w: {
        "audit": w.other_special_audit,
        "payment": w.fund_payment,
        "amount": Decimal(20),
        "basis": "drawn",
    },
    AuditFinding: lambda w: {
        "audited_payment": w.audited_payment,
        "text": "缺少就餐签到表",
        "severity": "fault",
        "due_on": DUE,
        "raised_at": NOON,
        "raised_by": w.fund_auditor,
    },
    FindingAnswer: lambda w: {
        "finding": w.audit_finding,
        "text": "已补",
        "answered_at": NOON,
        "answered_by": w.user,
    },
    AnswerReview: lambda w: {
        "answer": w.finding_answer,
        "outcome": "accepted",
        "reason": "已核对",
        "reviewed_at": NOON,
        "reviewed_by": w.fund_auditor,
    },
    AuditClosure: lambda w: {
        "audit": w.special_audit,
        "conclusion": "合规。",
        "closed_at": NOON,
        "closed_by": w.fund_auditor,
    },
}


class AuditRows(FundRows):
    """The rows of special audits in the world of `rows`."""

    @cached_property
    def fund_auditor(self) -> Any:
        return make_user()

    @cached_property
    def fund_payment(self) -> FundTransaction:
        cost = self.fund_commitment_posted.commitment
        assert cost is not None
        EarmarkCheck.objects.create(commitment=cost, checked_at=NOON, checked_by=make_user())
        for kind, source, target in (
            ("approval", "committed", "approved"),
            ("payment", "approved", "paid"),
        ):
            fields = {"kind": kind, "commitment": cost, "posted_by": make_user()}
            made = self._post(fields, source, target, 20)
        return made

    @cached_property
    def special_audit(self) -> SpecialAudit:
        return self._audit()

    @cached_property
    def other_special_audit(self) -> SpecialAudit:
        return self._audit()

    def _audit(self) -> SpecialAudit:
        made = SpecialAudit.objects.create(**AUDITS[SpecialAudit](self))
        AuditedFund.objects.create(audit=made, school=self.school, channel="fiscal")
        return made

    @cached_property
    def audited_payment(self) -> AuditedPayment:
        fields = AUDITS[AuditedPayment](self) | {"audit": self.special_audit}
        return AuditedPayment.objects.create(**fields)

    @cached_property
    def audit_finding(self) -> AuditFinding:
        return AuditFinding.objects.create(**AUDITS[AuditFinding](self))

    @cached_property
    def finding_answer(self) -> FindingAnswer:
        return FindingAnswer.objects.create(**AUDITS[FindingAnswer](self))

    @cached_property
    def settled_review(self) -> AnswerReview:
        return AnswerReview.objects.create(**AUDITS[AnswerReview](self))


def audit_things(school: Any, clerk: Any, of: dict[str, Any]) -> dict[str, Any]:
    """What the table of addresses names: an audit of a payment, a finding, and its answer.

    The allocation of `of` pays for it; its year is that of today.
    """
    people = {}
    for role in (Role.CUSTODIAN, Role.APPROVER, Role.PAYER, Role.AUDITOR):
        people[role] = make_user()
        grant(people[role], role, school, channel="fiscal")
    year = of["fund_allocation"].year
    facts = CostFacts(school, "fiscal", year, "meals", Decimal(30), "晚餐")
    cost = commit_funds(facts=facts, by=acting(clerk), at=NOON)
    step = {"commitment_id": cost.pk, "at": NOON}
    check_commitment(**step, by=acting(people[Role.CUSTODIAN]))
    approve_commitment(**step, by=acting(people[Role.APPROVER]))
    pay_commitment(**step, amount=Decimal(30), by=acting(people[Role.PAYER]))
    scope = AuditScope(
        "专项审计", (school,), ("fiscal",), inclusive_period(local_date(NOON), local_date(NOON)), 1
    )
    auditor = acting(people[Role.AUDITOR])
    audit = open_audit(scope=scope, by=auditor, at=NOON)
    sampled = audit.payments.get()
    finding = raise_finding(
        payment_id=sampled.pk, text="缺签到表", severity="note", due_on=DUE, by=auditor, at=NOON
    )
    return {
        "special_audit": audit,
        "audited_payment": sampled,
        "audit_finding": finding,
        "finding_answer": answer_finding(
            finding_id=finding.pk, text="已补", by=acting(clerk), at=NOON
        ),
    }
