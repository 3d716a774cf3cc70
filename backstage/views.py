"""The home page, and a user's own jobs, files and messages."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.csp import CSP
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_safe

from accounts.audit import record_act
from accounts.entry import everyone_page, page_for
from accounts.enums import DERIVED_ROLES, Role
from accounts.origin import Actor
from accounts.records import RecordError
from accounts.requests import PersonRequest
from accounts.roles import held_roles
from backstage.confirmations import Confirmation, confirm_action
from backstage.enums import Channel, PendingState
from backstage.exports import (
    MEDIA_TYPE,
    ExportError,
    export_list,
    file_name,
    find_export,
)
from backstage.files import FileError, read_file
from backstage.forms import EmailForm, IdempotentForm, ReasonForm
from backstage.founding import read_checklist
from backstage.job_export import list_jobs
from backstage.jobs import kind_of, stop_job
from backstage.messages import count_unread, mark_all_read, mark_read, set_email
from backstage.models import EmailAddress, Job, Message, PendingAct, StoredFile
from backstage.notices import describe_message, open_channels
from backstage.own_jobs import describe_job, note_open_job
from backstage.pending_acts import confirm_act, list_acts, may_confirm, refuse_act
from backstage.pending_kinds import label_of, pending_kind
from backstage.status import Health, list_status
from backstage.tasklist import list_tasks
from config.lib.errors import PortalError
from config.lib.filters import Filters, ListRequest
from config.lib.methods import read_or_write, write_only
from config.lib.paging import page_of

# Users' files are shown with this policy: nothing in them runs, loads, or is framed.
_INERT: dict[str, Any] = {  # a directive without a value is True, which the stubs do not know
    "default-src": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
    "sandbox": True,
}
inert = csp_override(_INERT)


@require_safe
@everyone_page
def home(request: PersonRequest) -> HttpResponse:
    """The user's tasks, then look-ups; before them, the steps of a site that is being founded."""
    now = request.now
    tasks = list_tasks(request.user, now)
    context = {
        "tasks": [task for task in tasks if not task.is_lookup],
        "lookups": [task for task in tasks if task.is_lookup],
        "is_reader": held_roles(request.user) <= DERIVED_ROLES,
        **read_checklist(request.user, request.today),
    }
    return render(request, "home.html", context)


@require_safe
@page_for(Role.SYSTEM_ADMINISTRATOR)
def status(request: PersonRequest) -> HttpResponse:
    """How the site stands, for the system administrator."""
    now = request.now
    lines = list_status(now)
    count = sum(line.health in {Health.WATCH, Health.WRONG} for line in lines)
    return render(request, "backstage/status.html", {"lines": lines, "count": count, "now": now})


@require_safe
@everyone_page
def jobs(request: PersonRequest) -> HttpResponse:
    """The user's own jobs, newest first."""
    asked = ListRequest(request.user, request.GET, request.now)
    page = page_of(request, list_jobs(asked, Filters([])))
    context = {"page_obj": page, "lines": [describe_job(job) for job in page], "export": "jobs"}
    return render(request, "backstage/jobs.html", context)


@require_safe
@everyone_page
def job(request: PersonRequest, job_id: int) -> HttpResponse:
    """The progress of a job and its result; the page itself polls this."""
    rows = Job.objects.visible_to(request.user).select_related("file")
    job = get_object_or_404(rows, pk=job_id)
    if not job.is_over:
        note_open_job(request.session)
    name = kind_of(job).part_label
    context = describe_job(job) | {
        "parts": [(name(part.label), part) for part in job.parts.order_by("pk")]
    }
    if not request.headers.get("HX-Request"):
        return render(request, "backstage/job.html", context)
    response = render(request, "backstage/job_progress.html", context)
    if job.is_over:  # the page around it has more to show now
        response.headers["HX-Refresh"] = "true"
    return response


@write_only
@everyone_page
def stop(request: PersonRequest, job_id: int) -> HttpResponse:
    """Stop one of the user's own jobs."""
    job = get_object_or_404(Job.objects.visible_to(request.user), pk=job_id)
    stop_job(job=job, by=Actor.of_request(request), at=request.now)
    return redirect("backstage:job", job_id)


@require_safe
@inert
@everyone_page
def file(request: PersonRequest, key: UUID) -> HttpResponse:
    """Download one of the user's own files; the audit trail records it."""
    rows = StoredFile.objects.visible_to(request.user, request.now)
    stored = get_object_or_404(rows, key=key)
    job = Job.objects.filter(file=stored).first()
    may_fetch = kind_of(job).may_fetch if job else None
    if job and may_fetch and not may_fetch(job, request.user, request.now):
        raise PermissionDenied
    try:
        data = read_file(stored)
    except FileError as error:
        raise Http404 from error
    with transaction.atomic():
        record_act(act="download_file", obj=stored, by=Actor.of_request(request))
    response = HttpResponse(data, content_type=stored.media_type)
    return attach(response, stored.name)


@write_only
@everyone_page
def export(request: PersonRequest, name: str) -> HttpResponse:
    """Download a list as a file: at once, or through a job with its own page."""
    list_export = find_export(name)
    if list_export is None:
        raise Http404
    if not list_export.may(request.user):
        raise PermissionDenied
    asked = ListRequest(request.user, request.POST, request.now)
    try:
        result = export_list(export=list_export, asked=asked, by=Actor.of_request(request))
    except ExportError as error:
        messages.error(request, str(error))
        return redirect(list_export.page)
    if isinstance(result, Job):
        return redirect("backstage:job", result.pk)
    return attach(HttpResponse(result, content_type=MEDIA_TYPE), file_name(list_export, asked))


