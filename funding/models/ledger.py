"""The fund ledger. Transactions are posted and reversed, never edited or deleted."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.lib.append_only import AppendOnlyModel
from funding.amounts import AmountField
from funding.enums import OF_ALLOCATIONS, OF_COMMITMENTS, WITH_REASON, Purpose, Stage
from funding.enums import TransactionKind as Kind
from funding.models.allocations import Allocation
from funding.models.commitments import Commitment
from funding.querysets import FundLegQuerySet, OfFundQuerySet
from schools.enums import FundingChannel
from schools.models import School

_OF_ALLOCATION = Q(allocation__isnull=False, commitment__isnull=True)
_OF_COMMITMENT = Q(allocation__isnull=True, commitment__isnull=False)
_OF_NEITHER = Q(allocation__isnull=True, commitment__isnull=True)


class FundTransaction(AppendOnlyModel):
    """One movement of a school's money of one channel, by legs that add up to zero.

    `number` counts the transactions of a school and channel without a gap. `link` is a hash over
    the link before, the legs of the transaction before, and this one: one chain for each school
    and channel. The database writes both (`funding/migrations/0003_guards.py`). A reversal
    names what the reversed one names, and has its exact negative legs.
    """

    school = models.ForeignKey(
        School, on_delete=models.PROTECT, related_name="+", verbose_name=_("school")
    )
    channel = models.CharField(_("channel"), max_length=10, choices=FundingChannel)
    number = models.PositiveIntegerField(_("number"), db_default=0, editable=False)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    allocation = models.ForeignKey(
        Allocation,
        on_delete=models.PROTECT,
        null=True,
        related_name="transactions",
        verbose_name=_("allocation"),
    )
    commitment = models.ForeignKey(
        Commitment,
        on_delete=models.PROTECT,
        null=True,
        related_name="transactions",
        verbose_name=_("commitment"),
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
    posted_at = models.DateTimeField(_("posted at"))
    posted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("posted by"),
    )
    link = models.CharField(_("link of the chain"), max_length=64, db_default="", editable=False)

    objects = OfFundQuerySet.as_manager()

    class Meta:
        verbose_name = _("fund transaction")
        verbose_name_plural = _("fund ledger")
        ordering = ["-posted_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "channel", "number"], name="fund_transaction_number_once"
            ),
            models.UniqueConstraint(fields=["reverses"], name="fund_transaction_reversed_once"),
            models.UniqueConstraint(
                fields=["commitment"],
                condition=Q(kind=Kind.COMMITMENT),
                name="fund_transaction_commits_once",
            ),
            models.UniqueConstraint(
                fields=["allocation"],
                condition=Q(kind__in=[Kind.ALLOCATION, Kind.TAKEN_OVER]),
                name="fund_transaction_allocates_once",
            ),
            models.CheckConstraint(
                condition=Q(kind=Kind.REVERSAL, reverses__isnull=False)
                | Q(reverses__isnull=True)
                & (
                    Q(kind__in=OF_ALLOCATIONS) & _OF_ALLOCATION
                    | Q(kind=Kind.CARRY_OVER) & _OF_NEITHER
                    | Q(kind__in=OF_COMMITMENTS) & _OF_COMMITMENT
                ),
                name="fund_transaction_names_its_cause",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=WITH_REASON) | ~Q(reason=""),
                name="fund_transaction_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(kind=Kind.TAKEN_OVER) | Q(posted_by__isnull=False),
                name="fund_transaction_names_who_acted",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.school} · {self.get_channel_display()} · {self.number}"


class FundLeg(AppendOnlyModel):
    """An amount (yuan) that a transaction adds to one account, or with a minus takes from it.

    An account is a stage of the money of a school, channel, year and purpose. `position` counts the
    legs of an account, `balance` is what is in it after this one: the database works both out
    and refuses a balance below zero, so the last leg of an account says what it holds.
    """

    transaction = models.ForeignKey(
        FundTransaction,
        on_delete=models.PROTECT,
        related_name="legs",
        verbose_name=_("fund transaction"),
    )
    school = models.ForeignKey(
        School,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("school"),
        db_index=False,
    )
    channel = models.CharField(_("channel"), max_length=10, choices=FundingChannel)
    year = models.PositiveSmallIntegerField(_("year"))
    purpose = models.CharField(_("purpose"), max_length=10, choices=Purpose)
    stage = models.CharField(_("stage"), max_length=10, choices=Stage)
    amount = AmountField(_("amount (yuan)"))
    position = models.PositiveIntegerField(_("position"), db_default=0, editable=False)
    balance = AmountField(_("balance (yuan)"), db_default=0, editable=False)

    objects = FundLegQuerySet.as_manager()

    class Meta:
        verbose_name = _("leg of a fund transaction")
        verbose_name_plural = _("legs of fund transactions")
        ordering = ["transaction", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(amount=0), name="fund_leg_is_not_zero"),
            models.CheckConstraint(
                condition=Q(stage=Stage.GRANTED) | Q(balance__gte=0),
                name="fund_leg_overdraws_nothing",
            ),
            models.UniqueConstraint(
                fields=["school", "channel", "year", "purpose", "stage", "position"],
                name="fund_leg_position_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_stage_display()} · {self.amount}"
