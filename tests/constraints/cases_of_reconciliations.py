"""Constraints of reconciliations and closed years, each with the smallest change that breaks it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from config.lib.periods import at_local
from quotas.models import DeliveredSession, MemberResult, Reconciliation, ReconciliationPart
from reports.models import SheetLayout
from schools.models import YearLock
from tests.constraints.cases import Alone, Beside
from tests.constraints.rows import VALID, World
from tests.factories import NOON


def _released(w: World) -> dict[str, Any]:
    return {"released_at": at_local(date(2026, 2, 9), 9), "released_by": w.user, "reason": "补录"}


RECONCILIATION_CASES: dict[str, Alone] = {
    "year_lock_one_at_a_time": Beside(YearLock, refused={"revision": 2}, accepted={"year": 2024}),
    "year_lock_revision_once": Beside(
        YearLock,
        refused={},
        accepted={"revision": 2},
        row=lambda w: VALID[YearLock](w) | _released(w),
    ),
    "year_lock_of_a_year_that_is_over": Alone(YearLock, {"year": 2026}),
    "year_lock_release_is_signed_and_reasoned": Alone(
        YearLock, {"reason": ""}, row=lambda w: VALID[YearLock](w) | _released(w)
    ),
    "reconciliation_number_once": Beside(
        Reconciliation,
        refused={"state": "computed", "computed_at": NOON},
        accepted={"state": "computed", "computed_at": NOON, "number": 2},
    ),
    "reconciliation_one_at_a_time": Beside(
        Reconciliation, refused={"number": 2}, accepted={"number": 2, "year": 2030}
    ),
    "reconciliation_computed_has_its_moment": Alone(Reconciliation, {"computed_at": NOON}),
    "reconciliation_discarded_with_a_reason": Alone(Reconciliation, {"state": "discarded"}),
    "reconciliation_part_once": Beside(
        ReconciliationPart, refused={}, accepted={"school": lambda w: w.other_school}
    ),
    "reconciliation_part_done_counts_members": Alone(ReconciliationPart, {"members": 3}),
    "member_result_once": Beside(
        MemberResult, refused={}, accepted={"member": lambda w: w.newcomer}
    ),
    "delivered_session_once": Beside(
        DeliveredSession, refused={}, accepted={"session": lambda w: w.other_session}
    ),
    "delivered_session_hours_in_quarters": Alone(DeliveredSession, {"hours": Decimal("0.1")}),
    "delivered_session_hours_not_negative": Alone(DeliveredSession, {"hours": -1}),
    "sheet_layout_name_once": Beside(
        SheetLayout,
        refused={"file": lambda w: w.stored_file},
        accepted={"file": lambda w: w.stored_file, "name": "月报"},
    ),
    "sheet_layout_withdrawn_by_somebody": Alone(SheetLayout, {"withdrawn_at": NOON}),
    "member_result_verdict_known": Alone(MemberResult, {"verdict": "good"}),
    "member_result_categories_within_all": Alone(MemberResult, {"done": 4}),
    "member_result_quarter_steps": Alone(MemberResult, {"owed": Decimal("31.9")}),
}
