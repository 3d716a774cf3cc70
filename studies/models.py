"""Evidence of study outside the classes: meetings of a branch, visits, activities, declarations."""

from __future__ import annotations

from datetime import date, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backstage.enums import FileKind
from backstage.models import StoredFile
from config.lib.append_only import AppendOnlyModel
from hours.enums import CreditCategory
from hours.models import Assessment, Source
from schools.models import Organisation
from studies.enums import (
    CATEGORY_OF_KIND,
    DECLARED_KINDS,
    ParticipantChange,
    ReviewStep,
    ReviewVerdict,
    StudyKind,
    StudyState,
)
from studies.querysets import StudyQuerySet
from trainees.models import Member

ACCOUNT = settings.AUTH_USER_MODEL
MOST_DAYS = 31


class Study(models.Model):
    """A record of study: of a branch with its participants, or declared for one member.

    It lasts `minutes` on each of `days` days from `held_on`, starting at `starts_at` if that is
    known. Its hours count once it is approved, which creates their `source`. `version` counts
    edits, `round` submissions.
    """

    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="studies",
        verbose_name=_("Party organisation"),
    )
    kind = models.CharField(_("kind"), max_length=20, choices=StudyKind)
    topic = models.CharField(_("topic"), max_length=100)
    place = models.CharField(_("place"), max_length=80, blank=True)
    held_on = models.DateField(_("date"))
    days = models.PositiveSmallIntegerField(_("days"), default=1)
    starts_at = models.TimeField(_("begins at"), null=True, blank=True)
    minutes = models.PositiveSmallIntegerField(_("minutes"))
    state = models.CharField(
        _("state"), max_length=12, choices=StudyState, default=StudyState.DRAFT
    )
    source = models.OneToOneField(
        Source,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="study",
        verbose_name=_("source of hours"),
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    round = models.PositiveSmallIntegerField(_("submissions"), default=0, editable=False)
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_by = models.ForeignKey(
        ACCOUNT, on_delete=models.PROTECT, related_name="+", verbose_name=_("recorded by")
    )

    objects = StudyQuerySet.as_manager()

    class Meta:
        verbose_name = _("study record")
        verbose_name_plural = _("study records")
        ordering = ["-held_on", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "held_on", "kind", "starts_at"],
                condition=~Q(kind__in=[*DECLARED_KINDS, StudyKind.OUTREACH_VISIT])
                & ~Q(state=StudyState.WITHDRAWN),
                nulls_distinct=False,
                name="study_once_at_a_time",
                violation_error_message=_("A record of this kind and time is there already."),
            ),
            models.CheckConstraint(
                condition=Q(minutes__gte=5, minutes__lte=480),
                name="study_minutes_sane",
                violation_error_message=_("A day of study has 5 to 480 minutes."),
            ),
            models.CheckConstraint(
                condition=Q(days__gte=1, days__lte=MOST_DAYS),
                name="study_days_sane",
                violation_error_message=_("A record covers 1 to 31 days."),
            ),
            models.CheckConstraint(
                condition=Q(state=StudyState.DRAFT) | Q(round__gt=0),
                name="study_was_submitted",
            ),
            models.CheckConstraint(
                condition=~Q(state=StudyState.APPROVED) | Q(source__isnull=False),
                name="study_approved_has_source",
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "held_on"], name="study_organisation_day"),
            models.Index(
                fields=["organisation"],
                name="study_waiting",
                condition=Q(state__in=[StudyState.SUBMITTED, StudyState.CHECKED]),
            ),
        ]

    def __str__(self) -> str:
        return self.topic

    @property
    def category(self) -> CreditCategory:
        """The category of its hours."""
        return CATEGORY_OF_KIND[StudyKind(self.kind)]

    @property
    def is_declared(self) -> bool:
        """Whether it is the declaration of a single member."""
        return self.kind in DECLARED_KINDS

    @property
    def assessments(self) -> models.QuerySet[Assessment]:
        """The ledger's assessments of this study."""
        return Assessment.objects.filter(source__study=self)

    @property
    def last_day(self) -> date:
        return self.held_on + timedelta(days=self.days - 1)


class StudyParticipant(models.Model):
    """A member who took part, with their organisation on that day."""

    study = models.ForeignKey(
        Study,
        on_delete=models.CASCADE,
        related_name="participants",
        verbose_name=_("study record"),
    )
    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="studies", verbose_name=_("member")
    )
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("Party organisation"),
    )

    class Meta:
        verbose_name = _("participant")
        verbose_name_plural = _("participants")
        ordering = ["member__number"]
        constraints = [
            models.UniqueConstraint(
                fields=["study", "member"], name="study_participant_once_per_study"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member} · {self.study}"


class StudyFile(models.Model):
    """Evidence of a study (photograph, sign-in sheet, proof), retained as long as its record."""

    study = models.ForeignKey(
        Study, on_delete=models.PROTECT, related_name="files", verbose_name=_("study record")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=FileKind)
    file = models.OneToOneField(
        StoredFile, on_delete=models.PROTECT, related_name="+", verbose_name=_("file")
    )
    added_at = models.DateTimeField(_("added at"))
    added_by = models.ForeignKey(
        ACCOUNT, on_delete=models.PROTECT, related_name="+", verbose_name=_("added by")
    )

    class Meta:
        verbose_name = _("evidence of a study")
        verbose_name_plural = _("evidence of studies")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.study} · {self.get_kind_display()}"

    @property
    def is_picture(self) -> bool:
        """Whether the file is our re-encoded copy of a picture, which a page may show."""
        return self.file.media_type == "image/jpeg"


