"""When lecturers can teach: a weekly pattern, leave, and single parts of days that differ."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.lib.periods import OVERLAPS, SAME, PeriodField
from instructors.enums import DayPart, LeaveKind
from instructors.models.lecturers import Instructor


class WeeklySlot(models.Model):
    """A part of the week in which a lecturer can teach, in a period.

    Somebody without any slot in force on a day has told nothing about the week, and is free.
    """

    instructor = models.ForeignKey(
        Instructor,
        on_delete=models.PROTECT,
        related_name="weekly_slots",
        verbose_name=_("lecturer"),
    )
    weekday = models.PositiveSmallIntegerField(_("weekday"))
    part = models.CharField(_("part of the day"), max_length=10, choices=DayPart)
    period = PeriodField(_("period"))

    class Meta:
        verbose_name = _("weekly slot")
        verbose_name_plural = _("weekly slots")
        ordering = ["instructor", "weekday", "part"]
        constraints = [
            ExclusionConstraint(
                name="weekly_slot_once_at_a_time",
                expressions=[
                    ("instructor", SAME),
                    ("weekday", SAME),
                    ("part", SAME),
                    ("period", OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                condition=Q(weekday__range=(1, 7)), name="weekly_slot_of_a_weekday"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.instructor} · {self.get_part_display()}"


class LecturerLeave(models.Model):
    """Days on which a lecturer does not teach. Never says more than the kind: no diagnosis."""

    instructor = models.ForeignKey(
        Instructor, on_delete=models.PROTECT, related_name="leaves", verbose_name=_("lecturer")
    )
    kind = models.CharField(_("reason"), max_length=10, choices=LeaveKind)
    period = PeriodField(_("period"))

    class Meta:
        verbose_name = _("leave of a lecturer")
        verbose_name_plural = _("leaves of lecturers")
        ordering = ["period"]
        constraints = [
            ExclusionConstraint(
                name="lecturer_leave_one_at_a_time",
                violation_error_message=_("There is leave on some of these days already."),
                expressions=[("instructor", SAME), ("period", OVERLAPS)],
            ),
            models.CheckConstraint(
                condition=Q(period__endswith__isnull=False),
                name="lecturer_leave_has_an_end",
                violation_error_message=_("Leave has a last day."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.instructor} · {self.get_kind_display()}"


class AvailabilityException(models.Model):
    """A part of one day that differs from the week and from leave: free, or not."""

    instructor = models.ForeignKey(
        Instructor,
        on_delete=models.PROTECT,
        related_name="availability_exceptions",
        verbose_name=_("lecturer"),
    )
    day = models.DateField(_("date"))
    part = models.CharField(_("part of the day"), max_length=10, choices=DayPart)
    is_free = models.BooleanField(_("can teach"))

    class Meta:
        verbose_name = _("exception of a day")
        verbose_name_plural = _("exceptions of days")
        ordering = ["day", "part"]
        constraints = [
            models.UniqueConstraint(
                fields=["instructor", "day", "part"],
                name="availability_exception_once_a_part",
                violation_error_message=_(
                    "There is an exception for this part of the day already."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.instructor} · {self.get_part_display()}"
