"""The papers of a session: the sign-in sheet, its signed scan, photographs."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.audit import record_act
from accounts.origin import Actor
from accounts.requests import PersonRequest
from backstage.enums import FileKind
from backstage.evidence_forms import FilesForm
from backstage.files import FileError, read_file
from backstage.pages import conflict_page
from backstage.submissions import carry_out_once
from backstage.uploads import TOO_LARGE, back_when_too_large
from backstage.views import attach, inert
from config.lib.documents import DocumentError, set_document
from config.lib.methods import read_or_write, write_only
from config.lib.pictures import shrink_picture
from courses.models import Session
from rolls.actions.session_files import add_session_file, remove_session_file
from rolls.errors import RollError
from rolls.models import SessionFile
from rolls.models.session_papers import SESSION_FILE_KINDS
from rolls.queries.rolls import RollPage
from rolls.sign_in_sheet import write_sign_in_sheet
from rolls.views.rolls import get_page
from schools.permissions import staff_page


@require_safe
@staff_page
def sheet(request: PersonRequest, session_id: int) -> HttpResponse:
    """The sign-in sheet as a PDF; printing it is audited."""
    page = get_page(request, session_id)
    session = page.session
    try:
        # The sheet's language suits the people who sign it, not the user who prints it.
        with translation.override(settings.LANGUAGE_CODE):
            pdf = set_document("sign_in_sheet", write_sign_in_sheet(page))
            name = _("Sign-in-sheet-%(title)s-%(number)d") % {
                "title": session.training_class.title,
                "number": session.number,
            }
    except DocumentError as error:
        messages.error(request, str(error))
        return redirect("rolls:roll", session_id)
    with transaction.atomic():
        record_act(
            act="print_sheet",
            obj=session,
            by=Actor.of_request(request),
            at=request.now,
            school_code=session.training_class.school.code,
            after={"count": len(page.lines)},
        )
    return attach(HttpResponse(pdf, content_type="application/pdf"), f"{name}.pdf")


@back_when_too_large("rolls:session_evidence")
@read_or_write
@staff_page
def evidence(request: PersonRequest, session_id: int) -> HttpResponse:
    """Photographs and the signed sheet of a session; its clerk adds to them."""
    page = get_page(request, session_id)
    if request.method == "POST":
        return _add_files(request, page)
    if request.GET.get(TOO_LARGE) is None:
        return _render_evidence(request, page)
    problem = _("These photographs are more than %(n)d MB together. Choose fewer at a time.")
    limit = settings.UPLOAD_MAX_BYTES // 1024**2
    return _render_evidence(request, page, problem=problem % {"n": limit})


def _add_files(request: PersonRequest, page: RollPage) -> HttpResponse:
    """Store the uploaded files that are acceptable, and report the others."""
    form = FilesForm(request.POST, request.FILES, kinds=SESSION_FILE_KINDS)
    if not form.is_valid():
        return _render_evidence(request, page, sent=form)
    problems: list[tuple[FileKind, str]] = []
    session_id, files = page.session.pk, form.read()
    kwargs: dict[str, Any] = {"by": Actor.of_request(request), "at": request.now}

    def do() -> None:
        for kind, name, data in files:
            try:
                add_session_file(session_id=session_id, kind=kind, data=data, name=name, **kwargs)
            except RollError as error:
                problems.append((kind, str(error)))

    to = reverse("rolls:session_evidence", args=[session_id])
    answer = carry_out_once(request, form, do=do, to=to)
    kept = len(files) - len(problems)
    if problems and kept:
        text = ngettext(
            "%(n)d file was kept; the others were not:",
            "%(n)d files were kept; the others were not:",
            kept,
        )
        problems.insert(0, (problems[0][0], text % {"n": kept}))
    for kind, problem in problems:
        form.add_error(kind.value, problem)
    if problems:
        form.renew_key()
        return _render_evidence(request, page, sent=form)
    return answer


def _render_evidence(
    request: PersonRequest, page: RollPage, *, sent: FilesForm | None = None, problem: str = ""
) -> HttpResponse:
    """The page; with a rejected form, or a `problem` that belongs to no field."""
    upload = None
    if page.may_take and page.session.held_on <= request.today:
        upload = sent or FilesForm(kinds=SESSION_FILE_KINDS)
    context = {
        "page": page,
        "files": page.session.files.select_related("file"),
        "upload": upload,
        "wrong": sent,
        "problem": problem,
        "errors_shown": bool(sent or problem),
        "may_remove": upload is not None and not page.is_submitted,
    }
    status = 422 if sent else 409 if problem else 200
    return render(request, "rolls/session_evidence.html", context, status=status)


@inert
@require_safe
@staff_page
def session_file(request: PersonRequest, session_id: int, file_id: int) -> HttpResponse:
    """A file of a session that the user may see; opening it at full size is audited."""
    sessions = Session.objects.visible_to(request.user, request.today)
    session = get_object_or_404(sessions.select_related("training_class__school"), pk=session_id)
    session_file = get_object_or_404(session.files.select_related("file"), pk=file_id)
    stored = session_file.file
    try:
        data = read_file(stored)
    except FileError as error:
        raise Http404 from error
    if session_file.is_picture and request.GET.get("small"):
        response = HttpResponse(shrink_picture(data), content_type=stored.media_type)
    else:
        _record_opening(request, session, session_file)
        response = HttpResponse(data, content_type=stored.media_type)
    if not session_file.is_picture:
        return attach(response, stored.name)
    response.headers["Content-Disposition"] = "inline"
    return response


def _record_opening(request: PersonRequest, session: Session, session_file: SessionFile) -> None:
    with transaction.atomic():
        record_act(
            act="open_session_file",
            obj=session,
            by=Actor.of_request(request),
            at=request.now,
            school_code=session.training_class.school.code,
            after={"evidence": session_file.kind, "file": str(session_file.file.key)},
        )


@write_only
@staff_page
def remove_file(request: PersonRequest, session_id: int, file_id: int) -> HttpResponse:
    """Remove a file of a session while its roll is not submitted."""
    get_page(request, session_id)
    try:
        remove_session_file(
            session_id=session_id,
            file_id=file_id,
            by=Actor.of_request(request),
            at=request.now,
        )
    except SessionFile.DoesNotExist as error:
        raise Http404 from error
    except RollError as error:
        return conflict_page(request, str(error))
    return redirect("rolls:session_evidence", session_id)
