"""Reminding the clerks of rolls, from the list of sessions."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.origin import Actor
from accounts.requests import PersonRequest
from config.lib.methods import write_only
from config.lib.row_keys import is_row_key
from rolls.actions.reminders import remind_of_rolls
from schools.permissions import staff_page


@write_only
@staff_page
def remind(request: PersonRequest) -> HttpResponse:
    """Remind of one session or of several; leads back to the list as it was narrowed."""
    sent = request.POST.get("session", "").split(",")
    keys = [int(key) for key in sent if is_row_key(key)]
    n = remind_of_rolls(session_ids=keys, by=Actor.of_request(request), at=request.now)
    if n:
        text = ngettext(
            "The clerks are reminded of %(n)d roll; it stands on their home page.",
            "The clerks are reminded of %(n)d rolls; they stand on their home page.",
            n,
        )
        messages.success(request, text % {"n": n})
    else:
        messages.info(request, _("Nobody was reminded: it was done today, or the roll is not due."))
    query = request.GET.urlencode()
    return redirect(f"{reverse('rolls:sessions')}{'?' if query else ''}{query}")
