from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.contrib.auth.base_user import BaseUserManager
from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from accounts.models import User

# For so long a slip may be printed again.
PRINTABLE_HOURS = 24


class UserManager(BaseUserManager):
    """Finds accounts by what a person types; accounts are made by `accounts.actions`."""

    def find_by_login(self, typed: str) -> Any | None:
        """The account whose sign-in name or phone was typed, or None."""
        return self.filter(Q(username=typed.lower()) | Q(phone=typed)).first()


class AuditEntryQuerySet(models.QuerySet):
    """Chainable filters over the trail."""

    def about(self, obj: models.Model) -> AuditEntryQuerySet:
        """Entries about one object, newest first."""
        return self.filter(object_type=obj._meta.label_lower, object_id=str(obj.pk))


class ActivationCodeQuerySet(models.QuerySet):
    """Codes of slips."""

    def open_at(self, at: datetime) -> ActivationCodeQuerySet:
        """Codes that open an account at the moment `at`."""
        return self.filter(ended_at__isnull=True, expires_at__gt=at)


class SlipBatchQuerySet(models.QuerySet):
    """Batches of slips, and whose they are."""

    def visible_to(self, user: User) -> SlipBatchQuerySet:
        """The batches that the person has issued."""
        return self.filter(issued_by=user)

    def printable_at(self, at: datetime) -> SlipBatchQuerySet:
        """Batches so young that their slips may be printed (again)."""
        return self.filter(issued_at__gt=at - timedelta(hours=PRINTABLE_HOURS))


class PrivacyNoticeQuerySet(models.QuerySet):
    """Versions of the privacy notice."""

    def published(self, on: date) -> PrivacyNoticeQuerySet:
        """What has been published by the day `on`, the latest first."""
        return self.filter(published_on__lte=on).order_by("-version")

    def find_unread(self, user: User, on: date) -> Any | None:
        """The latest published version, unless `user` has read it; None then."""
        read = models.Exists(user.notice_readings.filter(notice=models.OuterRef("pk")))
        latest = self.published(on).annotate(is_read=read).first()
        return latest if latest and not latest.is_read else None
