"""Rows of one person: found, proposed for a merge, decided by another officer, separated again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.entry import page_for
from accounts.enums import Role
from accounts.records import mask_phone
from accounts.requests import PersonRequest
from backstage.confirmations import Confirmation, confirm_action
from backstage.forms import IdempotentForm, ReasonForm
from config.lib.dates import format_day
from config.lib.methods import read_or_write
from config.lib.paging import page_of
from config.lib.resident_ids import holds_resident_id
from schools.views.acting import acting, sent
from trainees.actions.member_merges import (
    Moved,
    merge_members,
    propose_merge,
    refuse_merge,
    undo_merge,
)
from trainees.enums import MergeState
from trainees.errors import MemberFactError
from trainees.models import Member, MemberMerge
from trainees.queries.duplicates import compare_rows, list_merges, list_suspects
from trainees.queries.register import field_label
from years.merge_forms import PairForm


@require_safe
@page_for(Role.ORGANISATION_DEPARTMENT)
def duplicates(request: PersonRequest) -> HttpResponse:
    """Rows that may be one person, and the merges so far. Two numbers lead to a proposal."""
    if any(holds_resident_id(request.GET.get(name, "")) for name in PairForm.base_fields):
        # URLs end up in logs and histories, so they must not contain an ID number.
        messages.warning(
            request, _("Search by name or number: an ID number does not belong in an address.")
        )
        return redirect("years:duplicates")
    is_asked = "kept" in request.GET or "given_up" in request.GET
    visible = Member.objects.visible_to(request.user, request.today)
    pair = PairForm(request.GET if is_asked else None, visible=visible)
    if pair.is_valid():
        kept, given_up = pair.cleaned_data["kept"], pair.cleaned_data["given_up"]
        return redirect("years:propose_merge", kept.pk, given_up.pk)
    page = page_of(request, list_merges())
    context = {"suspects": list_suspects(request.today), "page_obj": page, "pair": pair}
    return render(request, "years/duplicates.html", context)


@require_safe
@page_for(Role.ORGANISATION_DEPARTMENT)
def merge(request: PersonRequest, merge_id: int) -> HttpResponse:
    """Both rows of a merge side by side, and the possible actions."""
    merge = _get(merge_id)
    context = {
        "merge": merge,
        **_about(request, merge.kept, merge.given_up),
        "may_decide": merge.state == MergeState.PROPOSED
        and merge.proposed_by_id != request.user.pk,
    }
    return render(request, "years/merge.html", context)


@read_or_write
@page_for(Role.ORGANISATION_DEPARTMENT)
def propose(request: PersonRequest, kept_id: int, given_up_id: int) -> HttpResponse:
    """Propose that two rows are one person."""
    visible = Member.objects.visible_to(request.user, request.today)
    kept = get_object_or_404(visible, pk=kept_id)
    given_up = get_object_or_404(visible, pk=given_up_id)

    def do(data: dict[str, Any]) -> MemberMerge:
        return propose_merge(
            kept_id=kept.pk, given_up_id=given_up.pk, reason=data["reason"], **acting(request)
        )

    def effects(_merge: MemberMerge) -> list[str]:
        return [
            _("Another officer of the department decides; until then nothing changes."),
            _("Kept: %(member)s. Given up: %(other)s.")
            % {"member": _named(kept), "other": _named(given_up)},
            _("When they are merged, empty fields of the kept row are filled from the other."),
        ]

    texts = (
        _("Merge %(other)s into %(member)s") % {"other": _named(given_up), "member": _named(kept)},
        _("Propose the merge"),
        _("The merge is proposed; somebody else decides on it."),
    )
    form, about = ReasonForm(sent(request)), _about(request, kept, given_up)
    return _answer(request, form, about, do=do, effects=effects, texts=texts)


@read_or_write
@page_for(Role.ORGANISATION_DEPARTMENT)
def decide(request: PersonRequest, merge_id: int) -> HttpResponse:
    """Merge the rows that another officer proposed."""
    merge = _get(merge_id)
    if merge.state != MergeState.PROPOSED and request.method != "POST":
        return redirect("years:merge", merge.pk)
    about = _about(request, merge.kept, merge.given_up)

    def do(_data: dict[str, Any]) -> Moved:
        return merge_members(merge_id=merge.pk, **acting(request))

    def effects(moved: Moved) -> list[str]:
        return [
            *moved.sentences,
            *_filled(_("Filled in from the row given up: %(facts)s."), _get(merge.pk)),
            _(
                "Memberships, posts and exemptions of both count for the kept row, as if there had "
                "been one row all along."
            ),
            _("Its account passes on, or is disabled if the kept row has one."),
            _("Closed years stay as they are. The merge can be taken apart again."),
        ]

    texts = (_("Merge: %(merge)s") % {"merge": merge}, _("Merge the rows"), _("They are merged."))
    form = IdempotentForm(sent(request))
    return _answer(request, form, about, do=do, effects=effects, texts=texts)


@read_or_write
@page_for(Role.ORGANISATION_DEPARTMENT)
def refuse(request: PersonRequest, merge_id: int) -> HttpResponse:
    """Refuse a merge: they are two people."""
    merge = _get(merge_id)

    def do(data: dict[str, Any]) -> MemberMerge:
        return refuse_merge(merge_id=merge.pk, answer=data["reason"], **acting(request))

    def effects(_merge: MemberMerge) -> list[str]:
        return [_("Both rows stay as they are, and are not proposed as one person again.")]

    texts = (
        _("Two people: %(merge)s") % {"merge": merge},
        _("Refuse the merge"),
        _("The merge is refused."),
    )
    form, about = ReasonForm(sent(request)), _about(request, merge.kept, merge.given_up)
    return _answer(request, form, about, do=do, effects=effects, texts=texts)


@read_or_write
@page_for(Role.ORGANISATION_DEPARTMENT)
def undo(request: PersonRequest, merge_id: int) -> HttpResponse:
    """Undo a merge."""
    merge = _get(merge_id)
    if merge.state != MergeState.DONE and request.method != "POST":
        return redirect("years:merge", merge.pk)

    def do(data: dict[str, Any]) -> Moved:
        return undo_merge(merge_id=merge.pk, reason=data["reason"], **acting(request))

    def effects(moved: Moved) -> list[str]:
        return [
            *moved.sentences,
            _(
                "Each row has its own memberships, posts and exemptions of every day again. Closed "
                "years stay as they are."
            ),
            *_filled(_("Emptied again unless it was corrected since: %(facts)s."), merge),
        ]

    texts = (
        _("Take apart: %(merge)s") % {"merge": merge},
        _("Take the rows apart"),
        _("They are two rows again."),
    )
    form, about = ReasonForm(sent(request)), _about(request, merge.kept, merge.given_up)
    return _answer(request, form, about, do=do, effects=effects, texts=texts)


def _answer(
    request: PersonRequest,
    form: IdempotentForm,
    about: dict[str, Any],
    *,
    do: Callable[[dict[str, Any]], Any],
    effects: Callable[[Any], list[str]],
    texts: tuple[str, str, str],
) -> HttpResponse:
    title, submit_label, done = texts
    address = reverse("years:duplicates")
    steps = Confirmation(
        form=form,
        do=do,
        effects=effects,
        refusals=(MemberFactError,),
        location=address,
        page={
            "title": title,
            "submit_label": submit_label,
            "done": done,
            "cancel_url": address,
            "about": "years/merge_rows.html",
            **about,
            "crumbs": [
                {"label": _("Members listed twice"), "url": address},
                {"label": title, "url": ""},
            ],
        },
    )
    return confirm_action(request, steps)


def _named(member: Member) -> str:
    return _("%(name)s (%(number)s)") % {"name": member.name, "number": member.number}


def _about(request: PersonRequest, kept: Member, given_up: Member) -> dict[str, Any]:
    """The context of merge_rows.html for two rows."""
    facts = ("sex", "birth_date")
    return {
        "compared": compare_rows(kept, given_up, request.user, request.today),
        "is_decided": given_up.merged_into_id is not None,
        "differ_in_id": any(getattr(kept, name) != getattr(given_up, name) for name in facts),
    }


def _filled(sentence: str, merged: MemberMerge) -> list[str]:
    """The fields that a merge filled in at the row that remains, in a sentence."""
    facts = [
        _("%(label)s: %(value)s")
        % {
            "label": field_label(name),
            "value": mask_phone(value)
            if name == "phone"
            else format_day(date.fromisoformat(value)),
        }
        for name, value in merged.ended.get("filled", {}).items()
    ]
    return [sentence % {"facts": _("; ").join(facts)}] if facts else []


def _get(merge_id: int) -> MemberMerge:
    merge = list_merges().filter(pk=merge_id).first()
    if merge is None:
        raise Http404
    return merge
