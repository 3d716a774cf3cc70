"""Phones that are in their pockets now: their owners attend a session that is not over."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, IntegerField, OuterRef
from django.db.models.functions import Cast

from classes.querysets import EnrolmentQuerySet
from rolls.enums import ATTENDED
from rolls.models import Attendance


def with_phone_in_pocket(enrolments: EnrolmentQuerySet, at: datetime) -> EnrolmentQuerySet:
    """Enrolments with a pocket number that attend a session not over at `at`."""
    came = (
        Attendance.objects.filter(
            session__training_class=OuterRef("training_class"),
            session__ends_at__gt=at,
            member=OuterRef("member"),
            status__in=ATTENDED,
        )
        .annotate(number=Cast("session__number", IntegerField()))
        .filter(number__contained_by=OuterRef("sessions"))
    )
    return enrolments.filter(Exists(came), phone_pocket__isnull=False)
