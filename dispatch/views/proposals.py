"""A lecturer's own engagements: proposals to answer, and what was agreed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from accounts.enums import ActorChannel, Role
from accounts.origin import Actor, client_address
from accounts.requests import PersonRequest
from accounts.roles import holds_any
from backstage.confirmations import Confirmation, confirm_action
from backstage.forms import IdempotentForm, ReasonForm
from config.lib.dates import format_moment
from config.lib.methods import read_or_write
from config.lib.paging import page_of
from config.lib.periods import today
from dispatch.actions.proposals import accept_engagement, decline_engagement
from dispatch.enums import EngagementState
from dispatch.errors import DispatchError
from dispatch.forms import LinkAnswerForm
from dispatch.links import find_by_token
from dispatch.models import Engagement
from dispatch.queries.rules import find_booking_rule
from schools.views.acting import acting, sent


@require_safe
def mine(request: PersonRequest) -> HttpResponse:
    """Proposals that wait for the lecturer first, then what is to come, then what is over."""
    rows = _own(request)
    now = timezone.now()
    context = {
        "waiting": rows.filter(state=EngagementState.PROPOSED, answer_by__gt=now).order_by(
            "answer_by", "starts_at"
        ),
        "agreed": rows.filter(state=EngagementState.ACCEPTED, starts_at__gt=now),
        "page_obj": page_of(
            request,
            rows.exclude(state=EngagementState.PROPOSED, answer_by__gt=now)
            .exclude(state=EngagementState.ACCEPTED, starts_at__gt=now)
            .order_by("-starts_at", "-pk"),
        ),
    }
    return render(request, "dispatch/my_engagements.html", context)


@read_or_write
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


@login_not_required
@read_or_write
def by_link(request: HttpRequest, token: str) -> HttpResponse:
    """A proposal to a lecturer without an account, by its signed link; nobody else answers it.

    Somebody who is signed in reads that it is not theirs to answer. An answer that stands is shown;
    who accepted may decline with a reason until the session begins.
    """
    engagement = find_by_token(token)
    if engagement is None:
        raise Http404
    now = timezone.now()
    is_accepted = engagement.state == EngagementState.ACCEPTED and engagement.starts_at > now
    is_waiting = (
        engagement.state == EngagementState.PROPOSED
        and engagement.answer_by is not None
        and engagement.answer_by > now
    )
    is_open = not request.user.is_authenticated and (is_waiting or is_accepted)
    sent_data = request.POST if request.method == "POST" else None
    form = LinkAnswerForm(sent_data, is_accepted=is_accepted)
    if request.method == "POST" and is_open and form.is_valid():
        by = Actor(None, ActorChannel.STRANGER, client_address(request))
        given: dict[str, Any] = {"engagement_id": engagement.pk, "by": by, "at": timezone.now()}
        try:
            if form.cleaned_data["answer"] == "accept":
                accept_engagement(**given)
            else:
                decline_engagement(reason=form.cleaned_data["reason"], **given)
            return redirect(request.path)
        except DispatchError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
    context = {
        "engagement": engagement,
        "form": form,
        "is_open": is_open,
        "desk_telephone": _desk_telephone(),
    }
    status = 422 if form.errors else 200
    return render(request, "dispatch/proposal.html", context, status=status)


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
        facts = {
            "moment": format_moment(answered.starts_at),
            "school": answered.letter.school.name,
            "course": answered.course,
        }
        said = [_("%(moment)s at %(school)s: %(course)s") % facts]
        if answered.state == EngagementState.DECLINED:
            said.append(_("The district looks for another lecturer."))
        return said

    steps = Confirmation(
        form=form_class(sent(request)),
        act=request.path,
        do=do,
        effects=effects,
        refusals=(DispatchError,),
        location=reverse("dispatch:my_engagements"),
        page={
            "title": title,
            "about": "dispatch/engagement_facts.html",
            "engagement": engagement,
            "desk_telephone": _desk_telephone(),
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


def _desk_telephone() -> str:
    """The number of the dispatch desk; empty if the rule of booking names none."""
    rule = find_booking_rule(today())
    return rule.telephone if rule else ""


def _own(request: PersonRequest) -> Any:
    """The person's engagements, without those that are only drafted.

    Raises PermissionDenied for those who are no lecturer.
    """
    if not holds_any(request.user, Role.LECTURER):
        raise PermissionDenied
    rows = Engagement.objects.filter(instructor__user=request.user)
    rows = rows.exclude(proposed_at=None)
    return rows.select_related("letter__school", "letter__venue", "course", "venue")
