"""What the pages of figures begin with, and how they print."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.origin import Actor
from accounts.requests import PersonRequest
from backstage.papers import MEDIA_TYPE as PDF
from backstage.views import attach
from config.lib.documents import DocumentError, set_document
from config.lib.filters import Filters, ListRequest
from fund_reports.actions.printing import record_print
from fund_reports.papers import TEMPLATE
from schools.models import School


def ask(
    request: PersonRequest, read: Callable[[ListRequest], Filters]
) -> tuple[ListRequest, Filters]:
    """The request and its filters, for who may read the money."""
    asked = ListRequest(request.user, request.GET, request.now)
    return asked, read(asked)


def address(page: str, query: Mapping[str, object]) -> str:
    """A page of this app with a query; what is empty is left out."""
    return f"{reverse(f'fund_reports:{page}')}?{urlencode(_without_nothing(query))}"


def _without_nothing(query: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in query.items() if value not in {"", None}}


def address_of_costs(filters: Filters, **query: object) -> str:
    """The list of costs of the same year, school and channel."""
    names = {"year": "year", "school": "school", "channel": "fund_channel"}
    chosen = {name: filters.value(key) for name, key in names.items()} | query
    return f"{reverse('funding:commitments')}?{urlencode(_without_nothing(chosen))}"


def narrowed_to(filters: Filters) -> dict[str, str]:
    """What the trail keeps of filters."""
    return {item.name: item.audit_text or item.value for item in filters.items if item.words}


def code_of_school(filters: Filters) -> str:
    """The code of the chosen school, for the trail; empty for all of them."""
    key = filters.value("school")
    return School.objects.values_list("code", flat=True).get(pk=key) if key else ""


def print_paper(
    request: PersonRequest,
    paper: Mapping[str, Any],
    *,
    back: str,
    narrowed: Mapping[str, str],
    school_code: str = "",
) -> HttpResponse:
    """The paper as a PDF; printing it is audited."""
    try:
        pdf = set_document(TEMPLATE, paper)
    except DocumentError as error:
        messages.error(request, str(error))
        return redirect(back)
    name = f"{paper['heading']}.pdf"
    record_print(
        name=name,
        narrowed=narrowed,
        school_code=school_code,
        by=Actor.of_request(request),
        at=request.now,
    )
    return attach(HttpResponse(pdf, content_type=PDF), name)
