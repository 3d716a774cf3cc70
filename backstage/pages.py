"""Responses that all apps share."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from accounts.requests import PersonRequest
from config.lib.resident_ids import holds_resident_id


def conflict_page(request: PersonRequest, message: str = "", status: int = 409) -> HttpResponse:
    """The page for what can no longer be done; the default message is for a reused key."""
    message = message or _("This form was sent before with other content.")
    return render(request, "409.html", {"message": message}, status=status)


def incomplete_page(request: PersonRequest) -> HttpResponse:
    """The page for a form that lacks what only its page fills in."""
    message = _("The form arrived incomplete. Load the page and try again.")
    return conflict_page(request, message, 422)


def holds_id_number(request: PersonRequest) -> bool:
    """Whether the address contains an ID number, which logs would store; warns the user."""
    if not any(holds_resident_id(value) for value in request.GET.dict().values()):
        return False
    messages.warning(
        request, _("Search by name or number: an ID number does not belong in an address.")
    )
    return True
