"""The board of the dispatch desk: a week by lecturer or by school, where sessions get lecturers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.entry import page_if
from accounts.requests import PersonRequest
from backstage.submissions import carry_out_once
from config.lib.dates import format_clock, format_day
from config.lib.filters import Filters, ListRequest
from config.lib.methods import read_or_write
from config.lib.periods import local_date, parse_day
from config.lib.weeks import list_days, monday_of, weeks_from
from dispatch.actions.desk import engage_lecturer
from dispatch.desk_forms import BoardForm
from dispatch.errors import DispatchError, StaleError
from dispatch.filters import board_filters
from dispatch.permissions import dispatches
from dispatch.queries.board import (
    BoardBy,
    BoardFilter,
    BoardItem,
    BoardLine,
    list_board,
    list_open_items,
)
from dispatch.views.desk import desk_crumbs
from instructors.models import AppointmentLetter, Instructor
from schools.views.acting import acting, sent

_WORDS = {
    BoardBy.LECTURER: gettext_lazy("by lecturer"),
    BoardBy.SCHOOL: gettext_lazy("by school"),
}


@read_or_write
@page_if(dispatches)
def board(request: PersonRequest) -> HttpResponse:
    """A week with all that is taught or engaged; its form puts a lecturer into the draft."""
    now = request.now
    asked = ListRequest(request.user, request.GET, now)
    filters = board_filters(asked)
    by = BoardBy(filters.value("by"))
    monday = monday_of(parse_day(filters.value("day")) or asked.today)
    names = ("school", "board_corps", "board_state")
    lines = list_board(monday, by, BoardFilter(*(filters.value(name) for name in names)))
    form = _form(request, lines, monday)
    status = 200
    if request.method == "POST":
        done = _assign(request, form)
        if isinstance(done, HttpResponse):
            return done
        status = done
    context = {
        "lines": lines,
        "days": list_days(monday),
        "filters": filters,
        "form": form,
        "views": [
            {"label": words, "url": _address(filters, monday, kind), "is_current": kind is by}
            for kind, words in _WORDS.items()
        ],
        "before": _address(filters, weeks_from(monday, -1), by),
        "after": _address(filters, weeks_from(monday, 1), by),
        "is_by_school": by is BoardBy.SCHOOL,
        "crumbs": desk_crumbs(_("Board of the week")),
    }
    return render(request, "dispatch/board.html", context, status=status)


def _form(request: PersonRequest, lines: Sequence[BoardLine], monday: date) -> BoardForm:
    """The form with the sessions that are shown and still to come, and who is appointed then."""
    now = request.now
    appointed = AppointmentLetter.objects.in_force(max(monday, request.today))
    return BoardForm(
        sent(request),
        sessions=[(item.value, _name(item)) for item in list_open_items(lines, now)],
        lecturers=Instructor.objects.filter(letters__in=appointed).distinct(),
    )


def _name(item: BoardItem) -> str:
    when = f"{format_day(local_date(item.starts_at))} {format_clock(item.starts_at)}"
    return " · ".join([when, item.school, item.course, item.lecturer or _("without a lecturer")])


def _assign(request: PersonRequest, form: BoardForm) -> HttpResponse | int:
    """Carry the form out and show the board again; else the status of the page with its errors."""
    if not form.is_valid():
        return 422
    chosen, lecturer = form.chosen, form.cleaned_data["instructor"]

    def do() -> None:
        engage_lecturer(
            letter_id=chosen.letter_id,
            number=chosen.number,
            instructor_id=lecturer.pk,
            reason=form.cleaned_data["reason"],
            seen=chosen.seen,
            **acting(request),
        )

    done = _("%(lecturer)s stands in the draft of the plan.") % {"lecturer": lecturer}
    try:
        return carry_out_once(request, form, do=do, to=request.get_full_path(), done=done)
    except DispatchError as error:
        form.refuse(error)
        return 409 if isinstance(error, StaleError) else 422


def _address(filters: Filters, monday: date, by: BoardBy) -> str:
    return f"?{urlencode({**filters.query, 'day': monday.isoformat(), 'by': by.value})}"
