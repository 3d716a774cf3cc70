"""Views for recorders: record, change, submit and discard study, and add files."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.entry import everyone_page, page_for, page_if
from accounts.enums import Role
from accounts.requests import PersonRequest
from backstage.confirmations import Confirmation, confirm_action
from backstage.enums import FileKind
from backstage.evidence_forms import FilesForm, say_too_large
from backstage.forms import replace_hidden_value
from backstage.idempotency import replay_if_deleted
from backstage.pages import holds_id_number
from backstage.submissions import carry_out_once
from backstage.uploads import TOO_LARGE, back_when_too_large
from config.lib.dates import format_day
from config.lib.filters import LONGEST_TEXT
from config.lib.methods import read_or_write, write_only
from config.lib.pages import address_of
from schools.models import Organisation
from schools.views.acting import acting
from studies.actions import studies as actions
from studies.actions import study_files
from studies.enums import StudyKind, StudyState
from studies.errors import StudyError
from studies.forms import (
    DeclarationForm,
    MinutesFields,
    StudyForm,
    VersionForm,
    VisitForm,
    facts_as_initial,
    retyped,
)
from studies.models import Study, StudyFile
from studies.permissions import sees_studies, serves_organisations
from studies.queries.studies import StudyPage, list_served, needs_evidence, say_handed_in
from studies.views.guests import add_guest, guest_left, guest_typed
from studies.views.studies import get_page, is_reader, kinds_of_files, render_study
from trainees.models import Member

ORGANISATIONS_SHOWN = 20


@require_safe
@page_if(serves_organisations)
def choose(request: PersonRequest) -> HttpResponse:
    """Choose the organisation of a record; skipped if the user serves only one."""
    if holds_id_number(request):
        return redirect(request.path)
    text = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST_TEXT]
    is_visit = "visit" in request.GET
    organisations = list(list_served(request.user, request.today, text)[: ORGANISATIONS_SHOWN + 1])
    if len(organisations) == 1 and not text:
        name = "studies:record_visit" if is_visit else "studies:record_study"
        return redirect(name, organisations[0].pk)
    context = {
        "found": organisations[:ORGANISATIONS_SHOWN],
        "has_more": len(organisations) > ORGANISATIONS_SHOWN,
        "text": text,
        "is_visit": is_visit,
        "is_reader": is_reader(request),
    }
    return render(request, "studies/choose.html", context)


@back_when_too_large("studies:record_study")
@read_or_write
@page_if(serves_organisations)
def record(request: PersonRequest, organisation_id: int) -> HttpResponse:
    """Record a meeting or activity of an organisation."""
    return _record(request, _get_served(request, organisation_id), StudyForm)


@back_when_too_large("studies:record_visit")
@read_or_write
@page_if(serves_organisations)
def record_visit(request: PersonRequest, organisation_id: int) -> HttpResponse:
    """Record a visit that brought study to members of an organisation."""
    return _record(request, _get_served(request, organisation_id), VisitForm)


def _record(
    request: PersonRequest, organisation: Organisation, make: type[StudyForm]
) -> HttpResponse:
    def save(form: MinutesFields, **kwargs: Any) -> Study:
        return actions.record_study(
            organisation=organisation,
            facts=form.facts,
            member_ids=form.cleaned_data["members"],
            guest_ids=form.cleaned_data["guest"],
            **kwargs,
        )

    return _fill_in(request, make, save, organisation=organisation)


@back_when_too_large("studies:declare")
@read_or_write
@everyone_page
def declare(request: PersonRequest) -> HttpResponse:
    """A member declares study done online or elsewhere."""
    return _declare(request, get_object_or_404(Member, user=request.user))


@back_when_too_large("studies:declare_for")
@read_or_write
@page_for(Role.SCHOOL_CLERK)
def declare_for(request: PersonRequest, member_id: int) -> HttpResponse:
    """A clerk declares for a member of the school."""
    members = Member.objects.of_clerk(request.user, request.today)
    return _declare(request, get_object_or_404(members, pk=member_id))


def _declare(request: PersonRequest, member: Member) -> HttpResponse:
    def save(form: MinutesFields, **kwargs: Any) -> Study:
        return actions.record_study(
            organisation=None, facts=form.facts, member_ids=[member.pk], **kwargs
        )

    return _fill_in(request, DeclarationForm, save, member=member)


@back_when_too_large("studies:change_study")
@read_or_write
@page_if(sees_studies)
def change(request: PersonRequest, study_id: int) -> HttpResponse:
    """Change one's own draft."""
    page = get_page(request, study_id)
    if not page.is_own:
        raise PermissionDenied
    if not page.may_change and request.method != "POST":
        messages.warning(request, say_handed_in())
        return redirect("studies:study", study_id)
    present = [participant.member_id for participant in page.participants]

    def save(form: MinutesFields, **kwargs: Any) -> Study:
        return actions.change_study(
            study_id=study_id,
            seen_version=form.cleaned_data["seen_version"] or 0,
            facts=form.facts,
            member_ids=form.cleaned_data.get("members", present),
            guest_ids=form.cleaned_data.get("guest", ()),
            **kwargs,
        )

    if page.study.is_declared:
        member = page.participants[0].member
        return _fill_in(request, DeclarationForm, save, member=member, study=page.study)
    make = VisitForm if page.study.kind == StudyKind.OUTREACH_VISIT else StudyForm
    return _fill_in(
        request,
        make,
        save,
        organisation=page.study.organisation,
        study=page.study,
        members=present,
        guests=[participant.member_id for participant in page.participants if participant.is_guest],
    )


