from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.lib.hours import HoursField, is_quarter_multiple
from config.lib.periods import OVERLAPS, PeriodField
from schools.models import validate_telephone


class BookingRule(models.Model):
    """Deadlines of booking and loads of lecturers. A local rule; that of the day applies.

    `lead_days` lie between the submission of a letter and its first wished day. A lecturer answers
    within `answer_days`, a school agrees within `confirm_days` and evaluates within
    `evaluate_days`. A lecturer teaches at most `half_day_hours` paid hours in half a day,
    `month_hours` in a month and `year_hours` in a year, and needs `travel_minutes` between two
    schools. `telephone` is that of the dispatch desk. More than four paid hours in half a day are
    not paid (fund rules, domain.md).
    """

    lead_days = models.PositiveSmallIntegerField(_("days from submission to the first wished day"))
    answer_days = models.PositiveSmallIntegerField(_("days for the lecturer's answer"))
    confirm_days = models.PositiveSmallIntegerField(_("days for the school's agreement"))
    evaluate_days = models.PositiveSmallIntegerField(_("days for the evaluation"))
    half_day_hours = HoursField(_("most credit hours in half a day"))
    month_hours = HoursField(_("most credit hours in a month"))
    year_hours = HoursField(_("most credit hours in a year"))
    travel_minutes = models.PositiveSmallIntegerField(_("minutes of travel between two schools"))
    telephone = models.CharField(
        _("telephone of the dispatch desk"),
        max_length=30,
        blank=True,
        default="",
        db_default="",
        validators=[validate_telephone],
        help_text=_("Lecturers read it beside a proposal."),
    )
    source = models.CharField(_("source"), max_length=200)
    period = PeriodField(_("period"))

    class Meta:
        verbose_name = _("rule of booking")
        verbose_name_plural = _("rules of booking")
        ordering = ["period"]
        constraints = [
            ExclusionConstraint(
                name="booking_rule_one_at_a_time",
                violation_error_message=_(
                    "A version is in force on some of these days: end its period first."
                ),
                expressions=[("period", OVERLAPS)],
            ),
            models.CheckConstraint(
                condition=Q(
                    lead_days__lte=366,
                    answer_days__range=(1, 60),
                    confirm_days__range=(1, 60),
                    evaluate_days__range=(1, 366),
                    travel_minutes__lte=600,
                ),
                name="booking_rule_within_reach",
                violation_error_message=_(
                    "An answer or agreement takes 1 to 60 days, the rest a year at most; travel "
                    "takes ten hours at most."
                ),
            ),
            models.CheckConstraint(
                condition=Q(half_day_hours__gt=0, month_hours__gt=0, year_hours__gt=0)
                & is_quarter_multiple("half_day_hours", "month_hours", "year_hours"),
                name="booking_rule_allows_teaching",
                violation_error_message=_("Credit hours are above 0 and go in steps of 0.25."),
            ),
        ]

    def __str__(self) -> str:
        return self.source
