"""The register card of a member, and the actions that change its dated facts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.admin_forms import refusal_text
from accounts.audit import record_act
from accounts.enums import Role
from accounts.interests import own_rows
from accounts.origin import Actor
from accounts.records import RecordChangedError, mask_phone, state_of
from accounts.requests import PersonRequest
from accounts.roles import acting_roles, holds_any
from backstage.confirmations import Confirmation, confirm_action
from backstage.forms import DatedForm, IdempotentForm, replace_hidden_value
from config.lib.dates import format_day
from config.lib.methods import read_or_write
from config.lib.pages import address_of
from config.lib.periods import in_force, last_day
from schools.models import Organisation
from schools.permissions import staff_page
from schools.queries.schools import serving_school
from schools.queries.tree import subtree_ids
from schools.views.acting import acting, sent
from trainees.actions import people
from trainees.enums import MembershipStatus, PostKind
from trainees.errors import MemberFactError
from trainees.forms.people import (
    DaysForm,
    MembershipStatusForm,
    PersonForm,
    PhoneForm,
    PostForm,
    TransferForm,
)
from trainees.models import Member, Membership, Post
from trainees.queries.people import Card, get_card, shared_phone_in_words
from trainees.queries.register import field_label
from trainees.views.sentences import posts_ended, sessions_ended


@require_safe
@staff_page
def member(request: PersonRequest, member_id: int) -> HttpResponse:
    """The member's register card, with present and past facts. Viewing it is audited."""
    now = request.now
    card = _get_card(request, member_id)
    with transaction.atomic():
        record_act(
            act="look_up_member",
            obj=Member(pk=card.member.pk, name=card.member.number),
            by=Actor.of_request(request),
            at=now,
            after={"roles": acting_roles(request.user)},
        )
    on, may_act = request.today, member_id not in own_rows(request.user)
    context = {
        "card": card,
        "present": card.present(on),
        "phone": mask_phone(card.member.phone),
        "today": on,
        "may_change": may_act and holds_any(request.user, Role.ORGANISATION_DEPARTMENT),
        "may_correct": may_act
        and holds_any(request.user, Role.ORGANISATION_DEPARTMENT, Role.SCHOOL_CLERK),
        "departure": card.departure(on),
    }
    return render(request, "trainees/member.html", context)


def _get_card(request: PersonRequest, member_id: int) -> Card:
    try:
        return get_card(request.user, member_id, request.today, request.now)
    except Member.DoesNotExist as error:
        raise Http404 from error


def get_member_for(request: PersonRequest, member_id: int, *roles: Role) -> Member:
    """A visible member, if the person has one of these roles."""
    member = get_object_or_404(Member.objects.visible_to(request.user, request.today), pk=member_id)
    if not holds_any(request.user, *roles):
        raise PermissionDenied
    return member


@read_or_write
@staff_page
def transfer(request: PersonRequest, member_id: int) -> HttpResponse:
    """Transfer to another organisation from a day on."""
    member = get_member_for(request, member_id, Role.ORGANISATION_DEPARTMENT)
    form = TransferForm(sent(request), user=request.user, today=request.today)

    def do(data: dict[str, Any]) -> people.Followed:
        return people.transfer_member(
            member_id=member.pk,
            organisation=data["organisation"],
            on=data["on"],
            **acting(request),
        )

    def effects(done: people.Followed) -> list[str]:
        following, on = done.following, form.cleaned_data["on"]
        values = {
            **who_and_when(member, on),
            "old": done.former.organisation.name,
            "new": following.organisation.name,
        }
        return [
            _("%(name)s (%(number)s) leaves %(old)s and belongs to %(new)s from %(day)s on.")
            % values,
            *_until(following),
            *_school_changes(done.former.organisation, following.organisation, on),
            *posts_ended(done.posts),
            *sessions_ended(done.posts),
            _("Credit hours stay where they were posted."),
        ]

    texts = (_("Transfer to another organisation"), _("Transfer the member"))
    return answer_act(request, member, form, do=do, effects=effects, texts=texts)


@read_or_write
@staff_page
def change_membership_status(request: PersonRequest, member_id: int) -> HttpResponse:
    """Change the membership status from a day on."""
    member = get_member_for(request, member_id, Role.ORGANISATION_DEPARTMENT)
    form = MembershipStatusForm(sent(request), today=request.today)

    def do(data: dict[str, Any]) -> people.Followed:
        return people.change_membership_status(
            member_id=member.pk,
            membership_status=MembershipStatus(data["membership_status"]),
            on=data["on"],
            **acting(request),
        )

    def effects(done: people.Followed) -> list[str]:
        following = done.following
        values = {
            **who_and_when(member, form.cleaned_data["on"]),
            "old": done.former.get_membership_status_display(),
            "new": following.get_membership_status_display(),
            "organisation": following.organisation.name,
        }
        counts = following.membership_status == MembershipStatus.NORMAL
        return [
            _("%(name)s (%(number)s) stands as “%(new)s” from %(day)s on, until then as “%(old)s”.")
            % values,
            *_until(following),
            _("The membership of %(organisation)s and all posts stay.") % values,
            *([] if counts else _posts_held(member, form.cleaned_data["on"])),
            _("From that day on the member is counted in the figures.")
            if counts
            else _("From that day on the member leaves the figures and is shown apart."),
        ]

    title = _("Change the standing")
    return answer_act(request, member, form, do=do, effects=effects, texts=(title, title))


