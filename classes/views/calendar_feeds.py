"""Calendars that fetch sessions by a private address, and the only page that shows it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from http import HTTPStatus

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse, HttpResponseNotModified
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.http import parse_etags
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.origin import Actor, site_address
from accounts.requests import PersonRequest, PortalRequest
from backstage.forms import IdempotentForm
from backstage.pages import incomplete_page
from backstage.submissions import carry_out_once
from classes.queries.calendar_feeds import find_feed, list_events_of
from config.lib.calendars import CONTENT_TYPE, write_calendar

# Calendars refresh by themselves; half an hour is fresh enough for a timetable.
CALENDAR_SECONDS = 1800


def show_new_address(request: PersonRequest, make: Callable[..., str], page: str) -> HttpResponse:
    """Make a calendar address as the form asks, and show it: no other page does.

    Only its hash is stored. If this is loaded again, the portal says that the address cannot be
    shown again; the address stays valid. `page` is the address of the page with the form.
    """
    back = page + "#calendar"
    if request.method != "POST":
        return redirect(back)
    form = IdempotentForm(request.POST)
    if not form.is_valid():
        return incomplete_page(request)
    by, at = Actor.of_request(request), request.now
    made: list[str] = []
    answer = carry_out_once(request, form, do=lambda: made.append(make(by=by, at=at)), to=back)
    if not made:
        if answer.status_code == HTTPStatus.FOUND:
            text = _("The address was shown once. It still opens your timetable.")
            messages.info(request, text)
        return answer
    address = site_address(request) + reverse("classes:calendar", args=made)
    return render(request, "classes/calendar_address.html", {"address": address, "back": page})


@login_not_required
@require_safe
def calendar(request: PortalRequest, token: str) -> HttpResponse:
    """The sessions that belong to the token, for a calendar that cannot sign in."""
    feed = find_feed(token)
    if feed is None:
        raise Http404
    now = request.now
    name, events = _("Classes of the Party school"), list_events_of(feed, now)
    # The ETag ignores the time of writing, which does not change the calendar's content.
    tag = hashlib.sha256(write_calendar(name, events, at=feed.made_at)).hexdigest()
    etag = f'W/"{tag[:32]}"'
    response: HttpResponse
    if etag in parse_etags(request.headers.get("If-None-Match", "")):
        response = HttpResponseNotModified()
    else:
        body = write_calendar(name, events, at=now)
        response = HttpResponse(body, content_type=CONTENT_TYPE)
    response.headers["ETag"] = etag
    patch_cache_control(response, private=True, max_age=CALENDAR_SECONDS)
    return response
