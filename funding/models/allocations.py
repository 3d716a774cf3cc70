from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.lib.append_only import AppendOnlyModel
from funding.amounts import AmountField
from funding.enums import Purpose
from funding.querysets import OfFundQuerySet
from schools.enums import FundingChannel
from schools.models import School


class Allocation(AppendOnlyModel):
    """Money set aside for a school in a year, through one channel, for one purpose.

    `amount` is what the document says; what was adjusted since stands in the fund ledger.
    Dues are spent by a collective decision, which `decision` names.
    """

    school = models.ForeignKey(
        School, on_delete=models.PROTECT, related_name="allocations", verbose_name=_("school")
    )
    year = models.PositiveSmallIntegerField(_("year"))
    channel = models.CharField(_("channel"), max_length=10, choices=FundingChannel)
    purpose = models.CharField(
        _("purpose"), max_length=10, choices=Purpose, db_default=Purpose.TRAINING
    )
    amount = AmountField(_("amount (yuan)"))
    document = models.CharField(_("document number"), max_length=60)
    decision = models.CharField(
        _("collective decision"), max_length=100, blank=True, default="", db_default=""
    )

    objects = OfFundQuerySet.as_manager()

    class Meta:
        verbose_name = _("allocation")
        verbose_name_plural = _("allocations")
        ordering = ["-year", "school__code", "channel", "purpose"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0),
                name="allocation_is_positive",
                violation_error_message=_("An amount is above 0."),
            ),
            models.CheckConstraint(
                condition=~Q(channel=FundingChannel.DUES) | ~Q(decision=""),
                name="allocation_of_dues_has_decision",
                violation_error_message=_("Dues are spent by a collective decision: name it."),
            ),
            models.UniqueConstraint(
                fields=["document", "school", "year", "channel", "purpose"],
                name="allocation_of_document_once",
                violation_error_message=_(
                    "This document already allocates to this school for this purpose."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.document
