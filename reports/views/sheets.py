"""Statistics sheets for any days: the portal's own, and those in an office's layout."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.entry import page_if
from accounts.requests import PersonRequest
from backstage.confirmations import Confirmation, confirm_action
from backstage.files import FileError, read_file
from backstage.forms import IdempotentForm
from backstage.submissions import carry_out_once, submit_once
from backstage.uploads import TOO_LARGE, back_when_too_large
from backstage.views import attach, inert
from config.lib.dates import format_days
from config.lib.filters import Filters, ListRequest
from config.lib.hours import ZERO
from config.lib.methods import read_or_write, write_only
from config.lib.paging import WORK_PAGE_SIZE, page_of
from config.lib.periods import inclusive_period
from config.lib.spreadsheet_layouts import LayoutError
from reports import sheet_lists
from reports.actions.layouts import explain_words, keep_layout, order_filling, withdraw_layout
from reports.errors import SheetError
from reports.models import SheetLayout
from reports.permissions import keeps_layout, keeps_some_layout, offices_of
from reports.sheet_forms import FillForm, LayoutForm, WordsForm, name_of_field
from reports.sheets.reading import Reading, open_layout, read_layout
from reports.sheets.words import OF_STUDIES, Vocabulary
from schools.models import School
from schools.permissions import staff_page
from schools.views.acting import acting, sent


@require_safe
@staff_page
def statistics(request: PersonRequest) -> HttpResponse:
    """The sheet of the portal: events and person-times by school and source, for any days."""
    asked = ListRequest(request.user, request.GET, request.now)
    filters = sheet_lists.day_filters(asked)
    rows = sheet_lists.statistics_rows(asked, filters)
    days = sheet_lists.days_of(filters)
    context = {
        "filters": filters,
        "days": format_days(inclusive_period(days.first, days.last)),
        "tables": [
            (_("By source"), *_part(rows, filters, is_by_source=True)),
            (_("In all"), *_part(rows, filters, is_by_source=False)),
        ],
        "now": asked.now,
        "export": "statistics",
    }
    return render(request, "reports/statistics.html", context)


def _part(
    rows: list[sheet_lists.StatisticsRow], filters: Filters, *, is_by_source: bool
) -> tuple[list[str], list[Any]]:
    """The heads and lines of the columns by source, or of the others; each with its address."""
    places = [
        place
        for place, (_measure, source) in enumerate(sheet_lists.COLUMNS)
        if bool(source) == is_by_source
    ]
    heads = [sheet_lists.head_of(*sheet_lists.COLUMNS[place]) for place in places]

    def cell(row: sheet_lists.StatisticsRow, place: int, head: str) -> tuple[Any, ...]:
        measure, source = sheet_lists.COLUMNS[place]
        query = filters.query | {"school": row.key} if row.key else dict(filters.query)
        query |= {"source": source} if source else {}
        address = f"{reverse('reports:statistics_sessions')}?{urlencode(query)}"
        kind = "hours" if measure in {"taught", "hours"} else "number"
        return row.figures[place], kind, "" if measure in OF_STUDIES else address, head

    lines = [
        (row.name, [cell(row, place, head) for place, head in zip(places, heads, strict=True)])
        for row in rows
    ]
    return heads, lines


@require_safe
@staff_page
def sessions(request: PersonRequest) -> HttpResponse:
    """The sessions behind a figure of the sheet."""
    asked = ListRequest(request.user, request.GET, request.now)
    filters = sheet_lists.session_filters(asked)
    rows = sheet_lists.session_rows(asked, filters)
    context = {
        "page_obj": page_of(request, rows, WORK_PAGE_SIZE),
        "filters": filters,
        "title": _("Sessions of the statistics"),
        "hours": sum((row.hours for row in rows), ZERO),
        "times": sum(row.delivered.person_times for row in rows),
        "export": "statistics-sessions",
    }
    return render(request, "reports/report_sessions.html", context)


@require_safe
@staff_page
def member_hours(request: PersonRequest) -> HttpResponse:
    """The second sheet: every member with the hours of the days, those with none included."""
    asked = ListRequest(request.user, request.GET, request.now)
    filters = sheet_lists.day_filters(asked)
    rows = sheet_lists.member_rows(asked, filters)
    context = {
        "page_obj": page_of(request, rows, WORK_PAGE_SIZE),
        "filters": filters,
        "export": "statistics-members",
    }
    return render(request, "reports/statistics_members.html", context)


@require_safe
@staff_page
def layouts(request: PersonRequest) -> HttpResponse:
    """The layouts that are kept, by name."""
    rows = SheetLayout.objects.visible_to(request.user, request.today).offered()
    context = {
        "page_obj": page_of(request, rows.select_related("school", "file", "uploaded_by")),
        "may_add": keeps_some_layout(request.user),
    }
    return render(request, "reports/layouts.html", context)


@back_when_too_large("reports:add_layout")
@read_or_write
@page_if(keeps_some_layout)
def add(request: PersonRequest) -> HttpResponse:
    """Upload a layout of the district or of the own school."""
    offices = offices_of(request.user, request.today)
    if keeps_layout(request.user, None, request.today):
        offices = [("", _("the whole district")), *offices]
    if request.method != "POST":
        problem = ""
        if request.GET.get(TOO_LARGE) is not None:
            text = _("This file is larger than %(n)d MB.")
            problem = text % {"n": settings.UPLOAD_MAX_BYTES // 1024**2}
        return _render_form(request, LayoutForm(offices=offices), problem)
    form = LayoutForm(request.POST, request.FILES, offices=offices)

    def do() -> str:
        upload, school = form.cleaned_data["upload"], form.cleaned_data["school"]
        kept = keep_layout(
            name=form.cleaned_data["name"],
            school_id=int(school) if school else None,
            data=upload.read(),
            file_name=upload.name,
            **acting(request),
        )
        return reverse("reports:layout", args=[kept.pk])

    answer = submit_once(request, form, do=do, refusals=(SheetError,))
    return answer or _render_form(request, form)


def _render_form(request: PersonRequest, form: LayoutForm, problem: str = "") -> HttpResponse:
    title = _("Add a layout")
    context = {
        "form": form,
        "problem": problem,
        "title": title,
        "submit_label": _("Add"),
        "cancel_url": reverse("reports:layouts"),
        "crumbs": crumbs_to(title),
        "errors_shown": bool(form.errors or problem),
    }
    status = 422 if form.errors else 409 if problem else 200
    return render(request, "reports/add_layout.html", context, status=status)


@read_or_write
@staff_page
def layout(request: PersonRequest, layout_id: int) -> HttpResponse:
    """A layout: what each of its words was understood as, which its keeper may say otherwise."""
    found = _get(request, layout_id)
    may_change = (
        keeps_layout(request.user, found.school_id, request.today) and not found.withdrawn_at
    )
    vocabulary = _vocabulary(request, found)
    try:
        reading = read_layout(open_layout(read_file(found.file)), vocabulary)
    except (FileError, LayoutError) as error:
        messages.error(request, str(error))
        return redirect("reports:layouts")
    words = list(reading.words.values())
    form = WordsForm(sent(request), words=words, vocabulary=vocabulary, chosen=found.chosen)
    if request.method == "POST":
        if not may_change:
            raise PermissionDenied
        if form.is_valid():
            try:
                explain_words(layout_id=found.pk, chosen=form.chosen, **acting(request))
            except SheetError as error:
                messages.error(request, error.message)
            else:
                messages.success(request, _("The words mean what you chose."))
            return redirect("reports:layout", found.pk)
    context = _context(request, found, reading, vocabulary, form) | {"may_change": may_change}
    return render(request, "reports/layout.html", context, status=422 if form.errors else 200)


def _context(
    request: PersonRequest,
    found: SheetLayout,
    reading: Reading,
    vocabulary: Vocabulary,
    form: WordsForm,
) -> dict[str, Any]:
    return {
        "layout": found,
        "reading": reading,
        "words": [
            (
                word,
                [vocabulary.label(code) for code in word.codes],
                form[name_of_field(word)],
            )
            for word in reading.words.values()
        ],
        "unknown": sum(not word.codes for word in reading.words.values()),
        "form": form,
        "fill_form": FillForm(None, schools=_schools(request), today=request.today),
        "crumbs": crumbs_to(found.name),
    }


@write_only
@staff_page
def fill(request: PersonRequest, layout_id: int) -> HttpResponse:
    """Order the filled copy for some days; it is a file of one's own jobs."""
    found = _get(request, layout_id)
    form = FillForm(request.POST, schools=_schools(request), today=request.today)
    if not form.is_valid():
        for errors in form.errors.values():
            messages.error(request, " ".join(map(str, errors)))
        return redirect("reports:layout", found.pk)
    data = form.cleaned_data

    def do() -> None:
        order_filling(
            layout=found,
            first=data["first"],
            last=data["last"],
            school=data["school"],
            **acting(request),
        )

    return carry_out_once(request, form, do=do, to=reverse("backstage:jobs"))


