"""Calling off a session, or the rest of a class, after a page that shows the effects."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.origin import Actor
from accounts.requests import PersonRequest
from backstage.confirmations import Confirmation, confirm_action
from backstage.forms import ReasonForm
from classes.actions.calling_off import CalledOff, call_off_class, call_off_session
from classes.errors import RosterError
from classes.views.classes import get_planned
from config.lib.dates import format_day
from config.lib.methods import read_or_write
from courses.models import Session, TrainingClass
from schools.permissions import staff_page


@read_or_write
@staff_page
def session(request: PersonRequest, session_id: int) -> HttpResponse:
    """Call one session off."""
    visible = Session.objects.visible_to(request.user, request.today)
    session = get_object_or_404(visible, pk=session_id)
    training_class = get_planned(request, session.training_class_id)
    at = request.now
    is_left = not session.is_called_off and session.starts_at > at
    if not is_left and request.method != "POST":
        return redirect("classes:training_class", training_class.pk)
    by = Actor.of_request(request)
    steps = Confirmation(
        form=ReasonForm(request.POST or None),
        do=lambda data: call_off_session(
            session_id=session_id, reason=data["reason"], by=by, at=at
        ),
        effects=_called_off,
        refusals=(RosterError,),
        location=_address(training_class),
        page={
            "title": _("Call off session %(number)d") % {"number": session.number},
            "intro": training_class.title,
            "submit_label": _("Call the session off"),
            "done": _("The session is called off."),
            "cancel_url": _address(training_class),
        },
    )
    return confirm_action(request, steps)


@read_or_write
@staff_page
def training_class(request: PersonRequest, class_id: int) -> HttpResponse:
    """Call off all sessions of a class that have not begun."""
    training_class = get_planned(request, class_id)
    by, at = Actor.of_request(request), request.now
    is_left = training_class.sessions.to_be_held().filter(starts_at__gt=at).exists()
    if not is_left and request.method != "POST":
        return redirect("classes:training_class", training_class.pk)
    steps = Confirmation(
        form=ReasonForm(request.POST or None),
        do=lambda data: call_off_class(
            training_class_id=class_id, reason=data["reason"], by=by, at=at
        ),
        effects=_called_off,
        refusals=(RosterError,),
        location=_address(training_class),
        page={
            "title": _("Call the class off"),
            "intro": training_class.title,
            "submit_label": _("Call all sessions to come off"),
            "done": _("The sessions to come are called off."),
            "cancel_url": _address(training_class),
        },
    )
    return confirm_action(request, steps)


def _called_off(done: CalledOff) -> list[str]:
    """The effects of calling off, in sentences."""
    sentences = [
        _("Session %(number)d on %(day)s is not held and never has a roll.")
        % {"number": session.number, "day": format_day(session.held_on)}
        for session in done.sessions
    ]
    sentences.append(_("Venue and lecturer are free at that time."))
    text = ngettext(
        "%(n)d trainee reads it in the timetable, the calendar and a notice of the class.",
        "%(n)d trainees read it in the timetable, the calendar and a notice of the class.",
        done.members,
    )
    sentences.append(text % {"n": done.members})
    if done.leaves:
        text = ngettext(
            "%(n)d request for leave ends.", "%(n)d requests for leave end.", done.leaves
        )
        sentences.append(text % {"n": done.leaves})
    sentences.append(_("It cannot be undone."))
    return sentences


def _address(training_class: TrainingClass) -> str:
    return reverse("classes:training_class", args=[training_class.pk])
