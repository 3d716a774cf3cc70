"""Exemptions on the register card: granted and ended, each with a check page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.enums import Role
from accounts.origin import Actor
from accounts.requests import PersonRequest
from accounts.roles import holds_any
from backstage.confirmations import Confirmation, confirm_action
from backstage.forms import DatedForm, IdempotentForm
from config.lib.dates import format_day
from config.lib.methods import read_or_write
from config.lib.pages import address_of
from config.lib.periods import first_day, inclusive_period, last_day, period
from schools.permissions import staff_page
from schools.views.acting import sent
from trainees.actions.people import end_exemption, grant_exemption
from trainees.enums import ExemptionCategory
from trainees.errors import MemberFactError
from trainees.forms.people import ExemptionForm
from trainees.models import Exemption, Member
from trainees.views.sentences import year_then

# The Regulation (art. 23) makes no hard demand of exempt members; by the district rule it counts by
# month.
_MONTHS_OFF = gettext_lazy(
    "Nothing is owed for the months that it touches; visits are recorded instead. Only an "
    "exemption for each day of the year removes the whole debt."
)


@read_or_write
@staff_page
def grant(request: PersonRequest, member_id: int) -> HttpResponse:
    """Grant an exemption from a day on, until a last day if that is known."""
    member = _get_member(request, member_id)
    form = ExemptionForm(sent(request), today=request.today)

    def do(data: dict[str, Any]) -> Exemption:
        first, last = data["on"], data["last_day"]
        return grant_exemption(
            member_id=member.pk,
            category=ExemptionCategory(data["category"]),
            days=inclusive_period(first, last) if last else period(first),
            by=Actor.of_request(request),
            at=request.now,
        )

    def effects(exemption: Exemption) -> list[str]:
        last = last_day(exemption.period)
        facts = {
            "name": member.name,
            "category": exemption.get_category_display(),
            "day": format_day(first_day(exemption.period)),
            "last": format_day(last) if last else "",
        }
        if last:
            sentence = _("%(name)s is exempt (%(category)s) from %(day)s to %(last)s.") % facts
        else:
            sentence = _("%(name)s is exempt (%(category)s) from %(day)s on.") % facts
        year = year_then(request, member, first_day(exemption.period))
        return [sentence, str(_MONTHS_OFF), *year]

    texts = (_("Grant an exemption"), _("Grant the exemption"), _("The exemption is recorded."))
    return _answer(request, member, form, do=do, effects=effects, texts=texts)


@read_or_write
@staff_page
def end(request: PersonRequest, member_id: int, exemption_id: int) -> HttpResponse:
    """End an exemption: hours are owed again from a day on."""
    member = _get_member(request, member_id)
    exemption = get_object_or_404(member.exemptions, pk=exemption_id)
    form = DatedForm(sent(request), today=request.today)

    def do(data: dict[str, Any]) -> Exemption:
        return end_exemption(
            member_id=member.pk,
            exemption_id=exemption.pk,
            on=data["on"],
            by=Actor.of_request(request),
            at=request.now,
        )

    def effects(ended: Exemption) -> list[str]:
        facts = {
            "name": member.name,
            "category": ended.get_category_display(),
            "day": format_day(form.cleaned_data["on"]),
        }
        return [
            _("%(name)s is no longer exempt (%(category)s) from %(day)s on.") % facts,
            *year_then(request, member, form.cleaned_data["on"]),
        ]

    texts = (_("End an exemption"), _("End the exemption"), _("The exemption is ended."))
    return _answer(request, member, form, do=do, effects=effects, texts=texts)


def _get_member(request: PersonRequest, member_id: int) -> Member:
    """A visible member, for the department or a clerk of the member's school."""
    member = get_object_or_404(Member.objects.visible_to(request.user, request.today), pk=member_id)
    if holds_any(request.user, Role.ORGANISATION_DEPARTMENT):
        return member
    if not holds_any(request.user, Role.SCHOOL_CLERK):
        raise PermissionDenied
    return get_object_or_404(Member.objects.of_clerk(request.user, request.today), pk=member.pk)


def _answer(
    request: PersonRequest,
    member: Member,
    form: IdempotentForm,
    *,
    do: Callable[[dict[str, Any]], Exemption],
    effects: Callable[[Exemption], list[str]],
    texts: tuple[str, str, str],
) -> HttpResponse:
    """Form and confirmation of an action; `texts` are title, button and success message."""
    title, submit_label, done = texts
    card = reverse("trainees:member", args=[member.pk])
    crumbs = [
        {"label": _("Members and their hours"), "url": address_of("members")},
        {"label": member.name, "url": card},
        {"label": title, "url": ""},
    ]
    steps = Confirmation(
        form=form,
        do=do,
        effects=effects,
        refusals=(MemberFactError,),
        location=card,
        page={
            "title": _("%(label)s: %(value)s") % {"label": title, "value": member.name},
            "submit_label": submit_label,
            "done": done,
            "cancel_url": card,
            "crumbs": crumbs,
        },
    )
    return confirm_action(request, steps)
