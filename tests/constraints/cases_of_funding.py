"""Constraints of the money, each with the change that breaks it.

A transaction without legs is refused when the database's transaction ends, so what must be there
first is made by the world, with its legs.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from funding.models import (
    Allocation,
    Commitment,
    CostRate,
    ExceptionDecision,
    ExceptionRequest,
    FeeRule,
    FundLeg,
    FundTransaction,
    LimitRule,
    PaymentVoucher,
    UseRule,
    Voucher,
    VoucherRule,
    VoucherWithdrawal,
    WeightRule,
)
from tests.constraints.cases import Alone, Beside
from tests.constraints.rows_of_funding import FUNDING, class_cost, fee, posted


def _reversal(w: Any) -> dict[str, Any]:
    of = {"kind": "reversal", "allocation": w.fund_allocation, "reason": "重复"}
    return posted(w) | of | {"reverses": w.other_fund_transaction}


def _allocation(w: Any) -> dict[str, Any]:
    return posted(w) | {"kind": "allocation", "allocation": w.other_fund_allocation}


def _commitment(w: Any) -> dict[str, Any]:
    return posted(w) | {"kind": "commitment", "commitment": w.other_fund_commitment}


def _of_portal(w: Any) -> dict[str, Any]:
    return FUNDING[PaymentVoucher](w) | {"voucher": None, "kind": "plan"}


def _invoice(w: Any) -> dict[str, Any]:
    return FUNDING[Voucher](w) | {"invoice_number": "24117000000012345678"}


FUND_CASES: dict[str, Alone] = {
    "allocation_is_positive": Alone(Allocation, {"amount": Decimal(0)}),
    "allocation_of_dues_has_decision": Alone(Allocation, {"channel": "dues"}),
    "allocation_of_document_once": Beside(
        Allocation, refused={}, accepted={"purpose": "equipment"}
    ),
    "use_rule_one_at_a_time": Beside(UseRule, refused={}, accepted={"use": "lodging"}),
    "fee_rule_is_positive": Alone(FeeRule, {"ceiling": Decimal(0)}),
    "fee_rule_one_at_a_time": Beside(FeeRule, refused={}, accepted={"title": "professor"}),
    "cost_rate_is_positive": Alone(CostRate, {"amount": Decimal(0)}),
    "cost_rate_of_what_classes_cause": Alone(CostRate, {"use": "lodging"}),
    "cost_rate_of_fee_names_title": Alone(CostRate, {"title": "professor"}),
    "cost_rate_one_at_a_time": Beside(CostRate, refused={}, accepted={"use": "venue"}),
    "voucher_with_invoice_is_receipt": Alone(Voucher, {"kind": "notice"}, row=_invoice),
    "commitment_of_class_is_what_units_cost": Alone(
        Commitment, {"units": Decimal(2)}, row=class_cost
    ),
    "limit_rule_is_positive": Alone(LimitRule, {"most": Decimal(0)}),
    "limit_rule_of_hours_blocks": Alone(LimitRule, {"kind": "half_day_hours"}),
    "limit_rule_one_at_a_time": Beside(LimitRule, refused={}, accepted={"kind": "person_day"}),
    "weight_rule_weighs_something": Alone(WeightRule, {"per_member": Decimal(-1)}),
    "weight_rule_total_is_positive": Alone(WeightRule, {"total": Decimal(0)}),
    "weight_rule_one_at_a_time": Beside(WeightRule, refused={}, accepted={"purpose": "running"}),
    "exception_request_has_reason": Alone(ExceptionRequest, {"reason": ""}),
    "exception_request_is_beyond": Alone(ExceptionRequest, {"reached": Decimal(20)}),
    "exception_decision_has_reason": Alone(ExceptionDecision, {"reason": ""}),
    "voucher_rule_one_at_a_time": Beside(VoucherRule, refused={}, accepted={"kind": "notice"}),
    "voucher_is_no_fee_sheet": Alone(Voucher, {"kind": "fee_sheet"}),
    "voucher_has_digest": Alone(Voucher, {"digest": ""}),
    "voucher_withdrawal_has_reason": Alone(VoucherWithdrawal, {"reason": ""}),
    "payment_voucher_has_digest": Alone(PaymentVoucher, {"digest": ""}, row=_of_portal),
    "payment_voucher_once": Beside(
        PaymentVoucher, refused={}, accepted={"voucher": None, "kind": "plan"}
    ),
    "payment_voucher_of_portal_once": Beside(
        PaymentVoucher, refused={}, accepted={"kind": "roll"}, row=_of_portal
    ),
    "commitment_is_positive": Alone(Commitment, {"amount": Decimal(0)}),
    "commitment_hours_in_steps": Alone(Commitment, {"fee_hours": Decimal("1.10")}, row=fee),
    "commitment_of_fee_names_lecturer": Alone(Commitment, {"fee_hours": None}, row=fee),
    "fund_transaction_reversed_once": Alone(
        FundTransaction, {"reverses": lambda w: w.fund_reversal.reverses}, row=_reversal
    ),
    "fund_transaction_commits_once": Alone(
        FundTransaction,
        {"commitment": lambda w: w.fund_commitment_posted.commitment},
        row=_commitment,
    ),
    "fund_transaction_allocates_once": Alone(
        FundTransaction,
        {"allocation": lambda w: w.fund_transaction.allocation},
        row=_allocation,
    ),
    "fund_transaction_names_its_cause": Alone(FundTransaction, {"allocation": None}),
    "fund_transaction_has_reason": Alone(FundTransaction, {"reason": ""}),
    "fund_transaction_names_who_acted": Alone(FundTransaction, {"posted_by": None}),
    "fund_leg_is_not_zero": Alone(FundLeg, {"amount": Decimal(0)}),
    "fund_leg_overdraws_nothing": Alone(FundLeg, {"amount": Decimal("-100.01")}),
}
