from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.contrib.auth.base_user import BaseUserManager
from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from accounts.models import User

# A slip may be printed again for this long.
PRINTABLE_HOURS = 24


class UserManager(BaseUserManager):
    """Finds accounts by typed names; it creates none."""

    def find_by_login(self, typed: str) -> Any | None:
        """The account with the typed sign-in name or phone, or None."""
        return self.filter(Q(username=typed.lower()) | Q(phone=typed)).first()


class AuditEntryQuerySet(models.QuerySet):
    """Chainable filters for the audit trail."""

    def about(self, obj: models.Model) -> AuditEntryQuerySet:
        """Entries about one object, newest first."""
        return self.filter(object_type=obj._meta.label_lower, object_id=str(obj.pk))


class ActivationCodeQuerySet(models.QuerySet):
    """Codes of slips."""

    def open_at(self, at: datetime) -> ActivationCodeQuerySet:
        """Codes that are valid at the moment `at`."""
        return self.filter(ended_at__isnull=True, expires_at__gt=at)


class SlipBatchQuerySet(models.QuerySet):
    """Batches of slips, filtered by issuer and age."""

    def visible_to(self, user: User) -> SlipBatchQuerySet:
        """The batches that the user has issued."""
        return self.filter(issued_by=user)

    def printable_at(self, at: datetime) -> SlipBatchQuerySet:
        """Batches recent enough for their slips to be printed (again)."""
        return self.filter(issued_at__gt=at - timedelta(hours=PRINTABLE_HOURS))


class PrivacyNoticeQuerySet(models.QuerySet):
    """Versions of the privacy notice."""

    def published(self, on: date) -> PrivacyNoticeQuerySet:
        """The versions published by the day `on`, newest first."""
        return self.filter(published_on__lte=on).order_by("-version")

    def find_unread(self, user: User, on: date) -> Any | None:
        """The latest published version, or None if `user` has read it."""
        read = models.Exists(user.notice_readings.filter(notice=models.OuterRef("pk")))
        latest = self.published(on).annotate(is_read=read).first()
        return latest if latest and not latest.is_read else None
