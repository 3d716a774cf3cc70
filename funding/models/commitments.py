"""Commitments: costs for which money is reserved before anything is paid."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Round
from django.utils.translation import gettext_lazy as _

from config.lib.append_only import AppendOnlyModel
from config.lib.hours import HoursField, is_quarter_multiple
from courses.models import TrainingClass
from funding.amounts import AmountField
from funding.enums import FundUse, Purpose
from funding.models.rules import CostRate, FeeRule, UseRule
from funding.querysets import CommitmentQuerySet
from instructors.models import Instructor
from schools.enums import FundingChannel
from schools.models import School

ACCOUNT = settings.AUTH_USER_MODEL


class Commitment(AppendOnlyModel):
    """A cost that a clerk asks for: what for, how much, from which money, by which rule.

    It is never changed. How much of it is reserved, approved and paid says the fund ledger.
    A lecturer fee names lecturer, paid hours and the ceiling that it keeps. A cost that its class
    caused names the rate, how many units (`CLASS_UNITS`) it reserves for, and the price of one.
    """

    school = models.ForeignKey(
        School, on_delete=models.PROTECT, related_name="commitments", verbose_name=_("school")
    )
    channel = models.CharField(_("channel"), max_length=10, choices=FundingChannel)
    year = models.PositiveSmallIntegerField(_("year"))
    purpose = models.CharField(_("purpose"), max_length=10, choices=Purpose)
    use = models.CharField(_("use"), max_length=20, choices=FundUse)
    amount = AmountField(_("amount (yuan)"))
    subject = models.CharField(_("what for, and to whom"), max_length=100)
    training_class = models.ForeignKey(
        TrainingClass,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="commitments",
        verbose_name=_("class"),
    )
    instructor = models.ForeignKey(
        Instructor,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("lecturer"),
    )
    fee_hours = HoursField(_("paid hours"), null=True, blank=True)
    use_rule = models.ForeignKey(
        UseRule, on_delete=models.PROTECT, related_name="+", verbose_name=_("rule of the use")
    )
    fee_rule = models.ForeignKey(
        FeeRule,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("rule of the fee"),
    )
    cost_rate = models.ForeignKey(
        CostRate,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("cost rate of classes"),
    )
    units = models.DecimalField(_("units"), max_digits=8, decimal_places=2, null=True, blank=True)
    unit_price = AmountField(_("price of a unit (yuan)"), null=True, blank=True)
    requested_at = models.DateTimeField(_("asked for at"))
    requested_by = models.ForeignKey(
        ACCOUNT, on_delete=models.PROTECT, related_name="+", verbose_name=_("asked for by")
    )

    objects = CommitmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("commitment")
        verbose_name_plural = _("commitments")
        ordering = ["-requested_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0),
                name="commitment_is_positive",
                violation_error_message=_("An amount is above 0."),
            ),
            models.CheckConstraint(
                condition=is_quarter_multiple("fee_hours"), name="commitment_hours_in_steps"
            ),
            models.CheckConstraint(
                condition=Q(
                    use=FundUse.LECTURER_FEE,
                    instructor__isnull=False,
                    fee_hours__isnull=False,
                    fee_hours__gt=0,
                    fee_rule__isnull=False,
                )
                | ~Q(use=FundUse.LECTURER_FEE)
                & Q(instructor__isnull=True, fee_hours__isnull=True, fee_rule__isnull=True),
                name="commitment_of_fee_names_lecturer",
            ),
            models.CheckConstraint(
                condition=Q(cost_rate=None, units=None, unit_price=None)
                | Q(
                    cost_rate__isnull=False,
                    training_class__isnull=False,
                    units__isnull=False,
                    units__gt=0,
                    unit_price__isnull=False,
                    amount=Round(F("units") * F("unit_price"), precision=2),
                ),
                name="commitment_of_class_is_what_units_cost",
            ),
        ]
        indexes = [
            models.Index(fields=["school", "year", "channel"], name="commitment_of_school"),
        ]

    def __str__(self) -> str:
        return self.subject


class EarmarkCheck(AppendOnlyModel):
    """The custodian looked: the cost is for what this money is earmarked for. Before approval."""

    commitment = models.OneToOneField(
        Commitment,
        on_delete=models.PROTECT,
        related_name="earmark_check",
        verbose_name=_("commitment"),
    )
    checked_at = models.DateTimeField(_("checked at"))
    checked_by = models.ForeignKey(
        ACCOUNT, on_delete=models.PROTECT, related_name="+", verbose_name=_("checked by")
    )

    class Meta:
        verbose_name = _("check by the custodian")
        verbose_name_plural = _("checks by custodians")

    def __str__(self) -> str:
        return str(self.commitment)
