"""Rules for what is owed and how many hours study is worth: dated rows that the district edits."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.lib.hours import HoursField, is_quarter_multiple
from config.lib.periods import OVERLAPS, SAME, PeriodField
from config.lib.versions import VersionedModel
from hours.enums import YEARLY_GROUPS, CreditCategory, RequirementGroup


class RequirementRule(VersionedModel):
    """What a group owes, with the legal source: hours in a year, or a training within months.

    A change is a new version with its own period; a past year is judged by its own rules.
    `pro_rata` is a local rule: a member who is in the group for part of the year owes a twelfth of
    the hours for each whole month, rounded to half an hour; without it the full hours. So do the
    months of a version that holds for part of the year, and of an exemption. A rule with
    a clock has `within_months` instead of hours: the trainings must be attended within that time
    after the clock begins. For probation it is also the length, if the last day is not known.
    `training_hours` is a local rule: the minimum credit hours of one training, before cuts for
    lateness or caps; without it any training counts.
    """

    group = models.CharField(_("applies to"), max_length=20, choices=RequirementGroup)
    version = models.PositiveSmallIntegerField(_("version"))
    hours = HoursField(_("credit hours per year"))
    concentrated_trainings = models.PositiveSmallIntegerField(
        _("concentrated trainings"), default=0
    )
    training_hours = HoursField(
        _("least credit hours of a training"),
        null=True,
        blank=True,
        help_text=_("District rule: a shorter training does not count as one. 4 are half a day."),
    )
    pro_rata = models.BooleanField(
        _("pro rata by month"),
        default=True,
        db_default=True,
        help_text=_(
            "District rule: for a part of the year a twelfth for each whole month, rounded to half "
            "an hour. Without it everybody owes the full hours."
        ),
    )
    within_months = models.PositiveSmallIntegerField(
        _("within months"),
        null=True,
        blank=True,
        help_text=_("Only for new secretaries and new members, who owe trainings and no hours."),
    )
    source = models.CharField(_("source"), max_length=200)
    to_be_verified = models.BooleanField(
        _("to be verified"),
        default=False,
        help_text=_("The text in force could not be had; the figure is carried over."),
    )
    period = PeriodField(_("period"))

    class Meta:
        verbose_name = _("requirement rule")
        verbose_name_plural = _("requirement rules")
        ordering = ["group", "version"]
        constraints = [
            ExclusionConstraint(
                name="requirement_rule_one_at_a_time",
                violation_error_message=_(
                    "A version is in force on some of these days: end its period first."
                ),
                expressions=[("group", SAME), ("period", OVERLAPS)],
            ),
            models.UniqueConstraint(
                fields=["group", "version"], name="requirement_rule_version_once"
            ),
            models.CheckConstraint(
                condition=is_quarter_multiple("hours"),
                name="requirement_rule_hours_in_steps",
                violation_error_message=_("Credit hours go in steps of 0.25."),
            ),
            models.CheckConstraint(
                condition=Q(training_hours__isnull=True)
                | (is_quarter_multiple("training_hours") & Q(training_hours__gt=0)),
                name="requirement_rule_training_hours_in_steps",
                violation_error_message=_("A training has hours above 0, in steps of 0.25."),
            ),
            models.CheckConstraint(
                condition=~Q(group__in=YEARLY_GROUPS) | Q(hours__gt=0, within_months__isnull=True),
                name="requirement_rule_of_a_year_has_hours",
                violation_error_message=_(
                    "What is owed in a year is a number of hours above 0, and has no months."
                ),
            ),
            models.CheckConstraint(
                condition=Q(group__in=YEARLY_GROUPS)
                | Q(
                    hours=0,
                    concentrated_trainings__gt=0,
                    within_months__isnull=False,
                    within_months__gt=0,
                ),
                name="requirement_rule_of_a_clock_has_months",
                violation_error_message=_(
                    "New secretaries and new members owe trainings within some months, and 0 hours."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_group_display()} · {self.version}"


class CreditRule(models.Model):
    """How evidence of one category becomes credit hours. A local rule.

    `daily_cap` and `half_day_cap`: the most hours that count on one day, or in one morning,
    afternoon or evening, over all categories. `yearly_cap`: the most hours of this category that
    count in a year. `late_deduction`: hours taken off for coming late. Study is worth the step that
    it reaches (`CreditStep`), below the first step its minutes by `minutes_per_hour`, and never
    more than `piece_cap` on one day.
    `review_steps`: whether a record passes the community before the school, or only the school.
    `dispute_days`: how long a member may dispute a line, counted from the day of its assessment,
    and appeal against the answer, counted from its day; without it there is no limit.
    `evidence_required`: whether a record needs a file that shows the study. `roll_hours`: how many
    hours after its session a roll must be submitted. `roll_days`: how many days after that
    deadline, or after a later submission or reopening, it is closed. Without them no roll is
    overdue, and none is closed.
    """

    category = models.CharField(_("category"), max_length=20, choices=CreditCategory)
    version = models.PositiveSmallIntegerField(_("version"))
    daily_cap = HoursField(_("daily cap (credit hours)"))
    half_day_cap = HoursField(_("cap of a half day (credit hours)"), null=True, blank=True)
    yearly_cap = HoursField(_("yearly cap of the category (credit hours)"), null=True, blank=True)
    piece_cap = HoursField(
        _("most credit hours of one piece of study"),
        null=True,
        blank=True,
        help_text=_("However long it lasted that day. Without it only its minutes or steps count."),
    )
    late_deduction = HoursField(_("deduction for coming late (credit hours)"))
    minutes_per_hour = models.PositiveSmallIntegerField(
        _("minutes per credit hour"), null=True, blank=True
    )
    review_steps = models.PositiveSmallIntegerField(_("steps of review"), default=1)
    dispute_days = models.PositiveSmallIntegerField(
        _("days to dispute a line"), null=True, blank=True, default=30
    )
    evidence_required = models.BooleanField(_("evidence required"), default=False, db_default=False)
    roll_hours = models.PositiveSmallIntegerField(
        _("hours until a roll is overdue"), null=True, blank=True
    )
    roll_days = models.PositiveSmallIntegerField(
        _("days until a roll is closed"), null=True, blank=True
    )
    source = models.CharField(_("source"), max_length=200)
    period = PeriodField(_("period"))
    recorded_at = models.DateTimeField(_("recorded at"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("credit rule")
        verbose_name_plural = _("credit rules")
        ordering = ["category", "version"]
        constraints = [
            ExclusionConstraint(
                name="credit_rule_one_at_a_time",
                violation_error_message=_(
                    "A version is in force on some of these days: end its period first."
                ),
                expressions=[("category", SAME), ("period", OVERLAPS)],
            ),
            models.UniqueConstraint(
                fields=["category", "version"], name="credit_rule_version_once"
            ),
            models.CheckConstraint(
                condition=is_quarter_multiple("daily_cap", "late_deduction")
                & Q(daily_cap__gt=0, late_deduction__gte=0),
                name="credit_rule_hours_in_steps",
                violation_error_message=_(
                    "Hours go in steps of 0.25, and the daily cap is above 0."
                ),
            ),
            models.CheckConstraint(
                condition=(Q(half_day_cap__isnull=True) | is_quarter_multiple("half_day_cap"))
                & (Q(yearly_cap__isnull=True) | is_quarter_multiple("yearly_cap"))
                & (Q(half_day_cap__isnull=True) | Q(half_day_cap__gt=0))
                & (Q(yearly_cap__isnull=True) | Q(yearly_cap__gt=0)),
                name="credit_rule_caps_in_steps",
                violation_error_message=_("A cap is above 0 and goes in steps of 0.25."),
            ),
            models.CheckConstraint(
                condition=Q(piece_cap__isnull=True)
                | (is_quarter_multiple("piece_cap") & Q(piece_cap__gt=0)),
                name="credit_rule_piece_cap_in_steps",
                violation_error_message=_("A cap is above 0 and goes in steps of 0.25."),
            ),
            models.CheckConstraint(
                condition=Q(minutes_per_hour__isnull=True) | Q(minutes_per_hour__gt=0),
                name="credit_rule_minutes_positive",
                violation_error_message=_("A credit hour has at least one minute."),
            ),
            models.CheckConstraint(
                condition=Q(review_steps__in=[1, 2]),
                name="credit_rule_review_steps",
                violation_error_message=_("A record is reviewed in one or two steps."),
            ),
            models.CheckConstraint(
                condition=Q(dispute_days__isnull=True) | Q(dispute_days__gt=0),
                name="credit_rule_dispute_days_positive",
                violation_error_message=_("A line can be disputed for at least one day."),
            ),
            models.CheckConstraint(
                condition=Q(roll_hours=None, roll_days=None)
                | Q(roll_hours__isnull=False, roll_hours__gt=0, roll_days__isnull=False)
                & Q(roll_days__gt=0),
                name="credit_rule_roll_deadlines",
                violation_error_message=_(
                    "The two deadlines of a roll go together, and are at least 1."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_category_display()} · {self.version}"


class CreditStep(models.Model):
    """By one rule, study of at least this many minutes is worth this many credit hours."""

    rule = models.ForeignKey(
        CreditRule, on_delete=models.CASCADE, related_name="steps", verbose_name=_("credit rule")
    )
    from_minutes = models.PositiveSmallIntegerField(_("from so many minutes"))
    hours = HoursField(_("credit hours"))

    class Meta:
        verbose_name = _("step of a credit rule")
        verbose_name_plural = _("steps of a credit rule")
        ordering = ["rule", "from_minutes"]
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "from_minutes"], name="credit_step_once_per_rule"
            ),
            models.CheckConstraint(
                condition=is_quarter_multiple("hours") & Q(hours__gt=0),
                name="credit_step_hours_in_steps",
                violation_error_message=_("Credit hours are above 0 and go in steps of 0.25."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_minutes} → {self.hours}"
