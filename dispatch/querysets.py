from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.enums import Role
from dispatch.enums import LIVE_STATES, EngagementState, LetterStage
from schools.models import School
from schools.querysets import district_grants

if TYPE_CHECKING:
    from accounts.models import User


class BookingLetterQuerySet(models.QuerySet):
    """Booking letters, scoped by school."""

    def visible_to(self, user: User, on: date) -> BookingLetterQuerySet:
        """Letters of the schools that `user` may see, or that join.

        The district sees no drafts but those of a school for which `user` is a clerk as well.
        """
        from dispatch.models import JointSchool  # noqa: PLC0415 - models import this module

        schools = School.objects.visible_to(user, on)
        joins = JointSchool.objects.filter(letter=OuterRef("pk"), school__in=schools)
        booked = School.objects.administered_by(user, Role.SCHOOL_CLERK, on)
        sent = ~Q(stage=LetterStage.DRAFT)
        with_drafts = ~Exists(district_grants(user, on)) | Q(school__in=booked)
        return self.filter(Q(school__in=schools) & (sent | with_drafts) | Exists(joins) & sent)

    def with_detail(self) -> BookingLetterQuerySet:
        """What a line shows, joined."""
        return self.select_related("school", "venue", "owner", "preferred_instructor")


class EngagementQuerySet(models.QuerySet):
    """Engagements, scoped by school and lecturer."""

    def visible_to(self, user: User, on: date) -> EngagementQuerySet:
        """Those of the schools that `user` may see, and one's own once they are proposed."""
        schools = School.objects.visible_to(user, on)
        own = Q(instructor__user=user) & ~Q(state=EngagementState.DRAFT)
        return self.filter(Q(letter__school__in=schools) | own)

    def live(self) -> EngagementQuerySet:
        """Those that hold the time of lecturer and venue."""
        return self.filter(state__in=LIVE_STATES)

    def with_venue(self) -> EngagementQuerySet:
        """Those that hold a venue: live ones, and lost ones whose letter looks for a lecturer."""
        return self.filter(Q(state__in=LIVE_STATES) | Q(holds_venue=True))
