"""Exceptions from a rule: what a clerk asks for with a cost, and what another person decides."""

from typing import cast

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from config.lib.append_only import AppendOnlyModel
from funding.amounts import AmountField
from funding.enums import ExceptionOutcome
from funding.models.commitments import Commitment
from funding.models.rules import FeeRule, LimitRule


class ExceptionRequest(AppendOnlyModel):
    """Why a commitment should be beyond a rule, asked for with it, by the same clerk.

    The rule is `limit_rule`, or without it the rule of the fee. `most` is what it allowed then,
    `reached` what the commitment came to; of a class with all its costs (yuan).
    """

    commitment = models.OneToOneField(
        Commitment,
        on_delete=models.PROTECT,
        related_name="exception",
        verbose_name=_("commitment"),
    )
    limit_rule = models.ForeignKey(
        LimitRule,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("limit of costs"),
    )
    most = AmountField(_("allowed by the rule (yuan)"))
    reached = AmountField(_("reached (yuan)"))
    reason = models.CharField(_("reason"), max_length=200)

    class Meta:
        verbose_name = _("request for an exception")
        verbose_name_plural = _("requests for exceptions")
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="exception_request_has_reason"),
            models.CheckConstraint(
                condition=Q(reached__gt=F("most")), name="exception_request_is_beyond"
            ),
        ]

    def __str__(self) -> str:
        return str(self.commitment)

    @property
    def rule(self) -> LimitRule | FeeRule:
        """The rule that the commitment is beyond."""
        return self.limit_rule or cast(FeeRule, self.commitment.fee_rule)


class ExceptionDecision(AppendOnlyModel):
    """The organisation department grants an exception or refuses it, once, with a reason."""

    request = models.OneToOneField(
        ExceptionRequest,
        on_delete=models.PROTECT,
        related_name="decision",
        verbose_name=_("request for an exception"),
    )
    outcome = models.CharField(_("outcome"), max_length=10, choices=ExceptionOutcome)
    reason = models.CharField(_("reason"), max_length=200)
    decided_at = models.DateTimeField(_("decided at"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("decided by"),
    )

    class Meta:
        verbose_name = _("decision on an exception")
        verbose_name_plural = _("decisions on exceptions")
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="exception_decision_has_reason"),
        ]

    def __str__(self) -> str:
        return self.get_outcome_display()
