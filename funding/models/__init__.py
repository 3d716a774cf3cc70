"""The models of the money: rules, allocations, commitments, and the fund ledger."""

from funding.models.allocations import Allocation
from funding.models.commitments import Commitment, EarmarkCheck
from funding.models.ledger import FundLeg, FundTransaction
from funding.models.rules import FeeRule, UseRule

__all__ = [
    "Allocation",
    "Commitment",
    "EarmarkCheck",
    "FeeRule",
    "FundLeg",
    "FundTransaction",
    "UseRule",
]