def _fill_in(
    request: PersonRequest,
    make: type[Any],
    save: Callable[..., Study],
    *,
    organisation: Organisation | None = None,
    member: Member | None = None,
    study: Study | None = None,
    members: list[int] | None = None,
    guests: Iterable[int] = (),
) -> HttpResponse:
    """The form of a record with its evidence. Valid, it is saved, and submitted if requested."""
    kwargs: dict[str, Any] = {"on": request.today}
    if organisation is not None:
        kwargs |= {"organisation": organisation, "guests": guests}
    files = FilesForm(
        request.POST or None,
        request.FILES or None,
        kinds=kinds_of_files(is_declared=organisation is None),
        may_be_empty=True,
    )
    act, guest_problem = request.POST.get("act", ""), ""
    if request.method != "POST":
        form = make(initial=_initial(make, study, members), **kwargs)
        if TOO_LARGE in request.GET:
            messages.warning(request, say_too_large())
    elif act == "guest" and organisation is not None:
        form, guest_problem = add_guest(request, make, kwargs)
    elif organisation is not None and (guest_problem := guest_left(request)):
        form = make(initial=retyped(request.POST), **kwargs)
    else:
        form = make(request.POST, **kwargs)
        if form.is_valid() and files.is_valid():
            try:
                return _save_once(request, form, files, save, is_final=act == "submit")
            except StudyError as error:
                _refuse(form, files, error, study)
    if request.method == "POST" and files.is_valid() and files.is_chosen:
        files.ask_again()
    context = {
        "form": form,
        "files": files,
        "wrong": files if files.errors and not form.errors else form,
        "organisation": organisation,
        "member": member,
        "study": study,
        **guest_typed(request, guest_problem),
        "is_visit": make is VisitForm,
        "is_reader": is_reader(request),
        "errors_shown": bool(guest_problem or files.errors),
        "cancel_url": reverse("studies:study", args=[study.pk]) if study else _back(member),
    }
    is_refused = form.errors or guest_problem or (files.errors and act != "guest")
    name = "form" if organisation is not None else "declaration"
    status = 422 if is_refused else 200
    return render(request, f"studies/{name}.html", context, status=status)


def _initial(make: type[Any], study: Study | None, members: list[int] | None) -> dict[str, Any]:
    initial = facts_as_initial(study, make.lengths) if study else {}
    return initial if members is None else initial | {"members": members}


def _refuse(form: Any, files: FilesForm, error: StudyError, study: Study | None) -> None:
    """Show an action's error at the file or the field that caused it."""
    if error.field in files.fields:
        files.add_error(error.field, str(error))
        return
    form.refuse(error)
    if study is not None and form.cleaned_data["seen_version"] != study.version:
        replace_hidden_value(form, "seen_version", str(study.version))
        form.add_error(None, _("Saving again puts your entries in the place of those."))


def _back(member: Member | None) -> str:
    return reverse("studies:studies") if member is None else address_of("my_hours")


def _save_once(
    request: PersonRequest,
    form: MinutesFields,
    files: FilesForm,
    save: Callable[..., Study],
    *,
    is_final: bool,
) -> HttpResponse:
    """Save the record with its evidence once, or nothing at all, and lead to its page."""
    kwargs, sent = acting(request), files.read()

    def do() -> str:
        study = save(form, **kwargs)
        for kind, name, data in sent:
            try:
                study_files.add_study_file(
                    study_id=study.pk, kind=kind, data=data, name=name, **kwargs
                )
            except StudyError as error:
                raise StudyError(str(error), kind.value) from error
        if is_final:
            if needs_evidence(study) and not study.files.exists():
                first = next(iter(files.kinds)).value
                raise StudyError(_("Choose the evidence here, or save as a draft."), first)
            actions.submit_study(study_id=study.pk, seen_version=study.version, **kwargs)
        return reverse("studies:study", args=[study.pk])

    if is_final:
        done = _("The record is handed in.")
    else:
        done = _("The record is saved as a draft. Nothing counts yet.")
    return carry_out_once(request, form, do=do, done=done)


@write_only
@page_if(sees_studies)
def submit(request: PersonRequest, study_id: int) -> HttpResponse:
    """Submit a draft for review."""
    return _step(request, study_id, actions.submit_study, _("The record is handed in."))


