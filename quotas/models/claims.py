"""What a school claims of the annual task, in versions, with its lines."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from config.lib.hours import HoursField, is_quarter_multiple
from quotas.enums import DECIDED, ClaimState
from quotas.models.tasks import MOST, AnnualTask, TaskLine
from quotas.querysets import QuotaClaimQuerySet
from quotas.validators import validate_amount
from schools.models import School

ACCOUNT = settings.AUTH_USER_MODEL
_DRAFT = Q(state=ClaimState.DRAFT)
_DECIDED = Q(state__in=DECIDED)


class QuotaClaim(models.Model):
    """A version of what a school claims of the annual task of a year.

    The school's clerk drafts it and a leader of the school submits it; an officer of the
    organisation department accepts it, or asks again with `words`. The school answers by its next
    version, whose `reason` says why it differs. The newest accepted version holds.
    """

    school = models.ForeignKey(
        School, on_delete=models.PROTECT, related_name="quota_claims", verbose_name=_("school")
    )
    task = models.ForeignKey(
        AnnualTask, on_delete=models.PROTECT, related_name="claims", verbose_name=_("annual task")
    )
    year = models.PositiveSmallIntegerField(_("year"))
    version = models.PositiveSmallIntegerField(_("version"))
    reason = models.CharField(
        pgettext_lazy("of a claim", "reason"), max_length=200, blank=True, default="", db_default=""
    )
    state = models.CharField(
        _("state"), max_length=12, choices=ClaimState, default=ClaimState.DRAFT
    )
    drafted_at = models.DateTimeField(_("drafted at"))
    drafted_by = models.ForeignKey(
        ACCOUNT, on_delete=models.PROTECT, related_name="+", verbose_name=_("drafted by")
    )
    submitted_at = models.DateTimeField(_("submitted at"), null=True, blank=True)
    submitted_by = models.ForeignKey(
        ACCOUNT,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("submitted by"),
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
    words = models.CharField(
        _("what the district asks"), max_length=500, blank=True, default="", db_default=""
    )

    objects = QuotaClaimQuerySet.as_manager()

    class Meta:
        verbose_name = _("claim")
        verbose_name_plural = _("claims")
        ordering = ["-year", "school__code", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "year", "version"], name="quota_claim_version_once"
            ),
            models.UniqueConstraint(
                fields=["school", "year"],
                condition=Q(state__in=[ClaimState.DRAFT, ClaimState.SUBMITTED]),
                name="quota_claim_one_undecided",
                violation_error_message=_("A claim of this school is not decided yet."),
            ),
            models.CheckConstraint(
                condition=Q(version=1, reason="") | Q(version__gt=1) & (_DRAFT | ~Q(reason="")),
                name="quota_claim_amended_for_a_reason",
                violation_error_message=_("Say why the claim changes."),
            ),
            models.CheckConstraint(
                condition=_DRAFT & Q(submitted_at=None, submitted_by=None)
                | ~_DRAFT & Q(submitted_at__isnull=False, submitted_by__isnull=False),
                name="quota_claim_submitted_by_somebody",
            ),
            models.CheckConstraint(
                condition=_DECIDED & Q(decided_at__isnull=False, decided_by__isnull=False)
                | ~_DECIDED & Q(decided_at=None, decided_by=None),
                name="quota_claim_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None)
                | ~Q(decided_by=models.F("submitted_by")) & ~Q(decided_by=models.F("drafted_by")),
                name="quota_claim_decided_by_the_other_side",
                violation_error_message=_("Nobody decides on a claim of their own."),
            ),
            models.CheckConstraint(
                condition=Q(state=ClaimState.ASKED_AGAIN) & ~Q(words="")
                | ~Q(state=ClaimState.ASKED_AGAIN) & Q(words=""),
                name="quota_claim_asked_again_in_words",
                violation_error_message=_("Say what the school should change."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.school} · {self.year} · {self.version}"


class ClaimLine(models.Model):
    """The share of one line of the task that the school takes; 0 if none."""

    claim = models.ForeignKey(QuotaClaim, on_delete=models.CASCADE, related_name="lines")
    task_line = models.ForeignKey(
        TaskLine,
        on_delete=models.PROTECT,
        related_name="claimed",
        verbose_name=_("line of an annual task"),
    )
    amount = HoursField(pgettext_lazy("of a task", "amount"), max_digits=10)

    class Meta:
        verbose_name = _("line of a claim")
        verbose_name_plural = _("lines of claims")
        ordering = ["claim", "task_line"]
        constraints = [
            models.UniqueConstraint(fields=["claim", "task_line"], name="claim_line_once_a_claim"),
            models.CheckConstraint(
                condition=Q(amount__gte=0, amount__lte=MOST) & is_quarter_multiple("amount"),
                name="claim_line_is_an_amount",
                violation_error_message=_("A share is 0 or more, in steps of 0.25."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.claim} · {self.task_line.get_measure_display()}"

    def clean(self) -> None:
        """What the measure of the line allows; a trigger holds it."""
        if self.amount is not None:
            validate_amount(self.amount, self.task_line.measure)
