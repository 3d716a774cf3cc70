"""Who someone is and what they did: users, sign-in, lock-out, the audit trail."""
