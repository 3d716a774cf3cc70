"""The pages of this app in the administration."""

from trainees.admin import door, evidence, ledger, register, rules

__all__ = ["door", "evidence", "ledger", "register", "rules"]
