from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, IntegerField, OuterRef, Q
from django.db.models.functions import Cast

from accounts.enums import Role
from classes.enums import RollState
from courses.models import Session, TrainingClass
from schools.models import School

if TYPE_CHECKING:
    from accounts.models import User


class EnrolmentQuerySet(models.QuerySet):
    """Rosters."""

    def of_session(self, session: Session) -> EnrolmentQuerySet:
        """The roster of one session: without members who joined later or had withdrawn."""
        return self.filter(
            training_class=session.training_class_id, sessions__contains=session.number
        )

    def of_outer_session(self) -> EnrolmentQuerySet:
        """The roster of the session in an outer query."""
        return self.filter(
            training_class=OuterRef("training_class"),
            sessions__contains=Cast(OuterRef("number"), IntegerField()),
        )

    def known_to(self, training_class: TrainingClass) -> EnrolmentQuerySet:
        """Members on the roster of a class who have not withdrawn."""
        return self.lasting().filter(training_class=training_class)

    def lasting(self) -> EnrolmentQuerySet:
        """Enrolments that were not withdrawn."""
        return self.filter(sessions__isempty=False, sessions__endswith=None)

    def for_roll(self) -> EnrolmentQuerySet:
        """In roll order, with the names that a roll shows."""
        return self.select_related("member", "organisation").order_by("phone_pocket", "id")


class LeaveRequestQuerySet(models.QuerySet):
    """Requests for leave, scoped by the school that answers."""

    def answered_at_school_of(self, user: User, on: date) -> LeaveRequestQuerySet:
        """Requests that `user` may answer, or has answered, as a clerk on the day `on`."""
        schools = School.objects.administered_by(user, Role.SCHOOL_CLERK, on)
        return self.filter(session__training_class__school__in=schools)

    def current(self) -> LeaveRequestQuerySet:
        """Requests that were not withdrawn."""
        return self.filter(withdrawn_at=None)

    def waiting(self) -> LeaveRequestQuerySet:
        """Requests that need an answer: none was given, and the roll is not submitted."""
        submitted = Q(session__roll__state=RollState.SUBMITTED)
        return self.current().filter(answer="").exclude(submitted)


class SupervisionNoteQuerySet(models.QuerySet):
    """Filed supervision notes, scoped by the school visited."""

    def visible_to(self, user: User, on: date) -> SupervisionNoteQuerySet:
        """Notes of sessions at schools that `user` may see."""
        return self.filter(session__training_class__school__in=School.objects.visible_to(user, on))

    def current(self) -> SupervisionNoteQuerySet:
        """The last version of each note."""
        later = self.model._default_manager.filter(
            session=OuterRef("session"),
            supervisor=OuterRef("supervisor"),
            version__gt=OuterRef("version"),
        )
        return self.filter(~Exists(later))
