"""Valid rows of booking and dispatch, as `rows.VALID` has them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Model

from config.lib.periods import at_local, period
from courses.models import JoiningSchool
from dispatch.models import (
    BookingItem,
    BookingLetter,
    BookingRule,
    BookingStep,
    Engagement,
    EngagementOverride,
    JointSchool,
    PlanLine,
    PlanVersion,
    WishedDate,
)
from tests.factories import DAY, MORNING, NOON

# `w` is the world of `rows`.
DISPATCH: dict[type[Model], Callable[[Any], dict[str, Any]]] = {
    BookingRule: lambda _w: {
        "lead_days": 14,
        "answer_days": 3,
        "confirm_days": 3,
        "evaluate_days": 14,
        "half_day_hours": Decimal(4),
        "month_hours": Decimal(24),
        "year_hours": Decimal(120),
        "travel_minutes": 60,
        "source": "本区规定",
        "period": period(date(2017, 1, 1), date(2018, 1, 1)),
    },
    BookingLetter: lambda w: {
        "number": "120111102-Y2026-001",
        "school": w.school,
        "title": "六月基层治理课",
        "preset": "pack",
        "audience": "ordinary",
        "headcount": 40,
        "place": "村民广场",
        "written_at": MORNING,
        "written_by": w.user,
    },
    JoiningSchool: lambda w: {"training_class": w.training_class, "school": w.other_school},
    JointSchool: lambda w: {"letter": w.booking_letter, "school": w.other_school},
    BookingItem: lambda w: {"letter": w.booking_letter, "position": 1, "course": w.course},
    WishedDate: lambda w: {"letter": w.booking_letter, "rank": 1, "day": DAY},
    BookingStep: lambda w: {
        "letter": w.booking_letter,
        "stage": "submitted",
        "taken_at": NOON,
        "taken_by": w.user,
    },
    Engagement: lambda w: {
        "letter": w.booking_letter,
        "number": 1,
        "course": w.course,
        "instructor": w.instructor,
        "venue": w.venue,
        "starts_at": at_local(DAY, 9),
        "ends_at": at_local(DAY, 12),
        "hours": Decimal(4),
    },
    EngagementOverride: lambda w: {
        "engagement": w.engagement,
        "instructor": w.instructor,
        "warning": "load",
        "text": "本月已有 24 学时。",
        "reason": "唯一人选",
        "overridden_at": NOON,
        "overridden_by": w.user,
    },
    PlanVersion: lambda w: {"number": 7, "released_at": NOON, "released_by": w.user},
    PlanLine: lambda w: {
        "version": w.plan_version,
        "engagement": w.engagement,
        "letter": w.booking_letter,
        "number": 1,
        "course": w.course,
        "instructor": w.instructor,
        "starts_at": at_local(DAY, 9),
        "ends_at": at_local(DAY, 12),
    },
}


def lost_engagement(w: Any) -> dict[str, Any]:
    """An engagement whose lecturer declined, and which keeps its venue."""
    return DISPATCH[Engagement](w) | {
        "state": "declined",
        "reason": "出差",
        "proposed_at": NOON,
        "answer_by": NOON,
        "answered_at": NOON,
        "answered_by": w.user,
        "holds_venue": True,
    }


class DispatchRows:
    """The rows of this app in the world of `rows`."""

    @cached_property
    def booking_letter(self) -> BookingLetter:
        return BookingLetter.objects.create(**DISPATCH[BookingLetter](self) | {"number": "first"})

    @cached_property
    def other_booking_letter(self) -> BookingLetter:
        return BookingLetter.objects.create(**DISPATCH[BookingLetter](self) | {"number": "second"})

    @cached_property
    def engagement(self) -> Engagement:
        return Engagement.objects.create(**DISPATCH[Engagement](self) | {"number": 9})

    @cached_property
    def plan_version(self) -> PlanVersion:
        return PlanVersion.objects.create(**DISPATCH[PlanVersion](self) | {"number": 1})
