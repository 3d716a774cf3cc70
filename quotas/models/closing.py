"""What comes after a year is closed: its reopening by two people, and facts noted beside it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from config.lib.append_only import AppendOnlyModel
from config.lib.hours import HoursField, is_quarter_multiple
from quotas.enums import ENDED_REOPENINGS, ReopeningState
from quotas.models.reconciliations import Reconciliation
from quotas.querysets import YearAdjustmentQuerySet
from schools.models import School
from trainees.models import Member

ACCOUNT = settings.AUTH_USER_MODEL


class YearReopening(models.Model):
    """A request to open a closed year again, and the answer of a second officer, once.

    Instead of the answer, who asked may withdraw it, and then stands as `answered_by`.
    The lock of a closed year is released by a granted one alone, which a trigger holds.
    """

    reconciliation = models.ForeignKey(
        Reconciliation,
        on_delete=models.PROTECT,
        related_name="reopenings",
        verbose_name=_("reconciliation"),
    )
    state = models.CharField(
        _("state"), max_length=10, choices=ReopeningState, default=ReopeningState.ASKED
    )
    reason = models.CharField(_("reason"), max_length=200)
    asked_at = models.DateTimeField(_("asked at"))
    asked_by = models.ForeignKey(
        ACCOUNT,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("asked by"),
        db_index=False,
    )
    answered_at = models.DateTimeField(_("answered at"), null=True)
    answered_by = models.ForeignKey(
        ACCOUNT,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("answered by"),
        db_index=False,
    )
    words = models.CharField(_("words of the answer"), max_length=200, blank=True, default="")

    class Meta:
        verbose_name = _("reopening of a year")
        verbose_name_plural = _("reopenings of years")
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["reconciliation"],
                condition=~Q(state__in=ENDED_REOPENINGS),
                name="year_reopening_one_at_a_time",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="year_reopening_with_a_reason"),
            models.CheckConstraint(
                condition=~Q(answered_by=F("asked_by")) | Q(state=ReopeningState.WITHDRAWN),
                name="year_reopening_of_two_people",
            ),
            models.CheckConstraint(
                condition=Q(
                    state=ReopeningState.ASKED, answered_at=None, answered_by=None, words=""
                )
                | ~Q(state=ReopeningState.ASKED)
                & Q(answered_at__isnull=False, answered_by__isnull=False),
                name="year_reopening_signed_answer",
            ),
        ]

    def __str__(self) -> str:
        return str(self.reconciliation)


class YearAdjustment(AppendOnlyModel):
    """A fact of a closed year that came to light later: listed beside its statement, never counted.

    `hours` is how many it would have added, or less than zero what it would have taken. It is taken
    back by a further row that names it, with its own reason.
    """

    year = models.PositiveSmallIntegerField(_("year"))
    school = models.ForeignKey(
        School, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("school")
    )
    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("member")
    )
    hours = HoursField(_("credit hours"), null=True)
    words = models.CharField(_("what is the case"), max_length=200)
    reason = models.CharField(_("why it was not counted"), max_length=200)
    evidence = models.CharField(_("evidence, and where it lies"), max_length=200)
    takes_back = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        related_name="taken_back_by",
        verbose_name=_("takes back"),
    )
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_by = models.ForeignKey(
        ACCOUNT,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("recorded by"),
        db_index=False,
    )

    objects = YearAdjustmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("adjustment of a closed year")
        verbose_name_plural = _("adjustments of closed years")
        ordering = ["-recorded_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(words="") & ~Q(reason="") & ~Q(evidence=""),
                name="year_adjustment_says_why",
            ),
            models.CheckConstraint(
                condition=Q(hours=None) | Q(member__isnull=False) & ~Q(hours=0),
                name="year_adjustment_hours_of_a_member",
            ),
            models.CheckConstraint(
                condition=is_quarter_multiple("hours"), name="year_adjustment_quarter_steps"
            ),
        ]
        indexes = [models.Index(fields=["year", "school"], name="year_adjustment_year")]

    def __str__(self) -> str:
        return f"{self.year} · {self.words}"
