from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F
from django.db.models.lookups import IsNull

from backstage.enums import DUE_STATES, OPEN_STATES, JobState

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

    def locked(self) -> JobQuerySet:
        """Jobs, locked until the end of the transaction; rows that refer to them are not."""
        return self.select_for_update(no_key=True)


class JobPartQuerySet(models.QuerySet):
    """Parts of jobs, filtered by state."""

    def open(self) -> JobPartQuerySet:
        """Parts that are not over, in their order."""
        return self.filter(state__in=OPEN_STATES).order_by("pk")

    def waiting(self) -> JobPartQuerySet:
        """Parts that have not begun."""
        return self.filter(state=JobState.QUEUED)


class StoredFileQuerySet(models.QuerySet):
    """Stored files, filtered by who may download them."""

    def visible_to(self, user: User, at: datetime) -> StoredFileQuerySet:
        """Unexpired files of `user`; those without expiry belong to the pages of their app."""
        return self.filter(owner=user, expires_at__gt=at)


class MessageQuerySet(models.QuerySet):
    """Messages of the portal to its people."""

    def visible_to(self, user: User) -> MessageQuerySet:
        """Messages to `user` that stand; nobody reads those of others."""
        return self.filter(recipient=user, withdrawn_at__isnull=True)

    def unread(self) -> MessageQuerySet:
        """Messages that were not opened yet."""
        return self.filter(read_at__isnull=True)

    def unread_first(self) -> MessageQuerySet:
        """Unread messages, then the others; of each the newest first."""
        return self.order_by(IsNull(F("read_at"), False), "-written_at", "-pk")


class DeliveryQuerySet(models.QuerySet):
    """Messages on their way out."""

    def due(self, channel: str, at: datetime) -> DeliveryQuerySet:
        """What `channel` is to send at the moment `at`, in the order in which it fell due."""
        rows = self.filter(channel=channel, state__in=DUE_STATES, due_at__lte=at)
        return rows.order_by("due_at", "pk")
