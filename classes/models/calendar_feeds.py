"""The calendar feed of a member's timetable."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from trainees.models import Member

ACCOUNT = settings.AUTH_USER_MODEL


class CalendarFeed(models.Model):
    """The address from which a member's calendar fetches their timetable without signing in.

    The address contains a random token; only a keyed hash of it is stored, so it is shown once.
    """

    unchained_because = "An address of a calendar; no figure rests on it."

    member = models.OneToOneField(
        Member, on_delete=models.PROTECT, related_name="calendar_feed", verbose_name=_("member")
    )
    token_hash = models.CharField(_("hash of the token"), max_length=64, unique=True)
    made_at = models.DateTimeField(_("made at"))

    class Meta:
        verbose_name = _("calendar address")
        verbose_name_plural = _("calendar addresses")

    def __str__(self) -> str:
        return str(self.member)