@read_or_write
@staff_page
def appoint(request: PersonRequest, member_id: int) -> HttpResponse:
    """Appoint to a post from a day on."""
    member = get_member_for(request, member_id, Role.ORGANISATION_DEPARTMENT)
    form = PostForm(sent(request), user=request.user, today=request.today)

    def do(data: dict[str, Any]) -> Post:
        return people.appoint_to_post(
            member_id=member.pk,
            organisation=data["organisation"],
            kind=PostKind(data["kind"]),
            on=data["on"],
            **acting(request),
        )

    def effects(post: Post) -> list[str]:
        values = {**who_and_when(member, form.cleaned_data["on"]), **_what(post)}
        sentences = [
            _("%(name)s (%(number)s) is %(post)s of %(organisation)s from %(day)s on.") % values
        ]
        sentences += _remarks_on_member(member, post, form.cleaned_data["on"])
        if post.kind == PostKind.SECRETARY:
            sentences.append(
                _("From that day on this person can print slips for the members there.")
            )
            if member.user_id:
                sentences.append(_("A slip of this person that is still open ends at once."))
        return [*sentences, _("The post lasts until it is ended.")]

    texts = (_("Appoint to a post"), _("Appoint to the post"))
    return answer_act(request, member, form, do=do, effects=effects, texts=texts)


def _posts_held(member: Member, on: date) -> list[str]:
    """Posts still held by a member who no longer counts: a sentence for each."""
    posts = member.posts.filter(in_force(on)).select_related("organisation").order_by("kind", "pk")
    return [
        _("%(name)s stays %(post)s of %(organisation)s: end the post if that is not meant.")
        % {"name": member.name, **_what(post)}
        for post in posts
    ]


def _remarks_on_member(member: Member, post: Post, on: date) -> list[str]:
    """Sentences on what is unusual about the appointed member; nothing is refused for it."""
    present = member.memberships.filter(in_force(on)).select_related("organisation").get()
    remarks = []
    if present.organisation_id not in subtree_ids(post.organisation_id, on):
        remarks.append(
            _("Mind: %(name)s belongs to %(own)s, which is neither this one nor below it.")
            % {"name": member.name, "own": present.organisation.name}
        )
    if present.membership_status != MembershipStatus.NORMAL:
        remarks.append(
            _("Mind: %(name)s stands as “%(standing)s” on that day.")
            % {"name": member.name, "standing": present.get_membership_status_display()}
        )
    return remarks


@read_or_write
@staff_page
def end_post(request: PersonRequest, member_id: int, post_id: int) -> HttpResponse:
    """End a post."""
    member = get_member_for(request, member_id, Role.ORGANISATION_DEPARTMENT)
    post = get_object_or_404(member.posts.select_related("organisation"), pk=post_id)
    form = DatedForm(sent(request), today=request.today)

    def do(data: dict[str, Any]) -> Post:
        return people.end_post(
            member_id=member.pk, post_id=post.pk, on=data["on"], **acting(request)
        )

    def effects(ended: Post) -> list[str]:
        values = {**who_and_when(member, form.cleaned_data["on"]), **_what(ended)}
        return [
            _(
                "%(name)s (%(number)s) is no longer %(post)s of %(organisation)s; %(day)s is the "
                "first day without the post."
            )
            % values,
            *sessions_ended([ended]),
        ]

    intro = _("%(post)s in %(organisation)s: name the first day without the post.") % _what(post)
    texts = (_("End a post"), _("End the post"))
    return answer_act(request, member, form, do=do, effects=effects, texts=texts, intro=intro)


@read_or_write
@staff_page
def full_membership(request: PersonRequest, member_id: int) -> HttpResponse:
    """Record the day on which probation ended."""
    member = get_member_for(request, member_id, Role.ORGANISATION_DEPARTMENT)
    form = DatedForm(sent(request), today=request.today)

    def do(data: dict[str, Any]) -> bool:
        return people.record_full_membership(member_id=member.pk, on=data["on"], **acting(request))

    def effects(_is_new: bool) -> list[str]:
        values = who_and_when(member, form.cleaned_data["on"])
        return [_("%(name)s (%(number)s) is a full member since %(day)s.") % values]

    intro = _("Probation ended on this day; a training is owed within a year of it.")
    texts = (_("Record full membership"), _("Record the day"))
    return answer_act(request, member, form, do=do, effects=effects, texts=texts, intro=intro)


