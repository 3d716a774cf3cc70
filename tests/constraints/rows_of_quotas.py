"""Valid rows of annual tasks and claims, as `rows.VALID` has them, and their broken changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Model
from django.utils import timezone

from config.lib.periods import period
from quotas.models import (
    AnnualTask,
    ClaimLine,
    QuotaClaim,
    Reconciliation,
    ShortfallWarning,
    TaskLine,
    WarningRule,
)
from tests.constraints.rows_of_statements import statement_things
from tests.factories import NOON

# `w` is the world of `rows`.
QUOTAS: dict[type[Model], Callable[[Any], dict[str, Any]]] = {
    AnnualTask: lambda w: {"year": 2031, "version": 1, "drafted_at": NOON, "drafted_by": w.user},
    TaskLine: lambda w: {
        "task": w.task_draft,
        "measure": "person_times",
        "audience": "ordinary",
        "module": w.course.module,
        "amount": Decimal(400),
    },
    QuotaClaim: lambda w: {
        "school": w.school,
        "task": w.published_task,
        "year": w.published_task.year,
        "version": 1,
        "drafted_at": NOON,
        "drafted_by": w.user,
    },
    ClaimLine: lambda w: {
        "claim": w.quota_claim,
        "task_line": w.published_task.lines.get(measure="events"),
        "amount": Decimal(4),
    },
    WarningRule: lambda _w: {
        "members_from_month": 9,
        "schools_from_month": 7,
        "tolerance": 5,
        "source": "本区规定",
        "period": period(date(2017, 1, 1), date(2018, 1, 1)),
    },
    ShortfallWarning: lambda w: {
        "year": 2026,
        "school": w.school,
        "measure": "events",
        "expected": Decimal(3),
        "due": Decimal(8),
        "told": 1,
        "given_at": NOON,
    },
}
SUBMITTED = {
    "state": "submitted",
    "submitted_at": NOON,
    "submitted_by": lambda w: w.user,
}
DECIDED = SUBMITTED | {"decided_at": NOON, "decided_by": lambda w: w.other_user}
PUBLISHED = {
    "state": "published",
    "published_at": NOON,
    "published_by": lambda w: w.user,
}
OF_MEMBER = {"measure": "hours", "member": lambda w: w.member}


def make_published_task(by: Any, year: int = 2032, lines: Any = None) -> AnnualTask:
    """A published task, of 20 classes and 400 person-times unless `lines` says otherwise."""
    task = AnnualTask.objects.create(year=year, version=1, drafted_at=NOON, drafted_by=by)
    for line in lines or [
        {"measure": "events", "amount": 20},
        {"measure": "person_times", "amount": 400},
    ]:
        TaskLine.objects.create(task=task, **line)
    task.state, task.published_at, task.published_by = "published", NOON, by
    task.save()
    return task


def quota_things(school: Any, clerk: Any) -> dict[str, Any]:
    """What the table of addresses names: a task, a draft and its line, a claim, a rehearsal."""
    year = timezone.localdate().year
    task = AnnualTask.objects.filter(year=year).first() or make_published_task(clerk, year)
    draft, _is_new = AnnualTask.objects.get_or_create(
        year=2031, version=1, defaults={"drafted_at": NOON, "drafted_by": clerk}
    )
    line, _is_new = draft.lines.get_or_create(measure="events", defaults={"amount": Decimal(20)})
    claim = QuotaClaim.objects.create(
        school=school, task=task, year=year, version=1, drafted_at=NOON, drafted_by=clerk
    )
    for asked in task.lines.all():
        ClaimLine.objects.create(claim=claim, task_line=asked, amount=Decimal(4))
    claim.state, claim.submitted_at, claim.submitted_by = "submitted", NOON, clerk
    claim.save()
    run = Reconciliation.objects.create(
        year=year,
        number=Reconciliation.objects.count() + 1,
        as_of=timezone.localdate(),
        state="computed",
        started_at=NOON,
        computed_at=NOON,
    )
    run.parts.create(school=school, members=0, done_at=NOON)
    return {
        "annual_task": task,
        "task_draft": draft,
        "task_line": line,
        "quota_claim": claim,
        "reconciliation": run,
        **statement_things(school, clerk),
    }


class QuotaRows:
    """The rows of this app in the world of `rows`."""

    user: Any

    @cached_property
    def task_draft(self) -> AnnualTask:
        return AnnualTask.objects.create(**QUOTAS[AnnualTask](self))

    @cached_property
    def published_task(self) -> AnnualTask:
        return make_published_task(self.user)

    @cached_property
    def quota_claim(self) -> QuotaClaim:
        return QuotaClaim.objects.create(**QUOTAS[QuotaClaim](self))
