from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from backstage.enums import OPEN_STATES

if TYPE_CHECKING:
    from datetime import datetime

    from accounts.models import User


class JobQuerySet(models.QuerySet):
    """Jobs, and whose they are."""

    def visible_to(self, user: User) -> JobQuerySet:
        """Jobs that `user` asked for: what they work on may be nobody else's business."""
        return self.filter(asked_by=user)

    def open(self) -> JobQuerySet:
        """Jobs that are not over, in the order of their asking."""
        return self.filter(state__in=OPEN_STATES).order_by("asked_at", "id")


class StoredFileQuerySet(models.QuerySet):
    """Stored files, and who may fetch them."""

    def visible_to(self, user: User, at: datetime) -> StoredFileQuerySet:
        """Files of `user` that have not expired. What an app keeps is fetched at its own pages."""
        return self.filter(owner=user, expires_at__gt=at)
