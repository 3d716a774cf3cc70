"""The models of the money: rules, allocations, commitments, the fund ledger, audits."""

from funding.models.allocations import Allocation
from funding.models.audits import (
    AnswerReview,
    AuditClosure,
    AuditedFund,
    AuditedPayment,
    AuditFinding,
    FindingAnswer,
    SpecialAudit,
)
from funding.models.causes import DeliveredCause
from funding.models.commitments import Commitment, EarmarkCheck
from funding.models.exceptions import ExceptionDecision, ExceptionRequest
from funding.models.ledger import FundLeg, FundTransaction
from funding.models.rules import CostRate, FeeRule, LimitRule, UseRule, WeightRule
from funding.models.vouchers import PaymentVoucher, Voucher, VoucherRule, VoucherWithdrawal

__all__ = [
    "Allocation",
    "AnswerReview",
    "AuditClosure",
    "AuditFinding",
    "AuditedFund",
    "AuditedPayment",
    "Commitment",
    "CostRate",
    "DeliveredCause",
    "EarmarkCheck",
    "ExceptionDecision",
    "ExceptionRequest",
    "FeeRule",
    "FindingAnswer",
    "FundLeg",
    "FundTransaction",
    "LimitRule",
    "PaymentVoucher",
    "SpecialAudit",
    "UseRule",
    "Voucher",
    "VoucherRule",
    "VoucherWithdrawal",
    "WeightRule",
]
