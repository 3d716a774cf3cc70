"""A member's dated facts: transfers, membership status, posts, exemptions; corrections.

A dated fact is never edited: one row ends on a day and another begins. Ledger entries of earlier
days keep the organisation and school of those days.
"""

from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from accounts.audit import facts_of, record_act
from accounts.interests import refuse_own_rows
from accounts.models import User
from accounts.origin import Actor
from accounts.records import RecordError, save_record
from config.lib.dates import format_day
from config.lib.periods import first_day, in_force, local_date, period
from schools.actions.tree import lock_tree
from schools.models import Organisation
from schools.queries.open_years import refuse_settled_since
from trainees.enums import ExemptionCategory, MembershipStatus, PostKind
from trainees.errors import MemberFactError
from trainees.models import Exemption, Member, Membership, Post
from trainees.records import end_codes_of_secretary, end_sessions_of_secretary, save_member

# Fields in the audit entry of a membership that another one follows.
_FOLLOWED = ["organisation", "membership_status", "period"]


@dataclass(frozen=True)
class Followed:
    """A membership, the one that follows it, and the posts that end with it."""

    former: Membership
    following: Membership
    posts: list[Post]


def transfer_member(
    *, member_id: int, organisation: Organisation, on: date, by: Actor, at: datetime
) -> Followed:
    """The member belongs to `organisation` from the day `on`, with the same membership status.

    The current membership and the posts in the former organisation end on the day before. The new
    membership has the last day of the old one. Raises MemberFactError if that is not possible,
    naming the field.
    """
    with transaction.atomic():
        refuse_settled_day(on, at)
        lock_tree()
        member = lock_member(member_id, by)
        present = _membership_on(member, on)
        if organisation.pk == present.organisation_id:
            raise MemberFactError(
                _("The member belongs to this organisation on that day."), "organisation"
            )
        refuse_outside(organisation, period(on, present.period.upper))
        posts = list(
            Post.objects.select_for_update()
            .filter(period__overlap=period(on))
            .filter(member=member, organisation=present.organisation_id)
            .order_by("kind", "pk")
        )
        if any(first_day(post.period) >= on for post in posts):
            raise MemberFactError(
                _("A post in the organisation that is left begins on that day or later."),
                "on",
            )
        for post in posts:
            _end_post(post, on, by, at)
        following = _follow(
            present,
            on=on,
            organisation=organisation,
            membership_status=present.membership_status,
            act="transfer_member",
            by=by,
            at=at,
        )
    return Followed(present, following, posts)


def change_membership_status(
    *, member_id: int, membership_status: MembershipStatus, on: date, by: Actor, at: datetime
) -> Followed:
    """Change the member's membership status in the same organisation from the day `on`.

    Raises MemberFactError if that is not possible, naming the field.
    """
    with transaction.atomic():
        refuse_settled_day(on, at)
        member = lock_member(member_id, by)
        present = _membership_on(member, on)
        if present.membership_status == membership_status:
            raise MemberFactError(
                _("This is the standing on that day already."), "membership_status"
            )
        following = _follow(
            present,
            on=on,
            organisation=present.organisation,
            membership_status=membership_status,
            act="change_membership_status",
            by=by,
            at=at,
        )
    return Followed(present, following, [])


def appoint_to_post(
    *,
    member_id: int,
    organisation: Organisation,
    kind: PostKind,
    on: date,
    by: Actor,
    at: datetime,
) -> Post:
    """The member holds a post in `organisation` from the day `on`, until it is ended.

    A secretary's open codes end. Raises MemberFactError if that is not possible, naming the field.
    """
    with transaction.atomic():
        refuse_settled_day(on, at)
        lock_tree()
        member = lock_member(member_id, by)
        _membership_on(member, on)
        refuse_outside(organisation, period(on))
        same = Post.objects.filter(member=member, organisation=organisation, kind=kind)
        if same.filter(period__overlap=period(on)).exists():
            raise MemberFactError(
                _("The member holds this post there on that day or later already."), "on"
            )
        if kind == PostKind.SECRETARY:
            refuse_second_secretary(organisation, on)
        post = Post.objects.create(
            member=member,
            organisation=organisation,
            kind=kind,
            period=period(on),
            recorded_at=at,
        )
        end_codes_of_secretary(post)
        record_act(act="appoint_to_post", obj=post, by=by, at=at, after=facts_of(post))
        return post


def refuse_second_secretary(organisation: Organisation, on: date) -> None:
    """An organisation has one secretary at a time: the post is a role. The tree is locked."""
    others = Post.objects.filter(
        organisation=organisation, kind=PostKind.SECRETARY, period__overlap=period(on)
    )
    other = others.select_related("member").first()
    if other is not None:
        raise MemberFactError(
            _("%(name)s is secretary there. End that post first.") % {"name": other.member.name},
            "organisation",
        )