@replay_if_deleted
@write_only
@page_if(sees_studies)
def discard(request: PersonRequest, study_id: int) -> HttpResponse:
    """Discard a draft, after a page that shows what is deleted."""
    page, form = get_page(request, study_id), VersionForm(request.POST)
    if not form.is_valid():
        return render_study(request, page, problem=_incomplete())

    def do(data: dict[str, Any]) -> StudyPage:
        try:
            actions.discard_study(
                study_id=study_id, seen_version=data["seen_version"], **acting(request)
            )
        except Study.DoesNotExist as error:
            raise PermissionDenied from error
        return page

    steps = Confirmation(
        form=form,
        do=do,
        effects=_thrown_away,
        refusals=(),
        location=reverse("studies:studies"),
        page={
            "title": _("Throw away: %(topic)s") % {"topic": page.study.topic},
            "submit_label": _("Throw this draft away"),
            "done": _("The draft is thrown away."),
            "cancel_url": reverse("studies:study", args=[study_id]),
            "has_no_entries": True,
        },
    )
    try:
        return confirm_action(request, steps)
    except StudyError as error:
        return render_study(request, get_page(request, study_id), problem=str(error))


def _thrown_away(page: StudyPage) -> list[str]:
    """What is deleted with a draft, in sentences."""
    n = len(page.participants)
    text = ngettext(
        "The draft of %(day)s with %(n)d participant is deleted. Nothing of it counted.",
        "The draft of %(day)s with %(n)d participants is deleted. Nothing of it counted.",
        n,
    )
    sentences = [text % {"n": n, "day": format_day(page.study.held_on)}]
    if files := len(page.files):
        text = ngettext("%(n)d file goes with it.", "%(n)d files go with it.", files)
        sentences.append(text % {"n": files})
    return sentences


def _step(
    request: PersonRequest, study_id: int, do: Callable[..., object], done: str
) -> HttpResponse:
    page, form = get_page(request, study_id), VersionForm(request.POST)
    if not form.is_valid():
        return render_study(request, page, problem=_incomplete())
    to, seen = reverse("studies:study", args=[study_id]), form.cleaned_data["seen_version"]
    step = partial(do, study_id=study_id, seen_version=seen, **acting(request))
    try:
        return carry_out_once(request, form, do=step, to=to, done=done)
    except Study.DoesNotExist as error:
        raise PermissionDenied from error
    except StudyError as error:
        return render_study(request, page, problem=str(error))


@back_when_too_large("studies:study")
@write_only
@page_if(sees_studies)
def add_files(request: PersonRequest, study_id: int) -> HttpResponse:
    """Add files to one's own draft, and submit it if requested and all files were accepted.

    The files remain stored if the submission is refused.
    """
    page = get_page(request, study_id)
    kinds = kinds_of_files(is_declared=page.study.is_declared)
    form = FilesForm(request.POST, request.FILES, kinds=kinds)
    if not form.is_valid():
        return render_study(request, page, files=form)
    problems: list[tuple[FileKind, str]] = []
    refusal = ""
    sent, kwargs = form.read(), acting(request)
    is_final = request.POST.get("act") == "submit"

    def do() -> None:
        nonlocal refusal
        for kind, name, data in sent:
            try:
                study_files.add_study_file(
                    study_id=study_id, kind=kind, data=data, name=name, **kwargs
                )
            except StudyError as error:
                problems.append((kind, str(error)))
        if is_final and not problems:
            try:
                actions.submit_study(study_id=study_id, seen_version=page.study.version, **kwargs)
            except StudyError as error:
                refusal = str(error)

    def done() -> str:
        handed_in = Study.objects.filter(pk=study_id, state=StudyState.SUBMITTED)
        return _("The record is handed in.") if is_final and handed_in.exists() else ""

    to = reverse("studies:study", args=[study_id])
    try:
        answer = carry_out_once(request, form, do=do, to=to, done=done)
    except Study.DoesNotExist as error:
        raise PermissionDenied from error
    if refusal:
        return render_study(request, get_page(request, study_id), problem=refusal)
    if problems:
        for kind, problem in problems:
            form.add_error(kind.value, problem)
        form.renew_key()
        return render_study(request, get_page(request, study_id), files=form)
    return answer


@write_only
@page_if(sees_studies)
def remove_file(request: PersonRequest, study_id: int, file_id: int) -> HttpResponse:
    """Remove a file from one's own draft."""
    get_page(request, study_id)
    try:
        study_files.remove_study_file(study_id=study_id, file_id=file_id, **acting(request))
    except Study.DoesNotExist as error:
        raise PermissionDenied from error
    except StudyFile.DoesNotExist as error:
        raise Http404 from error
    return redirect("studies:study", study_id)


def _get_served(request: PersonRequest, organisation_id: int) -> Organisation:
    """An organisation for which the user records study. Raises Http404."""
    return get_object_or_404(list_served(request.user, request.today), pk=organisation_id)


def _incomplete() -> str:
    return _("The form arrived incomplete. Load the page and try again.")
