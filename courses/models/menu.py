"""The menu: modules with their mix, courses with their materials, and the plans of schools."""

from datetime import date
from decimal import Decimal

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Q
from django.utils.dates import MONTHS
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from backstage.material_files import LONGEST_MATERIAL_TITLE
from backstage.models import StoredFile
from config.lib.hours import HoursField, is_quarter_multiple
from config.lib.periods import OVERLAPS, SAME, PeriodField, period
from config.lib.years import FIRST_YEAR
from courses.enums import Format, RegulationTask, Strand
from courses.querysets import CourseQuerySet, PlannedCourseQuerySet
from instructors.models import Instructor
from schools.enums import Audience
from schools.models import School

# How often a school plans one course in a month, at most.
MOST_TIMES = 99


class Module(models.Model):
    """A training module: rural revitalisation, grassroots governance, Party affairs."""

    code = models.CharField(_("code"), max_length=20, unique=True)
    name = models.CharField(pgettext_lazy("of a thing", "name"), max_length=40, unique=True)

    class Meta:
        verbose_name = _("module")
        verbose_name_plural = _("modules")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class StrandShare(models.Model):
    """The target share of one strand in a module's hours, in per cent, and its tolerance.

    Local rule; default 40/40/20 ± 5 points (district scheme of 2019).
    """

    module = models.ForeignKey(
        Module, on_delete=models.PROTECT, related_name="shares", verbose_name=_("module")
    )
    strand = models.CharField(_("strand"), max_length=20, choices=Strand)
    percent = models.DecimalField(
        _("share (%)"),
        max_digits=5,
        decimal_places=2,
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(100))],
    )
    tolerance = models.DecimalField(
        _("tolerance (points)"), max_digits=4, decimal_places=2, default=Decimal(5)
    )
    period = PeriodField(_("period"))

    class Meta:
        verbose_name = _("strand share")
        verbose_name_plural = _("strand shares")
        ordering = ["module__code", "strand"]
        constraints = [
            ExclusionConstraint(
                name="strand_share_one_at_a_time",
                violation_error_message=_(
                    "A share of this strand is in force on some of these days: end it first."
                ),
                expressions=[("module", SAME), ("strand", SAME), ("period", OVERLAPS)],
            ),
            models.CheckConstraint(
                condition=Q(percent__gte=0, percent__lte=100),
                name="strand_share_is_percent",
                violation_error_message=_("A share lies between 0 and 100 per cent."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.module} · {self.get_strand_display()} {self.percent}%"


def since_first_year() -> DateRange:
    """Since the network began, without an end: when a course is offered if nothing else is said."""
    return period(date(FIRST_YEAR, 1, 1))


class Course(models.Model):
    """A course of the menu: one module, one strand, and a number of credit hours.

    Sessions take it on the days of its `period` only; a retired course has a last day. Without a
    `format` it suits any, without `audiences` it is for everybody. `tasks` are those of the
    regulation that it serves.
    """

    code = models.CharField(_("code"), max_length=20, unique=True)
    title = models.CharField(_("title"), max_length=100)
    module = models.ForeignKey(
        Module, on_delete=models.PROTECT, related_name="courses", verbose_name=_("module")
    )
    strand = models.CharField(_("strand"), max_length=20, choices=Strand)
    hours = HoursField(_("credit hours"))
    is_premium = models.BooleanField(_("premium course"), default=False)
    is_elective = models.BooleanField(_("elective"), default=False)
    instructors = models.ManyToManyField(
        Instructor, blank=True, related_name="courses", verbose_name=_("lecturers")
    )
    format = models.CharField(
        _("format"), max_length=20, choices=Format, blank=True, default="", db_default=""
    )
    audiences = ArrayField(
        models.CharField(max_length=20, choices=Audience),
        verbose_name=_("audiences"),
        blank=True,
        default=list,
        db_default=[],
    )
    tasks = ArrayField(
        models.CharField(max_length=20, choices=RegulationTask),
        verbose_name=_("tasks of the regulation"),
        blank=True,
        default=list,
        db_default=[],
    )
    period = PeriodField(_("offered"), default=since_first_year, db_default=since_first_year())

    objects = CourseQuerySet.as_manager()

    class Meta:
        verbose_name = _("course")
        verbose_name_plural = _("courses")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=is_quarter_multiple("hours") & Q(hours__gt=0),
                name="course_hours_in_steps",
                violation_error_message=_("Credit hours are above 0 and go in steps of 0.25."),
            ),
            models.CheckConstraint(
                condition=Q(audiences__contained_by=Audience.values),
                name="course_audiences_are_known",
                violation_error_message=_("A course is for audiences that the district has."),
            ),
            models.CheckConstraint(
                condition=Q(tasks__contained_by=RegulationTask.values),
                name="course_tasks_are_known",
                violation_error_message=_("A course serves tasks of the regulation."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def audience_words(self) -> list[str]:
        """The audiences it is meant for, in words; none if it is for everybody."""
        return [str(Audience(value).label) for value in self.audiences]

    @property
    def task_words(self) -> list[str]:
        """The tasks of the regulation that it serves, in words."""
        return [str(RegulationTask(value).label) for value in self.tasks]


class CourseMaterial(models.Model):
    """A file of a course for those who teach or plan it, until it is removed.

    A removal deletes file and row, and the audit trail stores what it was and why.
    """

    course = models.ForeignKey(
        Course, on_delete=models.PROTECT, related_name="materials", verbose_name=_("course")
    )
    title = models.CharField(_("title"), max_length=LONGEST_MATERIAL_TITLE)
    file = models.OneToOneField(
        StoredFile, on_delete=models.PROTECT, related_name="+", verbose_name=_("file")
    )
    added_at = models.DateTimeField(_("added at"))
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("added by"),
    )

    class Meta:
        verbose_name = _("material of a course")
        verbose_name_plural = _("materials of courses")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="course_material_has_title"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def ending(self) -> str:
        """The kind of file, by its extension: pdf, docx, pptx, jpg."""
        return self.file.name.rpartition(".")[2]


class PlannedCourse(models.Model):
    """A course in a school's plan of a year: in which month, for whom, and how many times.

    It is an intention: classes with their sessions are planned from it later.
    """

    school = models.ForeignKey(
        School, on_delete=models.PROTECT, related_name="planned_courses", verbose_name=_("school")
    )
    year = models.PositiveSmallIntegerField(_("year"))
    month = models.PositiveSmallIntegerField(_("month"))
    course = models.ForeignKey(
        Course, on_delete=models.PROTECT, related_name="planned", verbose_name=_("course")
    )
    audience = models.CharField(_("audience"), max_length=20, choices=Audience)
    times = models.PositiveSmallIntegerField(_("times"), default=1, db_default=1)

    objects = PlannedCourseQuerySet.as_manager()

    class Meta:
        verbose_name = _("course of a year's plan")
        verbose_name_plural = _("courses of year plans")
        ordering = ["year", "month", "course__code", "audience"]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "year", "month", "course", "audience"],
                name="planned_course_once_a_month",
            ),
            models.CheckConstraint(
                condition=Q(month__gte=1, month__lte=12), name="planned_course_in_a_month"
            ),
            models.CheckConstraint(
                condition=Q(times__gte=1, times__lte=MOST_TIMES), name="planned_course_some_times"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.course} · {self.year}-{self.month:02}"

    @property
    def month_name(self) -> str:
        """The name of its month."""
        return str(MONTHS[self.month])