def end_post(*, member_id: int, post_id: int, on: date, by: Actor, at: datetime) -> Post:
    """The member no longer holds the post from the day `on`.

    A secretary's open sessions end. Raises MemberFactError if that is not possible.
    """
    with transaction.atomic():
        refuse_settled_day(on, at)
        lock_member(member_id, by)
        post = Post.objects.select_for_update().get(pk=post_id, member_id=member_id)
        end = post.period.upper
        if end is not None and end <= on:
            raise MemberFactError(_("The post has ended by that day."), "on")
        if on <= first_day(post.period):
            raise MemberFactError(
                _("The post begins on %(day)s: name a later day. %(slip)s")
                % {"day": format_day(first_day(post.period)), "slip": where_slips_go()},
                "on",
            )
        _end_post(post, on, by, at)
        return post


def grant_exemption(
    *, member_id: int, category: ExemptionCategory, days: DateRange, by: Actor, at: datetime
) -> Exemption:
    """The member owes nothing on these days (Regulation art. 23): a category, no diagnosis.

    Raises MemberFactError if that is not possible, naming the field.
    """
    start = first_day(days)
    with transaction.atomic():
        refuse_settled_day(start, at)
        member = lock_member(member_id, by)
        _membership_on(member, start)
        other = member.exemptions.filter(period__overlap=days).order_by("period").first()
        if other is not None:
            raise MemberFactError(
                _("The member is exempt from %(day)s on already: end that exemption first.")
                % {"day": format_day(first_day(other.period))},
                "on",
            )
        exemption = Exemption.objects.create(
            member=member, category=category, period=days, recorded_at=at
        )
        record_act(act="grant_exemption", obj=exemption, by=by, at=at, after=facts_of(exemption))
        return exemption


def end_exemption(
    *, member_id: int, exemption_id: int, on: date, by: Actor, at: datetime
) -> Exemption:
    """The exemption ends; `on` is the first day without it.

    Raises MemberFactError if that is not possible.
    """
    with transaction.atomic():
        refuse_settled_day(on, at)
        lock_member(member_id, by)
        rows = Exemption.objects.select_for_update()
        exemption = rows.get(pk=exemption_id, member_id=member_id)
        end = exemption.period.upper
        if end is not None and end <= on:
            raise MemberFactError(_("The exemption has ended by that day."), "on")
        start = first_day(exemption.period)
        if on <= start:
            raise MemberFactError(
                _("The exemption begins on %(day)s: name a later day. %(slip)s")
                % {"day": format_day(start), "slip": where_slips_go()},
                "on",
            )
        before = facts_of(exemption, ["period"])
        exemption.period, exemption.recorded_at = period(start, on), at
        exemption.save(update_fields=["period", "recorded_at"])
        record_act(
            act="end_exemption",
            obj=exemption,
            by=by,
            at=at,
            before=before,
            after=facts_of(exemption, ["period"]),
        )
        return exemption


def record_full_membership(*, member_id: int, on: date, by: Actor, at: datetime) -> bool:
    """Record that probation ended on the day `on`. Returns whether anything was written.

    Raises MemberFactError for a day in the future or before joining, and for a member who is
    already full: `correct_days` corrects that day.
    """
    if on > local_date(at):
        raise MemberFactError(_("This day lies ahead."), "on")
    with transaction.atomic():
        member = lock_member(member_id, by)
        if member.full_member_on:
            raise MemberFactError(
                _(
                    "A full member since %(day)s already. A day that is wrong is corrected on the "
                    "register card, with the reason."
                )
                % {"day": format_day(member.full_member_on)},
                "on",
            )
        if member.joined_on and on < member.joined_on:
            raise MemberFactError(
                _("The member joined the Party on %(day)s: name a later day.")
                % {"day": format_day(member.joined_on)},
                "on",
            )
        member.full_member_on = on
        return save_member(obj=member, by=by, fields=["full_member_on"])


def correct_days(
    *,
    member_id: int,
    joined_on: date | None,
    full_member_on: date | None,
    reason: str,
    seen: str,
    by: Actor,
    at: datetime,
) -> Member:
    """Correct the days of joining and of full membership; the audit trail stores the reason.

    None is a day that is not known. `seen` is their state when the form was opened. Returns the
    member. Raises MemberFactError, naming the field.
    """
    days = {"joined_on": joined_on, "full_member_on": full_member_on}
    for name, day in days.items():
        if day and day > local_date(at):
            raise MemberFactError(_("This day lies ahead."), name)
    if not reason.strip():
        raise MemberFactError(_("Say why."), "reason")
    with transaction.atomic():
        member = lock_member(member_id, by)
        for name, day in days.items():
            if day and day <= member.birth_date:
                raise MemberFactError(_("This day is before the date of birth."), name)
            setattr(member, name, day)
        notes = {"reason": reason.strip()}
        try:
            if not save_member(obj=member, by=by, fields=list(days), seen=seen, notes=notes):
                raise MemberFactError(_("These are the days on record already."), "joined_on")
        except RecordError as error:
            raise MemberFactError(error.message, error.field) from error
        return member


