"""The organisation department decides whether a cost may be beyond a rule."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.origin import Actor, person_of
from funding.actions.commitments import find_check, record_step, require_another
from funding.actions.ledger import funds_of_cost, lock_funds, sum_stages
from funding.enums import ExceptionOutcome, Stage
from funding.errors import FundError
from funding.models import Commitment, ExceptionDecision, ExceptionRequest
from funding.permissions import allocates


def decide_exception(
    *, commitment_id: int, outcome: str, reason: str, by: Actor, at: datetime
) -> ExceptionDecision:
    """Grant the exception of a commitment or refuse it, after the custodian's check.

    Nobody decides on what they asked for or checked, or on a fee of their own. Raises
    PermissionDenied and FundError.
    """
    person = person_of(by)
    if not allocates(person):
        raise PermissionDenied
    with transaction.atomic():
        related = ("school", "instructor", "training_class")
        commitment = Commitment.objects.select_related(*related).get(pk=commitment_id)
        lock_funds(funds_of_cost(commitment))
        asked = ExceptionRequest.objects.filter(commitment=commitment).first()
        if asked is None:
            raise FundError(_("Nobody asked for an exception for this cost."))
        is_decided = ExceptionDecision.objects.filter(request=asked).exists()
        if is_decided or not sum_stages(commitment).get(Stage.COMMITTED):
            raise FundError(_("This commitment went another step meanwhile."))
        check = find_check(commitment)
        if check is None:
            raise FundError(_("The custodian has not checked this cost yet."))
        require_another(commitment, [commitment.requested_by_id, check.checked_by_id], by)
        if not reason.strip():
            raise FundError(_("Say why it is granted or refused."), "reason")
        decision = ExceptionDecision.objects.create(
            request=asked,
            outcome=ExceptionOutcome(outcome),
            reason=reason.strip(),
            decided_at=at,
            decided_by=person,
        )
        facts = {"outcome": outcome, "reason": decision.reason}
        record_step("decide_exception", commitment, by, at, **facts)
    return decision
