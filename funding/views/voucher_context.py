"""What pages of a cost show of its vouchers."""

from __future__ import annotations

from typing import Any

from accounts.requests import PersonRequest
from funding.enums import CommitmentState
from funding.models import Commitment
from funding.permissions import asks_for_money
from funding.queries.vouchers import list_checklist, list_relied_on
from schools.permissions import sees_schools


def checklist_context(request: PersonRequest, found: Commitment) -> dict[str, Any]:
    """The checklist of a payment of today, with the ways that are open to the person."""
    checklist = list_checklist(found, request.today)
    is_open = found.state != CommitmentState.SETTLED  # type: ignore[attr-defined]
    return {
        "commitment": found,
        "checklist": checklist,
        "has_gaps": any(not line.is_there for line in checklist),
        "is_open": is_open,
        "may_supply": is_open and asks_for_money(request.user, found.school_id, request.today),
        "is_staff": sees_schools(request.user),
    }


def voucher_context(request: PersonRequest, found: Commitment) -> dict[str, Any]:
    """The checklist, what payments relied on, and what was withdrawn."""
    relied_on = list_relied_on(found)
    kept = {row.voucher_id for row in relied_on}
    context = checklist_context(request, found)
    if not context["is_open"]:
        context["checklist"] = []
    withdrawn = found.vouchers.filter(withdrawal__isnull=False)
    return context | {
        "relied_on": relied_on,
        "kept": kept,
        "withdrawn": withdrawn.select_related("file", "withdrawal__withdrawn_by"),
    }
