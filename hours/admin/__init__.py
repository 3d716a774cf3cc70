"""Admin pages of this app."""

from hours.admin import disputes, ledger, rules

__all__ = ["disputes", "ledger", "rules"]
