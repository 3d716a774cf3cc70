"""What a field that names an organisation offers while it is typed."""

from __future__ import annotations

from django.http import JsonResponse
from django.views.decorators.http import require_safe

from accounts.entry import everyone_page
from accounts.requests import PersonRequest
from config.lib.period_forms import read_day
from config.lib.periods import inclusive_period
from schools.queries.finding import find_organisations, typed_as


@require_safe
@everyone_page
def organisations(request: PersonRequest) -> JsonResponse:
    """The first organisations in sight that fit the text `q`, as of the day `on`, by default today.

    Others than those who see organisations get none.
    """
    on = request.today
    day = read_day(request.GET.get("on", "")) or on
    found = find_organisations(
        request.user, request.GET.get("q", ""), inclusive_period(day, day), on
    )
    hits = [{"value": typed_as(row), "text": row.name, "why": row.code} for row in found.shown]
    return JsonResponse({"hits": hits, "more": found.has_more})
