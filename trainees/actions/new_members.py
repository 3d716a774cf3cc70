"""One member at a time is added to the register, without a file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import facts_of, record_act
from accounts.origin import Actor
from accounts.records import RecordError
from config.lib.encryption import fingerprint
from config.lib.periods import local_date, period
from config.lib.resident_ids import birth_date_of, clean_resident_id, sex_of
from schools.actions.tree import lock_tree
from schools.models import Organisation
from trainees.actions.people import refuse_outside, refuse_settled_day
from trainees.enums import MembershipStatus
from trainees.errors import MemberFactError
from trainees.models import Member, Membership
from trainees.queries.numbers import numbers_for
from trainees.records import save_member


@dataclass(frozen=True)
class PersonFacts:
    """What a form says about a new member. The ID number says sex and date of birth."""

    name: str
    resident_id: str
    phone: str = ""
    joined_on: date | None = None
    full_member_on: date | None = None


def add_member(
    *,
    facts: PersonFacts,
    organisation: Organisation,
    membership_status: MembershipStatus,
    on: date,
    by: Actor,
    at: datetime,
) -> Membership:
    """A new member belongs to `organisation` from the day `on`, and owes from that day.

    The number is drawn, as for a new member in a register. Raises MemberFactError if that is not
    possible, naming the field.
    """
    with transaction.atomic():
        refuse_day_ahead(on, at)
        lock_tree()
        refuse_outside(organisation, period(on))
        try:
            resident_id = clean_resident_id(facts.resident_id)
        except ValidationError as error:
            raise MemberFactError(error.messages[0], "resident_id") from error
        _refuse_known(resident_id)
        _refuse_days(facts, birth_date_of(resident_id), on, at)
        member = Member(
            number=numbers_for([(organisation.pk, "")], on)[0],
            name=facts.name,
            sex=sex_of(resident_id),
            birth_date=birth_date_of(resident_id),
            phone=facts.phone,
            joined_on=facts.joined_on,
            full_member_on=facts.full_member_on,
        )
        try:
            save_member(obj=member, by=by, fields=[], resident_id=resident_id)
        except RecordError as error:
            raise MemberFactError(error.message, error.field) from error
        membership = Membership(
            member=member,
            organisation=organisation,
            membership_status=membership_status,
            period=period(on),
        )
        return begin_membership(membership, act="add_member", by=by, at=at)


def begin_membership(membership: Membership, *, act: str, by: Actor, at: datetime) -> Membership:
    """Store the membership of a member who belonged nowhere, with its audit entry."""
    membership.recorded_at = at
    membership.save()
    after = facts_of(membership, ["organisation", "membership_status", "period"])
    record_act(act=act, obj=membership.member, by=by, at=at, after=after)
    return membership


def refuse_day_ahead(on: date, at: datetime) -> None:
    """Like a register: a day of this year up to today."""
    refuse_settled_day(on, at)
    if on > local_date(at):
        raise MemberFactError(_("This day lies ahead: record it once it has come."), "on")


def _refuse_known(resident_id: str) -> None:
    """Raise MemberFactError without saying who it is, as an import would not say it either."""
    if Member.objects.filter(resident_id_fingerprint=fingerprint(resident_id)).exists():
        raise MemberFactError(
            _(
                "A member with this ID number is on the register already. Look them up by name: "
                "who belongs elsewhere is transferred, who has left is taken in again, both on "
                "the register card."
            ),
            "resident_id",
        )


def _refuse_days(facts: PersonFacts, birth_date: date, on: date, at: datetime) -> None:
    joined, full = facts.joined_on, facts.full_member_on
    if joined and joined <= birth_date:
        raise MemberFactError(_("This day is before the date of birth."), "joined_on")
    if joined and joined > on:
        raise MemberFactError(
            _("Nobody belongs to an organisation before joining the Party."), "joined_on"
        )
    if full and full > local_date(at):
        raise MemberFactError(_("This day lies ahead."), "full_member_on")
    if full and joined and full < joined:
        raise MemberFactError(
            _("Nobody is a full member before joining the Party."), "full_member_on"
        )
    if full and full <= birth_date:
        raise MemberFactError(_("This day is before the date of birth."), "full_member_on")
