"""Valid rows of reconciliations, as `rows.VALID` has them, and their broken changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Model

from hours.models import RequirementRule
from quotas.models import MemberResult, Reconciliation, ReconciliationPart
from tests.factories import NOON

# `w` is the world of `rows`.
RECONCILIATIONS: dict[type[Model], Callable[[Any], dict[str, Any]]] = {
    Reconciliation: lambda w: {
        "year": 2031,
        "number": 1,
        "as_of": date(2031, 12, 31),
        "started_at": NOON,
        "started_by": w.user,
    },
    ReconciliationPart: lambda w: {"reconciliation": _run(w), "school": w.school},
    MemberResult: lambda w: {
        "reconciliation": _run(w),
        "member": w.member,
        "organisation": w.organisation,
        "school": w.school,
        "membership_status": "normal",
        "audience": "ordinary",
        "owed": Decimal(32),
        "done": Decimal(8),
        "concentrated": Decimal(4),
        "collective": Decimal(4),
        "trainings": 0,
        "trained": 1,
        "verdict": "short",
        "rule": RequirementRule.objects.get(group="every_member"),
        "rule_group": "every_member",
        "rule_version": 1,
    },
}


def _run(w: Any) -> Reconciliation:
    found = Reconciliation.objects.filter(year=2031, number=1).first()
    return found or Reconciliation.objects.create(**RECONCILIATIONS[Reconciliation](w))
