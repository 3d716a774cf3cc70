"""Organisations: search, one level at a time, and one organisation as of a day."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.requests import PersonRequest
from config.lib.filters import LONGEST_TEXT, ListRequest
from config.lib.paging import page_of
from config.lib.periods import is_in_reach, last_day
from config.lib.resident_ids import holds_resident_id
from schools.enums import STANDS_BELOW
from schools.models import Organisation, Placement, School
from schools.permissions import keeps_network, staff_page
from schools.queries.successions import merged_into, organisation_events
from schools.queries.tree import list_children, list_closed_children, list_path, list_top, name_on
from trainees import lists
from trainees.filters import tree_filters
from trainees.queries.organisations import count_below, list_posts


@require_safe
@staff_page
def organisations(request: PersonRequest) -> HttpResponse:
    """The highest visible organisations, or all results of a search."""
    now = request.today
    if holds_resident_id(request.GET.get("name", "")):
        messages.warning(
            request, _("Search by name or code: an ID number does not belong in an address.")
        )
        return redirect("trainees:organisations")
    asked = ListRequest(request.user, request.GET, request.now)
    filters = tree_filters(asked)
    context: dict[str, object] = {
        "text": filters.value("name"),
        "closed": filters.value("closed"),
        "filters": filters,
        "export": "tree",
        "may_found": keeps_network(request.user),
        "on": now,
    }
    if filters.value("name"):
        context["page_obj"] = _found(request, lists.tree(asked, filters), now)
    else:
        school = School.objects.filter(pk=filters.value("school") or 0).first()
        context["school"] = school
        context["rows"] = _rows(list(list_top(request.user, now, school)), now)
    return render(request, "trainees/organisations.html", context)


def _found(request: PersonRequest, organisations: QuerySet, now: date) -> object:
    """A page of search results, each with its place today."""
    page = page_of(request, organisations)
    shown = list(page.object_list)
    places = {
        place.organisation_id: place
        for place in Placement.objects.in_force(now)
        .filter(organisation__in=shown)
        .select_related("parent", "township")
    }
    for organisation in shown:
        organisation.place = places.get(organisation.pk)
    page.object_list = shown
    return page


@require_safe
@staff_page
def organisation(request: PersonRequest, organisation_id: int) -> HttpResponse:
    """One organisation: its facts, its place, its members, and the organisations below."""
    now = request.today
    on = asked_day(request, now)
    visible: QuerySet = Organisation.objects.visible_to(request.user, now)
    organisation = get_object_or_404(
        visible.shown_as_of(request.user, now, on),  # type: ignore[attr-defined]
        pk=organisation_id,
    )
    exists = on in organisation.period
    places = list(
        organisation.placements.select_related("parent", "township", "village").order_by("period")
    )
    path = list_path(request.user, organisation, on, now)
    page = page_of(request, list_children(organisation, on))
    events = organisation_events(organisation, visible, address_of)
    closed = request.GET.get("closed") == "1"
    context = {
        "organisation": organisation,
        "name": name_on(organisation, on),
        "crumbs": crumbs_to(path, organisation.name),
        "placement": next((place for place in places if on in place.period), None),
        "places": places[::-1],
        "events": events[::-1],
        "merged_into": merged_into(events),
        "names": list(organisation.name_changes.all())[::-1],
        "counts": count_below([organisation.pk], on)[organisation.pk],
        "page_obj": page,
        "rows": _rows(list(page.object_list), on),
        "closed": closed,
        "closed_rows": list_closed_children(organisation, on).filter(organisation__in=visible)
        if closed
        else [],
        "posts": list_posts(organisation, on),
        "on": on,
        "asked": {"above": organisation.pk, "on": on.isoformat()},
        "today": now,
        "is_today": on == now,
        "exists": exists,
        "last_day": last_day(organisation.period),
        "may_add": any(organisation.kind in above for above in STANDS_BELOW.values()),
        "may_change": keeps_network(request.user) and organisation.period.upper is None,
    }
    return render(request, "trainees/organisation.html", context)


def asked_day(request: PersonRequest, now: date) -> date:
    """The day in the URL; today if there is none or it is invalid."""
    asked = request.GET.get("on", "")
    try:
        day = date.fromisoformat(asked) if asked else now
    except ValueError:
        day = date.max
    if is_in_reach(day):
        return day
    text = _("“%(day)s” is no day: what is shown is as of today.")
    messages.warning(request, text % {"day": asked[:LONGEST_TEXT]})
    return now


def crumbs_to(path: list[Organisation], *here: str) -> list[dict[str, str]]:
    """The path from the list of organisations to a page."""
    crumbs = [{"label": _("Organisations"), "url": reverse("trainees:organisations")}]
    crumbs += [
        {"label": organisation.name, "url": address_of(organisation)} for organisation in path
    ]
    return crumbs + [{"label": label, "url": ""} for label in here]


def address_of(organisation: Organisation) -> str:
    """The page of an organisation."""
    return reverse("trainees:organisation", args=[organisation.pk])


def _rows(places: list[Placement], on: date) -> list[dict[str, object]]:
    counts = count_below([place.organisation_id for place in places], on)
    return [{"place": place, "counts": counts[place.organisation_id]} for place in places]
