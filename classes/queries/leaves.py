"""Requests for leave that wait for the clerk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Min, OuterRef

from accounts.interests import own_rows
from accounts.models import User
from classes.models import (
    LeaveRequest,
)
from classes.queries.roll_states import has_submitted_roll
from config.lib.counting import count_rows
from config.lib.periods import local_date
from courses.models import TrainingClass
from schools.models import School


@dataclass(frozen=True)
class LeaveLine:
    """A request on the class page, and whether it still needs an answer of the reader."""

    leave: LeaveRequest
    is_waiting: bool


def list_leaves(user: User, training_class: TrainingClass, now: datetime) -> list[LeaveLine]:
    """Requests for leave in a class that the person may answer, waiting first."""
    rows = (
        LeaveRequest.objects.answered_at_school_of(user, local_date(now))
        .current()
        .filter(session__training_class=training_class)
        .select_related("member", "session__roll", "answered_by")
        .order_by("session__number", "asked_at")
    )
    own = own_rows(user)
    lines = [
        LeaveLine(
            leave,
            not leave.answer
            and not has_submitted_roll(leave.session)
            and leave.member_id not in own,
        )
        for leave in rows
    ]
    return sorted(lines, key=lambda line: not line.is_waiting)


def list_classes_with_leaves(user: User, now: datetime) -> list[Any]:
    """Classes with requests that wait for the person, `n` in each, the next session first."""
    waiting = LeaveRequest.objects.answered_at_school_of(user, local_date(now)).waiting()
    waiting = waiting.exclude(member__in=own_rows(user))
    of_class = waiting.filter(session__training_class=OuterRef("pk"))
    return list(
        TrainingClass.objects.filter(
            school__in=School.objects.visible_to(user, local_date(now)),
            pk__in=waiting.values("session__training_class"),
        )
        .annotate(n=count_rows(of_class), next_at=Min("sessions__leaves__session__starts_at"))
        .order_by("next_at", "pk")
    )
