from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from backstage.enums import OPEN_STATES

if TYPE_CHECKING:
    from datetime import datetime

    from accounts.models import User


class JobQuerySet(models.QuerySet):
    """Jobs, filtered by owner and state."""

    def visible_to(self, user: User) -> JobQuerySet:
        """Jobs that `user` ordered; other people may not see their content."""
        return self.filter(asked_by=user)

    def open(self) -> JobQuerySet:
        """Jobs that are not over, in the order of their request."""
        return self.filter(state__in=OPEN_STATES).order_by("asked_at", "id")


class StoredFileQuerySet(models.QuerySet):
    """Stored files, filtered by who may download them."""

    def visible_to(self, user: User, at: datetime) -> StoredFileQuerySet:
        """Unexpired files of `user`; those without expiry belong to the pages of their app."""
        return self.filter(owner=user, expires_at__gt=at)
