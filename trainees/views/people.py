"""The register card of a member, and the acts that change its dated facts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.audit import record_act
from accounts.enums import Role
from accounts.origin import Actor
from accounts.records import mask_phone, state_of
from accounts.requests import PersonRequest
from accounts.roles import holds_any, roles_told
from backstage.forms import IdempotentForm
from backstage.idempotency import KeyReusedError, answer_once, hash_body
from config.lib.periods import local_date, today
from trainees.actions import people
from trainees.enums import PostKind, Standing
from trainees.errors import MemberFactError
from trainees.forms import DayForm, PersonForm, PhoneForm, PostForm, StandingForm, TransferForm
from trainees.models import Member
from trainees.queries.people import Card, get_card
from trainees.views.rolls import require_staff


@require_safe
def member(request: PersonRequest, member_id: int) -> HttpResponse:
    """Who the member is and what holds and held when; the look-up goes into the trail."""
    require_staff(request)
    now = timezone.now()
    card = _get_card(request, member_id, now)
    with transaction.atomic():
        record_act(
            act="look_up_member",
            obj=Member(pk=card.member.pk, name=card.member.number),
            by=Actor.of_request(request),
            at=now,
            after={"roles": roles_told(request.user)},
        )
    on = local_date(now)
    context = {
        "card": card,
        "present": card.present(on),
        "phone": mask_phone(card.member.phone),
        "today": on,
        "may_change": holds_any(request.user, Role.ORGANISATION_DEPARTMENT),
        "may_correct": holds_any(request.user, Role.ORGANISATION_DEPARTMENT, Role.SCHOOL_CLERK),
    }
    return render(request, "trainees/member.html", context)


def _get_card(request: PersonRequest, member_id: int, now: datetime) -> Card:
    try:
        return get_card(request.user, member_id, local_date(now), now)
    except Member.DoesNotExist as error:
        raise Http404 from error


def _get_member(request: PersonRequest, member_id: int, *roles: Role) -> Member:
    """A member in sight, whom people of these roles may change."""
    require_staff(request)
    found = get_object_or_404(Member.objects.visible_to(request.user, today()), pk=member_id)
    if not holds_any(request.user, *roles):
        raise PermissionDenied
    return found


@require_http_methods(["GET", "HEAD", "POST"])
def transfer(request: PersonRequest, member_id: int) -> HttpResponse:
    """Another organisation from a day on."""
    found = _get_member(request, member_id, Role.ORGANISATION_DEPARTMENT)
    form = TransferForm(request.POST or None)
    by, at = Actor.of_request(request), timezone.now()

    def do() -> object:
        return people.transfer_member(
            member_id=found.pk,
            organisation=form.cleaned_data["organisation"],
            from_day=form.cleaned_data["from_day"],
            by=by,
            at=at,
        )

    return _act(
        request,
        found,
        form,
        do,
        title=_("Transfer to another organisation"),
        text=_(
            "The present membership ends with the day before, and so do posts held in the "
            "organisation that is left. Credit hours stay where they were posted."
        ),
        submit=_("Transfer the member"),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def change_standing(request: PersonRequest, member_id: int) -> HttpResponse:
    """Another standing from a day on."""
    found = _get_member(request, member_id, Role.ORGANISATION_DEPARTMENT)
    form = StandingForm(request.POST or None)
    by, at = Actor.of_request(request), timezone.now()

    def do() -> object:
        return people.change_standing(
            member_id=found.pk,
            standing=Standing(form.cleaned_data["standing"]),
            from_day=form.cleaned_data["from_day"],
            by=by,
            at=at,
        )

    return _act(
        request,
        found,
        form,
        do,
        title=_("Change the standing"),
        text=_("Suspended members and those out of contact leave the figures from that day on."),
        submit=_("Change the standing"),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def appoint(request: PersonRequest, member_id: int) -> HttpResponse:
    """A post from a day on."""
    found = _get_member(request, member_id, Role.ORGANISATION_DEPARTMENT)
    form = PostForm(request.POST or None)
    by, at = Actor.of_request(request), timezone.now()

    def do() -> object:
        return people.appoint_to_post(
            member_id=found.pk,
            organisation=form.cleaned_data["organisation"],
            kind=PostKind(form.cleaned_data["kind"]),
            from_day=form.cleaned_data["from_day"],
            by=by,
            at=at,
        )

    return _act(
        request,
        found,
        form,
        do,
        title=_("Appoint to a post"),
        text=_(
            "A secretary can print slips for the members of that organisation from that day on."
        ),
        submit=_("Appoint to the post"),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def end_post(request: PersonRequest, member_id: int, post_id: int) -> HttpResponse:
    """A post ends."""
    found = _get_member(request, member_id, Role.ORGANISATION_DEPARTMENT)
    post = get_object_or_404(found.posts.select_related("organisation"), pk=post_id)
    form = DayForm(request.POST or None)
    by, at = Actor.of_request(request), timezone.now()

    def do() -> object:
        return people.end_post(
            member_id=found.pk,
            post_id=post.pk,
            from_day=form.cleaned_data["from_day"],
            by=by,
            at=at,
        )

    return _act(
        request,
        found,
        form,
        do,
        title=_("End a post"),
        text=_("%(post)s in %(organisation)s: name the first day without the post.")
        % {"post": post.get_kind_display(), "organisation": post.organisation},
        submit=_("End the post"),
    )


def _act(
    request: PersonRequest,
    found: Member,
    form: IdempotentForm,
    do: Callable[[], object],
    *,
    title: str,
    text: str,
    submit: str,
) -> HttpResponse:
    """Show a form about a member; once it is valid, act once and return to the card."""
    if request.method == "POST" and form.is_valid():
        try:
            location = answer_once(
                key=form.cleaned_data["idempotency_key"],
                user=request.user,
                act=request.path,
                body_hash=hash_body(request.POST),
                location=reverse("trainees:member", args=[found.pk]),
                do=do,
            )
        except KeyReusedError:
            message = _("This form was sent before with other content.")
            return render(request, "409.html", {"message": message}, status=409)
        except MemberFactError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, _("The register has been changed."))
            return redirect(location)
    return _render_form(request, found, form, title=title, text=text, submit=submit)


def _render_form(
    request: PersonRequest, found: Member, form: Form, *, title: str, text: str, submit: str
) -> HttpResponse:
    context = {"member": found, "form": form, "title": title, "text": text, "submit": submit}
    status = 422 if form.errors else 200
    return render(request, "trainees/member_form.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: PersonRequest, member_id: int) -> HttpResponse:
    """Name and phone, by the organisation department; the phone, by a clerk of the own school."""
    found = _get_member(request, member_id, Role.ORGANISATION_DEPARTMENT, Role.SCHOOL_CLERK)
    in_full = holds_any(request.user, Role.ORGANISATION_DEPARTMENT)
    if not in_full:
        get_object_or_404(Member.objects.of_clerk(request.user, today()), pk=found.pk)
    fields = ["name", "phone"] if in_full else ["phone"]
    initial = {"name": found.name, "phone": found.phone, "seen": state_of(found, fields)}
    make = PersonForm if in_full else PhoneForm
    form = make(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        by, seen = Actor.of_request(request), form.cleaned_data["seen"]
        phone = form.cleaned_data["phone"]
        try:
            if in_full:
                name = form.cleaned_data["name"]
                people.correct_member(member=found, name=name, phone=phone, by=by, seen=seen)
            else:
                people.correct_phone(member=found, phone=phone, by=by, seen=seen)
        except MemberFactError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The register has been changed."))
            return redirect("trainees:member", found.pk)
    title = _("Correct name and phone") if in_full else _("Correct the phone")
    text = _("The member signs in with the new phone too, unless another account has it.")
    return _render_form(request, found, form, title=title, text=text, submit=_("Save"))
