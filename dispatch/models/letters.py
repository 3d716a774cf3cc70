from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q, Value
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from config.lib.append_only import AppendOnlyModel
from courses.enums import Mode, Preset, Strand
from courses.models import Course, Module, TrainingClass, Venue
from dispatch.enums import ENDED_STAGES, LetterStage
from dispatch.querysets import BookingLetterQuerySet
from instructors.enums import Corps
from instructors.models import Instructor
from schools.enums import Audience
from schools.models import School

ACCOUNT = settings.AUTH_USER_MODEL
# How many dates a school may wish for, in order.
MOST_DATES = 3


class BookingLetter(models.Model):
    """A booking letter (约课邀请函): what a school wants taught, for whom, where and when.

    Its courses are `BookingItem`s, its dates `WishedDate`s, what was said about it `BookingStep`s.
    `owner` is the officer of the district school who works on it. Once the school agrees to the
    schedule it has a `training_class`.
    """

    number = models.CharField(_("number"), max_length=30, unique=True)
    school = models.ForeignKey(
        School, on_delete=models.PROTECT, related_name="booking_letters", verbose_name=_("school")
    )
    title = models.CharField(pgettext_lazy("of a class", "Title"), max_length=100)
    preset = models.CharField(_("format"), max_length=20, choices=Preset)
    mode = models.CharField(_("mode"), max_length=20, choices=Mode, default=Mode.ON_SITE)
    audience = models.CharField(_("audience"), max_length=20, choices=Audience)
    headcount = models.PositiveSmallIntegerField(_("people expected"))
    venue = models.ForeignKey(
        Venue,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("venue"),
    )
    place = models.CharField(_("other place"), max_length=80, blank=True, default="", db_default="")
    preferred_corps = models.CharField(
        _("preferred corps"), max_length=20, choices=Corps, blank=True, default="", db_default=""
    )
    preferred_instructor = models.ForeignKey(
        Instructor,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("preferred lecturer"),
    )
    note = models.CharField(_("note"), max_length=500, blank=True, default="", db_default="")
    stage = models.CharField(
        _("state"), max_length=10, choices=LetterStage, default=LetterStage.DRAFT
    )
    written_at = models.DateTimeField(_("written at"))
    written_by = models.ForeignKey(
        ACCOUNT, on_delete=models.PROTECT, related_name="+", verbose_name=_("written by")
    )
    submitted_at = models.DateTimeField(_("submitted at"), null=True, blank=True)
    owner = models.ForeignKey(
        ACCOUNT,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("worked on by"),
    )
    training_class = models.OneToOneField(
        TrainingClass,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="booking_letter",
        verbose_name=_("training class"),
    )

    objects = BookingLetterQuerySet.as_manager()

    class Meta:
        verbose_name = _("booking letter")
        verbose_name_plural = _("booking letters")
        ordering = ["-number"]
        constraints = [
            models.CheckConstraint(
                condition=Q(headcount__gt=0),
                name="booking_letter_is_for_somebody",
                violation_error_message=_("At least one person is expected."),
            ),
            models.CheckConstraint(
                condition=Q(venue__isnull=False, place="") | Q(venue=None) & ~Q(place=""),
                name="booking_letter_has_one_place",
                violation_error_message=_("A class is held at a venue or at another place."),
            ),
            models.CheckConstraint(
                condition=Q(stage__in=[LetterStage.DRAFT, LetterStage.CANCELLED])
                | Q(submitted_at__isnull=False),
                name="booking_letter_submitted_at_a_moment",
            ),
            models.CheckConstraint(
                condition=Q(
                    stage__in=[LetterStage.CONFIRMED, LetterStage.TAUGHT, LetterStage.EVALUATED],
                    training_class__isnull=False,
                )
                | Q(stage=LetterStage.CANCELLED)
                | ~Q(stage__in=[LetterStage.CONFIRMED, LetterStage.TAUGHT, LetterStage.EVALUATED])
                & Q(training_class=None),
                name="booking_letter_confirmed_has_a_class",
            ),
        ]
        indexes = [models.Index(fields=["stage", "submitted_at"], name="booking_letter_queue")]

    def __str__(self) -> str:
        return self.number

    @property
    def where(self) -> str:
        """The venue's name, or the other place."""
        return self.venue.name if self.venue else self.place

    @property
    def has_ended(self) -> bool:
        """Whether it was declined or cancelled, so that nobody works on it any more."""
        return self.stage in ENDED_STAGES


