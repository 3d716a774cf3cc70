"""Valid rows of reconciliations, as `rows.VALID` has them, and their broken changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Model

from hours.models import RequirementRule
from quotas.models import DeliveredSession, MemberResult, Reconciliation, ReconciliationPart
from schools.models import YearLock
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
    DeliveredSession: lambda w: {
        "reconciliation": _running_final(w),
        "session": w.session,
        "training_class": w.session.training_class,
        "school": w.school,
        "held_on": date(2031, 5, 20),
        "audience": "ordinary",
        "module": w.session.training_class.module,
        "strand": "theory",
        "tasks": ["first"],
        "format": "pack",
        "mode": "on_site",
        "taught": Decimal(4),
        "hours": Decimal(4),
        "members": [w.member.pk],
    },
}


def _run(w: Any) -> Reconciliation:
    found = Reconciliation.objects.filter(year=2031, number=1).first()
    return found or Reconciliation.objects.create(**RECONCILIATIONS[Reconciliation](w))


def _running_final(w: Any) -> Reconciliation:
    """A final run that goes on, under the lock of its year."""
    _session, _member = w.session, w.member  # before the year is locked
    locked = {"year": 2024, "revision": 1}
    lock = YearLock.objects.filter(**locked).first()
    if lock is None:
        lock = YearLock.objects.create(**locked, locked_at=NOON, locked_by=w.user)
        Reconciliation.objects.create(
            year=2024, number=1, lock=lock, as_of=date(2024, 12, 31), started_at=NOON
        )
    return Reconciliation.objects.get(lock=lock)