def correct_member(*, member: Member, name: str, phone: str, by: Actor, seen: str) -> bool:
    """Correct name and phone. `seen` is their state when the form was opened.

    Raises MemberFactError if somebody else changed them meanwhile, or a value cannot be stored.
    """
    member.name = name
    return _save_contact(member, ["name", "phone"], phone, by, seen)


def correct_phone(*, member: Member, phone: str, by: Actor, seen: str) -> bool:
    """Correct only the phone. Raises MemberFactError like `correct_member`."""
    return _save_contact(member, ["phone"], phone, by, seen)


def _save_contact(member: Member, fields: list[str], phone: str, by: Actor, seen: str) -> bool:
    """Save the fields. The account's sign-in phone changes too, unless another account has it."""
    former = member.phone
    member.phone = phone
    try:
        with transaction.atomic():
            changed = save_member(obj=member, by=by, fields=fields, seen=seen)
            user = member.user
            is_free = not User.objects.filter(phone=phone).exclude(member=member).exists()
            if user is not None and (user.phone or "") == former != phone and is_free:
                user.phone = phone or None
                save_record(obj=user, by=by, fields=["phone"])
            return changed
    except RecordError as error:
        raise MemberFactError(error.message) from error


def where_slips_go() -> str:
    """How to remove a dated fact entered by mistake: it cannot end on its first day.

    `DatedAdmin.may_be_deleted` is the rule.
    """
    return _(
        "If it was entered by mistake: on the day of its entry, or before it begins, it is deleted "
        "in the administration, among memberships, posts or exemptions."
    )


def refuse_settled_day(on: date, at: datetime) -> None:
    """Raise MemberFactError for a day of a closed year, because its figures are settled."""
    refuse_settled_since(on, at, partial(MemberFactError, field="on"))


def refuse_outside(organisation: Organisation, days: DateRange) -> None:
    """Raise MemberFactError unless the stored organisation exists on all of the days."""
    exists = Organisation.objects.get(pk=organisation.pk).period
    if first_day(days) not in exists:
        raise MemberFactError(_("This organisation does not exist on that day."), "organisation")
    if exists.upper is not None and (days.upper is None or days.upper > exists.upper):
        raise MemberFactError(
            _("This organisation is closed from %(day)s on: choose one that goes on.")
            % {"day": format_day(exists.upper)},
            "organisation",
        )


def lock_member(member_id: int, by: Actor) -> Member:
    """The member, locked, so that changes of one person's facts happen one after the other.

    Raises MemberFactError for a row of the person who acts.
    """
    refuse_own_rows(by, [member_id], MemberFactError)
    return Member.objects.select_for_update(no_key=True).get(pk=member_id)


def _membership_on(member: Member, day: date) -> Membership:
    """The membership of a day. Raises MemberFactError if there is none."""
    membership = (
        Membership.objects.select_for_update(of=("self",))
        .select_related("organisation")
        .filter(in_force(day), member=member)
        .first()
    )
    if membership is None:
        raise MemberFactError(_("The member belongs to no organisation on that day."), "on")
    return membership


def _follow(
    present: Membership,
    *,
    on: date,
    organisation: Organisation,
    membership_status: str,
    act: str,
    by: Actor,
    at: datetime,
) -> Membership:
    """End `present` with the day before `on`; another membership takes the rest of its days."""
    start, end = first_day(present.period), present.period.upper
    if start == on:
        raise MemberFactError(
            _("The present entry begins on that very day: name a later day. %(slip)s")
            % {"slip": where_slips_go()},
            "on",
        )
    before = facts_of(present, _FOLLOWED)
    present.period, present.recorded_at = period(start, on), at
    present.save(update_fields=["period", "recorded_at"])
    following = Membership.objects.create(
        member=present.member,
        organisation=organisation,
        membership_status=membership_status,
        period=period(on, end),
        recorded_at=at,
    )
    after = facts_of(following, _FOLLOWED)
    record_act(act=act, obj=present.member, by=by, at=at, before=before, after=after)
    return following


def _end_post(post: Post, on: date, by: Actor, at: datetime) -> None:
    before = facts_of(post, ["period"])
    post.period, post.recorded_at = period(first_day(post.period), on), at
    post.save(update_fields=["period", "recorded_at"])
    record_act(
        act="end_post", obj=post, by=by, at=at, before=before, after=facts_of(post, ["period"])
    )
    end_sessions_of_secretary(post)
