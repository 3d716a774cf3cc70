"""The credit-hour ledger. Rows are posted and reversed, never edited or deleted."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import ExtractYear
from django.utils.translation import gettext_lazy as _

from config.lib.append_only import AppendOnlyModel
from config.lib.hours import HoursField, is_quarter_multiple
from hours.enums import AssessmentCause, Cap, CreditCategory, OwnCut
from hours.models.rules import CreditRule
from hours.models.sources import Source
from hours.querysets import CreditEntryQuerySet
from schools.models import Organisation, School
from trainees.models import Member

ACCOUNT = settings.AUTH_USER_MODEL


class Assessment(AppendOnlyModel):
    """How many hours one piece of evidence is worth to one member, by which rule, and why.

    The evidence is what a source says about one member on one day. `owner` is the row that the
    source names; for a person with several rows who counts once, as in a study, it is the row that
    holds the hours. `member` is the row that holds the hours: after a merge, the row that remains.
    `begins` and `ends` are minutes of the day, or None if not known; `organisation` and `school`
    are those of the day.

    The cuts from the gross hours are, in order: for the member alone (`own_cut`), for time that
    other evidence already covers (`overlap_cut`), and for caps (`cap_cut`). The rest are its
    `hours`. A later version supersedes an earlier one, even if another row holds the hours.
    Evidence cut to nothing still has an assessment, so that it can be explained.
    """

    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="assessments", verbose_name=_("member")
    )
    source = models.ForeignKey(
        Source,
        on_delete=models.PROTECT,
        related_name="assessments",
        verbose_name=_("source of hours"),
        db_index=False,
    )
    owner = models.ForeignKey(
        Member,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("member concerned"),
        db_index=False,
    )
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("Party organisation"),
        db_index=False,
    )
    school = models.ForeignKey(
        School,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("school"),
        db_index=False,
    )
    version = models.PositiveSmallIntegerField(_("version"))
    credit_year = models.PositiveSmallIntegerField(_("year"))
    occurred_on = models.DateField(_("date"))
    begins = models.PositiveSmallIntegerField(_("begins at minute"), null=True)
    ends = models.PositiveSmallIntegerField(_("ends at minute"), null=True)
    category = models.CharField(_("category"), max_length=20, choices=CreditCategory)
    gross_hours = HoursField(_("hours of the evidence"))
    own_cut = HoursField(_("cut for the member alone"), db_default=0)
    own_reason = models.CharField(
        _("reason of that cut"), max_length=12, choices=OwnCut, db_default=OwnCut.NONE
    )
    overlap_cut = HoursField(_("cut for overlapping times"), db_default=0)
    cap_cut = HoursField(_("cut by a cap"), db_default=0)
    cap_reason = models.CharField(_("cap"), max_length=12, choices=Cap, db_default=Cap.NONE)
    hours = models.GeneratedField(
        expression=F("gross_hours") - F("own_cut") - F("overlap_cut") - F("cap_cut"),
        output_field=HoursField(_("credit hours")),
        db_persist=True,
        verbose_name=_("credit hours"),
    )
    rule = models.ForeignKey(
        CreditRule, on_delete=models.PROTECT, related_name="+", verbose_name=_("rule")
    )
    cause = models.CharField(
        _("cause"), max_length=12, choices=AssessmentCause, db_default=AssessmentCause.FIRST
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True, db_default="")
    assessed_at = models.DateTimeField(_("assessed at"))
    assessed_by = models.ForeignKey(
        ACCOUNT, on_delete=models.PROTECT, related_name="+", verbose_name=_("assessed by")
    )

    class Meta:
        verbose_name = _("assessment")
        verbose_name_plural = _("assessments")
        constraints = [
            models.CheckConstraint(
                condition=Q(begins=None, ends=None)
                | Q(begins__isnull=False, ends__isnull=False, ends__gte=F("begins")),
                name="assessment_ends_not_before_it_begins",
            ),
            models.CheckConstraint(
                condition=is_quarter_multiple("gross_hours", "own_cut", "overlap_cut", "cap_cut"),
                name="assessment_hours_in_steps",
            ),
            models.CheckConstraint(
                condition=Q(gross_hours__gt=0, own_cut__gte=0, overlap_cut__gte=0, cap_cut__gte=0)
                & Q(gross_hours__gte=F("own_cut") + F("overlap_cut") + F("cap_cut")),
                name="assessment_cut_within_gross",
            ),
            models.CheckConstraint(
                condition=(
                    Q(own_cut=0, own_reason=OwnCut.NONE)
                    | (Q(own_cut__gt=0) & ~Q(own_reason=OwnCut.NONE))
                )
                & (
                    Q(cap_cut=0, cap_reason=Cap.NONE) | (Q(cap_cut__gt=0) & ~Q(cap_reason=Cap.NONE))
                ),
                name="assessment_cut_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(version=1, cause=AssessmentCause.FIRST)
                | (Q(version__gt=1) & ~Q(cause=AssessmentCause.FIRST)),
                name="assessment_first_version_is_first",
            ),
            models.CheckConstraint(
                condition=~Q(cause__in=[AssessmentCause.CORRECTED, AssessmentCause.WITHDRAWN])
                | ~Q(reason=""),
                name="assessment_change_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(credit_year=ExtractYear("occurred_on")),
                name="assessment_year_is_of_date",
            ),
            models.UniqueConstraint(
                fields=["source", "owner", "occurred_on", "version"],
                name="assessment_version_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["member", "credit_year", "occurred_on"], name="assessment_member_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member} · {self.occurred_on}"


class CreditEntry(AppendOnlyModel):
    """Posts hours to a member, or reverses an earlier entry by its exact negative.

    It carries the school and organisation of the day, so a transfer changes no past figure.
    `source_key` names what was posted (`<source>:<owner>:<YYYYMMDD>:<version>`), so that nothing is
    posted twice; a reversal has the key of its entry plus `:reversal`.
    """

    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="entries", verbose_name=_("member")
    )
    school = models.ForeignKey(
        School, on_delete=models.PROTECT, related_name="entries", verbose_name=_("school")
    )
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="entries",
        verbose_name=_("Party organisation"),
        db_index=False,
    )
    credit_year = models.PositiveSmallIntegerField(_("year"))
    category = models.CharField(_("category"), max_length=20, choices=CreditCategory)
    occurred_on = models.DateField(_("date"))
    hours = HoursField(_("credit hours"))
    assessment = models.ForeignKey(
        Assessment, on_delete=models.PROTECT, related_name="entries", verbose_name=_("assessment")
    )
    reverses = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        related_name="reversals",
        verbose_name=_("reverses"),
        db_index=False,
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    source_key = models.CharField(_("source"), max_length=60)
    posted_at = models.DateTimeField(_("posted at"))
    posted_by = models.ForeignKey(
        ACCOUNT,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("posted by"),
        db_index=False,
    )

    objects = CreditEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("credit-hour ledger")
        ordering = ["-occurred_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=is_quarter_multiple("hours"), name="credit_entry_hours_in_steps"
            ),
            models.CheckConstraint(condition=~Q(hours=0), name="credit_entry_hours_not_zero"),
            models.CheckConstraint(
                condition=Q(reverses__isnull=True, hours__gt=0)
                | (Q(reverses__isnull=False, hours__lt=0) & ~Q(reason="")),
                name="credit_entry_reversal_is_negative_and_reasoned",
            ),
            models.CheckConstraint(
                condition=Q(credit_year=ExtractYear("occurred_on")),
                name="credit_entry_year_is_of_date",
            ),
            models.UniqueConstraint(fields=["reverses"], name="credit_entry_reversed_once"),
            models.UniqueConstraint(fields=["source_key"], name="credit_entry_source_once"),
        ]
        indexes = [
            models.Index(
                fields=["credit_year", "member"],
                include=["category", "hours", "occurred_on", "school"],
                name="credit_entry_covering",
            ),
            models.Index(fields=["school", "credit_year"], name="credit_entry_school_year"),
        ]

    def __str__(self) -> str:
        return f"{self.member} · {self.hours}"

    @property
    def why(self) -> str:
        """The reason that somebody wrote; if none was required, the label of the cause."""
        causes = {cause.value: str(cause.label) for cause in AssessmentCause}
        return causes.get(self.reason, self.reason)


class LedgerCheck(AppendOnlyModel):
    """What one run of `verify_ledger` checked and found."""

    checked_at = models.DateTimeField(_("checked at"))
    entries = models.PositiveIntegerField(_("entries"))
    assessments = models.PositiveIntegerField(_("assessments"))
    findings = models.PositiveIntegerField(_("findings"))
    details = models.JSONField(_("details"))

    class Meta:
        verbose_name = _("ledger check")
        verbose_name_plural = _("ledger checks")
        ordering = ["-checked_at", "-id"]

    def __str__(self) -> str:
        return f"{self.checked_at:%Y-%m-%d %H:%M}: {self.findings}"
