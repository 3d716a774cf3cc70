from hours.models.disputes import Dispute, DisputeEntry
from hours.models.ledger import Assessment, CreditEntry, LedgerCheck
from hours.models.rules import CreditRule, CreditStep, RequirementRule
from hours.models.sources import Source
from hours.models.standings import Standing, StandingChange, StandingCount, StandingYear

__all__ = [
    "Assessment",
    "CreditEntry",
    "CreditRule",
    "CreditStep",
    "Dispute",
    "DisputeEntry",
    "LedgerCheck",
    "RequirementRule",
    "Source",
    "Standing",
    "StandingChange",
    "StandingCount",
    "StandingYear",
]
