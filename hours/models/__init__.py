from hours.models.balances import Balance, BalanceChange, BalanceCount, BalanceYear, MonthTotal
from hours.models.disputes import Dispute, DisputeEntry
from hours.models.ledger import Assessment, CreditEntry, LedgerCheck
from hours.models.rules import CreditRule, CreditStep, RequirementRule
from hours.models.sources import Source

__all__ = [
    "Assessment",
    "Balance",
    "BalanceChange",
    "BalanceCount",
    "BalanceYear",
    "CreditEntry",
    "CreditRule",
    "CreditStep",
    "Dispute",
    "DisputeEntry",
    "LedgerCheck",
    "MonthTotal",
    "RequirementRule",
    "Source",
]
