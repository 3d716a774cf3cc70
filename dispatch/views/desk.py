"""The dispatch desk: the queue, and what the district does with a letter."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.entry import page_if
from accounts.requests import PersonRequest
from backstage.confirmations import Confirmation, confirm_action
from backstage.forms import ReasonForm, replace_hidden_value
from backstage.submissions import carry_out_once
from config.lib.dates import format_moment
from config.lib.filters import ListRequest
from config.lib.methods import read_or_write, write_only
from config.lib.paging import page_of
from config.lib.row_keys import is_row_key
from dispatch import lists
from dispatch.actions.desk import (
    ask_school,
    decline_letter,
    engage_for_letter,
    engage_lecturer,
    hand_over_letter,
    schedule_letter,
    take_letter,
)
from dispatch.desk_forms import OwnerForm, SeriesForm
from dispatch.errors import BookingError, DispatchError, StaleError
from dispatch.filters import queue_filters
from dispatch.forms import EngageForm, ScheduleForm, WordForm
from dispatch.models import BookingLetter, Engagement
from dispatch.permissions import dispatches, list_dispatchers
from dispatch.queries.candidates import Candidate, list_candidates
from dispatch.queries.letters import find_session, token_of_schedule, token_of_session
from dispatch.queries.queue import QueueLine
from dispatch.queries.rules import find_booking_rule
from dispatch.queries.series import list_series, list_sessions_to_come, list_to_fill
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
@page_if(dispatches)
def queue(request: PersonRequest) -> HttpResponse:
    """What waits at the desk, the most urgent first."""
    asked = ListRequest(request.user, request.GET, request.now)
    filters = queue_filters(asked)
    page, rule = page_of(request, lists.queue(asked, filters)), find_booking_rule(asked.today)
    context = {
        "page_obj": page,
        "lines": [QueueLine(letter, letter.due_on, asked.today, rule) for letter in page],
        "filters": filters,
    }
    return render(request, "dispatch/queue.html", context)


@write_only
@page_if(dispatches)
def take(request: PersonRequest, letter_id: int) -> HttpResponse:
    """Work on a letter that is nobody's from now on."""
    found = get_letter(request, letter_id)
    try:
        take_letter(letter_id=found.pk, **acting(request))
    except BookingError as error:
        messages.error(request, error.message)
    return redirect(letter_address(found))


@read_or_write
@page_if(dispatches)
def hand_over(request: PersonRequest, letter_id: int) -> HttpResponse:
    """Give a letter to a colleague, or take it from one."""
    found = get_letter(request, letter_id)

    def effects(letter: BookingLetter) -> list[str]:
        words = {"who": letter.owner.display_name if letter.owner else "", "letter": letter}
        said = [_("%(who)s works on %(letter)s.") % words]
        if found.owner is not None and found.owner != request.user:
            words = {"who": found.owner.display_name}
            said.append(_("%(who)s works on it no longer, and is told.") % words)
        if letter.owner != request.user:
            said.append(_("The colleague is told."))
        return said

    title = _("Hand the letter over")
    steps = Confirmation(
        form=OwnerForm(sent(request), letter=found, me=request.user, officers=list_dispatchers()),
        do=lambda data: hand_over_letter(
            letter_id=letter_id, to_id=data["owner"], seen_owner=data["seen"], **acting(request)
        ),
        effects=effects,
        refusals=(DispatchError,),
        location=letter_address(found),
        page={
            "title": title,
            "submit_label": _("Hand over"),
            "done": _("The letter is handed over."),
            "cancel_url": letter_address(found),
            "crumbs": crumbs_to(title, of=found),
        },
    )
    return confirm_action(request, steps)


@read_or_write
@page_if(dispatches)
def ask(request: PersonRequest, letter_id: int) -> HttpResponse:
    """Ask the school about its letter."""
    act = LetterAct(
        WordForm(sent(request), label=_("Your question")),
        lambda data: ask_school(letter_id=letter_id, question=data["reason"], **acting(request)),
        lambda letter: [_("%(school)s reads the question.") % {"school": letter.school.name}],
        (_("Ask the school"), _("Ask"), _("The school has the question.")),
    )
    return decide(request, get_letter(request, letter_id), act)


@read_or_write
@page_if(dispatches)
def decline(request: PersonRequest, letter_id: int) -> HttpResponse:
    """Decline a letter with a reason."""
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
@page_if(dispatches)
def schedule(request: PersonRequest, letter_id: int) -> HttpResponse:
    """Set when the letter is taught."""
    found = get_letter(request, letter_id)
    form = ScheduleForm(sent(request), letter=found, on=request.today)

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
@page_if(dispatches)
def engage(request: PersonRequest, letter_id: int, number: int) -> HttpResponse:
    """Choose the lecturer of a session from all, ranked, each with what speaks against it."""
    found = get_letter(request, letter_id)
    engagement = _get_session(found, number)
    form = EngageForm(sent(request), initial={"seen": token_of_session(engagement)})
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            return carry_out_once(
                request,
                form,
                do=lambda: _engage(request, found, number, form),
                to=letter_address(found),
                done=_said(form),
            )
        except DispatchError as error:
            if isinstance(error, StaleError):
                status = 409
                engagement = _get_session(found, number)
                replace_hidden_value(form, "seen", token_of_session(engagement))
            form.refuse(error)
    candidates = list_candidates(engagement, request.today)
    free = [one for one in candidates if not one.is_blocked]
    title = _("Lecturer for session %(number)d") % {"number": number}
    context = {
        "form": form,
        "letter": found,
        "engagement": engagement,
        **_by_warnings(free, _chosen(form)),
        "blocked": [one for one in candidates if one.is_blocked],
        "title": title,
        "crumbs": crumbs_to(title, of=found),
    }
    if form.errors and status == 200:
        status = 422
    return render(request, "dispatch/engage.html", context, status=status)


