"""The pages of this app in the administration."""

from hours.admin import ledger, rules

__all__ = ["ledger", "rules"]
