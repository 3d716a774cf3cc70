"""The roll on a device: the endpoint for its marks, and the worker that opens it offline."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_safe

from accounts.origin import Actor
from accounts.requests import PersonRequest
from backstage.confirmations import Confirmation, confirm_action
from backstage.forms import ReasonForm
from classes.models import Roll
from config.lib.dates import format_moment
from config.lib.methods import read_or_write, write_only
from courses.models import Session
from rolls.actions.device_marks import dismiss_mark, receive_marks
from rolls.enums import MarkOutcome
from rolls.errors import RollError
from rolls.forms.device_marks import parse_device_marks
from rolls.models import MarkReceipt
from rolls.queries.rolls import format_mark
from rolls.queries.untaken_marks import say_why_untaken
from rolls.views.rolls import get_page
from schools.permissions import sees_schools, staff_page


# No login redirect: a script would take the sign-in page for an answer. The view returns 401.
@login_not_required
@never_cache
@write_only
def receive(request: PersonRequest, session_id: int) -> HttpResponse:
    """Receive marks of a roll; the response lists each of them, so that the device can delete it.

    It also lists all current marks, by any author, so that the page is up to date.
    """
    if not request.user.is_authenticated:
        return _say(_("You are signed out."), 401)
    try:
        person, marks = parse_device_marks(request.body)
    except ValueError:
        return _say(_("The marks arrived incomplete."), 422)
    if person != request.user.pk:
        # Another tab signed in somebody else: a mark is stored only under its own author.
        return _say(_("Somebody else made these marks."), 409)
    if not sees_schools(request.user):
        raise PermissionDenied
    by, at = Actor.of_request(request), request.now
    try:
        received = receive_marks(session_id=session_id, marks=marks, by=by, at=at)
    except Session.DoesNotExist as error:
        raise Http404 from error
    except RollError as error:
        return _say(str(error), 422)
    by_outcome: dict[str, list[MarkReceipt]] = {outcome: [] for outcome in MarkOutcome.values}
    for answer in received.answers:
        by_outcome[answer.outcome].append(answer)
    return JsonResponse(
        {
            "acknowledged": [answer.key for answer in by_outcome[MarkOutcome.APPLIED]],
            "conflicts": [_conflict(answer) for answer in by_outcome[MarkOutcome.CONFLICT]],
            "refused": [_refusal(answer) for answer in by_outcome[MarkOutcome.REFUSED]],
            "submitted": _submission(received.roll),
            "marks": received.current_marks,
            "at": at,
        }
    )


@read_or_write
@staff_page
def dismiss(request: PersonRequest, session_id: int, receipt_id: int) -> HttpResponse:
    """Dismiss a mark that was not applied, with a reason."""
    page = get_page(request, session_id)
    if not page.may_take:
        raise PermissionDenied
    untaken = page.session.mark_receipts.exclude(outcome=MarkOutcome.APPLIED)
    receipt = get_object_or_404(untaken.select_related("member"), pk=receipt_id)
    facts = {"name": receipt.member.name, "mark": format_mark(receipt.status)}
    address = reverse("rolls:roll", args=[session_id])
    by, at = Actor.of_request(request), request.now
    steps = Confirmation(
        form=ReasonForm(request.POST or None),
        do=lambda data: dismiss_mark(receipt_id=receipt_id, reason=data["reason"], by=by, at=at),
        effects=lambda _done: [_("The roll stays as it is. The trail keeps mark and reason.")],
        refusals=(RollError,),
        location=address,
        page={
            "title": _("Dismiss the mark of %(name)s: %(mark)s") % facts,
            "intro": say_why_untaken(receipt),
            "submit_label": _("Dismiss the mark"),
            "done": _("The mark is dismissed."),
            "cancel_url": address,
        },
    )
    return confirm_action(request, steps)


@login_not_required
@cache_control(no_cache=True)
@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker of the rolls, limited to the URLs of sessions."""
    response = render(request, "rolls/roll-worker.js", content_type="text/javascript")
    response.headers["Service-Worker-Allowed"] = "/sessions/"
    return response


def _submission(roll: Roll | None) -> str:
    """Who submitted the roll and when; "" if it is not submitted."""
    if roll is None or roll.submitted_at is None:
        return ""
    return _("%(name)s submitted this roll at %(at)s. Marks can be corrected there.") % {
        "name": roll.submitted_by,
        "at": format_moment(roll.submitted_at),
    }


def _say(message: str, status: int) -> JsonResponse:
    return JsonResponse({"error": message}, status=status)


def _conflict(answer: MarkReceipt) -> dict[str, Any]:
    """The roll's side of a conflict; the device knows its own side."""
    return {
        "id": answer.key,
        "member": answer.member_id,
        "theirs": answer.stood,
        "by": answer.stood_by,
        "at": answer.stood_at,
        "text": say_why_untaken(answer),
    }


def _refusal(answer: MarkReceipt) -> dict[str, Any]:
    return {
        "id": answer.key,
        "member": answer.member_id,
        "reason": answer.refusal,
        "text": say_why_untaken(answer),
    }
