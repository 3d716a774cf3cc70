"""The page on which the organisation department decides on an exception."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _

from accounts.requests import PersonRequest
from config.lib.methods import read_or_write
from funding.actions.exceptions import decide_exception
from funding.forms import ExceptionForm
from funding.models import ExceptionDecision
from funding.permissions import allocates, fund_page
from funding.views.commitments import exception_context, get_commitment, step
from schools.views.acting import acting, sent


@read_or_write
@fund_page
def decide(request: PersonRequest, commitment_id: int) -> HttpResponse:
    """The department grants or refuses what a cost is beyond its rule."""
    found = get_commitment(request, commitment_id)
    if not allocates(request.user):
        raise PermissionDenied
    about = exception_context(found)
    if about["exception"] is None:
        raise Http404

    def do(data: dict[str, Any]) -> ExceptionDecision:
        facts = {name: data[name] for name in ("outcome", "reason")}
        return decide_exception(commitment_id=found.pk, **facts, **acting(request))

    words = (
        _("Decide on the exception"),
        _("Decide"),
        _("The exception is decided."),
    )
    about |= {"about": "funding/exception.html", "commitment": found}
    return step(
        request, found, ExceptionForm(sent(request)), do=do, effects=_say, words=words, about=about
    )


def _say(decision: ExceptionDecision) -> list[str]:
    outcome, reason = decision.get_outcome_display(), decision.reason
    return [_("The exception is %(outcome)s: %(reason)s") % {"outcome": outcome, "reason": reason}]
