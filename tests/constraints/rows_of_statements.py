"""Valid rows of statements and of what comes after the close, as `rows.VALID` has them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import uuid4

from django.db.models import Model

from backstage.models import StoredFile
from quotas.models import (
    Reconciliation,
    ReconciliationPart,
    StatementSignature,
    YearAdjustment,
    YearReopening,
    YearStatement,
)
from schools.models import YearLock
from tests.factories import NOON

YEAR = 2025

# `w` is the world of `rows`.
STATEMENTS: dict[type[Model], Callable[[Any], dict[str, Any]]] = {
    StatementSignature: lambda w: {
        "reconciliation": final_run(w),
        "school": w.school,
        "signed_at": NOON,
        "signed_by": w.user,
    },
    YearStatement: lambda w: {
        "signature": signature(w, w.school),
        "year": YEAR,
        "serial": 1,
        "number": "XQ-S2025-001",
        "revision": 1,
        "code_fingerprint": "first",
        "facts": {},
        "pdf": make_file(),
        "pdf_hash": "1" * 64,
        "sheet": make_file(),
        "sheet_hash": "2" * 64,
        "signed_by": w.user,
        "issued_at": NOON,
        "issued_by": w.other_user,
        "digest": "3" * 64,
    },
    YearReopening: lambda w: {
        "reconciliation": closed_run(w),
        "reason": "漏了一次课",
        "asked_at": NOON,
        "asked_by": w.user,
    },
    YearAdjustment: lambda w: {
        "year": closed_run(w).year,
        "school": w.school,
        "member": w.member,
        "hours": "4",
        "words": "补到一份签到表",
        "reason": "结账后才找到",
        "evidence": "签到表原件，校办档案",
        "recorded_at": NOON,
        "recorded_by": w.user,
    },
}


def final_run(w: Any) -> Reconciliation:
    """A final reconciliation of one school, computed under the lock of its year."""
    found = Reconciliation.objects.filter(year=YEAR).first()
    if found:
        return found
    school, _member = w.school, w.member  # before the year is locked
    run = Reconciliation.objects.create(
        year=YEAR,
        number=1,
        lock=YearLock.objects.create(year=YEAR, revision=1, locked_at=NOON, locked_by=w.user),
        as_of=date(YEAR, 12, 31),
        state="computed",
        started_at=NOON,
        computed_at=NOON,
    )
    ReconciliationPart.objects.create(reconciliation=run, school=school, members=0, done_at=NOON)
    return run


def closed_run(w: Any) -> Reconciliation:
    """The same, with its statement."""
    run = final_run(w)
    if not YearStatement.objects.exists():
        YearStatement.objects.create(**STATEMENTS[YearStatement](w))
    return run


def signature(w: Any, school: Any) -> StatementSignature:
    """The signature of a school, or with None of the district."""
    found, _is_new = StatementSignature.objects.get_or_create(
        reconciliation=final_run(w),
        school=school,
        defaults={"signed_at": NOON, "signed_by": w.user},
    )
    return found


def make_file() -> StoredFile:
    return StoredFile.objects.create(
        key=uuid4(), name="对账单.pdf", media_type="application/pdf", size=1, created_at=NOON
    )
