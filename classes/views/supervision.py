"""Teaching supervision: notes on sessions that staff of the district school visited."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.origin import Actor
from accounts.requests import PersonRequest
from backstage.submissions import submit_once
from classes import lists
from classes.actions.supervision import (
    discard_supervision_draft,
    file_supervision_note,
    save_supervision_draft,
)
from classes.errors import SupervisionError
from classes.filters import supervision_filters
from classes.forms.supervision import SAVE, SupervisionForm
from classes.models import SupervisionDraft, SupervisionNote
from classes.permissions import supervises
from config.lib.filters import ListRequest
from config.lib.methods import read_or_write, write_only
from config.lib.paging import page_of
from courses.models import Session
from schools.permissions import staff_page


@require_safe
@staff_page
def notes(request: PersonRequest) -> HttpResponse:
    """Filed notes that the person may see, in their current versions."""
    asked = ListRequest(request.user, request.GET, request.now)
    filters = supervision_filters(asked)
    rows = lists.supervision_notes(asked, filters)
    page = page_of(request, rows)
    drafts = SupervisionDraft.objects.filter(supervisor=request.user)
    context = {
        "page_obj": page,
        "filters": filters,
        "drafts": drafts.select_related("session__training_class__school"),
        "export": "supervision-notes",
    }
    return render(request, "classes/supervision/list.html", context)


@require_safe
@staff_page
def note(request: PersonRequest, note_id: int) -> HttpResponse:
    """A note with all its versions, the last one first."""
    visible = SupervisionNote.objects.visible_to(request.user, request.today)
    note = get_object_or_404(
        visible.select_related("session__training_class__school", "session__venue"), pk=note_id
    )
    versions = visible.filter(session=note.session_id, supervisor=note.supervisor_id)
    last, *former = versions.select_related("supervisor").order_by("-version")
    context = {
        "session": note.session,
        "note": last,
        "former": former,
        "is_own": last.supervisor_id == request.user.pk and supervises(request.user),
    }
    return render(request, "classes/supervision/note.html", context)


@read_or_write
@staff_page
def write(request: PersonRequest, session_id: int) -> HttpResponse:
    """Draft, file or amend one's own note on a session."""
    session = _get_session(request, session_id)
    of_author = {"session": session, "supervisor": request.user}
    draft = SupervisionDraft.objects.filter(**of_author).first()
    last = SupervisionNote.objects.filter(**of_author).order_by("version").last()
    form = SupervisionForm(request.POST or None, session=session, draft=draft, last=last)
    if answer := submit_once(
        request, form, do=lambda: _keep(request, session, form), refusals=(SupervisionError,)
    ):
        return answer
    context = {"session": session, "form": form, "draft": draft, "note": last}
    status = 422 if form.errors else 200
    return render(request, "classes/supervision/write.html", context, status=status)


def _keep(request: PersonRequest, session: Session, form: SupervisionForm) -> str:
    """Keep the draft or file the note; the address of what is kept."""
    by, at, seen = Actor.of_request(request), request.now, form.observation
    if form.cleaned_data["act"] == SAVE:
        save_supervision_draft(session_id=session.pk, seen=seen, by=by, at=at)
        messages.success(request, _("Kept as a draft, which only you see."))
        return reverse("classes:write_supervision", args=[session.pk])
    filed = file_supervision_note(
        session_id=session.pk,
        seen=seen,
        seen_version=form.cleaned_data["seen_version"],
        by=by,
        at=at,
    )
    messages.success(request, _("Filed. The school visited sees the note."))
    return reverse("classes:supervision_note", args=[filed.pk])


@write_only
@staff_page
def discard(request: PersonRequest, session_id: int) -> HttpResponse:
    """Delete one's own draft."""
    session = _get_session(request, session_id)
    by, at = Actor.of_request(request), request.now
    discard_supervision_draft(session_id=session.pk, by=by, at=at)
    messages.success(request, _("The draft is thrown away."))
    return redirect("classes:training_class", session.training_class_id)


def _get_session(request: PersonRequest, session_id: int) -> Session:
    """A session that the person supervises. Raises Http404, PermissionDenied."""
    visible = Session.objects.visible_to(request.user, request.today)
    rows = visible.select_related("training_class__school", "venue")
    session = get_object_or_404(rows, pk=session_id)
    if not supervises(request.user):
        raise PermissionDenied
    return session
