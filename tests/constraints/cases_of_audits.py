"""Constraints of special audits, each with the change that breaks it."""

from __future__ import annotations

from decimal import Decimal

from funding.models import (
    AnswerReview,
    AuditClosure,
    AuditedFund,
    AuditedPayment,
    AuditFinding,
    FindingAnswer,
    SpecialAudit,
)
from tests.constraints.cases import Alone, Beside
from tests.factories import DAY

AUDIT_CASES: dict[str, Alone] = {
    "special_audit_has_title": Alone(SpecialAudit, {"title": ""}),
    "special_audit_keeps_its_seed": Alone(SpecialAudit, {"seed": ""}),
    "special_audit_draws_something": Alone(SpecialAudit, {"sample_size": 0}),
    "special_audit_threshold_is_positive": Alone(SpecialAudit, {"threshold": Decimal(0)}),
    "special_audit_has_population": Alone(SpecialAudit, {"population_size": 0}),
    "audited_fund_once": Beside(
        AuditedFund, refused={}, accepted={"audit": lambda w: w.other_special_audit}
    ),
    "audited_payment_once": Beside(
        AuditedPayment, refused={}, accepted={"audit": lambda w: w.special_audit}
    ),
    "audited_payment_is_positive": Alone(AuditedPayment, {"amount": Decimal(0)}),
    "audit_finding_has_text": Alone(AuditFinding, {"text": ""}),
    "audit_finding_leaves_time": Alone(AuditFinding, {"due_on": DAY}),
    "finding_answer_has_text": Alone(FindingAnswer, {"text": ""}),
    "answer_review_has_reason": Alone(AnswerReview, {"reason": ""}),
    "audit_closure_has_conclusion": Alone(AuditClosure, {"conclusion": ""}),
}
