"""The models of the money: rules, allocations, commitments, and the fund ledger."""

from funding.models.allocations import Allocation
from funding.models.commitments import Commitment, EarmarkCheck
from funding.models.ledger import FundLeg, FundTransaction
from funding.models.rules import FeeRule, UseRule
from funding.models.vouchers import PaymentVoucher, Voucher, VoucherRule, VoucherWithdrawal

__all__ = [
    "Allocation",
    "Commitment",
    "EarmarkCheck",
    "FeeRule",
    "FundLeg",
    "FundTransaction",
    "PaymentVoucher",
    "UseRule",
    "Voucher",
    "VoucherRule",
    "VoucherWithdrawal",
]
