"""What the organisation department does with the annual task: draft, change, publish, amend."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.audit import record_act
from accounts.origin import Actor, person_of
from accounts.records import lock_row
from config.lib.lock_classes import LockClass
from config.lib.periods import local_date
from courses.models import Module
from quotas.enums import TaskState
from quotas.errors import TaskError
from quotas.models import AnnualTask, TaskLine
from quotas.notices import tell_of_task
from quotas.permissions import sets_tasks
from schools.queries.open_years import refuse_closed


@dataclass(frozen=True)
class Target:
    """What a line of a task asks for; without audience or module of all of them."""

    measure: str
    amount: Decimal
    audience: str = ""
    module: Module | None = None


def begin_task(*, year: int, reason: str = "", by: Actor, at: datetime) -> AnnualTask:
    """Begin the next version of the task of this year or the next, in draft.

    It begins with the lines of the version in force, or with those of the year before; an amendment
    needs a `reason`. Raises PermissionDenied and TaskError.
    """
    with transaction.atomic():
        _require_department(by)
        this = local_date(at).year
        if not this <= year <= this + 1:
            raise TaskError(_("Tasks are set for this year and the next."))
        _lock_year(year)
        versions = AnnualTask.objects.filter(year=year)
        if versions.filter(state=TaskState.DRAFT).exists():
            raise TaskError(_("A draft for this year exists already."))
        before = versions.order_by("-version").first()
        if before is not None and not reason:
            raise TaskError(_("Say why there is another version."), "reason")
        task = AnnualTask.objects.create(
            year=year,
            version=before.version + 1 if before else 1,
            reason=reason if before else "",
            drafted_at=at,
            drafted_by=person_of(by),
        )
        model = before or AnnualTask.objects.newest(year - 1).first()
        lines = model.lines.order_by("pk") if model else TaskLine.objects.none()
        TaskLine.objects.bulk_create(
            TaskLine(
                task=task,
                measure=line.measure,
                audience=line.audience,
                module_id=line.module_id,
                amount=line.amount,
            )
            for line in lines
        )
        _record("begin_task", task, by, at)
    return task


def set_line(*, task_id: int, target: Target, by: Actor, at: datetime) -> TaskLine:
    """Add a line to a draft, or give the one of this measure, audience and module its amount.

    Raises PermissionDenied and TaskError.
    """
    with transaction.atomic():
        task = _lock_draft(task_id, by)
        key = {"measure": target.measure, "audience": target.audience, "module": target.module}
        line = task.lines.filter(**key).first() or TaskLine(task=task, **key)
        line.amount = target.amount
        try:
            line.full_clean()
        except ValidationError as error:
            raise TaskError(" ".join(error.messages), "amount") from error
        line.save()
        _record("change_task", task, by, at)
    return line


def drop_line(*, line_id: int, by: Actor, at: datetime) -> None:
    """Take a line out of a draft. Raises PermissionDenied and TaskError."""
    with transaction.atomic():
        line = TaskLine.objects.get(pk=line_id)
        task = _lock_draft(line.task_id, by)
        task.lines.filter(pk=line_id).delete()
        _record("change_task", task, by, at)


def discard_task(*, task_id: int, by: Actor, at: datetime) -> None:
    """Drop a draft. Raises PermissionDenied and TaskError."""
    with transaction.atomic():
        task = _lock_draft(task_id, by)
        _record("discard_task", task, by, at)
        task.delete()


def publish_task(*, task_id: int, by: Actor, at: datetime) -> AnnualTask:
    """Publish a draft: it is the task of its year from now on, and the schools are told.

    A closed year takes none. Raises PermissionDenied and TaskError.
    """
    with transaction.atomic():
        task = _lock_draft(task_id, by)
        refuse_closed(task.year, TaskError)
        if not task.lines.exists():
            raise TaskError(_("Add at least one line first."))
        task.state = TaskState.PUBLISHED
        task.published_at, task.published_by = at, person_of(by)
        task.save(update_fields=["state", "published_at", "published_by"])
        _record("publish_task", task, by, at)
        tell_of_task(task, at=at)
    return task


def _require_department(by: Actor) -> None:
    if by.user is None or not sets_tasks(by.user):
        raise PermissionDenied


def _lock_draft(task_id: int, by: Actor) -> AnnualTask:
    _require_department(by)
    task = lock_row(AnnualTask.objects.get(pk=task_id))
    if task.is_published:
        raise TaskError(_("This version is published and never changes: amend it."))
    return task


def _lock_year(year: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LockClass.ANNUAL_TASKS, year])


def _record(act: str, task: AnnualTask, by: Actor, at: datetime) -> None:
    facts: dict[str, Any] = {"year": task.year, "version": task.version}
    lines = task.lines.select_related("module").order_by("pk")
    facts["task_lines"] = [line.fact_of(line.amount) for line in lines]
    if task.reason:
        facts["reason"] = task.reason
    record_act(act=act, obj=task, by=by, at=at, after=facts)
