"""The annual task of the district, in versions, with its lines."""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Floor
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from config.lib.hours import HoursField, is_quarter_multiple
from courses.models import Module
from quotas.enums import COVERAGES, IN_NUMBERS, WITHOUT_MODULE, Measure, TaskState
from quotas.querysets import AnnualTaskQuerySet
from schools.enums import Audience

ACCOUNT = settings.AUTH_USER_MODEL
FIRST_YEAR, LAST_YEAR = 2019, 2199
MOST = Decimal("99999999.75")
SAY_WHY = _("Say why there is another version.")


class AnnualTask(models.Model):
    """A version of what the joint conference sets the schools for a year.

    The organisation department drafts and publishes it. An amendment is the next version, with its
    reason; the newest published version holds.
    """

    year = models.PositiveSmallIntegerField(_("year"))
    version = models.PositiveSmallIntegerField(_("version"))
    reason = models.CharField(
        _("reason of the amendment"), max_length=200, blank=True, default="", db_default=""
    )
    state = models.CharField(_("state"), max_length=10, choices=TaskState, default=TaskState.DRAFT)
    drafted_at = models.DateTimeField(_("drafted at"))
    drafted_by = models.ForeignKey(
        ACCOUNT, on_delete=models.PROTECT, related_name="+", verbose_name=_("drafted by")
    )
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)
    published_by = models.ForeignKey(
        ACCOUNT,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("published by"),
    )

    objects = AnnualTaskQuerySet.as_manager()

    class Meta:
        verbose_name = _("annual task")
        verbose_name_plural = _("annual tasks")
        ordering = ["-year", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["year", "version"], name="annual_task_version_once_a_year"
            ),
            models.UniqueConstraint(
                fields=["year"],
                condition=Q(state=TaskState.DRAFT),
                name="annual_task_one_draft_a_year",
                violation_error_message=_("A draft for this year exists already."),
            ),
            models.CheckConstraint(
                condition=Q(year__range=(FIRST_YEAR, LAST_YEAR), version__gte=1),
                name="annual_task_of_a_year",
            ),
            models.CheckConstraint(
                condition=Q(version=1, reason="") | Q(version__gt=1) & ~Q(reason=""),
                name="annual_task_amended_for_a_reason",
                violation_error_message=SAY_WHY,
            ),
            models.CheckConstraint(
                condition=Q(
                    state=TaskState.PUBLISHED,
                    published_at__isnull=False,
                    published_by__isnull=False,
                )
                | Q(state=TaskState.DRAFT, published_at=None, published_by=None),
                name="annual_task_published_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year} · {self.version}"

    @property
    def is_published(self) -> bool:
        return self.state == TaskState.PUBLISHED


class TaskLine(models.Model):
    """How much of one measure, for one audience or all, in one module or all.

    `amount` is a number, credit hours or per cent, as the measure says. Without audience or module
    the line is about all of them together.
    """

    task = models.ForeignKey(AnnualTask, on_delete=models.CASCADE, related_name="lines")
    measure = models.CharField(_("measure"), max_length=20, choices=Measure)
    audience = models.CharField(
        _("audience"), max_length=20, choices=Audience, blank=True, default="", db_default=""
    )
    module = models.ForeignKey(
        Module,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("module"),
    )
    amount = HoursField(pgettext_lazy("of a task", "amount"), max_digits=10)

    class Meta:
        verbose_name = _("line of an annual task")
        verbose_name_plural = _("lines of annual tasks")
        ordering = ["task", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["task", "measure", "audience", "module"],
                nulls_distinct=False,
                name="task_line_once_a_task",
                violation_error_message=_(
                    "There is a line of this measure, audience and module already."
                ),
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0, amount__lte=MOST)
                & (~Q(measure__in=COVERAGES) | Q(amount__lte=100)),
                name="task_line_asks_for_something",
                violation_error_message=_(
                    "The amount is above 0; a share is 100 per cent at most."
                ),
            ),
            models.CheckConstraint(
                condition=~Q(measure__in=IN_NUMBERS) | Q(amount=Floor(F("amount"))),
                name="task_line_counts_in_whole_numbers",
                violation_error_message=_("Classes, person-times and members are whole numbers."),
            ),
            models.CheckConstraint(
                condition=is_quarter_multiple("amount"),
                name="task_line_amount_in_steps",
                violation_error_message=_("Amounts go in steps of 0.25."),
            ),
            models.CheckConstraint(
                condition=~Q(measure__in=WITHOUT_MODULE) | Q(module=None),
                name="task_line_module_of_training",
                violation_error_message=_(
                    "All study and shares of members are of no module: leave the module empty."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.task} · {self.get_measure_display()}"

    @property
    def label(self) -> str:
        """What the line is about, in words: the measure, and what narrows it."""
        parts = [self.get_measure_display(), self.get_audience_display(), self.module or ""]
        return " · ".join(str(part) for part in parts if part)

    @property
    def code(self) -> str:
        """What the line is about, as it stands in addresses."""
        return f"{self.measure}.{self.audience or 'all'}.{self.module_id or 'all'}"

    def fact_of(self, amount: Decimal) -> dict[str, str]:
        """The line with an amount as the trail keeps it, in no language."""
        return {
            "measure": self.measure,
            "audience": self.audience,
            "module": self.module.name if self.module else "",
            "amount": str(amount),
        }

    @property
    def key(self) -> tuple[str, str, int | None]:
        """What the line is about; versions of a task are compared by it."""
        return self.measure, self.audience, self.module_id