@read_or_write
@staff_page
def correct_days(request: PersonRequest, member_id: int) -> HttpResponse:
    """Correct the days of joining and of full membership, with a reason."""
    member = get_member_for(request, member_id, Role.ORGANISATION_DEPARTMENT)
    names = ["joined_on", "full_member_on"]
    initial = {name: getattr(member, name) for name in names} | {"seen": state_of(member, names)}
    form = DaysForm(sent(request), initial=initial)

    def do(data: dict[str, Any]) -> Member:
        facts = {name: data[name] for name in (*names, "reason", "seen")}
        try:
            return people.correct_days(member_id=member.pk, **facts, **acting(request))
        except MemberFactError as error:
            raise _in_full(error, form, names) from error

    def effects(corrected: Member) -> list[str]:
        return [
            _("%(label)s: %(new)s, until now %(old)s.")
            % {
                "label": field_label(name),
                "old": _day_or_none(getattr(member, name)),
                "new": _day_or_none(getattr(corrected, name)),
            }
            for name in names
            if getattr(member, name) != getattr(corrected, name)
        ] + [_("What is owed by these days, as the training of new full members, follows them.")]

    texts = (_("Correct the days of joining"), _("Correct the days"))
    return answer_act(request, member, form, do=do, effects=effects, texts=texts)


def _in_full(error: MemberFactError, form: Form, names: list[str]) -> MemberFactError:
    """After a conflict: say who changed what. The next save is made with that knowledge."""
    clash = error.__cause__
    if not isinstance(clash, RecordChangedError):
        return error
    replace_hidden_value(form, "seen", state_of(clash.stored, names))
    return MemberFactError(refusal_text(clash), error.field)


def _day_or_none(day: date | None) -> str:
    return format_day(day) if day else _("not known")


def answer_act(
    request: PersonRequest,
    member: Member,
    form: IdempotentForm,
    *,
    do: Callable[[dict[str, Any]], Any],
    effects: Callable[[Any], list[str]],
    texts: tuple[str, str],
    intro: str = "",
) -> HttpResponse:
    """Form and confirmation of an action on a member; `texts` are its title and its button."""
    title, submit_label = texts
    card = reverse("trainees:member", args=[member.pk])
    steps = Confirmation(
        form=form,
        do=do,
        effects=effects,
        refusals=(MemberFactError,),
        location=card,
        page={
            "title": title,
            "intro": intro,
            "submit_label": submit_label,
            "done": _("The register has been changed."),
            "cancel_url": card,
            "crumbs": [
                {"label": _("Members"), "url": address_of("members")},
                {"label": f"{member.name} · {member.number}", "url": card},
                {"label": title, "url": ""},
            ],
        },
    )
    return confirm_action(request, steps)


def who_and_when(member: Member, on: date) -> dict[str, str]:
    return {"name": member.name, "number": member.number, "day": format_day(on)}


def _what(post: Post) -> dict[str, str]:
    return {"post": post.get_kind_display(), "organisation": post.organisation.name}


def _until(following: Membership) -> list[str]:
    """The sentence for a membership that already has a last day."""
    last = last_day(following.period)
    if last is None:
        return []
    return [_("This holds until %(day)s, as recorded before.") % {"day": format_day(last)}]


def _school_changes(old: Organisation, new: Organisation, on: date) -> list[str]:
    former, school = serving_school(old, on), serving_school(new, on)
    if school is None or school == former:
        return []
    return [_("From that day on the member studies at %(school)s.") % {"school": school.name}]


@read_or_write
@staff_page
def correct(request: PersonRequest, member_id: int) -> HttpResponse:
    """The organisation department corrects name and phone; a clerk of the school only the phone."""
    member = get_member_for(request, member_id, Role.ORGANISATION_DEPARTMENT, Role.SCHOOL_CLERK)
    in_full = holds_any(request.user, Role.ORGANISATION_DEPARTMENT)
    if not in_full:
        get_object_or_404(Member.objects.of_clerk(request.user, request.today), pk=member.pk)
    fields = ["name", "phone"] if in_full else ["phone"]
    initial = {"name": member.name, "phone": member.phone, "seen": state_of(member, fields)}
    make = PersonForm if in_full else PhoneForm
    form = make(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        by, seen = Actor.of_request(request), form.cleaned_data["seen"]
        phone = form.cleaned_data["phone"]
        try:
            if in_full:
                name = form.cleaned_data["name"]
                people.correct_member(member=member, name=name, phone=phone, by=by, seen=seen)
            else:
                people.correct_phone(member=member, phone=phone, by=by, seen=seen)
        except MemberFactError as error:
            form.add_error(None, str(_in_full(error, form, fields)))
        else:
            messages.success(request, _("The register has been changed."))
            if "phone" in form.changed_data and (
                shared := shared_phone_in_words(member, request.user, request.today)
            ):
                messages.warning(request, shared)
            return redirect("trainees:member", member.pk)
    title = _("Correct name and phone") if in_full else _("Correct the phone")
    text = _("The member signs in with the new phone too, unless another account has it.")
    context = {"member": member, "form": form, "title": title, "text": text, "submit": _("Save")}
    status = 422 if form.errors else 200
    return render(request, "trainees/member_form.html", context, status=status)
