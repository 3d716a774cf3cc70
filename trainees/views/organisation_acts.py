"""Actions of the organisation department on organisations, each with a form and a check page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.requests import PersonRequest
from backstage.confirmations import Confirmation, confirm_action
from backstage.forms import DatedForm, IdempotentForm, ReasonForm
from backstage.idempotency import replay_if_deleted
from config.lib.dates import format_day
from config.lib.methods import read_or_write
from schools.actions.organisations import (
    Moved,
    add_organisation,
    cancel_rename,
    move_organisation,
    rename_organisation,
)
from schools.errors import SchoolsError
from schools.models import NameChange, Organisation, Placement
from schools.organisation_act_forms import AddForm, MergeForm, MoveForm, RenameForm, SplitForm
from schools.permissions import keeps_network, staff_page
from schools.queries.tree import list_path
from schools.views.acting import acting, sent
from trainees.actions.organisations import (
    Transfer,
    close_organisation,
    count_moving,
    merge_organisations,
    split_organisation,
)
from trainees.models import Post
from trainees.queries.organisations import list_own_members
from trainees.views.organisations import address_of, crumbs_to
from trainees.views.sentences import posts_ended, sessions_ended


@read_or_write
@staff_page
def add(request: PersonRequest, organisation_id: int) -> HttpResponse:
    """Found an organisation below this one."""
    parent = _get(request, organisation_id)
    place = _place(parent)
    if place is None:
        return redirect(address_of(parent))
    form = AddForm(sent(request), parent=place, today=request.today)

    def do(data: dict[str, Any]) -> Organisation:
        return add_organisation(
            parent_id=parent.pk,
            code=data["code"],
            name=data["name"],
            kind=data["kind"],
            township=data.get("township"),
            village=data.get("village"),
            on=data["on"],
            **acting(request),
        )

    def effects(founded: Organisation) -> list[str]:
        township = founded.placements.get().township
        return [
            _("%(name)s (%(code)s, %(level)s) is founded below %(parent)s.")
            % {
                "name": founded.name,
                "code": founded.code,
                "level": founded.get_kind_display(),
                "parent": parent.name,
            },
            _("It stands in %(township)s from %(day)s on, and nobody belongs to it yet.")
            % {"township": township, "day": format_day(form.cleaned_data["on"])},
        ]

    title = _("Add an organisation below %(name)s") % {"name": parent.name}
    texts = (title, _("Found the organisation"), _("The organisation is founded."))
    return _answer(request, parent, form, do=do, effects=effects, texts=texts)


@read_or_write
@staff_page
def rename(request: PersonRequest, organisation_id: int) -> HttpResponse:
    """Rename an organisation."""
    organisation = _get(request, organisation_id)
    form = RenameForm(sent(request), today=request.today)

    def do(data: dict[str, Any]) -> NameChange:
        return rename_organisation(
            organisation_id=organisation.pk, name=data["name"], on=data["on"], **acting(request)
        )

    def effects(change: NameChange) -> list[str]:
        values = {
            "former": change.former_name,
            "name": change.name,
            "day": format_day(change.takes_effect_on),
        }
        return [
            _("%(former)s is called %(name)s from %(day)s on.") % values,
            _("Code, place, members and posts stay; the former name stays on its page."),
        ]

    title = _("Rename %(name)s") % {"name": organisation.name}
    texts = (title, _("Rename the organisation"), _("The new name is recorded."))
    return _answer(request, organisation, form, do=do, effects=effects, texts=texts)


@replay_if_deleted
@read_or_write
@staff_page
def cancel_renaming(request: PersonRequest, organisation_id: int, change_id: int) -> HttpResponse:
    """Cancel a renaming that has not taken effect."""
    organisation = _get(request, organisation_id)
    change = get_object_or_404(organisation.name_changes, pk=change_id)
    values = {
        "former": change.former_name,
        "name": change.name,
        "day": format_day(change.takes_effect_on),
    }

    def do(data: dict[str, Any]) -> NameChange:
        return cancel_rename(
            organisation_id=organisation.pk,
            change_id=change.pk,
            reason=data["reason"],
            **acting(request),
        )

    def effects(_change: NameChange) -> list[str]:
        return [_("%(former)s keeps its name; it is not called %(name)s from %(day)s on.") % values]

    title = _("Cancel the name %(name)s from %(day)s on") % values
    texts = (title, _("Cancel the change of name"), _("The change of name is cancelled."))
    form = ReasonForm(sent(request))
    return _answer(request, organisation, form, do=do, effects=effects, texts=texts)


@read_or_write
@staff_page
def move(request: PersonRequest, organisation_id: int) -> HttpResponse:
    """Move an organisation, with all below it, below another one."""
    organisation = _get(request, organisation_id)
    form = MoveForm(sent(request), user=request.user, today=request.today)

    def do(data: dict[str, Any]) -> Moved:
        return move_organisation(
            organisation_id=organisation.pk,
            parent_id=data["parent"].pk,
            on=data["on"],
            **acting(request),
        )

    def effects(moved: Moved) -> list[str]:
        on = form.cleaned_data["on"]
        values = {"name": organisation.name, "parent": moved.parent.name, "day": format_day(on)}
        sentences = [_("%(name)s stands below %(parent)s from %(day)s on.") % values]
        sentences += _along(len(moved.organisation_ids) - 1)
        sentences.append(_members(count_moving(moved.organisation_ids, on)))
        if moved.strangers:
            sentences.append(
                _("All of them go over to %(township)s and to the school that serves it.")
                % {"township": moved.township.name}
            )
        else:
            sentences.append(_("The township and the school stay the same."))
        return [*sentences, _past_stays()]

    title = _("Move %(name)s") % {"name": organisation.name}
    texts = (title, _("Move the organisation"), _("The move is recorded."))
    return _answer(request, organisation, form, do=do, effects=effects, texts=texts)


@read_or_write
@staff_page
def split(request: PersonRequest, organisation_id: int) -> HttpResponse:
    """Split an organisation: some of its members go to a new one."""
    organisation = _get(request, organisation_id)
    rows = list_own_members(organisation.pk, request.today)
    members = [(row.member_id, f"{row.member.name} {row.member.number}") for row in rows]
    form = SplitForm(sent(request), members=members, today=request.today)

    def do(data: dict[str, Any]) -> Transfer:
        return split_organisation(
            organisation_id=organisation.pk,
            code=data["code"],
            name=data["name"],
            member_ids=data["members"],
            on=data["on"],
            **acting(request),
        )

    def effects(done: Transfer) -> list[str]:
        values = {
            "name": done.target.name,
            "code": done.target.code,
            "old": done.source.name,
            "day": format_day(form.cleaned_data["on"]),
        }
        return [
            _("%(name)s (%(code)s) is founded beside %(old)s from %(day)s on.") % values,
            _going(len(done.members), done.target),
            *posts_ended(done.posts),
            *sessions_ended(done.posts),
            _past_stays(),
        ]

    title = _("Split %(name)s") % {"name": organisation.name}
    texts = (title, _("Split the organisation"), _("The split is recorded."))
    return _answer(request, organisation, form, do=do, effects=effects, texts=texts)


@read_or_write
@staff_page
def merge(request: PersonRequest, organisation_id: int) -> HttpResponse:
    """Merge an organisation into another one."""
    organisation = _get(request, organisation_id)
    form = MergeForm(sent(request), user=request.user, today=request.today)

    def do(data: dict[str, Any]) -> Transfer:
        return merge_organisations(
            organisation_id=organisation.pk,
            into_id=data["into"].pk,
            on=data["on"],
            **acting(request),
        )

    def effects(done: Transfer) -> list[str]:
        values = {
            "name": done.source.name,
            "into": done.target.name,
            "day": format_day(form.cleaned_data["on"]),
        }
        sentences = [
            _("%(name)s goes over into %(into)s; %(day)s is the first day without it.") % values,
            _going(len(done.members), done.target),
        ]
        if done.children:
            sentences.append(
                ngettext(
                    "%(n)d organisation directly below goes along: %(names)s.",
                    "%(n)d organisations directly below go along: %(names)s.",
                    len(done.children),
                )
                % {"n": len(done.children), "names": _(", ").join(map(str, done.children))}
            )
        return [*sentences, *posts_ended(done.posts), *sessions_ended(done.posts), _past_stays()]

    title = _("Merge %(name)s into another") % {"name": organisation.name}
    texts = (title, _("Merge the organisations"), _("The merger is recorded."))
    return _answer(request, organisation, form, do=do, effects=effects, texts=texts)


@read_or_write
@staff_page
def close(request: PersonRequest, organisation_id: int) -> HttpResponse:
    """Close an organisation without members."""
    organisation = _get(request, organisation_id)
    form = DatedForm(sent(request), today=request.today)

    def do(data: dict[str, Any]) -> list[Post]:
        return close_organisation(organisation_id=organisation.pk, on=data["on"], **acting(request))

    def effects(posts: list[Post]) -> list[str]:
        values = {"name": organisation.name, "day": format_day(form.cleaned_data["on"])}
        sentence = _("%(name)s is closed; %(day)s is the first day without it.") % values
        return [sentence, *posts_ended(posts), *sessions_ended(posts), _past_stays()]

    title = _("Close %(name)s") % {"name": organisation.name}
    texts = (title, _("Close the organisation"), _("The closing is recorded."))
    return _answer(request, organisation, form, do=do, effects=effects, texts=texts)


def _get(request: PersonRequest, organisation_id: int) -> Organisation:
    """A visible organisation, if the person may edit it. Raises Http404, PermissionDenied."""
    visible = Organisation.objects.visible_to(request.user, request.today)
    organisation = get_object_or_404(visible, pk=organisation_id)
    if not keeps_network(request.user):
        raise PermissionDenied
    return organisation


def _place(organisation: Organisation) -> Placement | None:
    """Its current or future place."""
    last = organisation.placements.filter(period__endswith__isnull=True)
    return last.select_related("organisation", "township").first()


def _answer(
    request: PersonRequest,
    organisation: Organisation,
    form: IdempotentForm,
    *,
    do: Callable[[dict[str, Any]], Any],
    effects: Callable[[Any], list[str]],
    texts: tuple[str, str, str],
) -> HttpResponse:
    """Form and confirmation of an action; `texts` are title, button and success message."""
    title, submit_label, done = texts
    on: date = request.today
    path = [*list_path(request.user, organisation, on, on), organisation]
    steps = Confirmation(
        form=form,
        do=do,
        effects=effects,
        refusals=(SchoolsError,),
        location=address_of(organisation),
        page={
            "title": title,
            "submit_label": submit_label,
            "done": done,
            "cancel_url": address_of(organisation),
            "crumbs": crumbs_to(path, title),
        },
    )
    return confirm_action(request, steps)


def _along(n: int) -> list[str]:
    if not n:
        return []
    label = ngettext(
        "%(n)d organisation below goes along.", "%(n)d organisations below go along.", n
    )
    return [label % {"n": n}]


def _members(n: int) -> str:
    label = ngettext(
        "%(n)d member stays in the own organisation and goes along with it.",
        "%(n)d members stay in their organisations and go along with them.",
        n,
    )
    return label % {"n": n}


def _going(n: int, target: Organisation) -> str:
    label = ngettext(
        "%(n)d member belongs to %(name)s from that day on.",
        "%(n)d members belong to %(name)s from that day on.",
        n,
    )
    return label % {"n": n, "name": target.name}


def _past_stays() -> str:
    return _("What is recorded for earlier days, and the figures of past years, stay as they are.")
