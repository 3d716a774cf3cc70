from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from config.lib.periods import OVERLAPS, SAME, PeriodField
from instructors.enums import Corps, NominationState, Title
from instructors.querysets import NominationQuerySet
from schools.models import School

ACCOUNT = settings.AUTH_USER_MODEL


class Instructor(models.Model):
    """A lecturer of one of the three corps."""

    name = models.CharField(_("name"), max_length=80)
    user = models.OneToOneField(
        ACCOUNT,
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


class Nomination(models.Model):
    """A township school nominates a lecturer of the backbone corps; the district decides, once.

    Source: appointing lecturers of Party education belongs to the county level and above, so the
    school nominates and the organisation department appoints. Who nominates, who decides and who is
    nominated are three people.
    """

    school = models.ForeignKey(
        School, on_delete=models.PROTECT, related_name="nominations", verbose_name=_("school")
    )
    name = models.CharField(_("name"), max_length=80)
    user = models.ForeignKey(
        ACCOUNT,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("account"),
    )
    title = models.CharField(
        _("professional title"), max_length=20, choices=Title, default=Title.NONE
    )
    employer = models.CharField(_("employer"), max_length=100)
    reasons = models.TextField(_("reasons"), max_length=1000)
    nominated_at = models.DateTimeField(_("nominated at"))
    nominated_by = models.ForeignKey(
        ACCOUNT, on_delete=models.PROTECT, related_name="+", verbose_name=_("nominated by")
    )
    state = models.CharField(
        _("state"), max_length=10, choices=NominationState, default=NominationState.WAITING
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        ACCOUNT,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    instructor = models.OneToOneField(
        Instructor,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="nomination",
        verbose_name=_("lecturer"),
    )

    objects = NominationQuerySet.as_manager()

    class Meta:
        verbose_name = _("nomination")
        verbose_name_plural = _("nominations")
        ordering = ["-nominated_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(reasons=""),
                name="nomination_gives_reasons",
                violation_error_message=_("Say why this person should teach."),
            ),
            models.UniqueConstraint(
                fields=["school", "name", "employer"],
                condition=Q(state=NominationState.WAITING),
                name="nomination_waits_once",
                violation_error_message=_("This person is nominated already."),
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("nominated_by")),
                name="nomination_by_two_people",
            ),
            models.CheckConstraint(
                condition=Q(user=None)
                | ~Q(user=F("nominated_by")) & (Q(decided_by=None) | ~Q(user=F("decided_by"))),
                name="nomination_by_nobody_who_is_nominated",
            ),
            models.CheckConstraint(
                condition=Q(state=NominationState.WAITING, decided_at=None, decided_by=None)
                | ~Q(state=NominationState.WAITING)
                & Q(decided_at__gte=F("nominated_at"), decided_by__isnull=False),
                name="nomination_decision_is_signed",
            ),
            models.CheckConstraint(
                condition=Q(state=NominationState.DECLINED) & ~Q(reason="")
                | ~Q(state=NominationState.DECLINED) & Q(reason=""),
                name="nomination_declined_with_reason",
                violation_error_message=_("Say why the nomination is declined."),
            ),
            models.CheckConstraint(
                condition=Q(state=NominationState.APPOINTED, instructor__isnull=False)
                | ~Q(state=NominationState.APPOINTED) & Q(instructor=None),
                name="nomination_appointed_is_a_lecturer",
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
