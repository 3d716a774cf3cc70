"""Disputes: what members say is wrong with their hours, and the answers they get."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.lib.append_only import AppendOnlyModel
from config.lib.periods import local_date
from hours.enums import DisputeState, DisputeStep, DisputeVerdict
from hours.models.ledger import Assessment
from hours.querysets import DisputeQuerySet
from schools.models import School
from trainees.models import Member

ACCOUNT = settings.AUTH_USER_MODEL
LONGEST_DISPUTE_TEXT = 500


def last_day_to_object(since: datetime, days: int | None) -> date | None:
    """The last day on which a member may object to something said at `since`; None: no limit."""
    return None if days is None else local_date(since) + timedelta(days=days)


class Dispute(models.Model):
    """A member's claim that a line of their hours is wrong, or that study on a day is missing.

    It refers to the version of the assessment that the member saw, or names the `missing` study.
    `school` answers. `appeal_days` is the time for an appeal, by the rule in force when it was
    opened; without it there is no limit. The texts are in its entries.
    """

    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="disputes", verbose_name=_("member")
    )
    assessment = models.ForeignKey(
        Assessment,
        on_delete=models.PROTECT,
        null=True,
        related_name="disputes",
        verbose_name=_("assessment"),
    )
    missing = models.CharField(_("study that is missing"), max_length=100, blank=True)
    occurred_on = models.DateField(_("date"))
    school = models.ForeignKey(
        School,
        on_delete=models.PROTECT,
        related_name="disputes",
        verbose_name=_("school"),
        db_index=False,
    )
    state = models.CharField(
        _("state"), max_length=12, choices=DisputeState, default=DisputeState.OPEN
    )
    appeal_days = models.PositiveSmallIntegerField(_("days for an appeal"), null=True)
    opened_at = models.DateTimeField(_("opened at"))

    objects = DisputeQuerySet.as_manager()

    class Meta:
        verbose_name = _("dispute")
        verbose_name_plural = _("disputes")
        ordering = ["-opened_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["assessment"],
                condition=~Q(state=DisputeState.WITHDRAWN),
                name="dispute_once_per_assessment",
                violation_error_message=_("This line is in dispute already."),
            ),
            models.CheckConstraint(
                condition=Q(assessment__isnull=False, missing="")
                | (Q(assessment__isnull=True) & ~Q(missing="")),
                name="dispute_of_a_line_or_of_what_is_missing",
            ),
        ]
        indexes = [
            models.Index(fields=["school", "state"], name="dispute_school_state"),
        ]

    def __str__(self) -> str:
        return f"{self.member} · {self.occurred_on}"

    @property
    def subject(self) -> str:
        """What it is about, in words. Needs `source_title`, which `with_subject` adds."""
        title: str = self.missing or self.source_title  # type: ignore[attr-defined]
        return title


class DisputeEntry(AppendOnlyModel):
    """One step of a dispute: what was said, by whom and when. Each step is taken once."""

    dispute = models.ForeignKey(
        Dispute, on_delete=models.PROTECT, related_name="entries", verbose_name=_("dispute")
    )
    step = models.CharField(_("step"), max_length=12, choices=DisputeStep)
    verdict = models.CharField(_("answer"), max_length=12, choices=DisputeVerdict, blank=True)
    text = models.TextField(_("text"), max_length=LONGEST_DISPUTE_TEXT, blank=True)
    written_at = models.DateTimeField(_("written at"))
    written_by = models.ForeignKey(
        ACCOUNT, on_delete=models.PROTECT, related_name="+", verbose_name=_("written by")
    )

    class Meta:
        verbose_name = _("step of a dispute")
        verbose_name_plural = _("steps of disputes")
        ordering = ["written_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["dispute", "step"], name="dispute_entry_step_once"),
            models.CheckConstraint(
                condition=Q(step__in=[DisputeStep.ANSWERED, DisputeStep.DECIDED]) & ~Q(verdict="")
                | ~Q(step__in=[DisputeStep.ANSWERED, DisputeStep.DECIDED]) & Q(verdict=""),
                name="dispute_entry_answer_has_verdict",
            ),
            models.CheckConstraint(
                condition=~Q(text="")
                | Q(step=DisputeStep.WITHDRAWN)
                | Q(verdict=DisputeVerdict.CORRECTED),
                name="dispute_entry_has_text",
                violation_error_message=_("Say why."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dispute} · {self.get_step_display()}"
