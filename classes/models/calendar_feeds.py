"""The calendar feeds of members' timetables, and of what lecturers teach."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from instructors.models import Instructor
from trainees.models import Member

ACCOUNT = settings.AUTH_USER_MODEL


class CalendarFeed(models.Model):
    """The address from which a calendar fetches sessions without signing in.

    They are those of a member's timetable, or those that a lecturer teaches. Somebody who is both
    has two addresses. The address contains a random token; only a keyed hash of it is stored, so it
    is shown once.
    """

    unchained_because = "An address of a calendar; no figure rests on it."

    member = models.OneToOneField(
        Member,
        on_delete=models.PROTECT,
        null=True,
        related_name="calendar_feed",
        verbose_name=_("member"),
    )
    instructor = models.OneToOneField(
        Instructor,
        on_delete=models.PROTECT,
        null=True,
        related_name="calendar_feed",
        verbose_name=_("lecturer"),
    )
    token_hash = models.CharField(_("hash of the token"), max_length=64, unique=True)
    made_at = models.DateTimeField(_("made at"))

    class Meta:
        verbose_name = _("calendar address")
        verbose_name_plural = _("calendar addresses")
        constraints = [
            models.CheckConstraint(
                condition=Q(member=None, instructor__isnull=False)
                | Q(member__isnull=False, instructor=None),
                name="calendar_feed_of_a_member_or_a_lecturer",
            ),
        ]

    def __str__(self) -> str:
        return str(self.member or self.instructor)
