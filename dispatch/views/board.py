"""The board of the dispatch desk: a week by lecturer or by school."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.requests import PersonRequest
from config.lib.periods import parse_day, today
from config.lib.weeks import list_days, monday_of, weeks_from
from dispatch.queries.board import BoardBy, list_board
from dispatch.views.desk import desk_crumbs, require_desk

_WORDS = {
    BoardBy.LECTURER: gettext_lazy("by lecturer"),
    BoardBy.SCHOOL: gettext_lazy("by school"),
}


@require_safe
def board(request: PersonRequest) -> HttpResponse:
    """A week with all that is taught or engaged; without a day asked for, the week of today."""
    require_desk(request)
    asked = request.GET.get("by", "")
    by = BoardBy(asked) if asked in set(BoardBy) else BoardBy.LECTURER
    monday = monday_of(parse_day(request.GET.get("day", "")) or today())
    context = {
        "lines": list_board(monday, by),
        "days": list_days(monday),
        "views": [
            {"label": words, "url": _address(monday, kind), "is_current": kind is by}
            for kind, words in _WORDS.items()
        ],
        "before": _address(weeks_from(monday, -1), by),
        "after": _address(weeks_from(monday, 1), by),
        "crumbs": desk_crumbs(_("Board of the week")),
    }
    return render(request, "dispatch/board.html", context)


def _address(monday: date, by: BoardBy) -> str:
    return f"?{urlencode({'day': monday.isoformat(), 'by': by.value})}"
