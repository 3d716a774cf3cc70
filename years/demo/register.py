"""Stores the demo's register: members, memberships, posts and exemptions."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from config.lib.copying import copy_rows
from config.lib.encryption import encrypt, fingerprint
from config.lib.names import pinyin_forms
from config.lib.periods import at_local, period
from schools.demo import DemoPlan, DemoSchools
from schools.demo.network import SCHOOLS_SINCE
from trainees.demo.people import Person, resident_ids
from trainees.demo.posts import PostRow
from trainees.enums import MembershipStatus
from trainees.models import Exemption, Member, Membership, Post

# No operator issues numbers that begin with 100: those short codes are for service lines.
NOBODYS_PHONES = "100"
# Chance of a phone number, up to an age.
_PHONES = ((60, 0.92), (75, 0.6), (200, 0.2))


def store_members(plan: DemoPlan, people: list[Person], users: dict[int, int]) -> None:
    """Store the members; `users` has the account ids of the few members with one."""
    copy_rows(
        Member,
        [
            "id", "number", "user_id", "name", "name_pinyin", "name_initials", "sex", "birth_date",
            "phone", "resident_id_encrypted", "resident_id_fingerprint", "joined_on",
            "full_member_on",
        ],
        _member_cells(plan, people, users),
    )  # fmt: skip


def _member_cells(
    plan: DemoPlan, people: list[Person], users: dict[int, int]
) -> Iterator[tuple[Any, ...]]:
    rng = plan.rng("phones")
    for serial, (person, number) in enumerate(zip(people, resident_ids(people), strict=True), 1):
        chance = next(chance for age, chance in _PHONES if person.age <= age)
        phone = f"{NOBODYS_PHONES}{serial:08d}" if rng.random() < chance else ""
        yield (
            person.id, person.number, users.get(person.id), person.name,
            *pinyin_forms(person.name), person.sex.value, person.born, phone,
            encrypt(number), fingerprint(number), person.joined_on, person.full_member_on,
        )  # fmt: skip


def store_memberships(schools: DemoSchools, people: list[Person], posts: list[PostRow]) -> None:
    """Store memberships, posts and exemptions."""
    organisations = schools.organisations
    copy_rows(
        Membership,
        ["member_id", "organisation_id", "membership_status", "period", "recorded_at"],
        (
            (
                p.id,
                organisations[place].id,
                status.value,
                period(start, end),
                _recorded(start),
            )
            for p in people
            for place, status, start, end in _memberships(p)
        ),
    )
    copy_rows(
        Post,
        ["member_id", "organisation_id", "kind", "period", "recorded_at"],
        (
            (
                post.person.id,
                organisations[post.organisation].id,
                post.kind.value,
                period(post.since, post.until),
                _recorded(post.since),
            )
            for post in posts
        ),
    )
    copy_rows(
        Exemption,
        ["member_id", "category", "period", "recorded_at"],
        (
            (p.id, p.exempt.value, period(p.exempt_from), _recorded(p.exempt_from))
            for p in people
            if p.exempt and p.exempt_from
        ),
    )


def _memberships(person: Person) -> Iterator[tuple[int, MembershipStatus, date, date | None]]:
    """One row, or two if the member was transferred or lost normal membership status."""
    yield person.branch, MembershipStatus.NORMAL, person.since, person.left_on or person.moved_on
    if person.left_on:
        yield person.branch, person.membership_status, person.left_on, None
    elif person.moved_on and person.moved_to is not None:
        yield person.moved_to, MembershipStatus.NORMAL, person.moved_on, None


def _recorded(start: date) -> datetime:
    """The recording time: on the first day, or when the network began its register."""
    return at_local(max(start, SCHOOLS_SINCE), 9)