def attach(response: HttpResponse, name: str) -> HttpResponse:
    """Let the browser save the response under `name` without guessing its content type."""
    response.headers["Content-Disposition"] = content_disposition_header(
        as_attachment=True, filename=name
    )
    return response


@require_safe
@everyone_page
def pending_acts(request: PersonRequest) -> HttpResponse:
    """Acts that wait for a second person: those to decide on, one's own, and decided ones."""
    on = request.today
    acts = list_acts(request.user, on)
    lines: list[dict[str, Any]] = [
        {
            "act": act,
            "label": label_of(act.kind),
            "sentences": pending_kind(act).describe(act),
            "may_confirm": may_confirm(request.user, act, on),
            "is_own": act.proposed_by_id == request.user.pk,
        }
        for act in acts
    ]
    waiting = [line for line in lines if line["act"].state == PendingState.WAITING]
    decided = [line for line in lines if line["act"].state != PendingState.WAITING]
    context = {"waiting": waiting, "decided": decided}
    return render(request, "backstage/pending_acts.html", context)


@read_or_write
@everyone_page
def confirm_pending_act(request: PersonRequest, act_id: int) -> HttpResponse:
    """Confirm what somebody else proposed."""
    act = _get_waiting(request, act_id, is_own=False)
    by, at = Actor.of_request(request), request.now
    return _decide_act(
        request,
        act,
        IdempotentForm(request.POST or None),
        do=lambda _data: confirm_act(act_id=act.pk, by=by, at=at),
        texts=(_("Confirm"), _("Confirmed and done.")),
    )


@read_or_write
@everyone_page
def refuse_pending_act(request: PersonRequest, act_id: int) -> HttpResponse:
    """Refuse what somebody else proposed, or take back what one proposed oneself."""
    act = _get_waiting(request, act_id, is_own=True)
    by, at = Actor.of_request(request), request.now
    return _decide_act(
        request,
        act,
        ReasonForm(request.POST or None),
        do=lambda data: refuse_act(act_id=act.pk, reason=data["reason"], by=by, at=at),
        texts=(_("Do not agree"), _("Refused; nothing was changed.")),
    )


def _get_waiting(request: PersonRequest, act_id: int, *, is_own: bool) -> PendingAct:
    """A waiting act on which the user may decide. Raises Http404."""
    on = request.today
    for act in list_acts(request.user, on):
        mine = is_own and act.proposed_by_id == request.user.pk
        if act.pk == act_id and (mine or may_confirm(request.user, act, on)):
            return act
    raise Http404


def _decide_act(
    request: PersonRequest,
    act: PendingAct,
    form: IdempotentForm,
    *,
    do: Callable[[dict[str, Any]], object],
    texts: tuple[str, str],
) -> HttpResponse:
    button, done = texts
    facts = {"label": label_of(act.kind), "value": act.account.display_name}
    address = reverse("backstage:pending_acts")
    steps = Confirmation(
        form=form,
        do=do,
        effects=lambda _done: pending_kind(act).describe(act),
        refusals=(PortalError, RecordError),
        location=address,
        page={
            "title": _("%(label)s: %(value)s") % facts,
            "intro": " ".join(pending_kind(act).describe(act)),
            "submit_label": button,
            "done": done,
            "cancel_url": address,
        },
    )
    return confirm_action(request, steps)


@require_safe
@everyone_page
def messages_list(request: PersonRequest) -> HttpResponse:
    """The user's own messages, those first that they have not read."""
    rows = Message.objects.visible_to(request.user).unread_first()
    page = page_of(request, rows)
    context = {
        "page_obj": page,
        "lines": [{"message": one, "words": describe_message(one)} for one in page],
        "unread": count_unread(request.user, request.session),
        "by_email": Channel.EMAIL in open_channels(is_urgent=False),
    }
    return render(request, "backstage/messages.html", context)


@write_only
@everyone_page
def open_message(request: PersonRequest, message_id: int) -> HttpResponse:
    """Mark one of the user's own messages as read, and go to where it leads."""
    message = get_object_or_404(Message.objects.visible_to(request.user), pk=message_id)
    mark_read(message, at=request.now)
    return redirect(message.address)


@write_only
@everyone_page
def read_all_messages(request: PersonRequest) -> HttpResponse:
    """Mark all of the user's own messages as read."""
    mark_all_read(request.user, at=request.now)
    return redirect("backstage:messages")


@read_or_write
@everyone_page
def email(request: PersonRequest) -> HttpResponse:
    """Where the user's messages are announced."""
    stored = EmailAddress.objects.filter(user=request.user).first()
    form = EmailForm(request.POST or None, initial={"address": stored.address if stored else ""})
    address = reverse("backstage:messages")
    if request.method == "POST" and form.is_valid():
        by, at = Actor.of_request(request), request.now
        set_email(address=form.cleaned_data["address"], by=by, at=at)
        messages.success(request, _("What you entered is saved."))
        return redirect(address)
    context = {"form": form, "cancel_url": address}
    return render(request, "backstage/email.html", context, status=422 if form.errors else 200)
