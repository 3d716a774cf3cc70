"""Actions on organisations that move members: split, merge, close.

The past stays as it is: memberships and posts end and others follow, each with its days, and ledger
entries keep the organisation of their day.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.audit import AuditSubject, ending_subjects, record_act, record_acts
from accounts.interests import refuse_own_rows
from accounts.origin import Actor
from backstage.confirmations import Blocker
from config.lib.dated_rows import change_from, end_at, from_day_on
from config.lib.pages import address_of
from schools.actions.tree import (
    children_from,
    end_organisation,
    get_current_place,
    insert_organisation,
    lock_tree,
    put_below,
    record_founding,
    record_succession,
    refuse_circle,
    refuse_misfit,
    refuse_past_years,
    school_code_at,
)
from schools.enums import SuccessionKind
from schools.errors import BlockedError, SchoolsError
from schools.models import Organisation
from trainees.models import Member, Membership, Post
from trainees.records import end_sessions_of_secretary

NAMES_SHOWN = 5


@dataclass(frozen=True)
class Transfer:
    """The effects of a split or merger on members and posts."""

    source: Organisation
    target: Organisation
    members: list[Member]
    posts: list[Post]
    children: list[Organisation]


def split_organisation(
    *,
    organisation_id: int,
    code: str,
    name: str,
    member_ids: Collection[int],
    on: date,
    by: Actor,
    at: datetime,
) -> Transfer:
    """Split an organisation: found another one, which the chosen members belong to from `on`.

    It has the same level, higher organisation and place. The posts that these members hold in the
    old organisation end. Raises SchoolsError.
    """
    refuse_past_years(on, at)
    with transaction.atomic():
        lock_tree()
        place = get_current_place(organisation_id, on)
        if place.parent is None or place.township is None:
            raise SchoolsError(_("The district committee is not split."))
        refuse_own_rows(by, member_ids, SchoolsError)
        founded = insert_organisation(
            code=code,
            name=name,
            kind=place.organisation.kind,
            parent=get_current_place(place.parent.pk, on, field="parent"),
            township=place.township,
            village=place.village,
            on=on,
        )
        record_founding(founded, place.parent, on, by=by, at=at)
        rows = _memberships(organisation_id, on, member__in=member_ids)
        members = [row.member for row in rows]
        if not members or {member.pk for member in members} != set(member_ids):
            raise SchoolsError(
                _("Choose members who belong here on this day; load the page again."),
                field="members",
            )
        posts = _posts(organisation_id, on, member__in=member_ids)
        _record_moves(rows, founded, on, by=by, at=at)
        change_from(rows, on, organisation=founded, recorded_at=at)
        end_posts(posts, on, by, at)
        record_succession(place.organisation, founded, SuccessionKind.SPLIT, on)
        record_act(
            act="split_organisation",
            obj=place.organisation,
            by=by,
            at=at,
            after={
                "on": on,
                "founded": founded.code,
                "name": founded.name,
                "members": [member.number for member in members],
                "posts_ended": [post.pk for post in posts],
            },
            school_code=school_code_at(place, on),
        )
    return Transfer(place.organisation, founded, members, posts, [])


def merge_organisations(
    *, organisation_id: int, into_id: int, on: date, by: Actor, at: datetime
) -> Transfer:
    """Merge an organisation into another: the day `on` is the first one without it.

    Its members and the organisations below it go to the other one; posts held in it end. Raises
    SchoolsError.
    """
    refuse_past_years(on, at)
    with transaction.atomic():
        lock_tree()
        place = get_current_place(organisation_id, on)
        into = get_current_place(into_id, on, field="into")
        if place.parent is None:
            raise SchoolsError(_("The district committee is not merged."))
        refuse_circle(organisation_id, into.organisation, on, field="into")
        children = list(children_from(organisation_id, on))
        for child in children:
            refuse_misfit(child.organisation.kind, into, field="into")
        rows = _memberships(organisation_id, on)
        posts = _posts(organisation_id, on)
        put_below(children, into, on)
        _record_moves(rows, into.organisation, on, by=by, at=at)
        change_from(rows, on, organisation=into.organisation, recorded_at=at)
        end_posts(posts, on, by, at)
        end_organisation(place, on, by=by, at=at)
        record_succession(place.organisation, into.organisation, SuccessionKind.MERGER, on)
        members = [row.member for row in rows]
        record_act(
            act="merge_organisations",
            obj=place.organisation,
            by=by,
            at=at,
            after={
                "on": on,
                "into": into.organisation.code,
                "members": [member.number for member in members],
                "organisations": [child.organisation.code for child in children],
                "posts_ended": [post.pk for post in posts],
            },
            school_code=school_code_at(place, on),
        )
    moved = [child.organisation for child in children]
    return Transfer(place.organisation, into.organisation, members, posts, moved)


def close_organisation(*, organisation_id: int, on: date, by: Actor, at: datetime) -> list[Post]:
    """Close an organisation: the day `on` is the first one without it. Returns the posts ended.

    Raises SchoolsError, and BlockedError if it has members or lower organisations on that day or
    later.
    """
    refuse_past_years(on, at)
    with transaction.atomic():
        lock_tree()
        place = get_current_place(organisation_id, on)
        if place.parent is None:
            raise SchoolsError(_("The district committee is not closed."))
        _refuse_blocked(place.organisation, on)
        posts = _posts(organisation_id, on)
        end_posts(posts, on, by, at)
        end_organisation(place, on, by=by, at=at)
        record_act(
            act="close_organisation",
            obj=place.organisation,
            by=by,
            at=at,
            after={"on": on, "posts_ended": [post.pk for post in posts]},
            school_code=school_code_at(place, on),
        )
    return posts


def _refuse_blocked(organisation: Organisation, on: date) -> None:
    """Raise BlockedError if members or lower organisations would be left behind."""
    blockers = []
    names = [row.member.name for row in _memberships(organisation.pk, on)]
    if names:
        label = ngettext(
            "%(n)d member still belongs here: %(names)s. Transfer this member, or merge instead.",
            "%(n)d members still belong here: %(names)s. Transfer them, or merge instead.",
            len(names),
        )
        address = f"{address_of('members')}?{urlencode({'organisation': organisation.code})}"
        blockers.append(Blocker(label % {"n": len(names), "names": _some(names)}, address))
    below = [child.organisation.name for child in children_from(organisation.pk, on)]
    if below:
        label = ngettext(
            "%(n)d organisation still stands below: %(names)s. Move or merge it first.",
            "%(n)d organisations still stand below: %(names)s. Move or merge them first.",
            len(below),
        )
        address = reverse("trainees:organisation", args=[organisation.pk])
        blockers.append(Blocker(label % {"n": len(below), "names": _some(below)}, address))
    if blockers:
        raise BlockedError(_("Something in this organisation is to be settled first."), blockers)


def count_moving(organisation_ids: Collection[int], on: date) -> int:
    """How many members belong to these organisations on the day `on`."""
    rows = Membership.objects.filter(from_day_on(on), organisation__in=organisation_ids)
    return rows.values("member").distinct().count()


def _memberships(organisation_id: int, on: date, **which: object) -> list[Membership]:
    """Memberships on the day `on` or later; locks their members in ascending order, as rolls do."""
    rows = Membership.objects.filter(from_day_on(on), organisation=organisation_id, **which)
    members = Member.objects.filter(pk__in=rows.values("member"))
    list(members.order_by("pk").select_for_update(no_key=True).values_list("pk"))
    return list(rows.select_related("member").order_by("member__name_pinyin", "member", "period"))


def _posts(organisation_id: int, on: date, **which: object) -> list[Post]:
    rows = Post.objects.filter(from_day_on(on), organisation=organisation_id, **which)
    return list(rows.select_related("member").order_by("kind", "pk"))


def _record_moves(
    rows: Sequence[Membership], other: Organisation, on: date, *, by: Actor, at: datetime
) -> None:
    """Write an audit entry for each member, found by the member's own number and name."""
    members = {row.member_id: (row.member, row.organisation_id) for row in rows}
    after = {"organisation": other.pk, "on": on}
    subjects = (
        AuditSubject(Member, pk, member.name, {"organisation": former}, after)
        for pk, (member, former) in members.items()
    )
    record_acts(act="transfer_member", subjects=subjects, by=by, at=at)


def end_posts(posts: Sequence[Post], on: date, by: Actor, at: datetime) -> None:
    """End posts, each with an entry, and the open sessions of those who are secretaries.

    Raises SchoolsError for a post of the person who acts.
    """
    refuse_own_rows(by, [post.member_id for post in posts], SchoolsError)
    record_acts(act="end_post", subjects=ending_subjects(posts, on), by=by, at=at)
    end_at(posts, on)
    for post in posts:
        end_sessions_of_secretary(post)


def _some(names: list[str]) -> str:
    """The first few names, and how many more."""
    shown = _(", ").join(names[:NAMES_SHOWN])
    return f"{shown} … +{len(names) - NAMES_SHOWN}" if names[NAMES_SHOWN:] else shown