class StudySubmission(AppendOnlyModel):
    """A submission of a record for review: the first, or one after it was returned."""

    study = models.ForeignKey(
        Study, on_delete=models.PROTECT, related_name="submissions", verbose_name=_("study record")
    )
    round = models.PositiveSmallIntegerField(_("submission"))
    submitted_at = models.DateTimeField(_("handed in at"))
    submitted_by = models.ForeignKey(
        ACCOUNT, on_delete=models.PROTECT, related_name="+", verbose_name=_("handed in by")
    )

    class Meta:
        verbose_name = _("submission of a study record")
        verbose_name_plural = _("submissions of study records")
        ordering = ["submitted_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["study", "round"], name="study_submission_round_once"),
        ]

    def __str__(self) -> str:
        return f"{self.study} · {self.round}"


class StudyReview(AppendOnlyModel):
    """A review of one submission. The recorder may not be the reviewer."""

    study = models.ForeignKey(
        Study, on_delete=models.PROTECT, related_name="reviews", verbose_name=_("study record")
    )
    round = models.PositiveSmallIntegerField(_("submission"))
    step = models.CharField(_("step"), max_length=12, choices=ReviewStep)
    verdict = models.CharField(_("verdict"), max_length=12, choices=ReviewVerdict)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    recorded_by = models.ForeignKey(
        ACCOUNT, on_delete=models.PROTECT, related_name="+", verbose_name=_("recorded by")
    )
    reviewed_at = models.DateTimeField(_("reviewed at"))
    reviewed_by = models.ForeignKey(
        ACCOUNT, on_delete=models.PROTECT, related_name="+", verbose_name=_("reviewed by")
    )

    class Meta:
        verbose_name = _("review of a study record")
        verbose_name_plural = _("reviews of study records")
        ordering = ["reviewed_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["study", "round", "step"],
                condition=~Q(verdict=ReviewVerdict.WITHDRAWN),
                name="study_review_step_once",
            ),
            models.UniqueConstraint(
                fields=["study", "round", "reviewed_by"],
                condition=~Q(verdict=ReviewVerdict.WITHDRAWN),
                name="study_review_two_people",
                violation_error_message=_("The two steps of a review are taken by two people."),
            ),
            models.CheckConstraint(
                condition=~Q(reviewed_by=F("recorded_by")),
                name="study_review_by_another",
                violation_error_message=_("Nobody reviews what they recorded themselves."),
            ),
            models.CheckConstraint(
                condition=Q(verdict=ReviewVerdict.PASSED) | ~Q(reason=""),
                name="study_review_return_has_reason",
                violation_error_message=_("Say why."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.study} · {self.get_verdict_display()}"


class StudyParticipantCorrection(AppendOnlyModel):
    """A member added to an approved record or removed from it, never by the recorder.

    `version` is the version of the record that was corrected; `organisation` is the member's on its
    first day.
    """

    study = models.ForeignKey(
        Study, on_delete=models.PROTECT, related_name="corrections", verbose_name=_("study record")
    )
    version = models.PositiveIntegerField(_("version"))
    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="+", verbose_name=_("member")
    )
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("Party organisation"),
    )
    change = models.CharField(_("change"), max_length=12, choices=ParticipantChange)
    reason = models.CharField(_("reason"), max_length=200)
    recorded_by = models.ForeignKey(
        ACCOUNT, on_delete=models.PROTECT, related_name="+", verbose_name=_("recorded by")
    )
    corrected_at = models.DateTimeField(_("corrected at"))
    corrected_by = models.ForeignKey(
        ACCOUNT, on_delete=models.PROTECT, related_name="+", verbose_name=_("corrected by")
    )

    class Meta:
        verbose_name = _("correction of participants")
        verbose_name_plural = _("corrections of participants")
        ordering = ["corrected_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["study", "member", "version"],
                name="study_correction_once_per_version",
            ),
            models.CheckConstraint(
                condition=~Q(corrected_by=F("recorded_by")),
                name="study_correction_by_another",
                violation_error_message=_("Nobody corrects what they recorded themselves."),
            ),
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="study_correction_has_reason",
                violation_error_message=_("Say why."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member} · {self.study}: {self.get_change_display()}"
