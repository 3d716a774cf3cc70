from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.lib.periods import OVERLAPS, SAME, PeriodField
from instructors.enums import Corps, Title
from schools.models import School


class Instructor(models.Model):
    """A lecturer of one of the three corps."""

    name = models.CharField(_("name"), max_length=80)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="instructor",
        verbose_name=_("account"),
    )
    corps = models.CharField(_("corps"), max_length=20, choices=Corps)
    title = models.CharField(
        _("professional title"), max_length=20, choices=Title, default=Title.NONE
    )
    employer = models.CharField(_("employer"), max_length=100)
    nominated_by = models.ForeignKey(
        School,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="nominated_instructors",
        verbose_name=_("nominated by"),
        help_text=_("A township school nominates lecturers of the backbone corps."),
    )

    class Meta:
        verbose_name = _("lecturer")
        verbose_name_plural = _("lecturers")
        ordering = ["corps", "name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(corps=Corps.BACKBONE, nominated_by__isnull=False)
                | (~Q(corps=Corps.BACKBONE) & Q(nominated_by__isnull=True)),
                name="instructor_backbone_is_nominated",
                violation_error_message=_(
                    "Lecturers of the backbone corps, and only they, name the nominating school."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class AppointmentLetter(models.Model):
    """A numbered letter of appointment with its term, issued by the district."""

    number = models.CharField(_("letter number"), max_length=30, unique=True)
    instructor = models.ForeignKey(
        Instructor, on_delete=models.PROTECT, related_name="letters", verbose_name=_("lecturer")
    )
    period = PeriodField(_("term"))
    signed_on = models.DateField(_("signed on"))

    class Meta:
        verbose_name = _("letter of appointment")
        verbose_name_plural = _("letters of appointment")
        ordering = ["number"]
        constraints = [
            ExclusionConstraint(
                name="appointment_letter_one_at_a_time",
                violation_error_message=_(
                    "This lecturer has another letter of appointment on some of these days."
                ),
                expressions=[("instructor", SAME), ("period", OVERLAPS)],
            ),
        ]

    def __str__(self) -> str:
        return self.number
