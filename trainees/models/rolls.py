"""Evidence of training classes: enrolment, rolls and attendance."""

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import IntegerRangeField
from django.db import models
from django.db.backends.postgresql.psycopg_any import NumericRange
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.lib.append_only import AppendOnlyModel
from config.lib.periods import OVERLAPS, SAME
from courses.models import Session, TrainingClass
from schools.models import Organisation
from trainees.enums import (
    AttendanceStatus,
    MarkOutcome,
    MarkRefusal,
    ReopeningAnswer,
    RollStage,
    RollState,
)
from trainees.models.ledger import Assessment
from trainees.models.people import Member
from trainees.models.sources import Source
from trainees.querysets import AttendanceQuerySet, EnrolmentQuerySet

ACCOUNT = settings.AUTH_USER_MODEL
# The numbers of all sessions of a class, whatever is added later.
ALL_SESSIONS = NumericRange(1, None, "[)")
# Pockets, seats and study groups are numbered from 1 to this.
HIGHEST_NUMBER = 999
_AT_ONCE = [("training_class", SAME), ("sessions", OVERLAPS)]


def _numbered(field: str) -> Q:
    return Q(**{field: None}) | Q(**{f"{field}__gte": 1, f"{field}__lte": HIGHEST_NUMBER})


class Enrolment(models.Model):
    """A member is on the roster of a class, from the organisation of that day.

    `sessions` are the numbers of those on whose roster he is: who comes late is missing on the
    first ones, who withdraws on the last ones, and no roll changes for it. A range without numbers
    is one who withdrew before the first.
    """

    training_class = models.ForeignKey(
        TrainingClass,
        on_delete=models.PROTECT,
        related_name="enrolments",
        verbose_name=_("training class"),
    )
    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="enrolments", verbose_name=_("member")
    )
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("Party organisation"),
    )
    sessions = IntegerRangeField(_("sessions"), default=ALL_SESSIONS, db_default=ALL_SESSIONS)
    phone_pocket = models.PositiveSmallIntegerField(_("phone pocket number"), null=True, blank=True)
    seat = models.PositiveSmallIntegerField(_("seat number"), null=True, blank=True)
    study_group = models.PositiveSmallIntegerField(_("study group"), null=True, blank=True)
    is_monitor = models.BooleanField(_("monitor"), default=False, db_default=False)

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        ordering = ["phone_pocket", "id"]
        constraints = [
            ExclusionConstraint(
                name="enrolment_once_per_class",
                violation_error_message=_("This member is on the roster already."),
                expressions=[*_AT_ONCE, ("member", SAME)],
            ),
            ExclusionConstraint(
                name="enrolment_pocket_once_per_class",
                violation_error_message=_("Somebody else has this pocket number."),
                expressions=[*_AT_ONCE, ("phone_pocket", SAME)],
            ),
            ExclusionConstraint(
                name="enrolment_seat_once_per_class",
                violation_error_message=_("Somebody else has this seat number."),
                expressions=[*_AT_ONCE, ("seat", SAME)],
            ),
            ExclusionConstraint(
                name="enrolment_one_monitor",
                violation_error_message=_("A class has one monitor."),
                expressions=_AT_ONCE,
                condition=Q(is_monitor=True),
            ),
            models.CheckConstraint(
                condition=_numbered("phone_pocket") & _numbered("seat") & _numbered("study_group"),
                name="enrolment_numbers_from_1_to_999",
                violation_error_message=_("Pockets, seats and groups are numbered from 1 to 999."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member} · {self.training_class}"


class WaitingListEntry(models.Model):
    """A member waits for a place in a class; the earliest is promoted first."""

    training_class = models.ForeignKey(
        TrainingClass,
        on_delete=models.PROTECT,
        related_name="waiting_list",
        verbose_name=_("training class"),
    )
    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="+", verbose_name=_("member")
    )
    since = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("place on a waiting list")
        verbose_name_plural = _("waiting lists")
        ordering = ["since", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["training_class", "member"], name="waiting_list_once_per_class"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member} · {self.training_class}"


class Roll(models.Model):
    """The roll of a session: a draft, or submitted and signed.

    `state` says whether it counts; the `source` of its hours is made when it is first submitted. A
    submitted roll is closed by its deadline, after which nothing on it changes, until the district
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
        """How far it is."""
        if self.state == RollState.DRAFT:
            return RollStage.DRAFT
        if self.closed_at is not None:
            return RollStage.CLOSED
        return RollStage.SUBMITTED if self.reopened_at is None else RollStage.REOPENED


class RollReopening(models.Model):
    """A clerk asks for a closed roll to be reopened; the district school grants or refuses."""

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
    """What the roll says of one trainee. No row means *not taken*, which is not *absent*.

    After submission the status changes only by a correction, which keeps the former one
    (`AttendanceCorrection`) and counts `version` up. What was `taken_off` the roll after hours had
    been posted for it stands for nothing any more; only the ledger still refers to it.
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
        """What the ledger says of it, whoever holds its hours."""
        return Assessment.objects.filter(
            source__roll__session=self.session_id, owner=self.member_id
        )


class AttendanceCorrection(AppendOnlyModel):
    """A submitted mark was corrected: from what, to what, by whom, and why."""

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
    """A mark that a device sent arrived, and what became of it.

    A device sends its marks until it hears of them, so each may come many times; by its `key` it
    is known again and answered as it was then. `seen` is what the device showed before, "" for
    *not taken*. `device_at` is what the device's clock said: kept, and never trusted.
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
    """A mark that was not taken needs none: the clerk looked at it, and says why."""

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
