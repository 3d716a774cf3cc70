"""Hours of one member: one's own, or a member's in sight (that look-up goes into the trail)."""

from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.audit import record_act
from accounts.origin import Actor
from accounts.requests import PersonRequest
from config.lib.bars import split_bar
from config.lib.hours import ZERO, format_hours
from config.lib.periods import today
from schools.permissions import require_staff
from trainees.filters import FIRST_YEAR
from trainees.models import Member
from trainees.queries.hours import MemberYear, get_member_year, get_own_year


@require_safe
def my_hours(request: PersonRequest) -> HttpResponse:
    """What I owe, what I have done, and why each line is worth what it is."""
    on = today()
    try:
        own = get_own_year(request.user, _asked_year(request, on.year), on)
    except Member.DoesNotExist as error:
        raise Http404 from error
    export = {"export": "my-hours", "asked": {"year": own.year}}
    return render(request, "trainees/my_hours.html", _context(own, is_own=True) | export)


@require_safe
def member_hours(request: PersonRequest, member_id: int) -> HttpResponse:
    """The same page for a member whom the person may see."""
    require_staff(request)
    on = today()
    try:
        found = get_member_year(request.user, member_id, _asked_year(request, on.year), on)
    except Member.DoesNotExist as error:
        raise Http404 from error
    _record_lookup(request, found)
    asked = {"member": found.member_id, "year": found.year}
    export = {"export": "member-hours", "asked": asked}
    return render(request, "trainees/my_hours.html", _context(found, is_own=False) | export)


def _context(found: MemberYear, *, is_own: bool) -> dict[str, object]:
    parts = [(part.label, part.hours, format_hours(part.hours)) for part in found.sums]
    owed = found.verdict.owed if found.verdict else ZERO
    segments = split_bar(parts, owed)
    return {"my": found, "is_own": is_own, "segments": segments, "now": today()}


def _asked_year(request: PersonRequest, current: int) -> int:
    """The year of the address; the current one without it. Raises Http404 for any other."""
    asked = request.GET.get("year", str(current))
    if not asked.isascii() or not asked.isdigit() or not FIRST_YEAR <= int(asked) <= current:
        raise Http404
    return int(asked)


def _record_lookup(request: PersonRequest, found: MemberYear) -> None:
    with transaction.atomic():
        record_act(
            act="look_up_hours",
            obj=Member(pk=found.member_id, name=found.number),
            by=Actor.of_request(request),
            at=timezone.now(),
            school_code=found.school_code or "",
            after={"year": found.year},
        )
