"""Members who have left the district's organisations."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from schools.models import Organisation
from trainees.enums import DepartureKind
from trainees.models.people import Member
from trainees.querysets import DepartureQuerySet


class Departure(models.Model):
    """A member no longer belongs to any organisation from the day `left_on`; can be taken back.

    `ended` stores what ended that day, so that it can be restored as it was: memberships, posts and
    exemptions with their keys and former days, and the account if it was disabled.
    """

    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="departures", verbose_name=_("member")
    )
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="departures",
        verbose_name=_("organisation that was left"),
    )
    kind = models.CharField(_("reason of leaving"), max_length=20, choices=DepartureKind)
    left_on = models.DateField(_("left on"))
    document = models.CharField(_("supporting document"), max_length=100, blank=True)
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("recorded by"),
    )
    ended = models.JSONField(default=dict, editable=False)
    taken_back_at = models.DateTimeField(_("taken back at"), null=True)
    taken_back_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("taken back by"),
    )
    why_taken_back = models.CharField(_("reason of taking back"), max_length=200, blank=True)

    objects = DepartureQuerySet.as_manager()

    class Meta:
        verbose_name = _("departure")
        verbose_name_plural = _("departures")
        ordering = ["-left_on", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["member", "left_on"],
                condition=Q(taken_back_at__isnull=True),
                name="departure_once_a_day",
                violation_error_message=_("It is recorded already that this member left that day."),
            ),
            models.CheckConstraint(
                condition=(Q(taken_back_at__isnull=True, why_taken_back=""))
                | (Q(taken_back_at__isnull=False) & ~Q(why_taken_back="")),
                name="departure_taking_back_is_dated_and_reasoned",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member} · {self.get_kind_display()}"
