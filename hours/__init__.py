"""Credit hours: rules, sources, assessments, the ledger, requirements and verdicts, disputes."""
