from __future__ import annotations

from typing import Any

from django.contrib.auth.base_user import BaseUserManager
from django.db import models
from django.db.models import Q


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
