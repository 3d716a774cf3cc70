"""Named constraints of reconciliations, each with the smallest change that breaks it."""

from __future__ import annotations

from quotas.models import MemberResult, Reconciliation, ReconciliationPart
from tests.constraints.cases import Alone, Beside
from tests.factories import NOON

RECONCILIATION_CASES: dict[str, Alone] = {
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
    "member_result_verdict_known": Alone(MemberResult, {"verdict": "good"}),
    "member_result_categories_within_all": Alone(MemberResult, {"done": 4}),
}
