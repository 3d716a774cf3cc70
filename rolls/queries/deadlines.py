"""When a roll must be submitted and when it closes, by the rule of the session's day."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import (
    DateTimeField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Greatest

from classes.enums import RollState
from classes.models import Roll
from hours.enums import CreditCategory
from hours.models import CreditRule


def deadline_columns() -> dict[str, Subquery]:
    """Session columns for `closes_at`: `roll_hours` and `roll_days` of its day's rule, or None."""
    return {
        name: Subquery(_rules("held_on").values(name)[:1]) for name in ("roll_hours", "roll_days")
    }


def closes_at(session: object, roll: Roll) -> datetime | None:
    """When a submitted roll closes, None if never; `session` has `deadline_columns`."""
    hours, days = session.roll_hours, session.roll_days  # type: ignore[attr-defined]
    if hours is None or roll.submitted_at is None:
        return None
    due_at = session.ends_at + timedelta(hours=hours)  # type: ignore[attr-defined]
    last = max(due_at, roll.submitted_at, roll.reopened_at or roll.submitted_at)
    return last + timedelta(days=days)


def is_due(now: datetime) -> Q:
    """Sessions that are over without a submitted roll."""
    open_roll = Q(roll__isnull=True) | Q(roll__state=RollState.DRAFT)
    return Q(ends_at__lte=now, called_off_at=None) & open_roll


def is_overdue(now: datetime) -> Q:
    """Sessions as in `is_due` that are also past the deadline for the roll."""
    passed = _rules("held_on").alias(ended_by=_before(now, _HOURS))
    return is_due(now) & Q(Exists(passed.filter(ended_by__gte=OuterRef("ends_at"))))


def list_to_close(now: datetime) -> QuerySet[Roll]:
    """Submitted rolls that are past their deadline and must be closed now."""
    passed = _rules("session__held_on").alias(
        ended_by=_before(now, _HOURS + _DAYS), signed_by=_before(now, _DAYS)
    )
    return (
        Roll.objects.filter(state=RollState.SUBMITTED, closed_at=None)
        # The later of the two; NULL is ignored.
        .alias(signed_at=Greatest("submitted_at", "reopened_at"))
        .filter(
            Exists(
                passed.filter(
                    ended_by__gte=OuterRef("session__ends_at"),
                    signed_by__gte=OuterRef("signed_at"),
                )
            )
        )
    )


def _rules(held_on: str) -> QuerySet[CreditRule]:
    """The rule with deadlines for the day of the outer statement's session."""
    return CreditRule.objects.filter(
        category=CreditCategory.CONCENTRATED,
        period__contains=OuterRef(held_on),
        roll_hours__isnull=False,
    )


def _span(number: str, unit: timedelta) -> ExpressionWrapper:
    return ExpressionWrapper(F(number) * Value(unit), output_field=DurationField())


_HOURS = _span("roll_hours", timedelta(hours=1))
_DAYS = _span("roll_days", timedelta(hours=24))


def _before(now: datetime, span: object) -> ExpressionWrapper:
    return ExpressionWrapper(
        Value(now, output_field=DateTimeField()) - span,  # type: ignore[operator]
        output_field=DateTimeField(),
    )
