"""Attendance: marks, their corrections, marks sent by devices, and reopened rolls."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from classes.models import Roll
from config.lib.append_only import AppendOnlyModel
from courses.models import Session
from hours.models import Assessment
from rolls.enums import AttendanceStatus, MarkOutcome, MarkRefusal, ReopeningAnswer
from rolls.querysets import AttendanceQuerySet
from schools.models import Organisation
from trainees.models import Member

ACCOUNT = settings.AUTH_USER_MODEL


class RollReopening(models.Model):
    """A clerk's request to reopen a closed roll; the district school grants or refuses it."""

    roll = models.ForeignKey(
        Roll, on_delete=models.PROTECT, related_name="reopenings", verbose_name=_("roll")
    )
    reason = models.CharField(_("reason"), max_length=200)
    asked_at = models.DateTimeField(_("asked at"))
    asked_by = models.ForeignKey(
        ACCOUNT, on_delete=models.PROTECT, related_name="+", verbose_name=_("asked by")
    )
    answer = models.CharField(_("answer"), max_length=10, choices=ReopeningAnswer, blank=True)
    word = models.CharField(_("word to the school"), max_length=200, blank=True)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    answered_by = models.ForeignKey(
        ACCOUNT,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("answered by"),
    )

    class Meta:
        verbose_name = _("reopening of a roll")
        verbose_name_plural = _("reopenings of rolls")
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["roll"], condition=Q(answer=""), name="roll_reopening_one_waits"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="roll_reopening_has_reason"),
            models.CheckConstraint(
                condition=Q(answer="", answered_at=None, answered_by=None)
                | ~Q(answer="") & Q(answered_at__isnull=False, answered_by__isnull=False),
                name="roll_reopening_answer_is_signed",
            ),
            models.CheckConstraint(
                condition=~Q(answer=ReopeningAnswer.REFUSED, word=""),
                name="roll_reopening_refused_with_a_word",
            ),
            models.CheckConstraint(
                condition=Q(answered_by=None) | ~Q(answered_by=models.F("asked_by")),
                name="roll_reopening_answered_by_another",
            ),
        ]

    def __str__(self) -> str:
        return str(self.roll)