def _chosen(form: EngageForm) -> str:
    """Whom a form with errors came with, to be shown at once; empty if nobody."""
    return str(form["instructor"].value() or "")


def _by_warnings(free: list[Candidate], chosen: str) -> dict[str, list[Candidate]]:
    """The best ones with the one who is chosen, more without warnings, and those with warnings.

    Where nobody is without, the best of those with warnings are shown at once.
    """
    good = [one for one in free if not one.warnings]
    shown = {one.instructor.pk for one in (good or free)[:CANDIDATES_SHOWN]}
    best = [one for one in free if one.instructor.pk in shown or str(one.instructor.pk) == chosen]
    rest = [one for one in free if one not in best]
    return {
        "best": best,
        "more": [one for one in rest if not one.warnings],
        "warned": [one for one in rest if one.warnings],
    }


def _engage(request: PersonRequest, found: BookingLetter, number: int, form: EngageForm) -> str:
    engage_lecturer(
        letter_id=found.pk,
        number=number,
        instructor_id=form.cleaned_data["instructor"],
        reason=form.cleaned_data["reason"],
        seen=form.cleaned_data["seen"],
        is_urgent=form.is_urgent,
        **acting(request),
    )
    return letter_address(found)


@read_or_write
@page_if(dispatches)
def engage_series(request: PersonRequest, letter_id: int) -> HttpResponse:
    """Choose one lecturer for several sessions of a letter, with what speaks against each."""
    found = get_letter(request, letter_id)
    sessions = list_sessions_to_come(found, request.now)
    to_fill = list_to_fill(sessions)
    form = SeriesForm(
        sent(request),
        sessions=sessions,
        ticked=[row.number for row in to_fill],
        seen=token_of_schedule(found),
    )
    status = 200
    if request.method == "POST":
        done = _choose_for_letter(request, found, form)
        if isinstance(done, HttpResponse):
            return done
        status = done
    numbers = {int(key) for key in form["numbers"].value() or () if is_row_key(str(key))}
    candidates = list_series([row for row in sessions if row.number in numbers] or to_fill)
    free = [one for one in candidates if not one.is_blocked]
    best = free[:CANDIDATES_SHOWN]
    best += [one for one in free[CANDIDATES_SHOWN:] if str(one.instructor.pk) == _chosen(form)]
    title = _("One lecturer for several sessions")
    context = {
        "form": form,
        "letter": found,
        "best": best,
        "more": [one for one in free if one not in best],
        "blocked": [one for one in candidates if one.is_blocked],
        "title": title,
        "crumbs": crumbs_to(title, of=found),
    }
    return render(request, "dispatch/engage_series.html", context, status=status)


def _choose_for_letter(
    request: PersonRequest, found: BookingLetter, form: SeriesForm
) -> HttpResponse | int:
    """Carry the form out and go to the letter; else the status of the page with its errors."""
    if not form.is_valid():
        return 422
    data = form.cleaned_data

    def do() -> None:
        engage_for_letter(
            letter_id=found.pk,
            numbers=data["numbers"],
            instructor_id=data["instructor"],
            reason=data["reason"],
            seen=data["seen"],
            is_urgent=form.is_urgent,
            **acting(request),
        )

    done = _said(form, len(data["numbers"]))
    try:
        return carry_out_once(request, form, do=do, to=letter_address(found), done=done)
    except StaleError as error:
        replace_hidden_value(form, "seen", token_of_schedule(found))
        form.add_error(None, error.message)
        return 409
    except DispatchError as error:
        form.refuse(error)
        return 422


def _said(form: EngageForm, count: int = 1) -> str:
    if form.is_urgent:
        return ngettext(
            "The session is proposed to the lecturer.",
            "The sessions are proposed to the lecturer.",
            count,
        )
    return _("The lecturer stands in the draft of the plan.")


def _get_session(found: BookingLetter, number: int) -> Engagement:
    """The live engagement of the session, or the last one. Raises Http404."""
    engagement = find_session(found, number)
    if engagement is None:
        raise Http404
    return engagement


def desk_crumbs(here: str) -> list[dict[str, str]]:
    """The breadcrumbs from the desk to a page."""
    return [
        {"label": _("Dispatch desk"), "url": reverse("dispatch:queue")},
        {"label": here, "url": ""},
    ]
