from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, OuterRef, Q, Sum

from config.lib.hours import ZERO
from config.lib.periods import in_force
from schools.models import Organisation, School

if TYPE_CHECKING:
    from decimal import Decimal

    from accounts.models import User


class MemberQuerySet(models.QuerySet):
    """Members, scoped by the school that serves their organisation."""

    def for_school(self, school: School | int, on: date) -> MemberQuerySet:
        """Members of organisations that `school` serves on the day `on`."""
        return self._belonging_to(Organisation.objects.for_school(school, on), on)

    def visible_to(self, user: User, on: date, as_of: date | None = None) -> MemberQuerySet:
        """Members who belong, or on the day `as_of` belonged, to schools `user` may see on `on`."""
        then = as_of or on
        return self._belonging_to(Organisation.objects.visible_to(user, on, as_of=then), then)

    def _belonging_to(self, organisations: models.QuerySet, on: date) -> MemberQuerySet:
        from trainees.models import Membership  # noqa: PLC0415 - models import this module

        memberships = Membership.objects.filter(
            in_force(on), member=OuterRef("pk"), organisation__in=organisations
        )
        return self.filter(Exists(memberships))

    def named_like(self, text: str) -> MemberQuerySet:
        """Members whose name holds `text`, whose initials begin with it, or whose number it is."""
        return self.filter(
            Q(name__contains=text) | Q(name_initials__startswith=text.lower()) | Q(number=text)
        )


class EnrolmentQuerySet(models.QuerySet):
    """Rosters."""

    def for_roll(self) -> EnrolmentQuerySet:
        """In roll order, with the names that a roll shows."""
        return self.select_related("member", "organisation").order_by("phone_pocket", "id")


class AttendanceQuerySet(models.QuerySet):
    """Marks, scoped by the school that holds the class."""

    def visible_to(self, user: User, on: date) -> AttendanceQuerySet:
        """Marks of sessions at schools that `user` may see."""
        return self.filter(session__training_class__school__in=School.objects.visible_to(user, on))


class CreditEntryQuerySet(models.QuerySet):
    """Ledger rows, scoped by the school of their day."""

    def visible_to(self, user: User, on: date) -> CreditEntryQuerySet:
        """Entries of schools that `user` may see."""
        return self.filter(school__in=School.objects.visible_to(user, on))

    def in_year(self, year: int) -> CreditEntryQuerySet:
        """Entries that count for `year`."""
        return self.filter(credit_year=year)

    def sum_hours(self) -> Decimal:
        """The total of the hours, reversals included."""
        return self.aggregate(total=Sum("hours", default=ZERO))["total"]
