"""Walk-ins: the unmatched ones, those of a session, and a single one with its actions."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.origin import Actor
from accounts.requests import PersonRequest
from backstage.confirmations import Confirmation, confirm_action
from backstage.forms import ReasonForm
from backstage.idempotency import replay_if_deleted
from backstage.pages import holds_id_number
from backstage.submissions import submit_once
from classes.actions.guests import look_up_guest_member
from classes.errors import RosterError
from config.lib.filters import ListRequest
from config.lib.hours import format_hours, grammatical_number
from config.lib.methods import read_or_write
from config.lib.paging import page_of
from rolls import lists
from rolls.actions.walk_ins import (
    Matched,
    Unmatched,
    match_walk_in,
    record_walk_in,
    remove_walk_in,
    unmatch_walk_in,
)
from rolls.errors import RollError
from rolls.filters import walk_in_filters
from rolls.forms.walk_ins import MatchForm, WalkInForm
from rolls.models import WalkIn
from rolls.permissions import takes_rolls
from rolls.views.rolls import get_page
from schools.permissions import staff_page
from trainees.models import Member

CANDIDATES_SHOWN = 20


@require_safe
@staff_page
def walk_ins(request: PersonRequest) -> HttpResponse:
    """Unmatched walk-ins that the user may see, oldest first."""
    asked = ListRequest(request.user, request.GET, request.now)
    filters = walk_in_filters(asked)
    page = page_of(request, lists.walk_ins(asked, filters))
    context = {"page_obj": page, "filters": filters, "export": "walk-ins"}
    return render(request, "rolls/walk_ins/list.html", context)


@read_or_write
@staff_page
def session_walk_ins(request: PersonRequest, session_id: int) -> HttpResponse:
    """Walk-ins of a session, and for its clerk a form to record another."""
    page = get_page(request, session_id)
    form = WalkInForm(request.POST or None)

    def do() -> None:
        by, at = Actor.of_request(request), request.now
        record_walk_in(session_id=session_id, facts=form.facts, by=by, at=at)
        text = _("The walk-in is kept. Match the line to a member when you can.")
        messages.success(request, text)

    if answer := submit_once(request, form, do=do, to=request.path, refusals=(RollError,)):
        return answer
    context = {
        "page": page,
        "walk_ins": page.session.walk_ins.select_related("member"),
        "form": form if page.may_take else None,
        "errors_shown": bool(form.errors),
    }
    status = 422 if form.errors else 200
    return render(request, "rolls/walk_ins/session.html", context, status=status)


@require_safe
@staff_page
def walk_in(request: PersonRequest, walk_in_id: int) -> HttpResponse:
    """One walk-in, with members of the school who may be the person."""
    if holds_id_number(request):
        return redirect(request.path)
    walk_in = _get(request, walk_in_id)
    asked = ListRequest(request.user, request.GET, request.now)
    searched = asked.text("q") if "q" in request.GET else walk_in.name
    members = Member.objects.visible_to(request.user, request.today).filter(merged_into=None)
    likely = members.named_like(searched) if searched else members.none()
    likely = likely.with_organisation(walk_in.session.held_on).order_by("name_pinyin", "pk")
    first = list(likely[: CANDIDATES_SHOWN + 1])
    context = {
        "walk_in": walk_in,
        "searched": searched,
        "candidates": first[:CANDIDATES_SHOWN],
        "more": len(first) > CANDIDATES_SHOWN,
        "form": MatchForm(),
    }
    return render(request, "rolls/walk_ins/detail.html", context)


@read_or_write
@staff_page
def match(request: PersonRequest, walk_in_id: int) -> HttpResponse:
    """Match the walk-in to a member, after a page that shows the effects."""
    walk_in = _get_taken(request, walk_in_id)
    by, at = Actor.of_request(request), request.now
    address = reverse("rolls:walk_in", args=[walk_in_id])
    form = MatchForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and form.guest:
        try:  # before the check page, whose transaction is undone
            look_up_guest_member(form.guest, by=by, at=at)
        except RosterError as error:
            form.add_error(error.field, str(error))
    steps = Confirmation(
        form=form,
        do=lambda data: match_walk_in(
            walk_in_id=walk_in_id,
            member_id=data["member"],
            guest=form.guest,
            by=by,
            at=at,
        ),
        effects=_matched,
        refusals=(RollError, RosterError),
        location=address,
        page={
            "title": _("Match the walk-in %(name)s") % {"name": walk_in.name},
            "submit_label": _("This is the member"),
            "done": _("The walk-in is matched."),
            "cancel_url": address,
        },
    )
    return confirm_action(request, steps)


def _matched(done: Matched) -> list[str]:
    """The effects of a match, in sentences."""
    facts = {
        "name": done.member.name,
        "number": done.member.number,
        "session": done.walk_in.session.number,
        "mark": done.walk_in.get_status_display(),
    }
    sentences = [
        _(
            "%(name)s (member number %(number)s) is on the roll of session %(session)d, "
            "and of no other: %(mark)s."
        )
        % facts
    ]
    if done.posted is None:
        sentences.append(_("The roll is a draft; the hours count once it is submitted."))
    else:
        text = ngettext(
            "%(hours)s credit hour is posted at once, since the roll is submitted.",
            "%(hours)s credit hours are posted at once, since the roll is submitted.",
            grammatical_number(done.posted),
        )
        sentences.append(text % {"hours": format_hours(done.posted)})
    return [*sentences, _("This can be undone with a reason.")]


@read_or_write
@staff_page
def unmatch(request: PersonRequest, walk_in_id: int) -> HttpResponse:
    """Undo a match with a reason, after a page that shows the effects."""
    walk_in = _get_taken(request, walk_in_id)
    address = reverse("rolls:walk_in", args=[walk_in_id])
    if walk_in.member is None and request.method != "POST":
        return redirect(address)
    by, at = Actor.of_request(request), request.now
    steps = Confirmation(
        form=ReasonForm(request.POST or None),
        do=lambda data: unmatch_walk_in(walk_in_id=walk_in_id, reason=data["reason"], by=by, at=at),
        effects=_unmatched,
        refusals=(RollError,),
        location=address,
        page={
            "title": _("Undo the match of %(name)s") % {"name": walk_in.name},
            "submit_label": _("Undo the match"),
            "done": _("The walk-in is unmatched again."),
            "cancel_url": address,
        },
    )
    return confirm_action(request, steps)


def _unmatched(done: Unmatched) -> list[str]:
    """The effects of undoing a match, in sentences."""
    facts = {"name": done.member.name}
    sentences = [_("The line is kept and waits for a member again.")]
    if done.reversed is None:
        return [*sentences, _("%(name)s is taken off this roll; no hours are posted.") % facts]
    text = ngettext(
        "%(name)s is taken off this roll; %(hours)s credit hour is reversed.",
        "%(name)s is taken off this roll; %(hours)s credit hours are reversed.",
        grammatical_number(done.reversed),
    )
    taken_off = text % (facts | {"hours": format_hours(done.reversed)})
    return [*sentences, taken_off, _("The member sees the change and its reason.")]


@replay_if_deleted
@read_or_write
@staff_page
def remove(request: PersonRequest, walk_in_id: int) -> HttpResponse:
    """Remove an unmatched walk-in, with a reason."""
    walk_in = _get_taken(request, walk_in_id)
    if walk_in.member is not None and request.method != "POST":
        return redirect("rolls:walk_in", walk_in_id)
    by, at = Actor.of_request(request), request.now
    steps = Confirmation(
        form=ReasonForm(request.POST or None),
        do=lambda data: remove_walk_in(walk_in_id=walk_in_id, reason=data["reason"], by=by, at=at),
        effects=lambda _done: [_("The line is removed. The trail keeps what it said.")],
        refusals=(RollError,),
        location=reverse("rolls:session_walk_ins", args=[walk_in.session_id]),
        page={
            "title": _("Remove the walk-in %(name)s") % {"name": walk_in.name},
            "intro": _(
                "For a line that was written by mistake, or somebody who is on the roster. "
                "Whoever came and is not known yet stays as a line."
            ),
            "submit_label": _("Remove the line"),
            "done": _("The line is removed."),
            "cancel_url": reverse("rolls:walk_in", args=[walk_in_id]),
        },
    )
    return confirm_action(request, steps)


def _get(request: PersonRequest, walk_in_id: int) -> WalkIn:
    """A walk-in that the user may see, with `may_take`. Raises Http404."""
    school = "session__training_class__school"
    rows = WalkIn.objects.visible_to(request.user, request.today).annotate(
        may_take=takes_rolls(request.user, request.today, school)
    )
    return get_object_or_404(
        rows.select_related(school, "session__venue", "member", "recorded_by", "matched_by"),
        pk=walk_in_id,
    )


def _get_taken(request: PersonRequest, walk_in_id: int) -> WalkIn:
    """A walk-in of a session whose roll the user takes. Raises PermissionDenied, Http404."""
    walk_in = _get(request, walk_in_id)
    if not walk_in.may_take:  # type: ignore[attr-defined]
        raise PermissionDenied
    return walk_in
