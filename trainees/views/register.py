"""Importing the register (organisation department): upload, progress, preview, applying."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.audit import record_act
from accounts.entry import page_for
from accounts.enums import Role
from accounts.origin import Actor
from accounts.requests import PersonRequest
from backstage.files import FileError
from backstage.pages import conflict_page
from backstage.submissions import submit_once
from backstage.views import attach
from config.lib.filters import ListRequest, no_filters
from config.lib.methods import read_or_write, write_only
from config.lib.paging import WORK_PAGE_SIZE, page_of
from config.lib.spreadsheet_reading import SpreadsheetError
from schools.proposal_forms import MOST_AT_ONCE, ProposalsForm
from schools.queries.proposals import list_founded
from trainees import lists
from trainees.actions import register as actions
from trainees.actions.register import APPLY, RegisterError
from trainees.enums import ImportState, RowKind
from trainees.forms.register import RegisterApplyForm, RegisterColumnsForm, RegisterUploadForm
from trainees.imports.files import write_error_file, write_template
from trainees.models import RegisterImport
from trainees.queries.register import (
    count_rows,
    count_written,
    describe_rows,
    doubled_in_words,
    first_kind,
    holds_refused_rows,
    list_own_columns,
    list_rows,
    problem_of,
    sample_columns,
    sheets_of,
    unknown_in_words,
)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _get(register_id: int) -> RegisterImport:
    return get_object_or_404(
        RegisterImport.objects.defer("unchanged").select_related(
            "job", "uploaded_by", "applied_by", "file"
        ),
        pk=register_id,
    )


@read_or_write
@page_for(Role.ORGANISATION_DEPARTMENT)
def imports(request: PersonRequest) -> HttpResponse:
    """Upload a register; earlier imports, newest first."""
    form = RegisterUploadForm(request.POST or None, request.FILES or None, on=request.today)
    if answer := submit_once(
        request, form, do=lambda: _upload(request, form), refusals=(FileError, RegisterError)
    ):
        return answer
    asked = ListRequest(request.user, request.GET, request.now)
    rows = lists.imports(asked, no_filters(asked))
    page = page_of(request, rows)
    context = {"form": form, "page_obj": page, "export": "imports"}
    status = 422 if form.errors else 200
    return render(request, "trainees/register_imports.html", context, status=status)


def _upload(request: PersonRequest, form: RegisterUploadForm) -> str:
    """Begin the import; the address of its page."""
    uploaded = form.cleaned_data["file"]
    register = actions.start_import(
        data=uploaded.read(),
        file_name=uploaded.name,
        media_type=uploaded.content_type or "application/octet-stream",
        as_of=form.cleaned_data["as_of"],
        by=Actor.of_request(request),
        at=request.now,
    )
    return reverse("trainees:register_import", args=[register.pk])


@require_safe
@page_for(Role.ORGANISATION_DEPARTMENT)
def detail(request: PersonRequest, register_id: int) -> HttpResponse:
    """The state of an import: its progress, missing information, or the preview by rows."""
    register = _get(register_id)
    context: dict[str, Any] = {"register": register, "job": register.job, "apply_kind": APPLY}
    context |= {"problem": problem_of(register), "sheets": sheets_of(register)}
    context["doubled"] = doubled_in_words(register)
    if register.state in {ImportState.READY, ImportState.APPLIED, ImportState.NOTHING}:
        counts = count_rows(register)
        kind = request.GET.get("kind", "")
        if kind not in RowKind:
            kind = first_kind(register).value
        page = page_of(request, list_rows(register, kind), WORK_PAGE_SIZE)
        context |= {
            "counts": counts,
            "kind": RowKind(kind),
            "page_obj": page,
            "lines": describe_rows(page),
            "is_swept": bool(register.counts.get(kind)) and not page.paginator.count,
            "refused": register.counts.get(RowKind.REFUSED.value, 0),
            "written": count_written(register),
            "export": "import-rows",
            "asked": {"import": register.pk, "rows": kind},
            "unknown": unknown_in_words(register),
            "is_empty": not any(register.counts.values()),
            "is_of_refused": holds_refused_rows(register),
            "proposed": register.proposals.count(),
            "proposals": list_founded(register.proposals),
        }
    return render(request, "trainees/register_import.html", context)


@read_or_write
@page_for(Role.ORGANISATION_DEPARTMENT)
def columns(request: PersonRequest, register_id: int) -> HttpResponse:
    """Explain the columns of an office once; their headers are remembered."""
    register = _get(register_id)
    form = RegisterColumnsForm(
        request.POST or None,
        headers=register.headers,
        own=list_own_columns(register),
        samples=sample_columns(register),
    )
    if request.method == "POST" and form.is_valid():
        return _act(
            request,
            register,
            lambda kwargs: actions.explain_columns(
                fields=form.fields_by_text(), chosen=form.chosen(), **kwargs
            ),
        )
    context = {"register": register, "form": form}
    status = 422 if form.errors else 200
    return render(request, "trainees/register_columns.html", context, status=status)


@read_or_write
@page_for(Role.ORGANISATION_DEPARTMENT)
def organisations(request: PersonRequest, register_id: int) -> HttpResponse:
    """Decide which organisations that the file names and that do not exist are founded with it."""
    register = _get(register_id)
    if register.state != ImportState.READY:
        return redirect("trainees:register_import", register.pk)
    proposals = register.proposals.select_related("parent", "parent_proposal")
    shown = list(proposals[:MOST_AT_ONCE])
    form = ProposalsForm(request.POST or None, proposals=shown, on=register.as_of)
    if request.method == "POST" and form.is_valid():
        return _act(
            request,
            register,
            lambda kwargs: actions.decide_proposals(places=form.places, **kwargs),
        )
    context = {"register": register, "form": form, "shown": len(shown), "all": len(proposals)}
    status = 422 if form.errors else 200
    return render(request, "trainees/register_organisations.html", context, status=status)


@read_or_write
@page_for(Role.ORGANISATION_DEPARTMENT)
def apply(request: PersonRequest, register_id: int) -> HttpResponse:
    """The last check before the register is applied."""
    register = _get(register_id)
    if register.state != ImportState.READY:
        return redirect("trainees:register_import", register.pk)
    refused = register.counts.get(RowKind.REFUSED.value, 0)
    form = RegisterApplyForm(request.POST or None, refused=refused)
    if request.method == "POST" and form.is_valid():
        return _act(
            request,
            register,
            lambda kwargs: actions.order_merge(
                leave_out_refused=form.cleaned_data.get("leave_out_refused", False), **kwargs
            ),
        )
    context = {
        "register": register,
        "form": form,
        "counts": count_rows(register),
        "written": count_written(register),
        "unknown": unknown_in_words(register),
        "sheets": sheets_of(register),
        "proposals": list_founded(register.proposals),
    }
    status = 422 if form.errors else 200
    return render(request, "trainees/register_apply.html", context, status=status)


@write_only
@page_for(Role.ORGANISATION_DEPARTMENT)
def reread(request: PersonRequest, register_id: int) -> HttpResponse:
    """Read a file again after an interrupted reading."""
    return _act(request, _get(register_id), lambda kwargs: actions.reread_import(**kwargs))


@write_only
@page_for(Role.ORGANISATION_DEPARTMENT)
def discard(request: PersonRequest, register_id: int) -> HttpResponse:
    """Discard an import."""
    return _act(request, _get(register_id), lambda kwargs: actions.discard_import(**kwargs))


def _act(request: PersonRequest, register: RegisterImport, do: Any) -> HttpResponse:
    """Carry out one step of an import and return to its page, or show a conflict page."""
    kwargs = {"register_id": register.pk, "by": Actor.of_request(request), "at": request.now}
    try:
        do(kwargs)
    except RegisterError as error:
        return conflict_page(request, str(error))
    return redirect("trainees:register_import", register.pk)


@require_safe
@page_for(Role.ORGANISATION_DEPARTMENT)
def errors(request: PersonRequest, register_id: int) -> HttpResponse:
    """The refused rows as uploaded, with the reasons for each cell."""
    register = _get(register_id)
    if register.file is None or register.header_row is None:
        raise Http404
    try:
        data = write_error_file(register)
    except (FileError, SpreadsheetError) as error:
        raise Http404 from error
    with transaction.atomic():
        record_act(act="download_errors", obj=register, by=Actor.of_request(request))
    stem = register.file_name.rpartition(".")[0] or register.file_name
    name = _("%(file)s-refused rows") % {"file": stem}
    return attach(HttpResponse(data, content_type=XLSX), f"{name}.xlsx")


@require_safe
@page_for(Role.ORGANISATION_DEPARTMENT)
def template(request: PersonRequest) -> HttpResponse:
    """An empty register to fill in, with drop-down lists."""
    answer = HttpResponse(write_template(request.today), content_type=XLSX)
    return attach(answer, f"{_('Template of the register')}.xlsx")
