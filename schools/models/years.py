"""When a year takes facts, and the locks of closed years."""

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import ExtractYear
from django.utils.translation import gettext_lazy as _

from config.lib.periods import OVERLAPS, LocalDate, PeriodField
from config.lib.years import FIRST_YEAR

# Only one year is open beside the running one, unless a closed one was opened again.
MOST_DAYS_OPEN = 180
LONGEST_REASON = 500


class YearEndRule(models.Model):
    """How many days after its end a year still takes facts: study, marks, disputes and all else.

    A local rule. That of the year's last day applies; without one the year is open in January.
    """

    days = models.PositiveSmallIntegerField(_("days open after the end of the year"))
    source = models.CharField(_("source"), max_length=200)
    period = PeriodField(_("period"))

    class Meta:
        verbose_name = _("rule of the year's end")
        verbose_name_plural = _("rules of the year's end")
        ordering = ["period"]
        constraints = [
            ExclusionConstraint(
                name="year_end_rule_one_at_a_time",
                violation_error_message=_(
                    "A version is in force on some of these days: end its period first."
                ),
                expressions=[("period", OVERLAPS)],
            ),
            models.CheckConstraint(
                condition=Q(days__lte=MOST_DAYS_OPEN),
                name="year_end_rule_within_a_year",
                violation_error_message=_("A year is open for at most 180 days after its end."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.source)


class YearLock(models.Model):
    """A closed year: the database takes no entry of its hours and no change of its facts.

    It holds from `locked_at` until it is released, which wants a reason. `revision` counts the
    locks of a year. Triggers refuse what would change the figures of a locked year, for every role
    of the database (ADR 24); they also refuse a change of a lock but its release, and its deletion.
    """

    year = models.PositiveSmallIntegerField(_("year"))
    revision = models.PositiveSmallIntegerField(_("revision"))
    locked_at = models.DateTimeField(_("locked at"))
    locked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("locked by"),
        db_index=False,
    )
    released_at = models.DateTimeField(_("released at"), null=True)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("released by"),
        db_index=False,
    )
    reason = models.CharField(_("reason of the release"), max_length=LONGEST_REASON, blank=True)

    class Meta:
        verbose_name = _("lock of a year")
        verbose_name_plural = _("locks of years")
        ordering = ["-year", "-revision"]
        constraints = [
            models.UniqueConstraint(
                fields=["year"], condition=Q(released_at=None), name="year_lock_one_at_a_time"
            ),
            models.UniqueConstraint(fields=["year", "revision"], name="year_lock_revision_once"),
            models.CheckConstraint(
                condition=Q(year__gte=FIRST_YEAR) & Q(year__lt=ExtractYear(LocalDate("locked_at"))),
                name="year_lock_of_a_year_that_is_over",
            ),
            models.CheckConstraint(
                condition=Q(released_at=None, released_by=None, reason="")
                | (
                    Q(released_at__isnull=False, released_by__isnull=False)
                    & Q(released_at__gte=F("locked_at"))
                    & ~Q(reason="")
                ),
                name="year_lock_release_is_signed_and_reasoned",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year} · {self.revision}"
