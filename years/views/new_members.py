"""Adding one member by a form, where an import would be too much."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.entry import page_for
from accounts.enums import Role
from accounts.requests import PersonRequest
from backstage.confirmations import Confirmation, confirm_action
from config.lib.dates import format_day
from config.lib.filters import LONGEST_TEXT
from config.lib.methods import read_or_write
from config.lib.pages import address_of
from config.lib.periods import first_day
from schools.models import Organisation
from schools.queries.schools import serving_school
from schools.views.acting import acting, sent
from trainees.actions.new_members import PersonFacts, add_member
from trainees.enums import MembershipStatus
from trainees.errors import MemberFactError
from trainees.models import Membership
from trainees.queries.people import shared_phone_in_words
from trainees.views.sentences import year_then
from years.member_forms import NewMemberForm

_OF_PERSON = ("name", "resident_id", "phone", "joined_on", "full_member_on")


@read_or_write
@page_for(Role.ORGANISATION_DEPARTMENT)
def add(request: PersonRequest) -> HttpResponse:
    """Add one member to the register; a link may name the organisation."""
    place = request.GET.get("organisation", "")[:LONGEST_TEXT]
    form = NewMemberForm(sent(request), user=request.user, today=request.today, organisation=place)

    def do(data: dict[str, Any]) -> Membership:
        return add_member(
            facts=PersonFacts(**{name: data[name] for name in _OF_PERSON}),
            organisation=data["organisation"],
            membership_status=MembershipStatus(data["membership_status"]),
            on=data["on"],
            **acting(request),
        )

    title = _("Add a member")
    members = address_of("members")
    steps = Confirmation(
        form=form,
        do=do,
        effects=lambda membership: _effects(request, membership),
        refusals=(MemberFactError,),
        location=lambda membership: reverse("trainees:member", args=[membership.member_id]),
        page={
            "title": title,
            "intro": _("For one member. Many at once come by an import of the register."),
            "submit_label": _("Add the member"),
            "done": _("The member is on the register."),
            "cancel_url": members,
            "crumbs": [{"label": _("Members"), "url": members}, {"label": title, "url": ""}],
        },
    )
    return confirm_action(request, steps)


def _effects(request: PersonRequest, membership: Membership) -> list[str]:
    member, on = membership.member, first_day(membership.period)
    values = {
        "name": member.name,
        "number": member.number,
        "organisation": membership.organisation.name,
        "standing": membership.get_membership_status_display(),
        "day": format_day(on),
        "sex": member.get_sex_display(),
        "born": format_day(member.birth_date),
    }
    shared = shared_phone_in_words(member, request.user, request.today)
    return [
        _("%(name)s gets the member number %(number)s.") % values,
        _("By the ID number: %(sex)s, born on %(born)s.") % values,
        _("From %(day)s on they belong to %(organisation)s; standing: %(standing)s.") % values,
        where_counted(membership.organisation, on),
        *year_then(request, member, on),
        *([shared] if shared else []),
        _("There is no account yet: a slip opens one."),
    ]


def where_counted(organisation: Organisation, on: date) -> str:
    """At which school the members of an organisation study and count from a day on."""
    school = serving_school(organisation, on)
    if school is None:
        return _("No school serves this organisation: they count outside every school's area.")
    return _("They study at %(school)s and count in its figures.") % {"school": school.name}
