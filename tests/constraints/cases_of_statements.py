"""Constraints of statements, reopenings and later facts, each with the change that breaks it."""

from __future__ import annotations

from typing import Any

from quotas.models import StatementSignature, YearAdjustment, YearReopening, YearStatement
from tests.constraints.cases import Alone, Beside
from tests.constraints.rows_of_statements import signature
from tests.factories import NOON

# The statement of the district beside that of the school.
SECOND: dict[str, Any] = {
    "signature": lambda w: signature(w, None),
    "serial": 2,
    "number": "XQ-S2025-002",
    "code_fingerprint": "second",
}

STATEMENT_CASES: dict[str, Alone] = {
    "statement_signature_once": Beside(StatementSignature, refused={}, accepted={"school": None}),
    "year_statement_serial_once": Beside(
        YearStatement, refused=SECOND | {"serial": 1}, accepted=SECOND
    ),
    "year_statement_number_once": Beside(
        YearStatement, refused=SECOND | {"number": "XQ-S2025-001"}, accepted=SECOND
    ),
    "year_statement_code_once": Beside(
        YearStatement, refused=SECOND | {"code_fingerprint": "first"}, accepted=SECOND
    ),
    "year_statement_counts_from_one": Alone(YearStatement, {"serial": 0}),
    "year_statement_of_two_people": Alone(YearStatement, {"issued_by": lambda w: w.user}),
    "year_statement_head_with_its_seal": Alone(YearStatement, {"seal_number": 1}),
    "year_reopening_one_at_a_time": Beside(YearReopening, refused={}, accepted=None),
    "year_reopening_with_a_reason": Alone(YearReopening, {"reason": ""}),
    "year_reopening_of_two_people": Alone(
        YearReopening, {"answered_by": lambda w: w.user, "answered_at": NOON}
    ),
    "year_reopening_signed_answer": Alone(YearReopening, {"words": "同意"}),
    "year_adjustment_says_why": Alone(YearAdjustment, {"evidence": ""}),
    "year_adjustment_hours_of_a_member": Alone(YearAdjustment, {"member": None}),
    "year_adjustment_quarter_steps": Alone(YearAdjustment, {"hours": "0.10"}),
}