class Attendance(models.Model):
    """A trainee's mark on the roll. No row means *not taken*, which is not *absent*.

    After submission the status changes only by a correction, which stores the former status
    (`AttendanceCorrection`) and increments `version`. A mark with `taken_off` was removed from the
    roll after hours had been posted; it no longer counts, but the ledger still refers to it.
    """

    session = models.ForeignKey(
        Session, on_delete=models.PROTECT, related_name="attendances", verbose_name=_("session")
    )
    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="attendances", verbose_name=_("member")
    )
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("Party organisation"),
    )
    status = models.CharField(_("attendance"), max_length=10, choices=AttendanceStatus)
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    taken_off = models.BooleanField(_("taken off the roll"), default=False, db_default=False)
    marked_at = models.DateTimeField(_("marked at"))
    marked_by = models.ForeignKey(
        ACCOUNT, on_delete=models.PROTECT, related_name="+", verbose_name=_("marked by")
    )

    objects = AttendanceQuerySet.as_manager()

    class Meta:
        verbose_name = _("attendance")
        verbose_name_plural = _("attendance")
        constraints = [
            models.UniqueConstraint(
                fields=["session", "member"], name="attendance_once_per_session"
            ),
            models.CheckConstraint(
                condition=Q(taken_off=False) | Q(status=AttendanceStatus.ABSENT),
                name="attendance_taken_off_is_absent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member} · {self.session}: {self.get_status_display()}"

    @property
    def assessments(self) -> models.QuerySet[Assessment]:
        """The ledger's assessments of this mark, regardless of which member holds the hours."""
        return Assessment.objects.filter(
            source__roll__session=self.session_id, owner=self.member_id
        )


class AttendanceCorrection(AppendOnlyModel):
    """A correction of a submitted mark: old and new status, author, and reason."""

    attendance = models.ForeignKey(
        Attendance,
        on_delete=models.PROTECT,
        related_name="corrections",
        verbose_name=_("attendance"),
    )
    version = models.PositiveSmallIntegerField(_("version corrected"))
    old_status = models.CharField(_("before"), max_length=10, choices=AttendanceStatus)
    new_status = models.CharField(_("after"), max_length=10, choices=AttendanceStatus)
    reason = models.CharField(_("reason"), max_length=200)
    corrected_at = models.DateTimeField(_("corrected at"))
    corrected_by = models.ForeignKey(
        ACCOUNT, on_delete=models.PROTECT, related_name="+", verbose_name=_("corrected by")
    )

    class Meta:
        verbose_name = _("correction of attendance")
        verbose_name_plural = _("corrections of attendance")
        ordering = ["-corrected_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["attendance", "version"], name="attendance_correction_version_once"
            ),
            models.CheckConstraint(
                condition=~Q(old_status=models.F("new_status")),
                name="attendance_correction_changes",
            ),
            models.CheckConstraint(
                condition=~Q(reason=""), name="attendance_correction_has_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.old_status} → {self.new_status}"


class MarkReceipt(AppendOnlyModel):
    """A mark received from a device, and its outcome.

    A device resends its marks until they are answered, so each may arrive many times. Its `key`
    identifies it, and it gets the first answer again. `seen` is the mark that the device showed
    before, "" for *not taken*. `device_at` is the device's clock: stored, but never trusted.
    """

    session = models.ForeignKey(
        Session, on_delete=models.PROTECT, related_name="mark_receipts", verbose_name=_("session")
    )
    key = models.UUIDField(_("number of the mark"))
    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="+", verbose_name=_("member")
    )
    status = models.CharField(_("attendance"), max_length=10, choices=AttendanceStatus)
    seen = models.CharField(_("seen before"), max_length=10, choices=AttendanceStatus, blank=True)
    device_at = models.DateTimeField(_("time of the device"))
    received_at = models.DateTimeField(_("received at"))
    received_from = models.ForeignKey(
        ACCOUNT, on_delete=models.PROTECT, related_name="+", verbose_name=_("received from")
    )
    outcome = models.CharField(_("outcome"), max_length=10, choices=MarkOutcome)
    refusal = models.CharField(_("reason"), max_length=15, choices=MarkRefusal, blank=True)
    stood = models.CharField(
        _("stood already"), max_length=10, choices=AttendanceStatus, blank=True
    )
    stood_by = models.CharField(_("marked by"), max_length=80, blank=True)
    stood_at = models.DateTimeField(_("marked at"), null=True)

    class Meta:
        verbose_name = _("mark received from a device")
        verbose_name_plural = _("marks received from devices")
        ordering = ["-received_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "key"], name="mark_receipt_once_per_session"
            ),
            models.CheckConstraint(
                condition=Q(outcome=MarkOutcome.REFUSED) & ~Q(refusal="")
                | ~Q(outcome=MarkOutcome.REFUSED) & Q(refusal=""),
                name="mark_receipt_refusal_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(outcome=MarkOutcome.CONFLICT, stood_at__isnull=False)
                & ~Q(stood="")
                & ~Q(stood=models.F("status"))
                | ~Q(outcome=MarkOutcome.CONFLICT)
                & Q(stood="", stood_by="", stood_at__isnull=True),
                name="mark_receipt_conflict_names_the_other_mark",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member} · {self.session}: {self.get_outcome_display()}"


class MarkDismissal(AppendOnlyModel):
    """A clerk's statement, with the reason, that a mark that was not applied is not needed."""

    receipt = models.OneToOneField(
        MarkReceipt, on_delete=models.PROTECT, related_name="dismissal", verbose_name=_("mark")
    )
    reason = models.CharField(_("reason"), max_length=200)
    dismissed_at = models.DateTimeField(_("dismissed at"))
    dismissed_by = models.ForeignKey(
        ACCOUNT, on_delete=models.PROTECT, related_name="+", verbose_name=_("dismissed by")
    )

    class Meta:
        verbose_name = _("dismissal of a mark")
        verbose_name_plural = _("dismissals of marks")
        ordering = ["-dismissed_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="mark_dismissal_has_reason"),
        ]

    def __str__(self) -> str:
        return str(self.receipt)
