from typing import Any

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backstage.models import StoredFile
from config.lib.append_only import AppendOnlyModel
from config.lib.names import pinyin_forms
from config.lib.periods import OVERLAPS, SAME, PeriodField
from instructors.enums import Corps, NominationState, Title
from instructors.querysets import (
    AppointmentLetterQuerySet,
    InstructorQuerySet,
    IssuedLetterQuerySet,
    NominationQuerySet,
)
from schools.models import School, Township

ACCOUNT = settings.AUTH_USER_MODEL


class Instructor(models.Model):
    """A lecturer of one of the three corps.

    `home_township` is where they live, from where they travel to a school; None: not known, or
    outside the district.
    """

    name = models.CharField(_("name"), max_length=80)
    name_pinyin = models.CharField(max_length=700, editable=False, default="", db_default="")
    name_initials = models.CharField(max_length=200, editable=False, default="", db_default="")
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
    home_township = models.ForeignKey(
        Township,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="lecturers",
        verbose_name=_("home township"),
        help_text=_("From where the lecturer travels. Empty: not known, or outside the district."),
    )

    objects = InstructorQuerySet.as_manager()

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

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store the row with the columns derived from the name."""
        self.name_pinyin, self.name_initials = pinyin_forms(self.name)
        written = kwargs.get("update_fields")
        if written is not None and "name" in written:
            kwargs["update_fields"] = {*written, "name_pinyin", "name_initials"}
        super().save(*args, **kwargs)


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


class LetterRule(models.Model):
    """How letters of appointment are numbered, how long they last, and when their end is warned of.

    A local rule. That of the day of issue applies to number and term, that of today to the warning.
    """

    number_form = models.CharField(
        _("form of the numbers"),
        max_length=24,
        help_text=_("With {year} and {serial} in it: the year of issue, the running number."),
    )
    term_years = models.PositiveSmallIntegerField(_("longest term in years"))
    warning_days = models.PositiveSmallIntegerField(_("days of warning before the end"))
    source = models.CharField(_("source"), max_length=200)
    period = PeriodField(_("period"))

    class Meta:
        verbose_name = _("rule of letters of appointment")
        verbose_name_plural = _("rules of letters of appointment")
        ordering = ["period"]
        constraints = [
            ExclusionConstraint(
                name="letter_rule_one_at_a_time",
                violation_error_message=_(
                    "A version is in force on some of these days: end its period first."
                ),
                expressions=[("period", OVERLAPS)],
            ),
            models.CheckConstraint(
                condition=Q(number_form__contains="{year}") & Q(number_form__contains="{serial}"),
                name="letter_rule_numbers_by_year",
                violation_error_message=_("The form has {year} and {serial} in it."),
            ),
            models.CheckConstraint(
                condition=Q(term_years__range=(1, 10), warning_days__range=(1, 366)),
                name="letter_rule_within_reach",
                violation_error_message=_(
                    "A term lasts 1 to 10 years; its end is warned of 1 to 366 days before."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.source


class AppointmentLetter(models.Model):
    """A numbered letter of appointment with its term, issued by the district.

    A revoked letter holds until the day on which it was revoked, and is in no other letter's way.
    """

    number = models.CharField(_("letter number"), max_length=30, unique=True)
    instructor = models.ForeignKey(
        Instructor, on_delete=models.PROTECT, related_name="letters", verbose_name=_("lecturer")
    )
    period = PeriodField(_("term"))
    signed_on = models.DateField(_("signed on"))
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True, editable=False)
    revoked_by = models.ForeignKey(
        ACCOUNT,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("revoked by"),
    )
    revocation_reason = models.CharField(
        _("reason of the revocation"),
        max_length=200,
        blank=True,
        default="",
        db_default="",
        editable=False,
    )

    objects = AppointmentLetterQuerySet.as_manager()

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
                condition=Q(revoked_at=None),
            ),
            models.CheckConstraint(
                condition=Q(revoked_at=None, revoked_by=None, revocation_reason="")
                | Q(revoked_at__isnull=False, revoked_by__isnull=False) & ~Q(revocation_reason=""),
                name="appointment_letter_revoked_with_reason",
                violation_error_message=_("Say why the letter is revoked."),
            ),
        ]

    def __str__(self) -> str:
        return self.number


class IssuedLetter(AppendOnlyModel):
    """The paper of a letter of appointment: the newest version replaces the earlier ones.

    `facts` is the stated content, `file` the PDF, `sheets` the PDF with all letters that were
    issued together. `digest` is a keyed hash over the row (`instructors.letters`). The printed code
    is stored only as a keyed hash.
    """

    letter = models.ForeignKey(
        AppointmentLetter,
        on_delete=models.PROTECT,
        related_name="papers",
        verbose_name=_("letter of appointment"),
    )
    version = models.PositiveSmallIntegerField(_("version"))
    code_fingerprint = models.CharField(max_length=64, editable=False)
    facts = models.JSONField(_("facts"))
    file = models.OneToOneField(
        StoredFile, on_delete=models.PROTECT, related_name="+", verbose_name=_("file")
    )
    file_hash = models.CharField(_("hash of the file"), max_length=64)
    sheets = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, related_name="+", verbose_name=_("letters together")
    )
    issued_at = models.DateTimeField(_("issued at"))
    issued_by = models.ForeignKey(
        ACCOUNT, on_delete=models.PROTECT, related_name="+", verbose_name=_("issued by")
    )
    digest = models.CharField(max_length=64, editable=False)

    objects = IssuedLetterQuerySet.as_manager()

    class Meta:
        verbose_name = _("issued letter of appointment")
        verbose_name_plural = _("issued letters of appointment")
        ordering = ["-issued_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["letter", "version"], name="issued_letter_version_once"
            ),
            models.UniqueConstraint(fields=["code_fingerprint"], name="issued_letter_code_once"),
            models.CheckConstraint(
                condition=Q(version__gte=1), name="issued_letter_counts_from_one"
            ),
        ]

    def __str__(self) -> str:
        return str(self.letter)
