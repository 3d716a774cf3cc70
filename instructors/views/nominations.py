"""Nominations: the list, a nomination, and the pages to nominate, appoint and decline."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.entry import page_for
from accounts.requests import PersonRequest
from backstage.confirmations import Confirmation, confirm_action
from backstage.forms import IdempotentForm, ReasonForm
from config.lib.filters import ListRequest
from config.lib.methods import read_or_write
from config.lib.paging import page_of
from instructors import lists
from instructors.actions.nominations import (
    Nominee,
    appoint_nominee,
    decline_nomination,
    nominate_lecturer,
)
from instructors.enums import NominationState
from instructors.errors import NominationError
from instructors.filters import nomination_filters
from instructors.forms import NominationForm
from instructors.models import Instructor, Nomination
from instructors.permissions import NOMINATING_ROLES, appoints, schools_nominated_for
from schools.permissions import staff_page
from schools.views.acting import acting


@require_safe
@staff_page
def nominations(request: PersonRequest) -> HttpResponse:
    """Nominations by the schools that the person may see, those that wait first."""
    asked = ListRequest(request.user, request.GET, request.now)
    filters = nomination_filters(asked)
    context = {
        "page_obj": page_of(request, lists.nominations(asked, filters)),
        "filters": filters,
        "may_nominate": schools_nominated_for(request.user, asked.today).exists(),
    }
    return render(request, "instructors/nominations.html", context)


@require_safe
@staff_page
def nomination(request: PersonRequest, nomination_id: int) -> HttpResponse:
    """A nomination with its reasons and, once there is one, its decision."""
    found = _get(request, nomination_id)
    waits = Nomination.objects.decidable_by(request.user).filter(pk=found.pk)
    context = {
        "nomination": found,
        "may_decide": appoints(request.user) and waits.exists(),
        "may_issue": appoints(request.user) and _lacks_letter(found, request.today),
        "crumbs": _crumbs(found.name),
    }
    return render(request, "instructors/nomination.html", context)


@read_or_write
@page_for(*NOMINATING_ROLES)
def nominate(request: PersonRequest) -> HttpResponse:
    """Nominate a lecturer for the own school."""
    on = request.today
    if not schools_nominated_for(request.user, on).exists():
        raise PermissionDenied
    form = NominationForm(request.POST or None, user=request.user, on=on)

    def do(data: dict[str, Any]) -> Nomination:
        nominee = Nominee(
            name=data["name"],
            title=data["title"],
            employer=data["employer"],
            reasons=data["reasons"],
            username=data["username"],
        )
        return nominate_lecturer(school_id=data["school"].pk, nominee=nominee, **acting(request))

    def effects(made: Nomination) -> list[str]:
        who = {"school": made.school.name, "name": made.name, "employer": made.employer}
        return [
            _("%(school)s nominates %(name)s (%(employer)s) for the backbone corps.") % who,
            _("Reasons: %(reasons)s") % {"reasons": made.reasons},
            _("The organisation department reads this, and appoints or declines."),
        ]

    title = _("Nominate a lecturer")
    steps = Confirmation(
        form=form,
        do=do,
        effects=effects,
        refusals=(NominationError,),
        location=_address,
        page={
            "title": title,
            "intro": _("For the backbone corps. The organisation department appoints."),
            "submit_label": _("Nominate"),
            "done": _("The organisation department has the nomination."),
            "cancel_url": reverse("instructors:nominations"),
            "crumbs": _crumbs(title),
        },
    )
    return confirm_action(request, steps)


@read_or_write
@staff_page
def appoint(request: PersonRequest, nomination_id: int) -> HttpResponse:
    """Appoint the nominee."""

    def do(_data: dict[str, Any]) -> Nomination:
        return appoint_nominee(nomination_id=nomination_id, **acting(request))

    def effects(decided: Nomination) -> list[str]:
        names = {"name": decided.name, "school": decided.school.name}
        return [
            _("%(name)s becomes a lecturer of the backbone corps, nominated by %(school)s.")
            % names,
            _("A letter of appointment is issued next."),
        ]

    words = (_("Appoint %(name)s"), _("Appoint"), _("The lecturer is appointed."))
    return _decide(request, nomination_id, IdempotentForm, (do, effects), words)


@read_or_write
@staff_page
def decline(request: PersonRequest, nomination_id: int) -> HttpResponse:
    """Decline the nomination with a reason."""

    def do(data: dict[str, Any]) -> Nomination:
        return decline_nomination(
            nomination_id=nomination_id, reason=data["reason"], **acting(request)
        )

    def effects(decided: Nomination) -> list[str]:
        return [
            _("The nomination of %(name)s is declined.") % {"name": decided.name},
            _("The school reads the reason: %(reason)s") % {"reason": decided.reason},
        ]

    words = (
        _("Decline the nomination of %(name)s"),
        _("Decline the nomination"),
        _("The nomination is declined."),
    )
    return _decide(request, nomination_id, ReasonForm, (do, effects), words)


def _decide(
    request: PersonRequest,
    nomination_id: int,
    form_class: type[IdempotentForm],
    steps: tuple[Callable[[dict[str, Any]], Nomination], Callable[[Nomination], list[str]]],
    words: tuple[str, str, str],
) -> HttpResponse:
    """The two pages of a decision: `steps` acts and tells its effects; `words` are title, button
    and success message.
    """
    found = _get(request, nomination_id)
    if not appoints(request.user):
        raise PermissionDenied
    if found.state != NominationState.WAITING and request.method != "POST":
        return redirect(_address(found))
    title = words[0] % {"name": found.name}
    do, effects = steps
    pages = Confirmation(
        form=form_class(request.POST or None),
        do=do,
        effects=effects,
        refusals=(NominationError,),
        location=_address(found),
        page={
            "title": title,
            "about": "instructors/nomination_facts.html",
            "nomination": found,
            "submit_label": words[1],
            "done": words[2],
            "cancel_url": _address(found),
            "crumbs": _crumbs(title, of=found),
        },
    )
    return confirm_action(request, pages)


def _get(request: PersonRequest, nomination_id: int) -> Nomination:
    """A visible nomination. Raises Http404."""
    rows = Nomination.objects.visible_to(request.user, request.today)
    rows = rows.select_related("school", "user", "nominated_by", "decided_by", "instructor")
    return get_object_or_404(rows, pk=nomination_id)


def _lacks_letter(nomination: Nomination, on: date) -> bool:
    """Whether an appointed nominee has no letter yet that holds on the day `on` or later."""
    due = Instructor.objects.without_letter_after(on)
    return due.filter(pk=nomination.instructor_id).exists()


def _address(nomination: Nomination) -> str:
    return reverse("instructors:nomination", args=[nomination.pk])


def _crumbs(here: str, *, of: Nomination | None = None) -> list[dict[str, str]]:
    crumbs = [{"label": _("Nominations of lecturers"), "url": reverse("instructors:nominations")}]
    if of is not None:
        crumbs.append({"label": of.name, "url": _address(of)})
    return [*crumbs, {"label": here, "url": ""}]