@require_safe
@inert
@staff_page
def layout_file(request: PersonRequest, layout_id: int) -> HttpResponse:
    """The layout as it was uploaded."""
    found = _get(request, layout_id)
    try:
        data = read_file(found.file)
    except FileError as error:
        raise Http404 from error
    return attach(HttpResponse(data, content_type=found.file.media_type), found.file.name)


@read_or_write
@staff_page
def withdraw(request: PersonRequest, layout_id: int) -> HttpResponse:
    """Offer a layout no more."""
    found = _get(request, layout_id)
    if not keeps_layout(request.user, found.school_id, request.today):
        raise PermissionDenied

    def effects(_done: SheetLayout) -> list[str]:
        return [_("The layout is not offered any more; copies that were filled in stay.")]

    title = _("Withdraw the layout %(name)s") % {"name": found.name}
    page: dict[str, object] = {
        "title": title,
        "submit_label": _("Withdraw it"),
        "done": _("The layout is withdrawn."),
        "cancel_url": reverse("reports:layout", args=[found.pk]),
        "crumbs": crumbs_to(title),
        "has_no_entries": True,
    }
    steps = Confirmation(
        IdempotentForm(sent(request)),
        lambda _data: withdraw_layout(layout_id=found.pk, **acting(request)),
        effects,
        (SheetError,),
        reverse("reports:layouts"),
        page,
    )
    return confirm_action(request, steps)


def _get(request: PersonRequest, layout_id: int) -> SheetLayout:
    rows = SheetLayout.objects.visible_to(request.user, request.today).select_related(
        "school", "file"
    )
    return get_object_or_404(rows, pk=layout_id)


def _schools(request: PersonRequest) -> Any:
    return School.objects.visible_to(request.user, request.today).order_by("code")


def _vocabulary(request: PersonRequest, found: SheetLayout) -> Vocabulary:
    return Vocabulary(list(_schools(request)), found.chosen)


def crumbs_to(label: str) -> list[dict[str, str]]:
    """The layouts, this page."""
    return [
        {"label": _("Layouts of statistics sheets"), "url": reverse("reports:layouts")},
        {"label": label, "url": ""},
    ]
