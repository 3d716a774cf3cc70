"""Valid rows of statements and of what comes after the close, as `rows.VALID` has them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import uuid4

from django.db.models import Model

from backstage.files import store_file
from backstage.models import StoredFile
from backstage.papers import hash_paper
from quotas.models import (
    Reconciliation,
    ReconciliationPart,
    StatementSignature,
    YearAdjustment,
    YearReopening,
    YearStatement,
)
from quotas.queries.statements import COUNTS, HOURS
from quotas.statements import digest_of
from schools.models import YearLock
from tests.factories import NOON, make_user

YEAR = 2025
FILE: dict[str, Any] = {
    "data": b"%PDF-1.7",
    "name": "对账单.pdf",
    "media_type": "application/pdf",
    "owner": None,
    "at": NOON,
    "keep_days": None,
}
NOTHING = dict.fromkeys(COUNTS, 0) | dict.fromkeys(HOURS, "0.00")
FACTS: dict[str, Any] = {
    "revision": 1,
    "reconciliation": 1,
    "signed_by": "张三",
    "signed_at": NOON.isoformat(),
    "issued_by": "李四",
    "issued_at": NOON.isoformat(),
    "sums": NOTHING,
    "parts": [],
    "claims": [],
}

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


def statement_things(school: Any, clerk: Any) -> dict[str, Any]:
    """What the table of addresses names: a signed final run of the school, and what came after.

    Its year was opened again, so that the facts of the table can be written.
    """
    year = 2019 + Reconciliation.objects.filter(lock__isnull=False).count()
    officer = make_user()
    run = Reconciliation.objects.create(
        year=year,
        number=1,
        lock=YearLock.objects.create(year=year, revision=1, locked_at=NOON, locked_by=officer),
        as_of=date(year, 12, 31),
        state="computed",
        started_at=NOON,
        computed_at=NOON,
    )
    run.parts.create(school=school, members=0, done_at=NOON)
    signed = StatementSignature.objects.create(
        reconciliation=run, school=school, signed_at=NOON, signed_by=clerk
    )
    statement = YearStatement(
        signature=signed,
        year=year,
        serial=1,
        number=f"XQ-S{year}-001",
        revision=1,
        code_fingerprint=f"{year}",
        facts=FACTS | {"year": year, "name": school.name, "code": school.code},
        pdf=store_file(**FILE),
        pdf_hash=hash_paper(FILE["data"]),
        sheet=store_file(**FILE),
        sheet_hash=hash_paper(FILE["data"]),
        signed_by=clerk,
        issued_at=NOON,
        issued_by=officer,
    )
    statement.digest = digest_of(statement)
    statement.save()
    reopening = YearReopening.objects.create(
        reconciliation=run, reason="漏了一次课", asked_at=NOON, asked_by=officer
    )
    adjustment = YearAdjustment.objects.create(
        year=year,
        school=school,
        words="补到一份签到表",
        reason="结账后才找到",
        evidence="校办档案",
        recorded_at=NOON,
        recorded_by=officer,
    )
    granted = {"state": "granted", "answered_at": NOON, "answered_by": clerk}
    YearReopening.objects.filter(pk=reopening.pk).update(**granted)
    released = {"released_at": NOON, "released_by": clerk, "reason": reopening.reason}
    YearLock.objects.filter(pk=run.lock_id).update(**released)
    return {
        "final_run": run,
        "statement_signature": signed,
        "year_statement": statement,
        "year_reopening": reopening,
        "year_adjustment": adjustment,
    }
