"""Hours of one member: one's own, or those of a member that the user may see.

Access by others is audited, and the member can see it.
"""

from datetime import date, datetime

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.entry import everyone_page, page_for
from accounts.enums import DISTRICT_ROLES, SCHOOL_ROLES, SERVING_ROLES, SLIP_ROLES, Role
from accounts.origin import Actor
from accounts.requests import PersonRequest
from accounts.roles import holds_any
from backstage.forms import IdempotentForm
from classes.queries.timetable import list_own_classes
from config.lib.bars import split_bar
from config.lib.filters import LONGEST_TEXT, ListRequest
from config.lib.hours import ZERO, format_hours
from config.lib.paging import page_of
from config.lib.periods import end_of_day, local_date
from config.lib.resident_ids import holds_resident_id
from config.lib.years import FIRST_YEAR
from schools.models import School
from trainees.models import Member
from years import lists
from years.actions.access_log import record_access
from years.filters import served_filters
from years.queries.access_log import describe_access, list_accesses
from years.queries.hours import MemberYear, get_member_year, get_own_year


@require_safe
@everyone_page
def my_hours(request: PersonRequest) -> HttpResponse:
    """What I owe, what I have done, and the explanation of each line."""
    known_at = _asked_moment(request)
    on = local_date(known_at) if known_at else request.today
    try:
        member_year = get_own_year(
            request.user, _asked_year(request, on.year), on, known_at=known_at
        )
    except Member.DoesNotExist as error:
        raise Http404 from error
    export = {"export": "my-hours", "asked": {"year": member_year.year}}
    return render(
        request, "years/my_hours.html", _context(request, member_year, is_own=True) | export
    )


@require_safe
@everyone_page
def my_classes(request: PersonRequest) -> HttpResponse:
    """Upcoming classes that would help me, those of my own school first."""
    now = request.now
    on = request.today
    try:
        member_year = get_own_year(request.user, on.year, on)
    except Member.DoesNotExist as error:
        raise Http404 from error
    school = School.objects.filter(code=member_year.school_code).first()
    context = {
        "my": member_year,
        "classes": lists.joinable(member_year, school, now),
        "school": school,
        "own": list_own_classes(get_object_or_404(Member, pk=member_year.member_id), now),
        "form": IdempotentForm(),
        "export": "my-classes",
    }
    return render(request, "years/my_classes.html", context)


@require_safe
@page_for(*SCHOOL_ROLES, *DISTRICT_ROLES, *SERVING_ROLES)
def member_hours(request: PersonRequest, member_id: int) -> HttpResponse:
    """The same page for a member whom the user may see or serves."""
    known_at, on = _asked_moment(request), request.today
    year = _asked_year(request, known_at.year if known_at else on.year)
    try:
        member_year = get_member_year(request.user, member_id, year, on, known_at=known_at)
    except Member.DoesNotExist as error:
        raise Http404 from error
    by = Actor.of_request(request)
    record_access(act="look_up_hours", member_year=member_year, by=by, at=request.now)
    served = Member.objects.papers_by(request.user, on).filter(pk=member_id)
    context = _context(request, member_year, is_own=False) | {
        "may_issue": holds_any(request.user, *SLIP_ROLES) and served.exists(),
        "may_declare": holds_any(request.user, Role.SCHOOL_CLERK),
        "may_see_card": holds_any(request.user, *SCHOOL_ROLES, *DISTRICT_ROLES),
    }
    asked = {"member": member_year.member_id, "year": member_year.year}
    context |= {"export": "member-hours", "asked": asked}
    return render(request, "years/my_hours.html", context)


@require_safe
@page_for(*SERVING_ROLES)
def served_members(request: PersonRequest) -> HttpResponse:
    """Members of the branch or community that the user serves, to look one up on request."""
    if holds_resident_id(request.GET.get("q", "")):
        # URLs end up in logs and histories, which must not contain ID numbers.
        messages.warning(
            request, _("Search by name or number: an ID number does not belong in an address.")
        )
        return redirect("years:served_members")
    asked = ListRequest(request.user, request.GET, request.now)
    filters = served_filters(asked)
    page = page_of(request, lists.served(asked, filters))
    context = {"page_obj": page, "filters": filters, "export": "served"}
    return render(request, "years/served.html", context)


@require_safe
@everyone_page
def my_access_log(request: PersonRequest) -> HttpResponse:
    """Who else accessed my record, and what they did with my documents."""
    member = get_object_or_404(Member, user=request.user)
    page = page_of(request, list_accesses(member))
    context = {"page_obj": page, "accesses": [describe_access(entry) for entry in page]}
    return render(request, "years/my_access_log.html", context)


def _context(request: PersonRequest, member_year: MemberYear, *, is_own: bool) -> dict[str, object]:
    parts = [(part.label, part.hours, format_hours(part.hours)) for part in member_year.sums]
    owed = member_year.verdict.owed if member_year.verdict else ZERO
    segments = split_bar(parts, owed)
    return {
        "my": member_year,
        "is_own": is_own,
        "may_issue": is_own,
        "segments": segments,
        "now": request.today,
    }


def _asked_year(request: PersonRequest, current: int) -> int:
    """The year in the query string, by default the current one. Raises Http404 if invalid."""
    asked = request.GET.get("year", str(current))
    if not asked.isascii() or not asked.isdigit() or not FIRST_YEAR <= int(asked) <= current:
        raise Http404
    return int(asked)


def _asked_moment(request: PersonRequest) -> datetime | None:
    """The end of the past day in the query string; None without one. An invalid day is reported."""
    asked = request.GET.get("on", "")
    if not asked:
        return None
    try:
        day = date.fromisoformat(asked)
    except ValueError:
        day = date.max
    if day.year < FIRST_YEAR or day > request.today:
        text = _("“%(day)s” is no past day of the network: what is shown is as it stands today.")
        messages.warning(request, text % {"day": asked[:LONGEST_TEXT]})
        return None
    return end_of_day(day) if day < request.today else None
