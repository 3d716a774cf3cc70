"""Warnings that a member or a school will fall short, and from when they are given."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.lib.append_only import AppendOnlyModel
from config.lib.periods import OVERLAPS, PeriodField
from courses.models import Module
from quotas.enums import Measure
from quotas.models.tasks import FIRST_YEAR, LAST_YEAR
from quotas.querysets import ShortfallWarningQuerySet
from schools.enums import Audience
from schools.models import School
from trainees.models import Member


class WarningRule(models.Model):
    """From which month on members and schools are warned. A local rule; that of the day applies.

    A member is warned if the pace so far leads below what is owed. A school is warned of a line
    whose projection for 31 December is more than `tolerance` per cent below its accepted claim.
    """

    members_from_month = models.PositiveSmallIntegerField(_("month from which members are warned"))
    schools_from_month = models.PositiveSmallIntegerField(_("month from which schools are warned"))
    tolerance = models.PositiveSmallIntegerField(_("tolerance of the projection (%)"))
    source = models.CharField(_("source"), max_length=200)
    period = PeriodField(_("period"))

    class Meta:
        verbose_name = _("rule of warnings")
        verbose_name_plural = _("rules of warnings")
        ordering = ["period"]
        constraints = [
            ExclusionConstraint(
                name="warning_rule_one_at_a_time",
                violation_error_message=_(
                    "A version is in force on some of these days: end its period first."
                ),
                expressions=[("period", OVERLAPS)],
            ),
            models.CheckConstraint(
                condition=Q(
                    members_from_month__range=(1, 12),
                    schools_from_month__range=(1, 12),
                    tolerance__lte=100,
                ),
                name="warning_rule_within_a_year",
                violation_error_message=_(
                    "Months are 1 to 12, the tolerance is 100 per cent at most."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.source


class ShortfallWarning(AppendOnlyModel):
    """A member, or a school about one line of the task, was told that they will fall short.

    Given once a year for each member, and for each school and line. `expected` is the projection of
    that day, `due` what is owed or claimed. `told` accounts got the message.
    """

    year = models.PositiveSmallIntegerField(_("year"))
    member = models.ForeignKey(
        Member,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("member"),
    )
    school = models.ForeignKey(
        School,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("school"),
    )
    measure = models.CharField(_("measure"), max_length=20, choices=Measure)
    audience = models.CharField(
        _("audience"), max_length=20, choices=Audience, blank=True, default="", db_default=""
    )
    module = models.ForeignKey(
        Module,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("module"),
    )
    expected = models.DecimalField(_("expected on 31 December"), max_digits=12, decimal_places=2)
    due = models.DecimalField(_("owed or claimed"), max_digits=12, decimal_places=2)
    told = models.PositiveSmallIntegerField(_("accounts told"))
    given_at = models.DateTimeField(_("given at"))

    objects = ShortfallWarningQuerySet.as_manager()

    class Meta:
        verbose_name = _("warning of a shortfall")
        verbose_name_plural = _("warnings of shortfalls")
        ordering = ["-given_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["year", "member"],
                condition=Q(member__isnull=False),
                name="shortfall_warning_once_a_member",
            ),
            models.UniqueConstraint(
                fields=["year", "school", "measure", "audience", "module"],
                condition=Q(member=None),
                nulls_distinct=False,
                name="shortfall_warning_once_a_line",
            ),
            models.CheckConstraint(
                condition=Q(year__range=(FIRST_YEAR, LAST_YEAR))
                & (
                    Q(member__isnull=False, measure=Measure.HOURS, audience="", module=None)
                    | Q(member=None, school__isnull=False)
                ),
                name="shortfall_warning_of_somebody",
            ),
            models.CheckConstraint(
                condition=Q(expected__gte=0, due__gte=0) & Q(expected__lt=models.F("due")),
                name="shortfall_warning_falls_short",
            ),
        ]

    @property
    def label(self) -> str:
        """What falls short, in words."""
        parts = [self.get_measure_display(), self.get_audience_display(), self.module or ""]
        return " · ".join(str(part) for part in parts if part)

    def __str__(self) -> str:
        return f"{self.member or self.school} · {self.year}"
