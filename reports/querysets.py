"""Layouts of statistics sheets by who may see them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, Q

from schools.models import School

if TYPE_CHECKING:
    from accounts.models import User


class SheetLayoutQuerySet(models.QuerySet):
    """Layouts of statistics sheets: the district's, which all staff use, and those of schools."""

    def visible_to(self, user: User, on: date) -> SheetLayoutQuerySet:
        """The district's and those of the schools that `user` may see; none for who sees none."""
        seen = School.objects.visible_to(user, on)
        return self.filter(Q(school__in=seen) | Q(school=None) & Exists(seen))

    def offered(self) -> SheetLayoutQuerySet:
        """Those that were not withdrawn."""
        return self.filter(withdrawn_at=None)
