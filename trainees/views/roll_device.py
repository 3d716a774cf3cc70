"""The roll on a device: where its marks arrive, and the worker that opens it without network."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.origin import Actor
from accounts.requests import PersonRequest
from config.lib.dates import write_moment
from courses.models import Session
from schools.permissions import require_staff
from trainees.actions.device_marks import receive_marks
from trainees.enums import MarkOutcome
from trainees.errors import RollError
from trainees.forms.device_marks import parse_device_marks
from trainees.models import MarkReceipt, Roll
from trainees.queries.rolls import write_mark


# Open to strangers, since a script that is led to the sign-in page would take it for an answer.
@login_not_required
@never_cache
@require_POST
def receive(request: PersonRequest, session_id: int) -> HttpResponse:
    """Take marks of a roll; the answer names each of them, so that the device may forget it."""
    if not request.user.is_authenticated:
        return _say(_("You are signed out."), 401)
    try:
        person, marks = parse_device_marks(request.body)
    except ValueError:
        return _say(_("The marks arrived incomplete."), 422)
    if person != request.user.pk:
        # Another tab signed somebody else in: a mark is booked under whoever made it, or not.
        return _say(_("Somebody else made these marks."), 409)
    require_staff(request)
    by, at = Actor.of_request(request), timezone.now()
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
            "state": received.roll.state if received.roll else "",
            "submitted": _submission(received.roll),
            "counts": received.counts,
            "at": at,
        }
    )


@login_not_required
@cache_control(no_cache=True)
@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker of the rolls: at the root, for the addresses of sessions alone."""
    response = render(request, "trainees/roll-worker.js", content_type="text/javascript")
    response.headers["Service-Worker-Allowed"] = "/sessions/"
    return response


def _submission(roll: Roll | None) -> str:
    """Who submitted the roll and when; "" if nobody did."""
    if roll is None or roll.submitted_at is None:
        return ""
    return _("%(name)s submitted this roll at %(at)s. Marks can be corrected there.") % {
        "name": roll.submitted_by,
        "at": write_moment(roll.submitted_at),
    }


def _say(message: str, status: int) -> JsonResponse:
    return JsonResponse({"error": message}, status=status)


def _conflict(answer: MarkReceipt) -> dict[str, Any]:
    """Both sides of a conflict; the device knows its own."""
    told = {
        "by": answer.stood_by,
        "theirs": write_mark(answer.stood),
        "at": write_moment(answer.stood_at) if answer.stood_at else "",
    }
    return {
        "id": answer.key,
        "member": answer.member_id,
        "theirs": answer.stood,
        "by": answer.stood_by,
        "at": answer.stood_at,
        "text": _("%(by)s said %(theirs)s at %(at)s.") % told,
    }


def _refusal(answer: MarkReceipt) -> dict[str, Any]:
    return {
        "id": answer.key,
        "member": answer.member_id,
        "reason": answer.refusal,
        "text": answer.get_refusal_display(),
    }
