"""What a payment is proven by: the rules, what clerks uploaded, and what payments relied on."""

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from backstage.models import StoredFile
from config.lib.append_only import AppendOnlyModel
from config.lib.periods import OVERLAPS, SAME, PeriodField
from funding.enums import FundUse, VoucherKind
from funding.models.commitments import Commitment
from funding.models.ledger import FundTransaction
from funding.querysets import RuleQuerySet

ACCOUNT = settings.AUTH_USER_MODEL


class VoucherRule(models.Model):
    """A use is paid during a period only with a voucher of this kind.

    The rules in force on the day of a payment are its checklist. Payments of other days do not
    need it.
    """

    use = models.CharField(_("use"), max_length=20, choices=FundUse)
    kind = models.CharField(_("kind of voucher"), max_length=20, choices=VoucherKind)
    source = models.CharField(_("source"), max_length=200)
    period = PeriodField(_("period"))

    objects = RuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("required voucher")
        verbose_name_plural = _("required vouchers")
        ordering = ["use", "kind", "period"]
        constraints = [
            ExclusionConstraint(
                name="voucher_rule_one_at_a_time",
                violation_error_message=_(
                    "A version is in force on some of these days: end its period first."
                ),
                expressions=[("use", SAME), ("kind", SAME), ("period", OVERLAPS)],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_use_display()} · {self.get_kind_display()}"


class Voucher(AppendOnlyModel):
    """A file that the clerk added to a commitment. `digest` is the SHA-256 of the upload.

    It is never deleted or replaced: until a payment relies on it, it can be withdrawn. A receipt
    stands at one cost only: the database refuses its file and its `invoice_number` at another.
    """

    commitment = models.ForeignKey(
        Commitment,
        on_delete=models.PROTECT,
        related_name="vouchers",
        verbose_name=_("commitment"),
    )
    kind = models.CharField(_("kind of voucher"), max_length=20, choices=VoucherKind)
    file = models.OneToOneField(
        StoredFile, on_delete=models.PROTECT, related_name="+", verbose_name=_("file")
    )
    digest = models.CharField(_("digest"), max_length=64)
    invoice_number = models.CharField(
        _("invoice number"), max_length=30, blank=True, default="", db_default=""
    )
    added_at = models.DateTimeField(_("added at"))
    added_by = models.ForeignKey(
        ACCOUNT, on_delete=models.PROTECT, related_name="+", verbose_name=_("added by")
    )

    class Meta:
        verbose_name = pgettext_lazy("of a payment", "voucher")
        verbose_name_plural = pgettext_lazy("of a payment", "vouchers")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind=VoucherKind.FEE_SHEET), name="voucher_is_no_fee_sheet"
            ),
            models.CheckConstraint(condition=~Q(digest=""), name="voucher_has_digest"),
            models.CheckConstraint(
                condition=Q(kind=VoucherKind.RECEIPT) | Q(invoice_number=""),
                name="voucher_with_invoice_is_receipt",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.digest[:6]}"


class VoucherWithdrawal(AppendOnlyModel):
    """A voucher does not count any more, and why. Refused once a payment relied on it."""

    voucher = models.OneToOneField(
        Voucher,
        on_delete=models.PROTECT,
        related_name="withdrawal",
        verbose_name=pgettext_lazy("of a payment", "voucher"),
    )
    reason = models.CharField(_("reason"), max_length=200)
    withdrawn_at = models.DateTimeField(_("withdrawn at"))
    withdrawn_by = models.ForeignKey(
        ACCOUNT, on_delete=models.PROTECT, related_name="+", verbose_name=_("withdrawn by")
    )

    class Meta:
        verbose_name = _("withdrawal of a voucher")
        verbose_name_plural = _("withdrawals of vouchers")
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="voucher_withdrawal_has_reason"),
        ]

    def __str__(self) -> str:
        return str(self.voucher)


class PaymentVoucher(AppendOnlyModel):
    """What a payment relied on: an uploaded voucher, or the portal's own plan, roll or fee sheet.

    `digest` is what it was at the payment (SHA-256).
    """

    payment = models.ForeignKey(
        FundTransaction,
        on_delete=models.PROTECT,
        related_name="vouchers",
        verbose_name=_("payment"),
    )
    kind = models.CharField(_("kind of voucher"), max_length=20, choices=VoucherKind)
    voucher = models.ForeignKey(
        Voucher,
        on_delete=models.PROTECT,
        null=True,
        related_name="payments",
        verbose_name=pgettext_lazy("of a payment", "voucher"),
    )
    digest = models.CharField(_("digest"), max_length=64)

    class Meta:
        verbose_name = _("voucher of a payment")
        verbose_name_plural = _("vouchers of payments")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=~Q(digest=""), name="payment_voucher_has_digest"),
            models.UniqueConstraint(fields=["payment", "voucher"], name="payment_voucher_once"),
            models.UniqueConstraint(
                fields=["payment", "kind"],
                condition=Q(voucher=None),
                name="payment_voucher_of_portal_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.payment} · {self.get_kind_display()}"
