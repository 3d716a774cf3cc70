"""The pages of this app in the administration."""

from trainees.admin import evidence, ledger, register, rules

__all__ = ["evidence", "ledger", "register", "rules"]
