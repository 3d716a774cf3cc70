"""The money of a school with payments, and an auditor for it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from accounts.models import User
from config.lib.periods import at_local, inclusive_period
from funding.actions.audits import (
    AuditScope,
    answer_finding,
    close_audit,
    open_audit,
    raise_finding,
    review_answer,
)
from funding.models import (
    AnswerReview,
    AuditClosure,
    AuditedPayment,
    AuditFinding,
    FindingAnswer,
    FundTransaction,
    SpecialAudit,
)
from tests.factories import DAY, NOON, acting
from tests.funding.world import FISCAL, YEAR, FundWorld

DUE = DAY + timedelta(days=14)
LATER = at_local(DAY + timedelta(days=2), 9)


class AuditWorld(FundWorld):
    """Five payments, of 10 to 250 yuan."""

    AMOUNTS = (10, 20, 40, 80, 250)

    def __init__(self) -> None:
        super().__init__()
        self.paid = [self.payment(amount) for amount in self.AMOUNTS]

    def payment(self, amount: int, **fields: Any) -> FundTransaction:
        return self.pay(self.approved(amount, **fields), amount)

    def scope(self, **fields: Any) -> AuditScope:
        facts = {
            "title": "上半年餐费专项审计",
            "schools": (self.school,),
            "channels": (FISCAL,),
            "period": inclusive_period(date(YEAR, 1, 1), date(YEAR, 6, 30)),
            "sample_size": 2,
            "threshold": Decimal(200),
        }
        return AuditScope(**facts | fields)

    def open(self, by: User | None = None, **fields: Any) -> SpecialAudit:
        user = by or self.auditor
        return open_audit(scope=self.scope(**fields), by=acting(user), at=NOON)

    def find(self, sampled: AuditedPayment, by: User | None = None, **fields: Any) -> AuditFinding:
        facts = {"text": "缺少就餐签到表", "severity": "fault", "due_on": DUE} | fields
        user = by or self.auditor
        return raise_finding(payment_id=sampled.pk, **facts, by=acting(user), at=NOON)

    def answer(
        self, finding: AuditFinding, by: User | None = None, text: str = "签到表已补齐"
    ) -> FindingAnswer:
        user = by or self.clerk
        return answer_finding(finding_id=finding.pk, text=text, by=acting(user), at=LATER)

    def review(
        self, answer: FindingAnswer, outcome: str = "accepted", by: User | None = None
    ) -> AnswerReview:
        user = by or self.auditor
        return review_answer(
            answer_id=answer.pk, outcome=outcome, reason="已核对原件", by=acting(user), at=LATER
        )

    def close(self, audit: SpecialAudit, by: User | None = None) -> AuditClosure:
        user = by or self.auditor
        return close_audit(
            audit_id=audit.pk, conclusion="支出真实、合规。", by=acting(user), at=LATER
        )
