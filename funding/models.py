from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from schools.enums import FundingChannel
from schools.models import School


class Allocation(models.Model):
    """Money (yuan) set aside for a school in a year, through one channel, by one document."""

    school = models.ForeignKey(
        School, on_delete=models.PROTECT, related_name="allocations", verbose_name=_("school")
    )
    year = models.PositiveSmallIntegerField(_("year"))
    channel = models.CharField(_("channel"), max_length=10, choices=FundingChannel)
    amount = models.DecimalField(_("amount (yuan)"), max_digits=12, decimal_places=2)
    document = models.CharField(_("document number"), max_length=60, unique=True)

    class Meta:
        verbose_name = _("allocation")
        verbose_name_plural = _("allocations")
        ordering = ["-year", "school__code", "channel"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0),
                name="allocation_is_positive",
                violation_error_message=_("An amount is above 0."),
            ),
        ]

    def __str__(self) -> str:
        return self.document
