"""Rolls of sessions."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from classes.enums import RollStage, RollState
from courses.models import Session
from hours.models import Source

ACCOUNT = settings.AUTH_USER_MODEL


class Roll(models.Model):
    """The roll of a session: a draft, or submitted and signed.

    `state` says whether it counts; the `source` of its hours is created at the first submission. At
    its deadline a submitted roll is closed, and nothing on it changes any more, until the district
    school reopens it; then it closes again.
    """

    session = models.OneToOneField(
        Session, on_delete=models.PROTECT, related_name="roll", verbose_name=_("session")
    )
    state = models.CharField(_("state"), max_length=12, choices=RollState)
    submitted_at = models.DateTimeField(_("submitted at"), null=True)
    submitted_by = models.ForeignKey(
        ACCOUNT,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("submitted by"),
    )
    source = models.OneToOneField(
        Source,
        on_delete=models.PROTECT,
        null=True,
        related_name="roll",
        verbose_name=_("source of hours"),
    )
    closed_at = models.DateTimeField(_("closed at"), null=True)
    reopened_at = models.DateTimeField(_("reopened at"), null=True)

    class Meta:
        verbose_name = _("roll")
        verbose_name_plural = _("rolls")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state=RollState.DRAFT, submitted_at__isnull=True, submitted_by__isnull=True
                )
                | Q(
                    state=RollState.SUBMITTED,
                    submitted_at__isnull=False,
                    submitted_by__isnull=False,
                ),
                name="roll_submission_is_signed",
            ),
            models.CheckConstraint(
                condition=Q(state=RollState.DRAFT) | Q(source__isnull=False),
                name="roll_submitted_has_source",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, reopened_at=None) | Q(state=RollState.SUBMITTED),
                name="roll_closed_is_submitted",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None) | Q(reopened_at=None),
                name="roll_closed_or_reopened",
            ),
        ]
        indexes = [
            models.Index(
                fields=["submitted_at"],
                condition=Q(state=RollState.SUBMITTED, closed_at=None),
                name="roll_to_close",
            )
        ]

    def __str__(self) -> str:
        return str(self.session)

    @property
    def stage(self) -> RollStage:
        """The stage that the roll has reached."""
        if self.state == RollState.DRAFT:
            return RollStage.DRAFT
        if self.closed_at is not None:
            return RollStage.CLOSED
        return RollStage.SUBMITTED if self.reopened_at is None else RollStage.REOPENED
