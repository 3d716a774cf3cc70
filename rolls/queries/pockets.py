"""Whose phone is in a pocket: of whoever has come to a session that is not over."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, IntegerField, OuterRef
from django.db.models.functions import Cast

from classes.querysets import EnrolmentQuerySet
from rolls.enums import ATTENDED
from rolls.models import Attendance


def with_phone_in_pocket(enrolments: EnrolmentQuerySet, at: datetime) -> EnrolmentQuerySet:
    """Those with a pocket number who have come to a session that is not over at `at`."""
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
