"""What people do with records of study: record, change, hand in, add evidence, review, withdraw."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.enums import Role
from accounts.origin import Actor
from accounts.requests import PersonRequest
from accounts.roles import holds_any
from backstage.forms import ReasonForm
from backstage.idempotency import KeyReusedError, answer_once, hash_body
from backstage.two_steps import TwoSteps, answer_two_steps
from backstage.uploads import back_when_too_large
from config.lib.dates import write_day
from config.lib.filters import LONGEST_TEXT
from config.lib.hours import format_hours
from config.lib.methods import read_or_write, write_only
from config.lib.periods import today
from schools.models import Organisation
from trainees.actions import studies as actions
from trainees.actions import study_files, study_reviews
from trainees.actions.guests import look_up_guest
from trainees.actions.ledger import Posted
from trainees.enums import FileKind, StudyKind, StudyState
from trainees.errors import StudyError
from trainees.forms.studies import (
    DeclarationForm,
    FilesForm,
    MinutesFields,
    ParticipantsForm,
    ReviewForm,
    StudyForm,
    VersionForm,
    VisitForm,
    facts_as_initial,
    retyped,
    sign_guest,
)
from trainees.models import Member, Study, StudyFile
from trainees.permissions import REVIEWING_SCHOOL_ROLES, serves_organisations
from trainees.queries.studies import StudyPage, list_served, needs_evidence, say_handed_in
from trainees.views.rolls import refuse
from trainees.views.studies import (
    get_page,
    holds_id_number,
    is_reader,
    kinds_of_files,
    render_study,
)

ORGANISATIONS_SHOWN = 20


@require_safe
def choose(request: PersonRequest) -> HttpResponse:
    """Which organisation a record is of; who serves only one goes straight on."""
    _require_recorder(request)
    if holds_id_number(request):
        return redirect(request.path)
    text = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST_TEXT]
    is_visit = "visit" in request.GET
    found = list(list_served(request.user, today(), text)[: ORGANISATIONS_SHOWN + 1])
    if len(found) == 1 and not text:
        name = "trainees:record_visit" if is_visit else "trainees:record_study"
        return redirect(name, found[0].pk)
    context = {
        "found": found[:ORGANISATIONS_SHOWN],
        "has_more": len(found) > ORGANISATIONS_SHOWN,
        "text": text,
        "is_visit": is_visit,
        "is_reader": is_reader(request),
    }
    return render(request, "trainees/studies/choose.html", context)


@read_or_write
def record(request: PersonRequest, organisation_id: int) -> HttpResponse:
    """Record a meeting or activity of an organisation."""
    return _record(request, _get_served(request, organisation_id), StudyForm)


@read_or_write
def record_visit(request: PersonRequest, organisation_id: int) -> HttpResponse:
    """Record a visit that brought study to members of an organisation."""
    return _record(request, _get_served(request, organisation_id), VisitForm)


def _record(
    request: PersonRequest, organisation: Organisation, make: type[StudyForm]
) -> HttpResponse:
    def save(form: MinutesFields, **how: Any) -> Study:
        return actions.record_study(
            organisation=organisation,
            facts=form.facts,
            member_ids=form.cleaned_data["members"],
            guest_ids=form.cleaned_data["guest"],
            **how,
        )

    return _fill_in(request, make, save, organisation=organisation)


@read_or_write
def declare(request: PersonRequest) -> HttpResponse:
    """A member declares study that he did online or elsewhere."""
    return _declare(request, get_object_or_404(Member, user=request.user))


@read_or_write
def declare_for(request: PersonRequest, member_id: int) -> HttpResponse:
    """A clerk declares for a member of the school."""
    if not holds_any(request.user, Role.SCHOOL_CLERK):
        raise PermissionDenied
    own = Member.objects.of_clerk(request.user, today())
    return _declare(request, get_object_or_404(own, pk=member_id))


def _declare(request: PersonRequest, member: Member) -> HttpResponse:
    def save(form: MinutesFields, **how: Any) -> Study:
        return actions.record_study(
            organisation=None, facts=form.facts, member_ids=[member.pk], **how
        )

    return _fill_in(request, DeclarationForm, save, member=member)


@read_or_write
def change(request: PersonRequest, study_id: int) -> HttpResponse:
    """Change a draft of one's own."""
    page = get_page(request, study_id)
    if not page.is_own:
        raise PermissionDenied
    if not page.may_change and request.method != "POST":
        messages.warning(request, say_handed_in())
        return redirect("trainees:study", study_id)
    present = [one.member_id for one in page.participants]

    def save(form: MinutesFields, **how: Any) -> Study:
        return actions.change_study(
            study_id=study_id,
            seen_version=form.cleaned_data["seen_version"] or 0,
            facts=form.facts,
            member_ids=form.cleaned_data.get("members", present),
            guest_ids=form.cleaned_data.get("guest", ()),
            **how,
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
        guests=[one.member_id for one in page.participants if one.is_guest],
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
    """The form of a record; once it is valid, it is saved, and handed in if that was asked."""
    how: dict[str, Any] = {"on": today()}
    if organisation is not None:
        how |= {"organisation": organisation, "guests": guests}
    act, guest_problem = request.POST.get("act", ""), ""
    if request.method != "POST":
        initial = facts_as_initial(study, make.lengths) if study else {}
        if members is not None:
            initial["members"] = members
        form = make(initial=initial, **how)
    elif act == "guest" and organisation is not None:
        form, guest_problem = _add_guest(request, make, how)
    elif organisation is not None and (guest_problem := _guest_left(request)):
        form = make(initial=retyped(request.POST), **how)
    else:
        form = make(request.POST, **how)
        if form.is_valid():
            try:
                return redirect(_save_once(request, form, save, is_final=act == "submit"))
            except KeyReusedError:
                return refuse(request)
            except StudyError as error:
                form.refuse(error)
    context = {
        "form": form,
        "organisation": organisation,
        "member": member,
        "study": study,
        **_guest_typed(request, guest_problem),
        "is_visit": make is VisitForm,
        "is_reader": is_reader(request),
        "errors_shown": bool(guest_problem),
        "cancel_url": reverse("trainees:study", args=[study.pk]) if study else _back(member),
    }
    status = 422 if form.errors or guest_problem else 200
    name = "form" if organisation is not None else "declaration"
    return render(request, f"trainees/studies/{name}.html", context, status=status)


def _back(member: Member | None) -> str:
    return reverse("trainees:studies") if member is None else reverse("trainees:my_hours")


def _add_guest(request: PersonRequest, make: type[Any], how: dict[str, Any]) -> tuple[Any, str]:
    """The form as it was typed, with the guest of that number and name ticked; or what is wrong."""
    typed, day = retyped(request.POST), make(request.POST, **how).day
    number, name = (
        request.POST.get(f"guest_{part}", "").replace("\0", "").strip()
        for part in ("number", "name")
    )
    guest = look_up_guest(number=number, name=name, on=day, **_how(request))
    if guest is None:
        return make(initial=typed, **how), _("Number and name fit no member of that day together.")
    typed["members"].append(str(guest.pk))
    typed["guest"].append(sign_guest(guest.pk))
    return make(initial=typed, **how), ""


def _guest_left(request: PersonRequest) -> str:
    """That a guest was typed and not added, which pressing Enter in his fields does; or ""."""
    typed = (request.POST.get(f"guest_{part}", "") for part in ("number", "name"))
    if not any(text.strip() for text in typed):
        return ""
    return _("This guest is not on the list yet: add the guest, or clear number and name.")


def _guest_typed(request: PersonRequest, problem: str) -> dict[str, str]:
    """What is wrong with a guest, and what was typed of him, for the template."""
    typed = request.POST if problem else {}
    return {
        "guest_problem": problem,
        "guest_number": typed.get("guest_number", ""),
        "guest_name": typed.get("guest_name", ""),
    }


def _save_once(
    request: PersonRequest, form: MinutesFields, save: Callable[..., Study], *, is_final: bool
) -> str:
    """Save the record once; the address of its page."""
    how = _how(request)

    def do() -> str:
        study = save(form, **how)
        if is_final and (study.files.exists() or not needs_evidence(study)):
            actions.submit_study(study_id=study.pk, seen_version=study.version, **how)
        return reverse("trainees:study", args=[study.pk])

    location = answer_once(
        key=form.cleaned_data["idempotency_key"],
        user=request.user,
        act=f"save_study:{request.path}"[:120],
        body_hash=hash_body(request.POST),
        do=do,
    )
    study = Study.objects.get(pk=location.rstrip("/").rpartition("/")[2])
    if study.state == StudyState.DRAFT:
        messages.success(request, _("The record is saved as a draft. Nothing counts yet."))
    else:
        messages.success(request, _("The record is handed in."))
    return location


@write_only
def submit(request: PersonRequest, study_id: int) -> HttpResponse:
    """Hand a draft in for review."""
    return _step(request, study_id, actions.submit_study, _("The record is handed in."))


@write_only
def discard(request: PersonRequest, study_id: int) -> HttpResponse:
    """Throw a draft away."""
    done = _("The draft is thrown away.")
    return _step(request, study_id, actions.discard_study, done, to=reverse("trainees:studies"))


def _step(
    request: PersonRequest, study_id: int, do: Callable[..., object], done: str, to: str = ""
) -> HttpResponse:
    page, form = get_page(request, study_id), VersionForm(request.POST)
    if not form.is_valid():
        return render_study(request, page, problem=_incomplete())
    try:
        location = answer_once(
            key=form.cleaned_data["idempotency_key"],
            user=request.user,
            act=request.path,
            body_hash=hash_body(request.POST),
            location=to or reverse("trainees:study", args=[study_id]),
            do=lambda: do(
                study_id=study_id, seen_version=form.cleaned_data["seen_version"], **_how(request)
            ),
        )
    except KeyReusedError:
        return refuse(request)
    except Study.DoesNotExist as error:
        raise PermissionDenied from error
    except StudyError as error:
        return render_study(request, page, problem=str(error))
    messages.success(request, done)
    return redirect(location)


@back_when_too_large("trainees:study")
@write_only
def add_files(request: PersonRequest, study_id: int) -> HttpResponse:
    """Add files to a draft of one's own, and hand it in if that was asked and all were taken.

    The files stay when the hand-in is refused.
    """
    page = get_page(request, study_id)
    form = FilesForm(request.POST, request.FILES, kinds=kinds_of_files(page))
    if not form.is_valid():
        return render_study(request, page, files=form)
    problems: list[tuple[FileKind, str]] = []
    refusal = ""
    sent, how = form.read(), _how(request)
    is_final = request.POST.get("act") == "submit"

    def do() -> None:
        nonlocal refusal
        for kind, name, data in sent:
            try:
                study_files.add_study_file(
                    study_id=study_id, kind=kind, data=data, name=name, **how
                )
            except StudyError as error:
                problems.append((kind, str(error)))
        if is_final and not problems:
            try:
                actions.submit_study(study_id=study_id, seen_version=page.study.version, **how)
            except StudyError as error:
                refusal = str(error)

    try:
        location = answer_once(
            key=form.cleaned_data["idempotency_key"],
            user=request.user,
            act=request.path,
            body_hash=hash_body(request.POST, b"".join(data for _kind, _name, data in sent)),
            location=reverse("trainees:study", args=[study_id]),
            do=do,
        )
    except KeyReusedError:
        return refuse(request)
    except Study.DoesNotExist as error:
        raise PermissionDenied from error
    if refusal:
        return render_study(request, get_page(request, study_id), problem=refusal)
    if problems:
        for kind, problem in problems:
            form.add_error(kind.value, problem)
        form.renew_key()
        return render_study(request, get_page(request, study_id), files=form)
    if is_final and Study.objects.filter(pk=study_id, state=StudyState.SUBMITTED).exists():
        messages.success(request, _("The record is handed in."))
    return redirect(location)


@write_only
def remove_file(request: PersonRequest, study_id: int, file_id: int) -> HttpResponse:
    """Remove a file from a draft of one's own."""
    get_page(request, study_id)
    try:
        study_files.remove_study_file(study_id=study_id, file_id=file_id, **_how(request))
    except Study.DoesNotExist as error:
        raise PermissionDenied from error
    except StudyFile.DoesNotExist as error:
        raise Http404 from error
    return redirect("trainees:study", study_id)


@write_only
def review(request: PersonRequest, study_id: int) -> HttpResponse:
    """Pass the next step of a record, or return it with a reason."""
    passes = request.POST.get("act") == "pass"
    page, form = get_page(request, study_id), ReviewForm(request.POST, passes=passes)
    if not form.is_valid():
        return render_study(request, page, review=form)
    data = form.cleaned_data
    try:
        location = answer_once(
            key=data["idempotency_key"],
            user=request.user,
            act=request.path,
            body_hash=hash_body(request.POST),
            location=f"{reverse('trainees:studies')}?progress=review",
            do=lambda: study_reviews.review_study(
                study_id=study_id,
                seen_version=data["seen_version"],
                passes=passes,
                reason=data["reason"],
                **_how(request),
            ),
        )
    except KeyReusedError:
        return refuse(request)
    except Study.DoesNotExist as error:
        raise PermissionDenied from error
    except StudyError as error:
        if error.field not in form.fields:
            return _review_again(request, study_id, str(error), data["reason"])
        form.add_error(error.field, str(error))
        return render_study(request, page, review=form)
    done = _("The record is passed.") if passes else _("The record is returned.")
    messages.success(request, done)
    return redirect(location)


def _review_again(request: PersonRequest, study_id: int, problem: str, reason: str) -> HttpResponse:
    """The record as it stands now, and the reason that was typed: to be sent again, or copied."""
    page = get_page(request, study_id)
    if not page.may_review:
        return render_study(request, page, problem=problem, unsent=reason)
    form = ReviewForm(initial={"seen_version": page.study.version, "reason": reason})
    return render_study(request, page, problem=problem, review=form)


@read_or_write
def withdraw(request: PersonRequest, study_id: int) -> HttpResponse:
    """Take an approved record back, after a look at what that means."""
    page = get_page(request, study_id)
    if not page.may_withdraw:
        if not holds_any(request.user, *REVIEWING_SCHOOL_ROLES):
            raise PermissionDenied
        if page.study.state != StudyState.WITHDRAWN or request.method != "POST":
            return redirect("trainees:study", study_id)
    address = reverse("trainees:study", args=[study_id])

    def do(data: dict[str, Any]) -> Posted:
        try:
            return study_reviews.withdraw_study(
                study_id=study_id,
                seen_version=page.study.version,
                reason=data["reason"],
                **_how(request),
            )
        except Study.DoesNotExist as error:
            raise PermissionDenied from error

    steps = TwoSteps(
        form=ReasonForm(request.POST or None),
        act=request.path,
        do=do,
        effects=lambda posted: _withdrawn(page, posted),
        refusals=(StudyError,),
        location=address,
        page={
            "title": _("Take back: %(topic)s") % {"topic": page.study.topic},
            "intro": _("For a record that should not have been passed. It stays to be read."),
            "submit_label": _("Take the record back and reverse its hours"),
            "done": _("The record is withdrawn; its hours are reversed."),
            "cancel_url": address,
        },
    )
    return answer_two_steps(request, steps)


@read_or_write
def correct_participants(request: PersonRequest, study_id: int) -> HttpResponse:
    """Add members to an approved record or take some off it, after a look at what that means."""
    page = get_page(request, study_id)
    if not page.may_correct:
        roles = (*REVIEWING_SCHOOL_ROLES, Role.ORGANISATION_DEPARTMENT)
        if not holds_any(request.user, *roles):
            raise PermissionDenied
        return redirect("trainees:study", study_id)
    address, problem = reverse("trainees:study", args=[study_id]), ""
    if request.POST.get("act") == "guest":
        form, problem = _add_guest(request, ParticipantsForm, {"study": page.study})
    elif problem := _guest_left(request):
        form = ParticipantsForm(initial=retyped(request.POST), study=page.study)
    else:
        form = ParticipantsForm(request.POST or None, study=page.study)

    def do(data: dict[str, Any]) -> study_reviews.Corrected:
        if data["seen_version"] != page.study.version:  # it will be refused
            form.look_again(page.study)
        return study_reviews.correct_participants(
            study_id=study_id,
            seen_version=data["seen_version"],
            reason=data["reason"],
            guest_ids=data["guest"],
            **form.changes,
            **_how(request),
        )

    steps = TwoSteps(
        form=form,
        act=request.path,
        do=do,
        effects=lambda corrected: _corrected(form, corrected),
        refusals=(StudyError,),
        location=address,
        page={
            "title": _("Correct who was there: %(topic)s") % {"topic": page.study.topic},
            "intro": f"{page.study.organisation.name} · {write_day(page.study.held_on)}",
            "submit_label": _("Correct the participants and their hours"),
            "done": _("The participants are corrected."),
            "cancel_url": address,
            **_guest_typed(request, problem),
            "errors_shown": bool(problem),
            "shows_numbers": True,
        },
        template="trainees/studies/participants.html",
    )
    return answer_two_steps(request, steps)


def _corrected(form: ParticipantsForm, corrected: study_reviews.Corrected) -> list[str]:
    """What a correction of participants does, in sentences."""
    names = {one.member_id: f"{one.name} {one.number}" for one in form.people}
    told = {
        change: _(", ").join(names[key] for key in sorted(keys))
        for change, keys in form.changes.items()
    }
    sentences = []
    if told["add"]:
        facts = {"names": told["add"], "hours": format_hours(corrected.added.hours)}
        sentences.append(_("Added: %(names)s. %(hours)s credit hours are posted.") % facts)
    if told["remove"]:
        text = _("Taken off: %(names)s. Their hours of this study are reversed.")
        sentences.append(text % {"names": told["remove"]})
        sentences.append(_("Members see the change and its reason on their page."))
    sentences += _others_changed(corrected.added.others + corrected.removed.others)
    return sentences


def _withdrawn(page: StudyPage, posted: Posted) -> list[str]:
    """What taking a record back does, in sentences."""
    n = sum(1 for one in page.participants if one.hours)
    text = ngettext(
        "%(hours)s credit hours of %(n)d member are reversed.",
        "%(hours)s credit hours of %(n)d members are reversed.",
        n,
    )
    sentences = [
        text % {"n": n, "hours": format_hours(page.hours)},
        _("Members see the change and its reason on their page."),
        _("The study can be recorded anew."),
    ]
    return [*sentences, *_others_changed(posted.others)]


def _others_changed(n: int) -> list[str]:
    """That other lines of the same members come out otherwise, if any do."""
    text = ngettext(
        "%(n)d other line of these members changes: what it kept them from comes back.",
        "%(n)d other lines of these members change: what it kept them from comes back.",
        n,
    )
    return [text % {"n": n}] if n else []


def _require_recorder(request: PersonRequest) -> None:
    if not serves_organisations(request.user):
        raise PermissionDenied


def _get_served(request: PersonRequest, organisation_id: int) -> Organisation:
    """An organisation whose study the person records. Raises PermissionDenied, Http404."""
    _require_recorder(request)
    return get_object_or_404(list_served(request.user, today()), pk=organisation_id)


def _how(request: PersonRequest) -> dict[str, Any]:
    return {"by": Actor.of_request(request), "at": timezone.now()}


def _incomplete() -> str:
    return _("The form arrived incomplete. Load the page and try again.")
