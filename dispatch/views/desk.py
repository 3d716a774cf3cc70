"""The dispatch desk: the queue, what the district does with a letter, and the plan."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.requests import PersonRequest
from backstage.confirmations import Confirmation, confirm_action
from backstage.forms import ReasonForm, replace_hidden_value
from backstage.idempotency import KeyReusedError, hash_body, run_once
from backstage.pages import conflict_page
from config.lib.dates import format_moment
from config.lib.filters import ListRequest
from config.lib.methods import read_or_write, write_only
from config.lib.paging import page_of
from config.lib.periods import today
from dispatch import lists
from dispatch.actions.desk import (
    ask_school,
    decline_letter,
    engage_lecturer,
    release_plan,
    schedule_letter,
    take_letter,
)
from dispatch.errors import BookingError, DispatchError, StaleError
from dispatch.filters import queue_filters
from dispatch.forms import EngageForm, ReleaseForm, ScheduleForm, WordForm
from dispatch.models import BookingLetter, Engagement, PlanVersion
from dispatch.permissions import dispatches
from dispatch.queries.candidates import list_candidates
from dispatch.queries.letters import find_session, token_of_schedule, token_of_session
from dispatch.queries.plan import last_version, list_changes, list_lines
from dispatch.views.letters import (
    LetterAct,
    crumbs_to,
    decide,
    get_letter,
    last_step,
    letter_address,
)
from schools.views.acting import acting, sent

# The best ones are shown at once, the others when asked for.
CANDIDATES_SHOWN = 15


@require_safe
def queue(request: PersonRequest) -> HttpResponse:
    """What waits at the desk, the first wished day first."""
    require_desk(request)
    asked = ListRequest(request.user, request.GET, timezone.now())
    filters = queue_filters(asked)
    context = {
        "page_obj": page_of(request, lists.queue(asked, filters)),
        "filters": filters,
        "on": asked.today,
    }
    return render(request, "dispatch/queue.html", context)


@write_only
def take(request: PersonRequest, letter_id: int) -> HttpResponse:
    """Work on a letter from now on."""
    require_desk(request)
    found = get_letter(request, letter_id)
    seen_owner = request.POST.get("owner", "")
    try:
        former = take_letter(letter_id=found.pk, seen_owner=seen_owner, **acting(request))
    except BookingError as error:
        messages.error(request, error.message)
    else:
        if former is not None and former != request.user:
            text = _("You work on the letter now, in place of %(who)s.")
            messages.success(request, text % {"who": former.display_name})
    return redirect(letter_address(found))


@read_or_write
def ask(request: PersonRequest, letter_id: int) -> HttpResponse:
    """Ask the school about its letter."""
    require_desk(request)
    act = LetterAct(
        WordForm(sent(request), label=_("Your question")),
        lambda data: ask_school(letter_id=letter_id, question=data["reason"], **acting(request)),
        lambda letter: [_("%(school)s reads the question.") % {"school": letter.school.name}],
        (_("Ask the school"), _("Ask"), _("The school has the question.")),
    )
    return decide(request, get_letter(request, letter_id), act)


@read_or_write
def decline(request: PersonRequest, letter_id: int) -> HttpResponse:
    """Decline a letter with a reason."""
    require_desk(request)
    act = LetterAct(
        ReasonForm(sent(request)),
        lambda data: decline_letter(letter_id=letter_id, reason=data["reason"], **acting(request)),
        lambda letter: [
            _("%(school)s reads the reason.") % {"school": letter.school.name},
            _("Lecturers and venue are free again."),
        ],
        (_("Decline the letter"), _("Decline"), _("The letter is declined.")),
    )
    return decide(request, get_letter(request, letter_id), act)


@read_or_write
def schedule(request: PersonRequest, letter_id: int) -> HttpResponse:
    """Set when the letter is taught."""
    require_desk(request)
    found = get_letter(request, letter_id)
    form = ScheduleForm(sent(request), letter=found, on=today())

    def effects(letter: BookingLetter) -> list[str]:
        said = [
            _("Session %(number)d: %(moment)s, %(course)s")
            % {
                "number": row.number,
                "moment": format_moment(row.starts_at),
                "course": row.course,
            }
            for row in letter.engagements.live().select_related("course")
        ]
        warnings = last_step(letter).warnings
        return [*said, *(_("In spite of this warning: %s") % text for text in warnings)]

    def do(data: dict[str, Any]) -> None:
        facts = {"schedule": form.schedule, "reason": data["reason"], "seen": data["seen"]}
        try:
            schedule_letter(letter_id=letter_id, **facts, **acting(request))
        except StaleError:
            # The form shows again, with the word of who changed it: what it saw is known then.
            replace_hidden_value(form, "seen", token_of_schedule(found))
            raise

    act = LetterAct(
        form,
        do,
        effects,
        (
            _("Schedule the letter"),
            _("Schedule"),
            _("The letter is scheduled. Next, choose the lecturers."),
        ),
    )
    return decide(request, found, act)


@read_or_write
def engage(request: PersonRequest, letter_id: int, number: int) -> HttpResponse:
    """Choose the lecturer of a session from all, ranked, each with what speaks against it."""
    require_desk(request)
    found = get_letter(request, letter_id)
    engagement = _get_session(found, number)
    form = EngageForm(sent(request), initial={"seen": token_of_session(engagement)})
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            location = run_once(
                key=form.cleaned_data["idempotency_key"],
                user=request.user,
                act=request.path,
                body_hash=hash_body(request.POST),
                location=letter_address(found),
                do=lambda: _engage(request, found, number, form),
            )
        except KeyReusedError:
            return conflict_page(request)
        except DispatchError as error:
            if isinstance(error, StaleError):
                status = 409
                engagement = _get_session(found, number)
                replace_hidden_value(form, "seen", token_of_session(engagement))
            form.add_error(error.field if error.field in form.fields else None, error.message)
        else:
            messages.success(request, _("The lecturer stands in the draft of the plan."))
            return redirect(location)
    candidates = list_candidates(engagement, today())
    free = [one for one in candidates if not one.is_blocked]
    title = _("Lecturer for session %(number)d") % {"number": number}
    context = {
        "form": form,
        "letter": found,
        "engagement": engagement,
        "best": free[:CANDIDATES_SHOWN],
        "others": free[CANDIDATES_SHOWN:],
        "blocked": [one for one in candidates if one.is_blocked],
        "title": title,
        "crumbs": crumbs_to(title, of=found),
    }
    if form.errors and status == 200:
        status = 422
    return render(request, "dispatch/engage.html", context, status=status)


def _engage(request: PersonRequest, found: BookingLetter, number: int, form: EngageForm) -> str:
    engage_lecturer(
        letter_id=found.pk,
        number=number,
        instructor_id=form.cleaned_data["instructor"],
        reason=form.cleaned_data["reason"],
        seen=form.cleaned_data["seen"],
        **acting(request),
    )
    return letter_address(found)


def _get_session(found: BookingLetter, number: int) -> Engagement:
    """The live engagement of the session, or the last one. Raises Http404."""
    engagement = find_session(found, number)
    if engagement is None:
        raise Http404
    return engagement


@require_safe
def plan(request: PersonRequest) -> HttpResponse:
    """What the draft changes since the last version, the release, and the earlier versions."""
    require_desk(request)
    version = last_version()
    context = {
        "changes": list_changes(version, timezone.now()),
        "version": version,
        "versions": PlanVersion.objects.select_related("released_by")[:20],
        "crumbs": desk_crumbs(_("Dispatch plan")),
    }
    return render(request, "dispatch/plan.html", context)


@read_or_write
def release(request: PersonRequest) -> HttpResponse:
    """Release the draft as the next version."""
    require_desk(request)

    def effects(version: PlanVersion) -> list[str]:
        return [
            _("Version %(number)d of the plan has %(n)d sessions.")
            % {"number": version.number, "n": version.lines.count()},
            _("New engagements are proposed to their lecturers, who have days to answer."),
        ]

    title = _("Release the plan")
    steps = Confirmation(
        form=ReleaseForm(sent(request)),
        act=request.path,
        do=lambda data: release_plan(note=data["note"], **acting(request)),
        effects=effects,
        refusals=(DispatchError,),
        location=reverse("dispatch:plan"),
        page={
            "title": title,
            "submit_label": _("Release"),
            "done": _("The plan is released."),
            "cancel_url": reverse("dispatch:plan"),
            "crumbs": desk_crumbs(title),
        },
    )
    return confirm_action(request, steps)


@require_safe
def version(request: PersonRequest, version_number: int) -> HttpResponse:
    """A released version of the plan."""
    require_desk(request)
    rows = PlanVersion.objects.select_related("released_by")
    found = get_object_or_404(rows, number=version_number)
    title = _("Version %(number)d of the plan") % {"number": found.number}
    context = {
        "version": found,
        "lines": list_lines(found),
        "title": title,
        "crumbs": desk_crumbs(title),
    }
    return render(request, "dispatch/version.html", context)


def require_desk(request: PersonRequest) -> None:
    """Raise PermissionDenied unless the person dispatches."""
    if not dispatches(request.user):
        raise PermissionDenied


def desk_crumbs(here: str) -> list[dict[str, str]]:
    """The breadcrumbs from the desk to a page."""
    return [
        {"label": _("Dispatch desk"), "url": reverse("dispatch:queue")},
        {"label": here, "url": ""},
    ]
