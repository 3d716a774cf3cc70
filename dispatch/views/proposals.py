"""A lecturer's own engagements: proposals to answer, and what was agreed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from accounts.entry import page_for
from accounts.enums import ActorChannel, Role
from accounts.origin import Actor, client_address
from accounts.requests import PersonRequest, PortalRequest
from backstage.confirmations import Confirmation, confirm_action
from backstage.forms import IdempotentForm, ReasonForm
from config.lib.dates import format_moment
from config.lib.methods import read_or_write
from config.lib.paging import page_of
from dispatch.actions.proposals import (
    accept_engagement,
    accept_engagements,
    decline_engagement,
    decline_engagements,
)
from dispatch.answer_forms import AnswerForm, LinkAnswerForm
from dispatch.enums import EngagementState
from dispatch.errors import DispatchError
from dispatch.links import find_by_token
from dispatch.models import Engagement
from dispatch.queries.rules import find_booking_rule
from schools.views.acting import acting, sent


@require_safe
@page_for(Role.LECTURER)
def mine(request: PersonRequest) -> HttpResponse:
    """Proposals that wait for the lecturer first, then what is to come, then what is over."""
    rows = _own(request)
    now = request.now
    context = {
        "waiting": _by_letter(rows.filter(state=EngagementState.PROPOSED, answer_by__gt=now)),
        "agreed": rows.filter(state=EngagementState.ACCEPTED, starts_at__gt=now),
        "page_obj": page_of(
            request,
            rows.exclude(state=EngagementState.PROPOSED, answer_by__gt=now)
            .exclude(state=EngagementState.ACCEPTED, starts_at__gt=now)
            .order_by("-starts_at", "-pk"),
        ),
    }
    return render(request, "dispatch/my_engagements.html", context)


def _by_letter(rows: Any) -> list[list[Engagement]]:
    """Proposals by their letter, each by time; what is to be answered first stands first."""
    found: dict[int, list[Engagement]] = {}
    for row in rows.order_by("answer_by", "starts_at", "pk"):
        found.setdefault(row.letter_id, []).append(row)
    return list(found.values())


@read_or_write
@page_for(Role.LECTURER)
def accept(request: PersonRequest, engagement_id: int) -> HttpResponse:
    """Accept a proposal."""
    return _answer(
        request,
        engagement_id,
        IdempotentForm,
        lambda _data: accept_engagement(engagement_id=engagement_id, **acting(request)),
        (
            _("Accept the proposal"),
            pgettext("a proposal", "Accept"),
            _("Accepted. The school reads it."),
        ),
    )


@read_or_write
@page_for(Role.LECTURER)
def decline(request: PersonRequest, engagement_id: int) -> HttpResponse:
    """Decline a proposal, or what was accepted, with a reason."""
    return _answer(
        request,
        engagement_id,
        ReasonForm,
        lambda data: decline_engagement(
            engagement_id=engagement_id, reason=data["reason"], **acting(request)
        ),
        (_("Decline the proposal"), _("Decline"), _("Declined. The district reads why.")),
    )


@read_or_write
@page_for(Role.LECTURER)
def answer(request: PersonRequest, letter_id: int) -> HttpResponse:
    """Answer the proposals of a letter together, or some of them."""
    rows = _own(request).filter(letter=letter_id)
    first = rows.first()
    if first is None:
        raise Http404
    # Who sends it twice is led on by the key of the form; the act refuses what is answered.
    offered = rows if request.POST.get("step") == "do" else _open(rows, request.now)
    form = AnswerForm(sent(request), proposals=list(offered.order_by("starts_at", "pk")))
    title = _("Answer the proposals")

    def effects(answered: list[Engagement]) -> list[str]:
        accepted = answered[0].state == EngagementState.ACCEPTED
        text = _("You accept: %(what)s") if accepted else _("You decline: %(what)s")
        said = [text % {"what": _describe(row)} for row in answered]
        if not accepted:
            said.append(_("The district looks for another lecturer."))
        return said

    steps = Confirmation(
        form=form,
        do=lambda data: _carry_out(data, **acting(request)),
        effects=effects,
        refusals=(DispatchError,),
        location=reverse("dispatch:my_engagements"),
        page={
            "title": title,
            "about": "dispatch/letter_of_proposals.html",
            "letter": first.letter,
            "desk_telephone": _desk_telephone(request.today),
            "submit_label": _("Send the answer"),
            "done": _("Your answer is sent."),
            "cancel_url": reverse("dispatch:my_engagements"),
            "crumbs": [
                {"label": _("My engagements"), "url": reverse("dispatch:my_engagements")},
                {"label": title, "url": ""},
            ],
        },
    )
    return confirm_action(request, steps)


def _open(rows: Any, now: datetime) -> Any:
    """The proposals that can be answered at `now`, by time."""
    waiting = rows.filter(state=EngagementState.PROPOSED, answer_by__gt=now, starts_at__gt=now)
    return waiting.order_by("starts_at", "pk")


def _carry_out(data: dict[str, Any], *, by: Actor, at: datetime) -> list[Engagement]:
    """Accept or decline what the valid form chose."""
    given: dict[str, Any] = {"engagement_ids": data["chosen"], "by": by, "at": at}
    if data["answer"] == "accept":
        return accept_engagements(**given)
    return decline_engagements(reason=data["reason"], **given)


@login_not_required
@read_or_write
def by_link(request: PortalRequest, token: str) -> HttpResponse:
    """The proposals of a letter to a lecturer without an account, by a signed link of one of them.

    Nobody else answers: somebody who is signed in reads that it is not theirs. An answer that
    stands is shown; who accepted may decline with a reason until the session begins.
    """
    engagement = find_by_token(token)
    if engagement is None:
        raise Http404
    now = request.now
    rows = Engagement.objects.filter(letter=engagement.letter_id, instructor=engagement.instructor)
    rows = rows.exclude(proposed_at=None).select_related("course").order_by("starts_at", "pk")
    waiting = list(_open(rows, now))
    accepted = (
        [] if waiting else list(rows.filter(state=EngagementState.ACCEPTED, starts_at__gt=now))
    )
    is_open = bool(waiting or accepted) and not request.user.is_authenticated
    form = LinkAnswerForm(
        request.POST if request.method == "POST" and is_open else None,
        proposals=waiting or accepted,
        is_accepted=bool(accepted),
    )
    if form.is_valid():
        by = Actor(None, ActorChannel.STRANGER, client_address(request))
        try:
            _carry_out(form.cleaned_data, by=by, at=request.now)
            return redirect(request.path)
        except DispatchError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
    context = {
        "engagement": engagement,
        "rows": list(rows),
        "answer_by": min((row.answer_by for row in waiting), default=None),
        "form": form,
        "is_open": is_open,
        "is_waiting": bool(waiting),
        "desk_telephone": _desk_telephone(request.today),
    }
    status = 422 if form.errors else 200
    return render(request, "dispatch/proposal.html", context, status=status)


def _describe(row: Engagement) -> str:
    facts = {
        "moment": format_moment(row.starts_at),
        "school": row.letter.school.name,
        "course": row.course,
    }
    return _("%(moment)s at %(school)s: %(course)s") % facts


def _answer(
    request: PersonRequest,
    engagement_id: int,
    form_class: type[IdempotentForm],
    do: Callable[[dict[str, Any]], Engagement],
    words: tuple[str, str, str],
) -> HttpResponse:
    """The two pages of an answer; `words` are title, button and success message."""
    engagement = get_object_or_404(_own(request), pk=engagement_id)
    title, label, done = words

    def effects(answered: Engagement) -> list[str]:
        said = [_describe(answered)]
        if answered.state == EngagementState.DECLINED:
            said.append(_("The district looks for another lecturer."))
        return said

    steps = Confirmation(
        form=form_class(sent(request)),
        do=do,
        effects=effects,
        refusals=(DispatchError,),
        location=reverse("dispatch:my_engagements"),
        page={
            "title": title,
            "about": "dispatch/engagement_facts.html",
            "engagement": engagement,
            "desk_telephone": _desk_telephone(request.today),
            "submit_label": label,
            "done": done,
            "cancel_url": reverse("dispatch:my_engagements"),
            "crumbs": [
                {"label": _("My engagements"), "url": reverse("dispatch:my_engagements")},
                {"label": title, "url": ""},
            ],
        },
    )
    return confirm_action(request, steps)


def _desk_telephone(on: date) -> str:
    """The number on that day of the dispatch desk; empty if the rule of booking names none."""
    rule = find_booking_rule(on)
    return rule.telephone if rule else ""


def _own(request: PersonRequest) -> Any:
    """The person's engagements, without those that are only drafted."""
    rows = Engagement.objects.filter(instructor__user=request.user)
    rows = rows.exclude(proposed_at=None)
    return rows.select_related("letter__school", "letter__venue", "course", "venue")
