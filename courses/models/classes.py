"""Venues, programmes and presets; classes with their sessions."""

from typing import Any

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from config.lib.hours import HoursField, is_quarter_multiple
from config.lib.periods import OVERLAPS, SAME, LocalDate, PeriodField, TimestampRange
from courses.enums import EquipmentKind, Format, Mode, Preset, ProgrammeKind, VenueKind
from courses.models.menu import Course, Module
from courses.querysets import SessionQuerySet, TrainingClassQuerySet, VenueQuerySet
from instructors.models import Instructor
from schools.enums import Audience
from schools.models import School, validate_telephone

# The hours of a day: no session is worth more, whatever the rule of its year.
MOST_HOURS = 24
WITHIN_A_DAY = _("A session is worth 24 credit hours at most.")


class Venue(models.Model):
    """A place where a school teaches, while it is open."""

    school = models.ForeignKey(
        School, on_delete=models.PROTECT, related_name="venues", verbose_name=_("school")
    )
    name = models.CharField(pgettext_lazy("of a thing", "name"), max_length=80)
    kind = models.CharField(
        pgettext_lazy("of a thing", "kind"),
        max_length=20,
        choices=VenueKind,
        default=VenueKind.VENUE,
    )
    capacity = models.PositiveSmallIntegerField(_("capacity"))
    address = models.CharField(_("postal address"), max_length=120, blank=True)
    contact = models.CharField(_("contact person"), max_length=40, blank=True)
    telephone = models.CharField(
        _("telephone"), max_length=30, blank=True, validators=[validate_telephone]
    )
    period = PeriodField(_("open"))

    objects = VenueQuerySet.as_manager()

    class Meta:
        verbose_name = _("venue")
        verbose_name_plural = _("venues")
        ordering = ["school__code", "name"]
        constraints = [
            models.UniqueConstraint(fields=["school", "name"], name="venue_name_once_per_school"),
            models.CheckConstraint(
                condition=Q(capacity__gt=0),
                name="venue_has_capacity",
                violation_error_message=_("A venue holds at least one person."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def unique_error_message(self, model_class: Any, unique_check: Any) -> ValidationError:
        """The form error for a second venue with the same name."""
        return ValidationError(_("This school has a venue of this name already."))


class Equipment(models.Model):
    """A kind of equipment in a venue, with its count."""

    venue = models.ForeignKey(
        Venue, on_delete=models.CASCADE, related_name="equipment", verbose_name=_("venue")
    )
    kind = models.CharField(
        pgettext_lazy("of a thing", "kind"), max_length=20, choices=EquipmentKind
    )
    count = models.PositiveSmallIntegerField(_("count"))

    class Meta:
        verbose_name = _("equipment")
        verbose_name_plural = _("equipment")
        ordering = ["venue", "kind"]
        constraints = [
            models.UniqueConstraint(fields=["venue", "kind"], name="equipment_once_per_venue"),
            models.CheckConstraint(condition=Q(count__gt=0), name="equipment_is_there"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} × {self.count}"


class Programme(models.Model):
    """A special project or campaign with classes of any module, while it runs."""

    kind = models.CharField(
        pgettext_lazy("of a thing", "kind"), max_length=20, choices=ProgrammeKind
    )
    name = models.CharField(pgettext_lazy("of a thing", "name"), max_length=60, unique=True)
    period = PeriodField(_("period"))

    class Meta:
        verbose_name = _("programme")
        verbose_name_plural = _("programmes")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class PresetSession(models.Model):
    """When a class of a preset meets, counted from its first day, and its hours.

    Local rule. The default follows the conversion of the district: half a day is 4 credit hours, a
    micro-lecture of 15 minutes is 0.25, an evening of two hours is 2.
    """

    preset = models.CharField(_("preset"), max_length=20, choices=Preset)
    number = models.PositiveSmallIntegerField(_("number"))
    day = models.PositiveSmallIntegerField(
        _("day"), help_text=_("1 is the first day of the class.")
    )
    starts = models.TimeField(_("starts at"))
    minutes = models.PositiveSmallIntegerField(_("minutes"))
    hours = HoursField(_("credit hours"))

    class Meta:
        verbose_name = _("session of a preset")
        verbose_name_plural = _("sessions of presets")
        ordering = ["preset", "number"]
        constraints = [
            models.UniqueConstraint(fields=["preset", "number"], name="preset_session_number_once"),
            models.CheckConstraint(
                condition=Q(number__gte=1, day__gte=1, minutes__gte=1),
                name="preset_session_counts_from_one",
                violation_error_message=_("Number, day and minutes are 1 or more."),
            ),
            models.CheckConstraint(
                condition=is_quarter_multiple("hours") & Q(hours__gt=0),
                name="preset_session_hours_in_steps",
                violation_error_message=_("Credit hours are above 0 and go in steps of 0.25."),
            ),
            models.CheckConstraint(
                condition=Q(hours__lte=MOST_HOURS),
                name="preset_session_hours_within_a_day",
                violation_error_message=WITHIN_A_DAY,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_preset_display()} · {self.number}"


class TrainingClass(models.Model):
    """A training class (班次) of one school; its meetings are sessions.

    `capacity` is how many it takes; without it, as many as its smallest venue holds. In a class
    that `is_open`, members of its audience may enrol themselves until it begins.
    """

    code = models.CharField(_("code"), max_length=30, unique=True)
    title = models.CharField(_("title"), max_length=100)
    school = models.ForeignKey(
        School, on_delete=models.PROTECT, related_name="classes", verbose_name=_("school")
    )
    module = models.ForeignKey(
        Module, on_delete=models.PROTECT, related_name="classes", verbose_name=_("module")
    )
    format = models.CharField(_("format"), max_length=20, choices=Format)
    mode = models.CharField(_("mode"), max_length=20, choices=Mode, default=Mode.ON_SITE)
    audience = models.CharField(_("audience"), max_length=20, choices=Audience)
    programme = models.ForeignKey(
        Programme,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="classes",
        verbose_name=_("programme"),
    )
    capacity = models.PositiveSmallIntegerField(
        _("places"),
        null=True,
        blank=True,
        help_text=_("Leave it empty for as many as the venue holds."),
    )
    is_open = models.BooleanField(
        _("members may enrol themselves"), default=False, db_default=False
    )

    objects = TrainingClassQuerySet.as_manager()

    class Meta:
        verbose_name = _("training class")
        verbose_name_plural = _("training classes")
        ordering = ["-code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(capacity=None) | Q(capacity__gt=0),
                name="training_class_has_places",
                violation_error_message=_("A class has at least one place."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def expects_everyone(self) -> bool:
        """Whether rolls start with all expected trainees, so that only deviations are marked."""
        return self.format == Format.INTENSIVE


class JoiningSchool(models.Model):
    """A school that joins the class of another (联合办班): its members are on the same roster.

    The class belongs to the school that holds it, which takes the roll of all. A trigger of the
    database keeps that school from joining its own class.
    """

    training_class = models.ForeignKey(
        TrainingClass,
        on_delete=models.CASCADE,
        related_name="joining_schools",
        verbose_name=_("training class"),
    )
    school = models.ForeignKey(
        School, on_delete=models.PROTECT, related_name="+", verbose_name=_("school")
    )

    class Meta:
        verbose_name = _("school that joins a class")
        verbose_name_plural = _("schools that join a class")
        ordering = ["school__code"]
        constraints = [
            models.UniqueConstraint(
                fields=["training_class", "school"], name="joining_school_once_a_class"
            ),
        ]

    def __str__(self) -> str:
        return str(self.school)


class Session(models.Model):
    """One meeting (课次) of a class, worth a number of credit hours.

    `held_on` is the class date in Asia/Shanghai: the year that the hours count for. A session that
    was called off still shows its time and place; both are free for other sessions.
    """

    training_class = models.ForeignKey(
        TrainingClass,
        on_delete=models.PROTECT,
        related_name="sessions",
        verbose_name=_("training class"),
    )
    number = models.PositiveSmallIntegerField(_("number"))
    course = models.ForeignKey(
        Course, on_delete=models.PROTECT, related_name="sessions", verbose_name=_("course")
    )
    instructor = models.ForeignKey(
        Instructor,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="sessions",
        verbose_name=_("lecturer"),
    )
    venue = models.ForeignKey(
        Venue,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="sessions",
        verbose_name=_("venue"),
    )
    place = models.CharField(
        _("other place"),
        max_length=80,
        blank=True,
        db_default="",
        help_text=_("Where no venue of the school is used: a village square, a home, a link."),
    )
    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("ends at"))
    held_on = models.DateField(_("date"), editable=False)
    hours = HoursField(_("credit hours"))
    hours_reason = models.CharField(
        _("why more hours than usual"),
        max_length=200,
        blank=True,
        default="",
        db_default="",
        help_text=_("Only where it is worth more than the presets give for its time."),
    )
    lecturer_reason = models.CharField(
        _("why this lecturer"),
        max_length=200,
        blank=True,
        default="",
        db_default="",
        help_text=_("Only where something speaks against the lecturer at this time."),
    )
    called_off_at = models.DateTimeField(_("called off at"), null=True, editable=False)
    called_off_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("called off by"),
    )
    called_off_because = models.CharField(
        _("why it is called off"), max_length=200, blank=True, db_default="", editable=False
    )

    objects = SessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        ordering = ["starts_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["training_class", "number"], name="session_number_once_per_class"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="session_ends_after_start",
                violation_error_message=_("A session ends after it starts."),
            ),
            models.CheckConstraint(
                condition=Q(held_on=LocalDate("starts_at")),
                name="session_date_is_local",
                violation_error_message=_("The date is the day on which the session starts."),
            ),
            models.CheckConstraint(
                condition=is_quarter_multiple("hours") & Q(hours__gt=0),
                name="session_hours_in_steps",
                violation_error_message=_("Credit hours are above 0 and go in steps of 0.25."),
            ),
            models.CheckConstraint(
                condition=Q(hours__lte=MOST_HOURS),
                name="session_hours_within_a_day",
                violation_error_message=WITHIN_A_DAY,
            ),
            models.CheckConstraint(
                condition=Q(venue__isnull=False, place="") | Q(venue=None) & ~Q(place=""),
                name="session_has_one_place",
                violation_error_message=_("A session is held at a venue or at another place."),
            ),
            ExclusionConstraint(
                name="session_class_once_at_a_time",
                violation_error_message=_("This class has another session at that time."),
                expressions=[
                    ("training_class", SAME),
                    (TimestampRange("starts_at", "ends_at"), OVERLAPS),
                ],
                condition=Q(called_off_at=None),
            ),
            ExclusionConstraint(
                name="session_venue_once_at_a_time",
                violation_error_message=_("Another session is held at this venue at that time."),
                expressions=[("venue", SAME), (TimestampRange("starts_at", "ends_at"), OVERLAPS)],
                condition=Q(called_off_at=None),
            ),
            ExclusionConstraint(
                name="session_lecturer_once_at_a_time",
                violation_error_message=_("This lecturer teaches another session at that time."),
                expressions=[
                    ("instructor", SAME),
                    (TimestampRange("starts_at", "ends_at"), OVERLAPS),
                ],
                condition=Q(called_off_at=None),
            ),
            models.CheckConstraint(
                condition=Q(called_off_at=None, called_off_by=None, called_off_because="")
                | Q(called_off_at__isnull=False, called_off_by__isnull=False)
                & ~Q(called_off_because=""),
                name="session_called_off_with_a_reason",
                violation_error_message=_("A session is called off by somebody, with a reason."),
            ),
            models.CheckConstraint(
                condition=Q(called_off_at=None) | Q(called_off_at__lt=F("starts_at")),
                name="session_called_off_before_it_begins",
                violation_error_message=_("A session is called off before it begins."),
            ),
        ]
        indexes = [models.Index(fields=["held_on"], name="session_held_on")]

    def __str__(self) -> str:
        return f"{self.training_class} · {self.number}"

    @property
    def where(self) -> str:
        """The venue's name, or the other place."""
        return self.venue.name if self.venue else self.place

    @property
    def is_called_off(self) -> bool:
        """Whether it was called off, whatever its time says."""
        return self.called_off_at is not None
