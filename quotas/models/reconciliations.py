"""Reconciliations of a year: what every member owed and did, as it stood when it was computed."""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backstage.models import Job
from config.lib.hours import ZERO, HoursField, is_quarter_multiple
from hours.models import RequirementRule
from quotas.enums import EndReason, ReconciliationState
from quotas.querysets import (
    MemberResultQuerySet,
    ReconciliationPartQuerySet,
    ReconciliationQuerySet,
)
from schools.enums import Audience
from schools.models import Organisation, School, YearLock
from trainees.enums import ExemptionCategory, MembershipStatus
from trainees.models import Member

ACCOUNT = settings.AUTH_USER_MODEL


class Reconciliation(models.Model):
    """One run over a year: a rehearsal, or the final one under the lock of the year.

    Members are judged on the day `as_of`. A rehearsal says what would come out, with what blocks
    it; the final one begins once the year is over and nothing blocks it, and holds the year's
    `lock`. If it is discarded, its results stay and the lock is released.
    """

    year = models.PositiveSmallIntegerField(_("year"))
    number = models.PositiveSmallIntegerField(_("number"))
    lock = models.OneToOneField(
        YearLock,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("lock of the year"),
    )
    as_of = models.DateField(_("day of judgement"))
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=ReconciliationState,
        default=ReconciliationState.RUNNING,
    )
    blockers = models.JSONField(_("what blocked it"), default=dict)
    job = models.ForeignKey(
        Job, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("job")
    )
    started_at = models.DateTimeField(_("started at"))
    started_by = models.ForeignKey(
        ACCOUNT,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("started by"),
        db_index=False,
    )
    computed_at = models.DateTimeField(_("computed at"), null=True)
    discarded_at = models.DateTimeField(_("discarded at"), null=True)
    discarded_by = models.ForeignKey(
        ACCOUNT,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("discarded by"),
        db_index=False,
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True, default="")

    objects = ReconciliationQuerySet.as_manager()

    class Meta:
        verbose_name = _("reconciliation")
        verbose_name_plural = _("reconciliations")
        ordering = ["-year", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["year", "number"], name="reconciliation_number_once"),
            models.UniqueConstraint(
                fields=["year"],
                condition=Q(state=ReconciliationState.RUNNING),
                name="reconciliation_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state=ReconciliationState.RUNNING, computed_at=None)
                | Q(state=ReconciliationState.COMPUTED, computed_at__isnull=False)
                | Q(state=ReconciliationState.DISCARDED),
                name="reconciliation_computed_has_its_moment",
            ),
            models.CheckConstraint(
                condition=Q(state=ReconciliationState.DISCARDED)
                & Q(discarded_at__isnull=False)
                & ~Q(reason="")
                | ~Q(state=ReconciliationState.DISCARDED)
                & Q(discarded_at=None, discarded_by=None, reason=""),
                name="reconciliation_discarded_with_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year} · {self.number}"

    @property
    def is_rehearsal(self) -> bool:
        return self.lock_id is None

    @property
    def reason_said(self) -> str:
        """Why it was discarded, in words: what somebody typed, or what became of a rehearsal."""
        if self.is_rehearsal and self.reason in EndReason.values:
            return str(EndReason(self.reason).label)
        return self.reason

    @property
    def is_broken_off(self) -> bool:
        """Whether its job ended before the results were there: it failed, or was stopped."""
        return self.is_unattended and self.job is not None

    @property
    def is_unattended(self) -> bool:
        """Whether no job computes it: its job ended early, or it was begun from a shell."""
        is_running = self.state == ReconciliationState.RUNNING
        return is_running and (self.job is None or self.job.is_over)


class ReconciliationPart(models.Model):
    """The part of one school, or of the members outside all areas: done once, in a transaction."""

    reconciliation = models.ForeignKey(
        Reconciliation,
        on_delete=models.CASCADE,
        related_name="parts",
        verbose_name=_("reconciliation"),
    )
    school = models.ForeignKey(
        School,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("school"),
        db_index=False,
    )
    members = models.PositiveIntegerField(_("members"), null=True)
    done_at = models.DateTimeField(_("done at"), null=True)

    objects = ReconciliationPartQuerySet.as_manager()

    class Meta:
        verbose_name = _("part of a reconciliation")
        verbose_name_plural = _("parts of reconciliations")
        constraints = [
            models.UniqueConstraint(
                fields=["reconciliation", "school"],
                nulls_distinct=False,
                name="reconciliation_part_once",
            ),
            models.CheckConstraint(
                condition=Q(members=None, done_at=None)
                | Q(members__isnull=False, done_at__isnull=False),
                name="reconciliation_part_done_counts_members",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reconciliation} · {self.school or '–'}"


class MemberResult(models.Model):
    """What one member owed and did in the year, the verdict and its reason, as one run found it.

    `rule` with its group and version is the reason; `months` names the rule of each month where the
    member owed by the month. Triggers check the keys, for all rows of a statement at once: one by
    one they took as long as computing the results.
    """

    unchained_because = "It is computed from rows that are in the chain, and can be recomputed."

    reconciliation = models.ForeignKey(
        Reconciliation,
        on_delete=models.CASCADE,
        db_constraint=False,
        related_name="results",
        verbose_name=_("reconciliation"),
        db_index=False,
    )
    member = models.ForeignKey(
        Member,
        on_delete=models.PROTECT,
        db_constraint=False,
        related_name="+",
        verbose_name=_("member"),
        db_index=False,
    )
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        db_constraint=False,
        related_name="+",
        verbose_name=_("Party organisation"),
        db_index=False,
    )
    school = models.ForeignKey(
        School,
        on_delete=models.PROTECT,
        db_constraint=False,
        null=True,
        related_name="+",
        verbose_name=_("school"),
        db_index=False,
    )
    membership_status = models.CharField(_("standing"), max_length=20, choices=MembershipStatus)
    exemption = models.CharField(
        _("exemption"), max_length=20, choices=ExemptionCategory, blank=True
    )
    audience = models.CharField(_("audience"), max_length=20, choices=Audience)
    owed = HoursField(_("credit hours owed"))
    done = HoursField(_("credit hours done"))
    concentrated = HoursField(_("of concentrated training"))
    collective = HoursField(_("of collective study"))
    trainings = models.PositiveSmallIntegerField(_("trainings owed"))
    trained = models.PositiveSmallIntegerField(_("trainings attended"))
    verdict = models.CharField(_("verdict"), max_length=12)
    rule = models.ForeignKey(
        RequirementRule,
        on_delete=models.PROTECT,
        db_constraint=False,
        related_name="+",
        verbose_name=_("rule"),
        db_index=False,
    )
    rule_group = models.CharField(_("applies to"), max_length=20)
    rule_version = models.PositiveSmallIntegerField(_("version"))
    months = models.JSONField(_("rule of each month"), null=True)

    objects = MemberResultQuerySet.as_manager()

    class Meta:
        verbose_name = _("result of a member")
        verbose_name_plural = _("results of members")
        constraints = [
            models.UniqueConstraint(fields=["member", "reconciliation"], name="member_result_once"),
            models.CheckConstraint(
                condition=Q(verdict__in=["met", "short", "not_yet_due", "exempt", "out"]),
                name="member_result_verdict_known",
            ),
            models.CheckConstraint(
                condition=Q(done__gte=F("concentrated") + F("collective")),
                name="member_result_categories_within_all",
            ),
            models.CheckConstraint(
                condition=is_quarter_multiple("owed", "done", "concentrated", "collective"),
                name="member_result_quarter_steps",
            ),
        ]
        indexes = [
            models.Index(
                fields=["reconciliation", "school", "organisation"],
                name="member_result_school",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member} · {self.verdict}"

    @property
    def owes(self) -> Decimal:
        """Hours owed in the end: none by who is exempt or not counted."""
        return ZERO if self.verdict in {"exempt", "out"} else self.owed

    @property
    def other(self) -> Decimal:
        """Hours done that are neither concentrated training nor collective study."""
        return self.done - self.concentrated - self.collective
