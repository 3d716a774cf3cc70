"""Founding from tables: upload, preview of the rows, applying, the refused rows as a file."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from io import BytesIO
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from accounts.entry import page_if
from accounts.enums import Role
from accounts.requests import PersonRequest
from accounts.roles import holds_any
from backstage.files import FileError, delete_file, read_file, store_file
from backstage.founding import lead_on
from backstage.idempotency import replay_if_deleted
from backstage.imports.reasons import format_place, in_words
from backstage.imports.refused_rows import write_refused_rows
from backstage.models import StoredFile
from backstage.submissions import carry_out_once, submit_once
from backstage.views import attach
from config.lib.methods import read_or_write
from config.lib.pages import address_of
from config.lib.paging import WORK_PAGE_SIZE, page_of
from config.lib.periods import is_in_reach
from config.lib.sentences import join_sentences
from config.lib.spreadsheet_reading import SpreadsheetError
from config.lib.spreadsheet_writing import Column, write_table
from schools.actions.founding_tables import RowsRefusedError, found_from_table
from schools.actions.tree import refuse_settled_days
from schools.enums import LineKind, OrganisationKind, TableField, TableKind
from schools.errors import SchoolsError
from schools.founding_forms import ApplyTableForm, TableForm
from schools.imports.comparing import Comparison, compare
from schools.imports.tables import (
    NEEDED,
    OPTIONAL,
    FoundingTable,
    Line,
    heading,
    level_words,
    open_table,
)
from schools.imports.tree import Place
from schools.models import District, School, Township, Village
from schools.permissions import founds
from schools.queries.founding import (
    count_divisions,
    count_levels,
    format_levels,
    get_root,
    list_unserved,
    shorten,
    table_address,
)
from schools.views.acting import acting
from schools.views.founding import crumbs_from_home

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TITLES = {
    TableKind.DIVISIONS: gettext_lazy("Townships and villages"),
    TableKind.SCHOOLS: gettext_lazy("Found schools"),
    TableKind.TREE: gettext_lazy("Organisations from a file"),
}
_HINTS = {
    TableKind.DIVISIONS: gettext_lazy(
        "A code of nine digits is a township or subdistrict, one of twelve a village or "
        "community; what belongs where follows from the codes."
    ),
    TableKind.SCHOOLS: gettext_lazy(
        "Several codes of townships in one cell are separated by a comma or a space."
    ),
    TableKind.TREE: gettext_lazy(
        "Directly below the district committee each row names its township; all others inherit "
        "it. Levels are written as %(levels)s."
    ),
}
# A village's township, which the file may leave out, is shown all the same.
SHOWN = {
    TableKind.DIVISIONS: (TableField.PARENT,),
    TableKind.SCHOOLS: (TableField.TOWNSHIPS,),
    TableKind.TREE: (TableField.LEVEL, TableField.PARENT, TableField.TOWNSHIPS),
}


@read_or_write
@page_if(founds)
def table(request: PersonRequest, kind: TableKind) -> HttpResponse:
    """What is there, and a table to upload."""
    on = request.today
    form = TableForm(request.POST or None, request.FILES or None, kind=kind, today=on)
    refusals = (SchoolsError, FileError, SpreadsheetError)
    if answer := submit_once(
        request, form, do=lambda: _upload(request, form, kind), refusals=refusals
    ):
        return answer
    first = _comes_first(kind, on)
    context = {
        "kind": kind,
        "title": TITLES[kind],
        "form": form,
        "crumbs": crumbs_from_home((str(TITLES[kind]), "")),
        "intro": _intro(kind),
        "first": first,
        "is_blocked": first is not None and not _may_hold_root(kind),
        "next_step": lead_on(request.user, kind.value, on),
        **_WHAT_IS_THERE[kind](request, on),
    }
    return render(
        request, "schools/founding_table.html", context, status=422 if form.errors else 200
    )


def _upload(request: PersonRequest, form: TableForm, kind: TableKind) -> str:
    """Keep the file and return the address of its preview; its rows are read there.

    Raises SchoolsError, SpreadsheetError or FileError.
    """
    uploaded = form.cleaned_data["file"]
    data, at = uploaded.read(), request.now
    open_table(kind, data, uploaded.name)
    on = form.cleaned_data.get("on")
    if on is not None:
        refuse_settled_days(on, at)
    stored = store_file(
        data=data,
        name=uploaded.name[:200],
        media_type=media_type_of(kind),
        owner=request.user,
        at=at,
    )
    address = reverse("schools:founding_preview", args=[kind, stored.key])
    return f"{address}?from={on.isoformat()}" if on else address


@replay_if_deleted
@read_or_write
@page_if(founds)
def preview(request: PersonRequest, kind: TableKind, key: UUID) -> HttpResponse:
    """The rows of an uploaded table by what they mean, and the button that founds them."""
    stored = _get(request, kind, key)
    source, on = _open(stored, kind), _first_day(request)
    comparison = compare(source, on)
    form = _apply_form(request.POST or None, comparison)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                return _apply(request, form, stored, source, on)
            except RowsRefusedError as refusal:
                comparison, status = refusal.comparison, 409
                form = _apply_form(None, comparison)
                messages.warning(request, str(refusal))
            except SchoolsError as refusal:
                form.refuse(refusal)
    context = _preview_context(request, stored, comparison, on)
    return render(request, "schools/founding_preview.html", context | {"form": form}, status=status)


def _apply(
    request: PersonRequest,
    form: ApplyTableForm,
    stored: StoredFile,
    source: FoundingTable,
    on: date,
) -> HttpResponse:
    def do() -> None:
        founded = found_from_table(
            source=source,
            on=on,
            leave_out_refused=form.cleaned_data.get("leave_out_refused", False),
            promised=form.cleaned_data["promised"],
            **acting(request),
        )
        delete_file(stored)
        count = founded.counts[LineKind.NEW]
        text = ngettext("%(n)d row was added.", "%(n)d rows were added.", count)
        messages.success(request, text % {"n": count})

    return carry_out_once(request, form, do=do, to=table_address(source.kind))


@require_safe
@page_if(founds)
def refused(request: PersonRequest, kind: TableKind, key: UUID) -> HttpResponse:
    """The refused rows as uploaded, with the reasons at their cells."""
    stored = _get(request, kind, key)
    source = _open(stored, kind)
    comparison = compare(source, _first_day(request))
    lines = comparison.of_kind(LineKind.REFUSED)
    data = write_refused_rows(
        file_name=stored.name,
        table=source.table,
        header=source.header,
        refused=((line.row_number, line.place, line.problems) for line in lines),
        label=_label,
    )
    stem = stored.name.rpartition(".")[0] or stored.name
    name = _("%(file)s-refused rows") % {"file": stem}
    return attach(HttpResponse(data, content_type=XLSX), f"{name}.xlsx")


@require_safe
@page_if(founds)
def template(_request: PersonRequest, kind: TableKind) -> HttpResponse:
    """An empty table to fill in, with the headings that are read."""
    target = BytesIO()
    levels = level_words().offered(TableField.LEVEL)
    write_table(
        target,
        title=capfirst(str(kind.label)),
        columns=[
            Column(
                heading(kind, field),
                width=40 if field == TableField.NAME else 18,
                choices=levels if field == TableField.LEVEL else (),
            )
            for field in (*NEEDED[kind], *OPTIONAL[kind])
        ],
        rows=[],
        empty_rows=5_000,
    )
    return attach(HttpResponse(target.getvalue(), content_type=XLSX), f"{kind.label}.xlsx")


def _get(request: PersonRequest, kind: TableKind, key: UUID) -> StoredFile:
    """A table of this kind that the person uploaded. Raises Http404."""
    files = StoredFile.objects.visible_to(request.user, request.now)
    return get_object_or_404(files, key=key, media_type=media_type_of(kind))


def media_type_of(kind: TableKind) -> str:
    """By its own type a file is known as a table of this kind, and shown as nothing else."""
    return f"application/x-xuetang-{kind.value}"


def _open(stored: StoredFile, kind: TableKind) -> FoundingTable:
    try:
        return open_table(kind, read_file(stored), stored.name)
    except (FileError, SpreadsheetError, SchoolsError) as error:
        raise Http404 from error


def _first_day(request: PersonRequest) -> date:
    """The first day in the address, else 1 January of this year."""
    try:
        day = date.fromisoformat(request.GET.get("from", ""))
    except ValueError:
        day = date.min
    return day if is_in_reach(day) else request.today.replace(month=1, day=1)


def _apply_form(data: Any, comparison: Comparison) -> ApplyTableForm:
    return ApplyTableForm(
        data, refused=comparison.counts[LineKind.REFUSED], promised=comparison.digest
    )


def _preview_context(
    request: PersonRequest, stored: StoredFile, comparison: Comparison, on: date
) -> dict[str, Any]:
    kind, counts = comparison.source.kind, comparison.counts
    asked = request.GET.get("kind", "")
    first = next((kind for kind, count in counts.items() if count), LineKind.NEW)
    shown = LineKind(asked) if asked in LineKind else first
    page = page_of(request, comparison.of_kind(shown), WORK_PAGE_SIZE)
    unknown = comparison.source.unknown
    return {
        "kind": kind,
        "file": stored,
        "title": stored.name,
        "crumbs": crumbs_from_home((str(TITLES[kind]), table_address(kind)), (stored.name, "")),
        "on": None if kind is TableKind.DIVISIONS else on,
        "counts": list(counts.items()),
        "shown": shown,
        "refused": counts[LineKind.REFUSED],
        "new": counts[LineKind.NEW],
        "columns": [_column(field) for field in SHOWN[kind]],
        "page_obj": page,
        "lines": _describe(page, comparison),
        "unknown": _(", ").join(unknown),
        "sheets": comparison.source.sheets,
        "back": table_address(kind),
    }


def _describe(lines: Iterable[Line], comparison: Comparison) -> list[dict[str, Any]]:
    """Rows for the page, with their cells and problems in words."""
    fields = SHOWN[comparison.source.kind]
    return [
        {
            "line": line,
            "place": format_place(line.place),
            "cells": [
                (_column(field), _cell(line, field, comparison.about.get(line.row_number)) or "–")
                for field in fields
            ],
            "problems": [
                (_label(field), in_words(code, values)) for field, code, values in line.problems
            ],
        }
        for line in lines
    ]


def _cell(line: Line, field: TableField, about: Any) -> str:
    """A cell in words; of a new row, what follows from the rows above it (`Comparison.about`)."""
    if field is TableField.LEVEL:
        return str(dict(OrganisationKind.choices).get(line.level, ""))
    if field is TableField.PARENT:
        return about if isinstance(about, str) else line.parent
    if isinstance(about, Place):
        return about.township.name if about.township else ""
    return _(", ").join(township.name for township in about or ()) or _(", ").join(line.townships)


def _column(field: TableField) -> str:
    """The heading of a cell on the page, which names the township where the file has its code."""
    return _("Township") if field is TableField.TOWNSHIPS else _label(field)


def _label(field: str) -> str:
    return capfirst(str(TableField(field).label))


def _intro(kind: TableKind) -> str:
    """What the table looks like, and what becomes of it."""
    needed = _("The table has the headings %(needed)s.")
    sentences = [needed % {"needed": _(", ").join(heading(kind, field) for field in NEEDED[kind])}]
    if OPTIONAL[kind]:
        optional = _(", ").join(heading(kind, field) for field in OPTIONAL[kind])
        sentences.append(_("It may have: %(optional)s.") % {"optional": optional})
    last = _("The file is read and compared first; nothing is written before you have seen it.")
    return join_sentences(
        [
            *sentences,
            _HINTS[kind] % {"levels": _(", ").join(level_words().offered(TableField.LEVEL))},
            last,
        ]
    )


def _may_hold_root(kind: TableKind) -> bool:
    """Whether a table can be founded although the district committee is missing."""
    return kind is TableKind.TREE and Township.objects.exists()


def _comes_first(kind: TableKind, on: date) -> tuple[str, str] | None:
    """What has to be founded before a table of this kind: a sentence and the address."""
    if not District.objects.exists():
        return _("Found the district first."), reverse("schools:found_district")
    if kind is not TableKind.DIVISIONS and not Township.objects.exists():
        return _("Add the townships first."), table_address(TableKind.DIVISIONS)
    if kind is TableKind.TREE and get_root(on) is None:
        return (
            _("Found the district committee first, or put it into the file as its top row."),
            reverse("schools:found_root"),
        )
    return None


def _divisions_there(_request: PersonRequest, _on: date) -> dict[str, Any]:
    townships, villages = Township.objects.count(), Village.objects.count()
    return {
        "there": count_divisions(townships, villages),
        "links": [
            (_("Add a township"), reverse("schools:add_township")),
            (_("Add a village"), reverse("schools:add_village")),
        ],
    }


def _schools_there(_request: PersonRequest, on: date) -> dict[str, Any]:
    names = list(School.objects.in_force(on).values_list("name", flat=True))
    unserved = list_unserved(on)
    sentences = [_("Schools: %(names)s.") % {"names": _(", ").join(names) or "–"}]
    if unserved:
        missing = _("No school serves: %(townships)s.")
        sentences.append(missing % {"townships": shorten(unserved)})
    links = [(_("Found a school by form"), reverse("schools:found_school"))]
    return {"there": join_sentences(sentences), "links": links}


def _organisations_there(request: PersonRequest, on: date) -> dict[str, Any]:
    links = []
    if holds_any(request.user, Role.ORGANISATION_DEPARTMENT):
        links = [(_("Organisations one by one"), address_of("organisations"))]
    root = get_root(on)
    parts = [root.name if root else "–", format_levels(count_levels(on))]
    return {"there": _("; ").join(part for part in parts if part), "links": links}


_WHAT_IS_THERE = {
    TableKind.DIVISIONS: _divisions_there,
    TableKind.SCHOOLS: _schools_there,
    TableKind.TREE: _organisations_there,
}
