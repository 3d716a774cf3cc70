"""Slips that were issued for one's own account."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import actions
from accounts.entry import everyone_page
from accounts.models import AuditEntry, SlipBatch
from accounts.origin import Actor
from accounts.requests import PersonRequest
from config.lib.methods import write_only

_SHOWN = 10


@require_safe
@everyone_page
def own_slips(request: PersonRequest) -> HttpResponse:
    """Who issued slips for the user's account, and when; the user confirms to have seen it."""
    issued = AuditEntry.objects.about(request.user).filter(act="issue_slip")[:_SHOWN]
    batches = SlipBatch.objects.select_related("issued_by").in_bulk(
        [entry.after["batch"] for entry in issued]
    )
    context = {
        "lines": [(entry, batches[entry.after["batch"]].issued_by) for entry in issued],
        "is_unseen": request.user.has_unseen_slip,
    }
    return render(request, "accounts/own_slips.html", context)


@write_only
@everyone_page
def see_slip(request: PersonRequest) -> HttpResponse:
    """The user has seen it: the notice goes from the pages."""
    actions.see_slip(user=request.user, by=Actor.of_request(request), at=request.now)
    messages.success(request, _("Thank you. The notice is gone from your pages."))
    return redirect("home")
