"""Special audits: scope, sample, findings, answers, reviews, closure. All rows are evidence."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.lib.append_only import AppendOnlyModel
from config.lib.periods import LocalDate, PeriodField
from funding.amounts import AmountField
from funding.enums import ReviewOutcome, SampleBasis, SampleMethod, Severity
from funding.models.ledger import FundTransaction
from funding.querysets import (
    AuditedPaymentQuerySet,
    AuditFindingQuerySet,
    AuditQuerySet,
    OfFundQuerySet,
)
from schools.enums import FundingChannel
from schools.models import School

ACCOUNT = settings.AUTH_USER_MODEL


class SpecialAudit(AppendOnlyModel):
    """An audit of payments: which days, and how the sample was drawn from which population.

    The population are the payments of the audited funds in `period` that stood unreversed when
    `last_transaction` was the newest one. `funding.sampling` draws the same sample from the same
    population, seed, `sample_size` and `threshold` (yuan; None: no payment is always in).
    """

    title = models.CharField(_("title"), max_length=100)
    period = PeriodField(_("days of payment"))
    method = models.CharField(_("method of the sample"), max_length=10, choices=SampleMethod)
    seed = models.CharField(_("seed"), max_length=32)
    sample_size = models.PositiveSmallIntegerField(_("payments to draw"))
    threshold = AmountField(_("always in above (yuan)"), null=True, blank=True)
    population_size = models.PositiveIntegerField(_("payments in the population"))
    population_sum = AmountField(_("sum of the population (yuan)"))
    last_transaction = models.ForeignKey(
        FundTransaction,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("last transaction before the draw"),
    )
    opened_at = models.DateTimeField(_("opened at"))
    opened_by = models.ForeignKey(
        ACCOUNT, on_delete=models.PROTECT, related_name="+", verbose_name=_("opened by")
    )

    objects = AuditQuerySet.as_manager()

    class Meta:
        verbose_name = _("special audit")
        verbose_name_plural = _("special audits")
        ordering = ["-opened_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="special_audit_has_title"),
            models.CheckConstraint(condition=~Q(seed=""), name="special_audit_keeps_its_seed"),
            models.CheckConstraint(
                condition=Q(sample_size__gt=0), name="special_audit_draws_something"
            ),
            models.CheckConstraint(
                condition=Q(threshold__isnull=True) | Q(threshold__gt=0),
                name="special_audit_threshold_is_positive",
            ),
            models.CheckConstraint(
                condition=Q(population_size__gt=0, population_sum__gt=0),
                name="special_audit_has_population",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class AuditedFund(AppendOnlyModel):
    """A school and channel in the scope of a special audit."""

    audit = models.ForeignKey(
        SpecialAudit,
        on_delete=models.PROTECT,
        related_name="funds",
        verbose_name=_("special audit"),
        db_index=False,
    )
    school = models.ForeignKey(
        School, on_delete=models.PROTECT, related_name="+", verbose_name=_("school")
    )
    channel = models.CharField(_("channel"), max_length=10, choices=FundingChannel)

    objects = OfFundQuerySet.as_manager()

    class Meta:
        verbose_name = _("audited fund")
        verbose_name_plural = _("audited funds")
        ordering = ["audit", "school__code", "channel"]
        constraints = [
            models.UniqueConstraint(
                fields=["audit", "school", "channel"], name="audited_fund_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.school} · {self.get_channel_display()}"


class AuditedPayment(AppendOnlyModel):
    """A payment in the sample, with its amount (yuan) and why it is in."""

    audit = models.ForeignKey(
        SpecialAudit,
        on_delete=models.PROTECT,
        related_name="payments",
        verbose_name=_("special audit"),
        db_index=False,
    )
    payment = models.ForeignKey(
        FundTransaction, on_delete=models.PROTECT, related_name="+", verbose_name=_("payment")
    )
    amount = AmountField(_("amount (yuan)"))
    basis = models.CharField(_("why it is in"), max_length=10, choices=SampleBasis)

    objects = AuditedPaymentQuerySet.as_manager()

    class Meta:
        verbose_name = _("audited payment")
        verbose_name_plural = _("audited payments")
        ordering = ["audit", "payment"]
        constraints = [
            models.UniqueConstraint(fields=["audit", "payment"], name="audited_payment_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="audited_payment_is_positive"),
        ]

    def __str__(self) -> str:
        return str(self.payment)


class AuditFinding(AppendOnlyModel):
    """What the auditor found at a payment, and by which day the school answers."""

    audited_payment = models.ForeignKey(
        AuditedPayment,
        on_delete=models.PROTECT,
        related_name="findings",
        verbose_name=_("audited payment"),
    )
    text = models.CharField(_("finding"), max_length=1000)
    severity = models.CharField(_("severity"), max_length=10, choices=Severity)
    due_on = models.DateField(_("answer by"))
    raised_at = models.DateTimeField(_("raised at"))
    raised_by = models.ForeignKey(
        ACCOUNT, on_delete=models.PROTECT, related_name="+", verbose_name=_("raised by")
    )

    objects = AuditFindingQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit finding")
        verbose_name_plural = _("audit findings")
        ordering = ["raised_at", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="audit_finding_has_text"),
            models.CheckConstraint(
                condition=Q(due_on__gt=LocalDate("raised_at")),
                name="audit_finding_leaves_time",
                violation_error_message=_("The answer is due on a later day."),
            ),
        ]

    def __str__(self) -> str:
        return self.text[:50]


class FindingAnswer(AppendOnlyModel):
    """What the school's clerk answers to a finding. Several are possible until one is accepted."""

    finding = models.ForeignKey(
        AuditFinding,
        on_delete=models.PROTECT,
        related_name="answers",
        verbose_name=_("audit finding"),
    )
    text = models.CharField(_("answer"), max_length=1000)
    answered_at = models.DateTimeField(_("answered at"))
    answered_by = models.ForeignKey(
        ACCOUNT, on_delete=models.PROTECT, related_name="+", verbose_name=_("answered by")
    )

    class Meta:
        verbose_name = _("answer to a finding")
        verbose_name_plural = _("answers to findings")
        ordering = ["answered_at", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="finding_answer_has_text"),
        ]

    def __str__(self) -> str:
        return self.text[:50]


