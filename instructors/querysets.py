from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import models

from accounts.interests import own_accounts
from instructors.enums import NominationState
from schools.models import School

if TYPE_CHECKING:
    from accounts.models import User


class NominationQuerySet(models.QuerySet):
    """Nominations of lecturers, scoped by the nominating school."""

    def visible_to(self, user: User, on: date) -> NominationQuerySet:
        """Nominations by the schools that `user` may see."""
        return self.filter(school__in=School.objects.visible_to(user, on))

    def waiting(self) -> NominationQuerySet:
        """Nominations that nobody has decided on."""
        return self.filter(state=NominationState.WAITING)

    def decidable_by(self, user: User) -> NominationQuerySet:
        """Waiting nominations, without those by and of `user`, under any account.

        That `user` is of the organisation department is not checked.
        """
        own = own_accounts(user)
        others = self.waiting().exclude(nominated_by__in=own)
        return others.exclude(user__in=own)
