"""The code that a member shows at the door."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.entry import everyone_page
from accounts.requests import PersonRequest
from config.lib.qr_codes import draw_qr
from rolls.codes import format_code, make_live_code, make_typed_code, seconds_left
from trainees.models import Member


@require_safe
@everyone_page
def my_code(request: PersonRequest) -> HttpResponse:
    """The member's own code for this half minute; a script requests the next one in time."""
    member, now = get_object_or_404(Member, user=request.user), request.now
    code = make_live_code(member.pk, now)
    context = {
        "member": member,
        "code": code,
        "written": format_code(make_typed_code(member.pk, now)),
        "picture": draw_qr(code.text),
        "seconds": seconds_left(code, now),
    }
    return render(request, "rolls/door/my_code.html", context)
