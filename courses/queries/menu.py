"""What a course of the menu is used for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Count, QuerySet, Sum

from accounts.models import User
from config.lib.hours import ZERO
from config.lib.periods import local_date
from courses.models import Course, Session


@dataclass(frozen=True)
class SessionSums:
    """How many sessions teach a course in a year, and their hours."""

    count: int
    hours: Decimal


def sum_sessions(course: Course, user: User, on: date) -> SessionSums:
    """The sessions of the year of `on` that `user` sees; those called off do not count."""
    held = Session.objects.visible_to(user, on).to_be_held().in_year(on.year)
    sums = held.filter(course=course).aggregate(count=Count("pk"), hours=Sum("hours"))
    return SessionSums(sums["count"], sums["hours"] or ZERO)


def list_next_sessions(course: Course, user: User, at: datetime) -> QuerySet[Session]:
    """Sessions of the course that begin after `at`, the next one first."""
    held = Session.objects.visible_to(user, local_date(at)).to_be_held()
    return (
        held.filter(course=course, starts_at__gt=at)
        .select_related("training_class__school", "instructor")
        .order_by("starts_at", "pk")
    )