class AnswerReview(AppendOnlyModel):
    """The auditor accepts an answer, which settles its finding, or returns it; with a reason."""

    answer = models.OneToOneField(
        FindingAnswer,
        on_delete=models.PROTECT,
        related_name="review",
        verbose_name=_("answer to a finding"),
    )
    outcome = models.CharField(_("outcome"), max_length=10, choices=ReviewOutcome)
    reason = models.CharField(_("reason"), max_length=200)
    reviewed_at = models.DateTimeField(_("reviewed at"))
    reviewed_by = models.ForeignKey(
        ACCOUNT, on_delete=models.PROTECT, related_name="+", verbose_name=_("reviewed by")
    )

    class Meta:
        verbose_name = _("review of an answer")
        verbose_name_plural = _("reviews of answers")
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="answer_review_has_reason"),
        ]

    def __str__(self) -> str:
        return self.get_outcome_display()


class AuditClosure(AppendOnlyModel):
    """The end of a special audit: no finding is open any more, and what the auditor concludes."""

    audit = models.OneToOneField(
        SpecialAudit,
        on_delete=models.PROTECT,
        related_name="closure",
        verbose_name=_("special audit"),
    )
    conclusion = models.CharField(_("conclusion"), max_length=2000)
    closed_at = models.DateTimeField(_("closed at"))
    closed_by = models.ForeignKey(
        ACCOUNT, on_delete=models.PROTECT, related_name="+", verbose_name=_("closed by")
    )

    class Meta:
        verbose_name = _("closure of a special audit")
        verbose_name_plural = _("closures of special audits")
        constraints = [
            models.CheckConstraint(
                condition=~Q(conclusion=""), name="audit_closure_has_conclusion"
            ),
        ]

    def __str__(self) -> str:
        return self.conclusion[:50]
