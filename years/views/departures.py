"""Members who leave, and who come back: the acts, each with a check page, and their list."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.entry import page_for
from accounts.enums import DISTRICT_ROLES, Role
from accounts.requests import PersonRequest
from accounts.roles import holds_any
from backstage.forms import ReasonForm
from config.lib.dates import format_day
from config.lib.filters import ListRequest
from config.lib.methods import read_or_write
from config.lib.paging import page_of
from config.lib.periods import first_day, in_force
from schools.permissions import staff_page
from schools.queries.schools import serving_school
from schools.views.acting import acting, sent
from trainees.actions.departures import (
    Left,
    TakenBack,
    record_departure,
    return_member,
    take_back_departure,
)
from trainees.enums import DepartureKind, MembershipStatus
from trainees.models import Departure, Member, Membership
from trainees.views.people import answer_act, get_member_for, who_and_when
from trainees.views.sentences import posts_ended, year_then
from years import lists
from years.filters import departure_filters
from years.member_forms import DepartureForm, ReturnForm
from years.views.new_members import where_counted


@require_safe
@staff_page
def departures(request: PersonRequest) -> HttpResponse:
    """Members who left in a year; cards of those who left open for the district."""
    asked = ListRequest(request.user, request.GET, request.now)
    filters = departure_filters(asked)
    context = {
        "page_obj": page_of(request, lists.departures(asked, filters)),
        "filters": filters,
        "export": "departures",
        "may_open": holds_any(request.user, *DISTRICT_ROLES),
    }
    return render(request, "years/departures.html", context)


@read_or_write
@staff_page
def record(request: PersonRequest, member_id: int) -> HttpResponse:
    """Record that a member left the district's organisations."""
    member = get_member_for(request, member_id, Role.ORGANISATION_DEPARTMENT)
    form = DepartureForm(sent(request), today=request.today)

    def do(data: dict[str, Any]) -> Left:
        return record_departure(
            member_id=member.pk,
            kind=DepartureKind(data["kind"]),
            on=data["on"],
            document=data["document"],
            **acting(request),
        )

    def effects(left: Left) -> list[str]:
        return _what_leaving_does(request, left)

    texts = (_("Record that the member leaves"), _("Record the departure"))
    return answer_act(request, member, form, do=do, effects=effects, texts=texts)


def _what_leaving_does(request: PersonRequest, left: Left) -> list[str]:
    departure, member = left.departure, left.departure.member
    values = {
        **who_and_when(member, departure.left_on),
        "kind": departure.get_kind_display(),
        "organisation": departure.organisation.name,
    }
    return [
        _("%(name)s (%(number)s) leaves %(organisation)s on %(day)s: %(kind)s.") % values,
        *posts_ended(left.posts),
        *([_("The exemption ends on that day.")] if left.exemptions else []),
        _who_counts(left),
        *year_then(request, member, departure.left_on),
        *left.sentences,
        *_account(left),
        _("Posted hours and past years stay. The department can still issue papers."),
    ]


def _who_counts(left: Left) -> str:
    """What becomes of the number of those who owe hours, of which shares are computed."""
    on, membership = left.departure.left_on, left.membership
    is_exempt = any(first_day(row.period) <= on for row in left.exemptions)
    if membership.membership_status != MembershipStatus.NORMAL or is_exempt:
        return _("They were not among those who owe hours, so that number stays.")
    school = serving_school(membership.organisation, on)
    if school is None:
        return _("From that day on the district counts one member fewer among those who owe hours.")
    return _(
        "From that day on %(school)s counts one member fewer among those who owe hours, and also "
        "among those on target if they were."
    ) % {"school": school.name}


def _account(left: Left) -> list[str]:
    if left.keeps_account:
        return [
            _(
                "The account stays: it holds a role or is a lecturer's. The security "
                "administrator ends the role or disables the account."
            )
        ]
    if left.is_disabled:
        return [_("The account is disabled, and its open sessions end at once.")]
    return []


@read_or_write
@page_for(Role.ORGANISATION_DEPARTMENT)
def take_back(request: PersonRequest, departure_id: int) -> HttpResponse:
    """Take back a departure that was recorded by mistake."""
    departure = _get_departure(departure_id)
    member = departure.member
    form = ReasonForm(sent(request))

    def do(data: dict[str, Any]) -> TakenBack:
        return take_back_departure(
            departure_id=departure.pk, reason=data["reason"], **acting(request)
        )

    def effects(taken_back: TakenBack) -> list[str]:
        return _what_taking_back_does(request, taken_back)

    texts = (_("Take the departure back"), _("Take it back"))
    intro = _("Left on %(day)s: %(kind)s. Only if this was recorded by mistake.") % {
        "day": format_day(departure.left_on),
        "kind": departure.get_kind_display(),
    }
    return answer_act(request, member, form, do=do, effects=effects, texts=texts, intro=intro)


def _what_taking_back_does(request: PersonRequest, taken_back: TakenBack) -> list[str]:
    departure, member = taken_back.departure, taken_back.departure.member
    present = member.memberships.filter(in_force(request.today)).first()
    values = {
        **who_and_when(member, departure.left_on),
        "organisation": departure.organisation.name,
    }
    return [
        _("%(name)s (%(number)s) belongs to %(organisation)s as if they had not left.") % values,
        _("Membership, posts and exemptions that ended on %(day)s go on as they were.") % values,
        *taken_back.left_out,
        *([where_counted(present.organisation, departure.left_on)] if present else []),
        *year_then(request, member, departure.left_on),
        *(
            [_("The account is enabled again, with its former password.")]
            if departure.ended.get("account")
            else []
        ),
        _("Rosters that the member was taken off stay as they are, and an ended card stays ended."),
    ]


@read_or_write
@page_for(Role.ORGANISATION_DEPARTMENT)
def take_in(request: PersonRequest, member_id: int) -> HttpResponse:
    """A member who has left belongs to an organisation of the district again."""
    member = _get_left(request, member_id)
    form = ReturnForm(sent(request), user=request.user, today=request.today)

    def do(data: dict[str, Any]) -> Membership:
        return return_member(
            member_id=member.pk,
            organisation=data["organisation"],
            membership_status=MembershipStatus(data["membership_status"]),
            on=data["on"],
            **acting(request),
        )

    def effects(membership: Membership) -> list[str]:
        return _what_coming_back_does(request, membership)

    texts = (_("Take in again"), _("Take the member in"))
    return answer_act(request, member, form, do=do, effects=effects, texts=texts)


def _what_coming_back_does(request: PersonRequest, membership: Membership) -> list[str]:
    member, on = membership.member, first_day(membership.period)
    values = {
        **who_and_when(member, on),
        "organisation": membership.organisation.name,
        "standing": membership.get_membership_status_display(),
    }
    return [
        _("%(name)s (%(number)s) belongs to %(organisation)s from %(day)s on.") % values,
        _("Standing: %(standing)s.") % values,
        where_counted(membership.organisation, on),
        *year_then(request, member, on),
    ]


def _get_departure(departure_id: int) -> Departure:
    rows = Departure.objects.select_related("member", "organisation")
    return get_object_or_404(rows, pk=departure_id)


def _get_left(request: PersonRequest, member_id: int) -> Member:
    return get_object_or_404(
        Member.objects.on_record_for(request.user, request.today), pk=member_id
    )
