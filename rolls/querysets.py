from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.enums import Role
from accounts.interests import own_rows
from classes.enums import RollState
from hours.models import Dispute
from schools.models import School

if TYPE_CHECKING:
    from accounts.models import User


class AttendanceQuerySet(models.QuerySet):
    """Marks, scoped by the school that holds the class."""

    def visible_to(self, user: User, on: date) -> AttendanceQuerySet:
        """Marks of sessions at schools that `user` may see."""
        return self.filter(session__training_class__school__in=School.objects.visible_to(user, on))

    def correctable_by(self, user: User, on: date) -> AttendanceQuerySet:
        """Marks of submitted rolls that `user` may correct.

        The school's clerks may correct marks of a roll that is not closed. The people who must
        answer a dispute may correct the mark it is about, even on a closed roll. Nobody corrects
        their own.
        """
        kept = School.objects.administered_by(user, Role.SCHOOL_CLERK, on)
        of_school = Q(session__training_class__school__in=kept, session__roll__closed_at=None)
        disputes = Dispute.objects.waiting_for(user, on).filter(
            assessment__source=OuterRef("session__roll__source"),
            assessment__owner=OuterRef("member"),
        )
        disputed = Q(Exists(disputes))
        rows = self.filter(of_school | disputed, session__roll__state=RollState.SUBMITTED)
        return rows.exclude(member__in=own_rows(user)).current()

    def current(self) -> AttendanceQuerySet:
        """Marks that were not removed from their roll."""
        return self.filter(taken_off=False)


class WalkInQuerySet(models.QuerySet):
    """Walk-ins, scoped by the school that holds the class."""

    def visible_to(self, user: User, on: date) -> WalkInQuerySet:
        """Walk-ins of sessions at schools that `user` may see."""
        return self.filter(session__training_class__school__in=School.objects.visible_to(user, on))

    def unmatched(self) -> WalkInQuerySet:
        """Walk-ins not matched to a member yet."""
        return self.filter(member=None)
