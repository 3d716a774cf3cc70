"""Members, enrolment, attendance and the credit-hour ledger."""
