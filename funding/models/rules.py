"""Dated rules of what may be paid. A change is a new row; a commitment names its row."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.lib.periods import OVERLAPS, SAME, PeriodField
from funding.amounts import AmountField
from funding.enums import CLASS_UNITS, CLASS_USES, FundUse, LimitKind, OnBreach, Purpose
from funding.querysets import RuleQuerySet
from instructors.enums import Title
from schools.enums import FundingChannel


class UseRule(models.Model):
    """A channel may pay for a use during a period. What no rule permits, it may not pay for."""

    channel = models.CharField(_("channel"), max_length=10, choices=FundingChannel)
    use = models.CharField(_("use"), max_length=20, choices=FundUse)
    source = models.CharField(_("source"), max_length=200)
    period = PeriodField(_("period"))

    objects = RuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("permitted use")
        verbose_name_plural = _("permitted uses")
        ordering = ["channel", "use", "period"]
        constraints = [
            ExclusionConstraint(
                name="use_rule_one_at_a_time",
                violation_error_message=_(
                    "A version is in force on some of these days: end its period first."
                ),
                expressions=[("channel", SAME), ("use", SAME), ("period", OVERLAPS)],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} · {self.get_use_display()}"


class FeeRule(models.Model):
    """The most that a lecturer with a title is paid for a credit hour (yuan, after tax)."""

    title = models.CharField(_("professional title"), max_length=20, choices=Title)
    ceiling = AmountField(_("ceiling per credit hour (yuan)"))
    on_breach = models.CharField(
        _("what is beyond it"),
        max_length=10,
        choices=OnBreach,
        default=OnBreach.BLOCKS,
        db_default=OnBreach.BLOCKS,
    )
    source = models.CharField(_("source"), max_length=200)
    period = PeriodField(_("period"))

    objects = RuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("ceiling of lecturer fees")
        verbose_name_plural = _("ceilings of lecturer fees")
        ordering = ["ceiling", "period"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ceiling__gt=0),
                name="fee_rule_is_positive",
                violation_error_message=_("An amount is above 0."),
            ),
            ExclusionConstraint(
                name="fee_rule_one_at_a_time",
                violation_error_message=_(
                    "A version is in force on some of these days: end its period first."
                ),
                expressions=[("title", SAME), ("period", OVERLAPS)],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_title_display()} · {self.ceiling}"


class CostRate(models.Model):
    """What a unit of a use costs a class (yuan) on the days of a period, and which channel pays.

    The units are those of `CLASS_UNITS`: a paid hour of a lecturer with a `title`, a person on a
    whole day, a trip, a half day. Without a rate no class causes the cost.
    """

    use = models.CharField(
        _("use"), max_length=20, choices=[(use.value, use.label) for use in CLASS_USES]
    )
    title = models.CharField(
        _("professional title"),
        max_length=20,
        choices=Title,
        blank=True,
        default="",
        help_text=_("For a lecturer fee alone."),
    )
    channel = models.CharField(_("channel"), max_length=10, choices=FundingChannel)
    amount = AmountField(_("price of a unit (yuan)"))
    source = models.CharField(_("source"), max_length=200)
    period = PeriodField(_("period"))

    objects = RuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("cost rate of classes")
        verbose_name_plural = _("cost rates of classes")
        ordering = ["use", "title", "period"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0),
                name="cost_rate_is_positive",
                violation_error_message=_("An amount is above 0."),
            ),
            models.CheckConstraint(
                condition=Q(use__in=CLASS_USES),
                name="cost_rate_of_what_classes_cause",
                violation_error_message=_("No class causes this cost by itself."),
            ),
            models.CheckConstraint(
                condition=Q(use=FundUse.LECTURER_FEE) & ~Q(title="")
                | ~Q(use=FundUse.LECTURER_FEE) & Q(title=""),
                name="cost_rate_of_fee_names_title",
                violation_error_message=_("A lecturer fee has a title, another cost none."),
            ),
            ExclusionConstraint(
                name="cost_rate_one_at_a_time",
                violation_error_message=_(
                    "A version is in force on some of these days: end its period first."
                ),
                expressions=[("use", SAME), ("title", SAME), ("period", OVERLAPS)],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_use_display()} · {self.amount}"

    @property
    def unit(self) -> str:
        """The unit that it is the price of, in words."""
        return str(CLASS_UNITS[FundUse(self.use)])


class LimitRule(models.Model):
    """A number that costs keep during a period, in the unit of its kind.

    `half_day_hours`: credit hours of a lecturer that are paid in a half day of a class; the rest is
    not paid, so nothing is beyond it. `person_day`: yuan that a class costs for each person and
    day. `equipment_item`: yuan that an item may cost without a decision of its own. Where no rule
    of the day is, nothing is limited.
    """

    kind = models.CharField(_("what is limited"), max_length=20, choices=LimitKind)
    most = AmountField(_("at most"))
    on_breach = models.CharField(
        _("what is beyond it"), max_length=10, choices=OnBreach, default=OnBreach.BLOCKS
    )
    source = models.CharField(_("source"), max_length=200)
    period = PeriodField(_("period"))

    objects = RuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("limit of costs")
        verbose_name_plural = _("limits of costs")
        ordering = ["kind", "period"]
        constraints = [
            models.CheckConstraint(
                condition=Q(most__gt=0),
                name="limit_rule_is_positive",
                violation_error_message=_("A limit is above 0."),
            ),
            models.CheckConstraint(
                condition=~Q(kind=LimitKind.HALF_DAY_HOURS) | Q(on_breach=OnBreach.BLOCKS),
                name="limit_rule_of_hours_blocks",
                violation_error_message=_("Hours beyond those of a half day are never paid."),
            ),
            ExclusionConstraint(
                name="limit_rule_one_at_a_time",
                violation_error_message=_(
                    "A version is in force on some of these days: end its period first."
                ),
                expressions=[("kind", SAME), ("period", OVERLAPS)],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.most}"


class WeightRule(models.Model):
    """By what the calculator proposes the money of each school for a channel and purpose.

    A school needs `base` yuan, and so much for each venue, member and person-hour delivered in the
    year before. `total` (yuan) is what is shared out by need; None: each gets what it needs.
    """

    channel = models.CharField(_("channel"), max_length=10, choices=FundingChannel)
    purpose = models.CharField(_("purpose"), max_length=10, choices=Purpose)
    base = AmountField(_("base amount (yuan)"))
    per_venue = AmountField(_("for each venue (yuan)"))
    per_member = AmountField(_("for each member (yuan)"))
    per_hour = AmountField(_("for each delivered person-hour (yuan)"))
    total = AmountField(_("sum to share out (yuan)"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=200)
    period = PeriodField(_("period"))

    objects = RuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("weights of allocations")
        verbose_name_plural = _("weights of allocations")
        ordering = ["channel", "purpose", "period"]
        constraints = [
            models.CheckConstraint(
                condition=Q(base__gte=0, per_venue__gte=0, per_member__gte=0, per_hour__gte=0)
                & (Q(base__gt=0) | Q(per_venue__gt=0) | Q(per_member__gt=0) | Q(per_hour__gt=0)),
                name="weight_rule_weighs_something",
                violation_error_message=_("One weight is above 0, and none is below."),
            ),
            models.CheckConstraint(
                condition=Q(total__isnull=True) | Q(total__gt=0),
                name="weight_rule_total_is_positive",
                violation_error_message=_("An amount is above 0."),
            ),
            ExclusionConstraint(
                name="weight_rule_one_at_a_time",
                violation_error_message=_(
                    "A version is in force on some of these days: end its period first."
                ),
                expressions=[("channel", SAME), ("purpose", SAME), ("period", OVERLAPS)],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} · {self.get_purpose_display()}"
