"""Admin pages of this app."""

from hours.admin import ledger, rules

__all__ = ["ledger", "rules"]
