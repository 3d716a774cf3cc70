"""Members who leave (death, expulsion, removal, resignation, transfer out), and who come back.

Membership, posts and exemptions end on that day. Nobody is judged after it. A departure recorded by
mistake is taken back within its year, and what it ended is as it was before.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.audit import facts_of, record_act
from accounts.models import User
from accounts.origin import Actor, person_of
from accounts.records import set_active
from config.lib.asking import ask
from config.lib.dated_rows import end_at, from_day_on
from config.lib.dates import format_day
from config.lib.periods import first_day, in_force, local_date, period
from instructors.models import Instructor
from schools.actions.tree import lock_tree
from schools.models import Organisation
from trainees.actions.new_members import begin_membership, refuse_day_ahead
from trainees.actions.organisations import end_posts
from trainees.actions.people import (
    lock_member,
    refuse_outside,
    refuse_second_secretary,
    refuse_settled_day,
    where_slips_go,
)
from trainees.enums import DepartureKind, MembershipStatus, PostKind
from trainees.errors import MemberFactError
from trainees.models import Departure, Exemption, Member, Membership, Post
from trainees.records import end_codes_of_secretary
from trainees.signals import member_leaving

_FACTS: tuple[type[Model], ...] = (Membership, Post, Exemption)
_COLUMNS = ("organisation_id", "membership_status", "kind", "category")
_RECORDED = ["member", "organisation", "kind", "left_on", "document"]


@dataclass(frozen=True)
class Left:
    """A departure, what ended with it, and what the apps above say of their rows."""

    departure: Departure
    membership: Membership
    posts: list[Post]
    exemptions: list[Exemption]
    keeps_account: bool
    sentences: list[str]

    @property
    def is_disabled(self) -> bool:
        """Whether the account was disabled."""
        return "account" in self.departure.ended


@dataclass(frozen=True)
class TakenBack:
    """A departure that was taken back; `left_out` says why something is not restored."""

    departure: Departure
    left_out: list[str] = field(default_factory=list)


def record_departure(
    *, member_id: int, kind: DepartureKind, on: date, document: str, by: Actor, at: datetime
) -> Left:
    """The member belongs to no organisation of the district from the day `on`.

    Memberships, posts and exemptions end; those that would begin later are deleted. The account is
    disabled, unless it holds a granted role or is a lecturer's: the security administrator decides
    on those. Raises MemberFactError if that is not possible, naming the field.
    """
    user = person_of(by)
    with transaction.atomic():
        refuse_day_ahead(on, at)
        lock_tree()
        # The apps above lock classes and sessions, which comes before the member everywhere.
        sentences = _let_end(member_id, kind, on, by, at)
        member = lock_member(member_id, by)
        membership = _membership_to_end(member, on)
        ended: dict[str, Any] = {}
        rows = {model: _find_ending(model, member, on, ended) for model in _FACTS}
        end_posts(rows[Post], on, by, at)
        for post in rows[Post]:
            end_codes_of_secretary(post)
        end_at(rows[Membership], on)
        end_at(rows[Exemption], on)
        keeps_account = member.user is not None and _is_of_staff(member.user, local_date(at))
        if not keeps_account:
            _disable_account(member, ended, by, at)
        departure = Departure.objects.create(
            member=member,
            organisation=membership.organisation,
            kind=kind,
            left_on=on,
            document=document.strip(),
            recorded_at=at,
            recorded_by=user,
            ended=ended,
        )
        posts: list[Any] = rows[Post]
        after = facts_of(departure, _RECORDED) | {"posts_ended": [post.pk for post in posts]}
        record_act(act="record_departure", obj=departure, by=by, at=at, after=after)
    return Left(departure, membership, posts, rows[Exemption], keeps_account, sentences)


def take_back_departure(*, departure_id: int, reason: str, by: Actor, at: datetime) -> TakenBack:
    """The departure was recorded by mistake: what it ended goes on as it was.

    A post as secretary that somebody else holds by now stays ended. Raises Departure.DoesNotExist,
    and MemberFactError once the year is over or something recorded since stands in the way.
    """
    with transaction.atomic():
        lock_tree()
        departure = Departure.objects.select_for_update().get(pk=departure_id)
        member = lock_member(departure.member_id, by)
        if departure.taken_back_at is not None:
            raise MemberFactError(_("This departure has been taken back meanwhile."))
        refuse_settled_day(departure.left_on, at)
        if not reason.strip():
            raise MemberFactError(_("Say why."), "reason")
        _refuse_belonging_again(member, departure.left_on)
        left_out = _restore(member, departure, at)
        _enable_account(departure, member, by, at)
        departure.taken_back_at, departure.taken_back_by = at, person_of(by)
        departure.why_taken_back = reason.strip()
        departure.save(update_fields=["taken_back_at", "taken_back_by", "why_taken_back"])
        after = facts_of(departure, _RECORDED) | {"reason": departure.why_taken_back}
        record_act(act="take_back_departure", obj=departure, by=by, at=at, after=after)
    return TakenBack(departure, left_out)


def return_member(
    *,
    member_id: int,
    organisation: Organisation,
    membership_status: MembershipStatus,
    on: date,
    by: Actor,
    at: datetime,
) -> Membership:
    """A member who has left belongs to `organisation` from the day `on`.

    An account that was disabled when the member left is enabled again. Raises MemberFactError if
    that is not possible, naming the field.
    """
    with transaction.atomic():
        refuse_day_ahead(on, at)
        lock_tree()
        member = lock_member(member_id, by)
        refuse_outside(organisation, period(on))
        if member.merged_into_id:
            raise MemberFactError(_("This row was merged into another: take that one in."))
        present = member.memberships.filter(from_day_on(on)).order_by("-period").first()
        if present is not None:
            raise MemberFactError(
                _("The member belongs to an organisation from %(day)s on: name a later day.")
                % {"day": format_day(first_day(present.period))},
                "on",
            )
        departure = member.departures.standing().first()
        if departure is not None:
            _enable_account(departure, member, by, at)
        membership = Membership(
            member=member,
            organisation=organisation,
            membership_status=membership_status,
            period=period(on),
        )
        return begin_membership(membership, act="return_member", by=by, at=at)


def _let_end(member_id: int, kind: DepartureKind, on: date, by: Actor, at: datetime) -> list[str]:
    """Let the apps above end what they hold; returns what they say of it."""
    told = {"member_id": member_id, "on": on, "why": _in_our_language(kind), "by": by, "at": at}
    answers = ask(member_leaving, Departure, **told)
    return [sentence for answer in answers for sentence in answer]


def _in_our_language(kind: DepartureKind) -> str:
    """The reason as the trail of higher apps stores it: in the language of the installation."""
    with translation.override(settings.LANGUAGE_CODE):
        return str(kind.label)


def _membership_to_end(member: Member, on: date) -> Membership:
    """The membership of the day. Raises MemberFactError without one, and if it begins that day."""
    rows = Membership.objects.select_for_update(of=("self",)).select_related("organisation")
    membership = rows.filter(in_force(on), member=member).first()
    if membership is None:
        raise MemberFactError(_("The member belongs to no organisation on that day."), "on")
    if first_day(membership.period) == on:
        raise MemberFactError(
            _("The present entry begins on that very day: name a later day. %(slip)s")
            % {"slip": where_slips_go()},
            "on",
        )
    return membership


def _find_ending(model: type[Model], member: Member, on: date, ended: dict[str, Any]) -> list[Any]:
    """The rows of a member that end on the day `on`; notes in `ended` what they are before."""
    rows: list[Any] = list(model._default_manager.filter(from_day_on(on), member=member))
    ended[model.__name__] = [
        {name: getattr(row, name) for name in _COLUMNS if hasattr(row, name)}
        | {"pk": row.pk, "from": str(row.period.lower), "until": str(row.period.upper or "")}
        for row in rows
    ]
    return rows


def _is_of_staff(user: User, on: date) -> bool:
    held = user.role_grants.filter(from_day_on(on))
    return held.exists() or Instructor.objects.filter(user=user).exists()


def _disable_account(member: Member, ended: dict[str, Any], by: Actor, at: datetime) -> None:
    """Disable the account if it is not yet, and note in `ended` that this was done."""
    if member.user is not None and member.user.is_active:
        ended["account"] = member.user_id
        set_active(user=member.user, is_active=False, by=by, at=at)


def _enable_account(departure: Departure, member: Member, by: Actor, at: datetime) -> None:
    """Enable the account again if it is the one that was disabled with this departure."""
    if member.user is not None and departure.ended.get("account") == member.user_id:
        set_active(user=member.user, is_active=True, by=by, at=at)


def _refuse_belonging_again(member: Member, on: date) -> None:
    later = Membership.objects.filter(from_day_on(on), member=member).order_by("period").first()
    if later is not None:
        raise MemberFactError(
            _("The member belongs to an organisation again from %(day)s on.")
            % {"day": format_day(first_day(later.period))}
        )


def _restore(member: Member, departure: Departure, at: datetime) -> list[str]:
    """Restore what ended as it was; returns what cannot be restored, in sentences."""
    left_out = []
    try:
        with transaction.atomic():
            for model in _FACTS:
                for fact in departure.ended.get(model.__name__, []):
                    row = _restored(model, member, fact)
                    if isinstance(row, Membership):
                        refuse_outside(row.organisation, row.period)
                    if isinstance(row, Post) and (why := _why_ended(row, departure.left_on)):
                        left_out.append(why)
                        continue
                    row.recorded_at = at
                    row.save()
    except IntegrityError as error:
        raise MemberFactError(
            _("Something recorded since stands in the way: look at the register card.")
        ) from error
    return left_out


def _why_ended(post: Post, on: date) -> str:
    """Why a post stays ended: its organisation is closed, or has another secretary by now."""
    try:
        refuse_outside(post.organisation, post.period)
        if post.kind == PostKind.SECRETARY:
            refuse_second_secretary(post.organisation, on)
            end_codes_of_secretary(post)
    except MemberFactError as error:
        facts = {"post": post.get_kind_display(), "organisation": post.organisation.name}
        stays = _("The post of %(post)s of %(organisation)s stays ended.") % facts
        return f"{stays} {error}"
    return ""


def _restored(model: type[Model], member: Member, fact: dict[str, Any]) -> Any:
    """The row as it was, not saved: the stored one with its former days, or a new one."""
    row: Any = model._default_manager.filter(pk=fact["pk"], member=member).first()
    if row is None:
        columns = {name: fact[name] for name in _COLUMNS if name in fact}
        row = model(member=member, **columns)
    until = date.fromisoformat(fact["until"]) if fact["until"] else None
    row.period = period(date.fromisoformat(fact["from"]), until)
    return row
