"""What is published or submitted keeps what it says, whoever asks the database."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from quotas.models import AnnualTask, ClaimLine, QuotaClaim, TaskLine
from tests.constraints.rows import World, resolved
from tests.constraints.rows_of_quotas import (
    DECIDED,
    PUBLISHED,
    QUOTAS,
    SUBMITTED,
    make_published_task,
)

pytestmark = pytest.mark.django_db


def refusal_of(change) -> str | None:
    try:
        with transaction.atomic():
            change()
    except IntegrityError as error:
        return error.__cause__.diag.constraint_name
    return None


def claim_of(w: World) -> QuotaClaim:
    ClaimLine.objects.create(**QUOTAS[ClaimLine](w))
    return w.quota_claim


def test_a_published_task_stays():
    w = World()
    task = w.published_task
    line = task.lines.first()

    tasks, lines = AnnualTask.objects.filter(pk=task.pk), TaskLine.objects.filter(pk=line.pk)
    assert refusal_of(lambda: tasks.update(year=2040)) == "annual_task_published_stays"
    assert refusal_of(tasks.delete) == "task_line_published_stays"
    assert refusal_of(lambda: lines.update(amount=1)) == "task_line_published_stays"
    assert refusal_of(lines.delete) == "task_line_published_stays"
    assert (
        refusal_of(lambda: TaskLine.objects.create(**QUOTAS[TaskLine](w) | {"task": task}))
        == "task_line_published_stays"
    )


def test_a_draft_changes_and_goes():
    w = World()
    line = TaskLine.objects.create(**QUOTAS[TaskLine](w))

    TaskLine.objects.filter(pk=line.pk).update(amount=7)
    w.task_draft.delete()

    assert not TaskLine.objects.exists()


def test_a_submitted_claim_keeps_its_lines_and_takes_one_decision():
    w = World()
    claim = claim_of(w)
    rows = QuotaClaim.objects.filter(pk=claim.pk)
    rows.update(**resolved(SUBMITTED, w))

    assert refusal_of(lambda: claim.lines.update(amount=1)) == "claim_line_submitted_stays"
    assert refusal_of(lambda: claim.lines.all().delete()) == "claim_line_submitted_stays"
    assert refusal_of(lambda: rows.update(state="draft", submitted_at=None, submitted_by=None)) == (
        "quota_claim_submitted_stays"
    )
    rows.update(**resolved(DECIDED | {"state": "accepted"}, w))
    assert refusal_of(lambda: rows.update(decided_by=w.third_user)) == "quota_claim_submitted_stays"
    assert refusal_of(lambda: QuotaClaim.objects.get().delete()) in {
        "claim_line_submitted_stays",
        "quota_claim_submitted_stays",
    }


def test_a_claim_answers_the_task_of_its_year():
    w = World()
    fields = QUOTAS[QuotaClaim](w)
    create = QuotaClaim.objects.create

    assert refusal_of(lambda: create(**fields | {"year": 2033})) == "quota_claim_fits_task"
    assert refusal_of(lambda: create(**fields | {"task": w.task_draft, "year": 2031})) == (
        "quota_claim_fits_task"
    )


def test_a_line_of_a_claim_is_an_amount_of_its_measure():
    w = World()
    line = ClaimLine.objects.create(**QUOTAS[ClaimLine](w))
    assert line.task_line.measure == "events"
    rows = ClaimLine.objects.filter(pk=line.pk)

    assert refusal_of(lambda: rows.update(amount=Decimal("4.5"))) == "claim_line_fits_its_measure"

    share = TaskLine.objects.create(task=w.task_draft, measure="on_target", amount=Decimal(100))
    AnnualTask.objects.filter(pk=w.task_draft.pk).update(**resolved(PUBLISHED, w))
    claim = QuotaClaim.objects.create(
        **QUOTAS[QuotaClaim](w) | {"task": w.task_draft, "year": w.task_draft.year}
    )
    fields = {"claim": claim, "task_line": share}
    assert (
        refusal_of(lambda: ClaimLine.objects.create(**fields, amount=Decimal("100.25")))
        == "claim_line_fits_its_measure"
    )
    assert refusal_of(lambda: ClaimLine.objects.create(**fields, amount=Decimal("99.5"))) is None


def test_a_line_of_a_claim_is_of_its_task():
    w = World()
    other = make_published_task(w.user, 2033).lines.first()

    fields = QUOTAS[ClaimLine](w) | {"task_line": other}

    assert refusal_of(lambda: ClaimLine.objects.create(**fields)) == "claim_line_of_the_task"
