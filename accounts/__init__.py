"""Accounts and what people did with them: users, sign-in, lock-out, the audit trail."""
