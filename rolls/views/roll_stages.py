"""Reopening a closed roll: the clerk's request and the district school's answer."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.origin import Actor
from accounts.requests import PersonRequest
from backstage.forms import IdempotentForm, ReasonForm
from backstage.pages import conflict_page
from backstage.submissions import carry_out_once
from config.lib.methods import write_only
from courses.models import Session
from rolls.actions.roll_stages import answer_reopening, ask_reopening
from rolls.enums import ReopeningAnswer
from rolls.errors import RollError
from rolls.forms.rolls import ReopeningAnswerForm
from rolls.models import RollReopening
from rolls.permissions import answers_reopenings
from rolls.views.rolls import get_page
from schools.permissions import staff_page


@write_only
@staff_page
def ask(request: PersonRequest, session_id: int) -> HttpResponse:
    """Request that a closed roll be reopened."""
    if not get_page(request, session_id).may_take:
        raise PermissionDenied
    form = ReasonForm(request.POST)
    by, at = Actor.of_request(request), request.now

    def do() -> None:
        ask_reopening(session_id=session_id, reason=form.cleaned_data["reason"], by=by, at=at)
        messages.success(request, _("Sent. The district school answers on this page."))

    return _answer(request, form, session_id, do)


@write_only
@staff_page
def answer(request: PersonRequest, reopening_id: int) -> HttpResponse:
    """Grant or refuse a request to reopen a roll."""
    visible = Session.objects.visible_to(request.user, request.today)
    asked = RollReopening.objects.filter(roll__session__in=visible, pk=reopening_id)
    reopening = asked.select_related("roll").first()
    if reopening is None:
        raise Http404
    if not answers_reopenings(request.user):
        raise PermissionDenied
    form = ReopeningAnswerForm(request.POST)
    by, at = Actor.of_request(request), request.now

    def do() -> None:
        answer_reopening(
            reopening_id=reopening_id,
            answer=ReopeningAnswer(form.cleaned_data["answer"]),
            word=form.cleaned_data["word"],
            by=by,
            at=at,
        )
        messages.success(request, _("The school reads the answer on the roll."))

    return _answer(request, form, reopening.roll.session_id, do)


def _answer(
    request: PersonRequest, form: IdempotentForm, session_id: int, do: Callable[[], None]
) -> HttpResponse:
    """Run the submitted answer once, and return to the roll."""
    if not form.is_valid():
        errors = [str(text) for texts in form.errors.values() for text in texts]
        return conflict_page(request, " ".join(errors), 422)
    try:
        to = reverse("rolls:roll", args=[session_id]) + "#reopening"
        return carry_out_once(request, form, do=do, to=to)
    except RollError as error:
        return conflict_page(request, str(error))
