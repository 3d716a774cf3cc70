"""The rule of the door."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from config.lib.periods import OVERLAPS, PeriodField

DAY_MINUTES = 24 * 60


class DoorRule(models.Model):
    """When the door of a session accepts codes, in minutes. A local rule.

    `opens_before`: the door opens this long before the start. `present_until`: up to this long
    after the start people are present, then late. `closes_after`: the door closes this long after
    the start, or at the end of the session if that is sooner. The rule of the session's day
    applies; without a rule the door stays shut.
    """

    opens_before = models.PositiveSmallIntegerField(
        _("opens before the start (minutes)"), validators=[MinValueValidator(1)]
    )
    present_until = models.PositiveSmallIntegerField(_("late from after the start (minutes)"))
    closes_after = models.PositiveSmallIntegerField(_("closes after the start (minutes)"))
    source = models.CharField(_("source"), max_length=200)
    period = PeriodField(_("period"))

    class Meta:
        verbose_name = _("rule of the door")
        verbose_name_plural = _("rules of the door")
        ordering = ["period"]
        constraints = [
            ExclusionConstraint(
                name="door_rule_one_at_a_time",
                violation_error_message=_(
                    "A version is in force on some of these days: end its period first."
                ),
                expressions=[("period", OVERLAPS)],
            ),
            models.CheckConstraint(
                condition=Q(opens_before__gte=1, closes_after__gte=F("present_until")),
                name="door_rule_in_order",
                violation_error_message=_(
                    "The door opens before the start, and does not close before late ones come."
                ),
            ),
            models.CheckConstraint(
                condition=Q(opens_before__lte=DAY_MINUTES, closes_after__lte=DAY_MINUTES),
                name="door_rule_within_a_day",
                violation_error_message=_("A door is open within a day of the start."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.source)
