"""What was delivered of a cost that a class caused, when it was paid."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from config.lib.append_only import AppendOnlyModel
from funding.models.ledger import FundTransaction


class DeliveredCause(AppendOnlyModel):
    """The delivered cause of a payment: the units that submitted rolls gave on its day.

    The database refuses a payment of a class cost without one, and payments above its price.
    """

    payment = models.OneToOneField(
        FundTransaction,
        on_delete=models.PROTECT,
        related_name="delivered_cause",
        verbose_name=_("payment"),
    )
    units = models.DecimalField(_("units"), max_digits=8, decimal_places=2)

    class Meta:
        verbose_name = _("delivered cause of a payment")
        verbose_name_plural = _("delivered causes of payments")

    def __str__(self) -> str:
        return f"{self.payment} · {self.units}"
