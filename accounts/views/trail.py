"""The audit trail, for audit administrators only."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.audit_labels import act_label
from accounts.entry import page_for
from accounts.enums import Role
from accounts.models import AuditEntry
from accounts.requests import PersonRequest
from accounts.trail import (
    actor_label,
    is_intact,
    kind_label,
    list_changes,
    list_trail,
    object_name,
    older_than,
    trail_filters,
)
from config.lib.filters import ListRequest
from config.lib.paging import PAGE_SIZE
from config.lib.resident_ids import holds_resident_id


@require_safe
@page_for(Role.AUDIT_ADMINISTRATOR)
def trail(request: PersonRequest) -> HttpResponse:
    """Search the audit trail, newest first. Pages begin after an entry, so no total is counted."""
    if any(holds_resident_id(value) for value in request.GET.dict().values()):
        messages.warning(
            request, _("Search by name or number: an ID number does not belong in an address.")
        )
        return redirect(request.path)
    asked = ListRequest(request.user, request.GET, request.now)
    filters = trail_filters(asked)
    rows = list_trail(asked, filters)
    above = _entry(request.GET.get("below", ""))
    entries = list((older_than(rows, above) if above else rows)[: PAGE_SIZE + 1])
    context = {
        "filters": filters,
        "lines": [_line(entry) for entry in entries[:PAGE_SIZE]],
        "last": entries[PAGE_SIZE - 1] if len(entries) > PAGE_SIZE else None,
        "is_first": above is None,
        "export": "trail",
    }
    return render(request, "accounts/trail.html", context)


@require_safe
@page_for(Role.AUDIT_ADMINISTRATOR)
def trail_entry(request: PersonRequest, entry_id: int) -> HttpResponse:
    """An entry in full, with the values before and after."""
    entry = get_object_or_404(AuditEntry, pk=entry_id)
    context = _line(entry) | {"changes": list_changes(entry)}
    return render(request, "accounts/trail_entry.html", context)


def _entry(key: str) -> AuditEntry | None:
    digits = key.isascii() and key.isdigit() and len(key) < 19
    return AuditEntry.objects.filter(pk=int(key)).first() if digits else None


def _line(entry: AuditEntry) -> dict[str, Any]:
    return {
        "entry": entry,
        "who": actor_label(entry),
        "name": object_name(entry),
        "act": act_label(entry.act),
        "kind": kind_label(entry.object_type),
        "is_intact": is_intact(entry),
    }