class JointSchool(models.Model):
    """Another school whose members come to the class of a letter."""

    letter = models.ForeignKey(
        BookingLetter, on_delete=models.CASCADE, related_name="joint_schools"
    )
    school = models.ForeignKey(
        School, on_delete=models.PROTECT, related_name="+", verbose_name=_("school")
    )

    class Meta:
        verbose_name = _("joint school")
        verbose_name_plural = _("joint schools")
        ordering = ["school__code"]
        constraints = [
            models.UniqueConstraint(fields=["letter", "school"], name="joint_school_once_a_letter"),
        ]

    def __str__(self) -> str:
        return str(self.school)


class BookingItem(models.Model):
    """What a letter asks for: a course of the menu, or a wish in words with module and strand."""

    letter = models.ForeignKey(BookingLetter, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveSmallIntegerField(_("position"))
    course = models.ForeignKey(
        Course,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="booked",
        verbose_name=_("course"),
    )
    wish = models.CharField(_("wish"), max_length=200, blank=True, default="", db_default="")
    module = models.ForeignKey(
        Module,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("module"),
    )
    strand = models.CharField(
        _("strand"), max_length=20, choices=Strand, blank=True, default="", db_default=""
    )

    class Meta:
        verbose_name = _("item of a booking letter")
        verbose_name_plural = _("items of booking letters")
        ordering = ["letter", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["letter", "position"], name="booking_item_position_once_a_letter"
            ),
            models.CheckConstraint(
                condition=Q(course__isnull=False, wish="", module=None, strand="")
                | Q(course=None) & ~Q(wish="") & Q(module__isnull=False) & ~Q(strand=""),
                name="booking_item_is_a_course_or_a_wish",
                violation_error_message=_(
                    "An item is a course of the menu, or a wish with its module and strand."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.course.title if self.course else self.wish


class WishedDate(models.Model):
    """A day on which a school wants to begin, by rank; 1 is the dearest."""

    letter = models.ForeignKey(BookingLetter, on_delete=models.CASCADE, related_name="dates")
    rank = models.PositiveSmallIntegerField(_("rank"))
    day = models.DateField(_("date"))
    begins_at = models.TimeField(_("begins at"), null=True, blank=True)

    class Meta:
        verbose_name = _("wished date")
        verbose_name_plural = _("wished dates")
        ordering = ["letter", "rank"]
        constraints = [
            models.UniqueConstraint(fields=["letter", "rank"], name="wished_date_rank_once"),
            models.UniqueConstraint(
                fields=["letter", "day"],
                name="wished_date_day_once",
                violation_error_message=_("Each day is wished for once."),
            ),
            models.CheckConstraint(
                condition=Q(rank__range=(1, MOST_DATES)), name="wished_date_of_three"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.letter} · {self.rank}"


class BookingStep(AppendOnlyModel):
    """A letter went to another stage, with what was said: a question, an answer, a reason.

    `changes` are those that came with an answer, field by field (`dispatch.letter_changes`);
    `warnings` what the checks said, in the words of that moment, in spite of which it was taken.
    """

    letter = models.ForeignKey(BookingLetter, on_delete=models.PROTECT, related_name="steps")
    stage = models.CharField(_("state"), max_length=10, choices=LetterStage)
    word = models.CharField(_("what was said"), max_length=500, blank=True)
    rating = models.PositiveSmallIntegerField(_("rating"), null=True, blank=True)
    changes = models.JSONField(
        _("what was changed"),
        default=list,
        db_default=Value([], models.JSONField()),
        blank=True,
    )
    warnings = ArrayField(
        models.CharField(max_length=500),
        verbose_name=_("warnings"),
        default=list,
        db_default=[],
        blank=True,
    )
    taken_at = models.DateTimeField(_("at"))
    taken_by = models.ForeignKey(
        ACCOUNT,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=pgettext_lazy("of an act", "by"),
    )

    class Meta:
        verbose_name = _("step of a booking letter")
        verbose_name_plural = _("steps of booking letters")
        ordering = ["taken_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(
                    stage__in=[
                        LetterStage.INQUIRY,
                        LetterStage.ANSWERED,
                        LetterStage.DECLINED,
                        LetterStage.CANCELLED,
                    ],
                    word="",
                ),
                name="booking_step_says_why",
                violation_error_message=_("Say why."),
            ),
            models.CheckConstraint(
                condition=Q(stage=LetterStage.EVALUATED, rating__range=(1, 5))
                | ~Q(stage=LetterStage.EVALUATED) & Q(rating=None),
                name="booking_step_rates_an_evaluation",
            ),
            models.CheckConstraint(
                condition=Q(taken_by__isnull=False) | Q(stage=LetterStage.TAUGHT),
                name="booking_step_is_signed",
            ),
        ]

    def __str__(self) -> str:
        return self.get_stage_display()
