"""Reminders of rolls that were not submitted."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from courses.models import Session


class RollReminder(models.Model):
    """Somebody above the school asked for the roll of a session; at most once a day."""

    session = models.ForeignKey(
        Session, on_delete=models.PROTECT, related_name="reminders", verbose_name=_("session")
    )
    sent_on = models.DateField(_("day"))
    sent_at = models.DateTimeField(_("sent at"))
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("sent by"),
    )

    class Meta:
        verbose_name = _("reminder of a roll")
        verbose_name_plural = _("reminders of rolls")
        ordering = ["-sent_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["session", "sent_on"], name="roll_reminder_once_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.session} {self.sent_on}"
