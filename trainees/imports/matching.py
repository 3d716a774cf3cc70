"""What each row of a register means for stored members: new, changed, transferred, unchanged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from operator import attrgetter
from typing import Any, NamedTuple

from django.db.models import Max, Min, Q

from accounts.records import mask_phone
from backstage.imports.reasons import Problem
from config.lib.names import name_key
from config.lib.periods import period
from config.lib.rows import select_rows, select_value
from schools.models import Organisation
from trainees.enums import MembershipStatus, PostKind, RegisterField, RowKind
from trainees.imports.reasons import Reason
from trainees.imports.rows import RegisterLine
from trainees.models import Departure, Membership, Post

NO_POST = "none"
_FACTS = ("name", "sex", "birth_date", "joined_on", "full_member_on")
_facts_of = attrgetter(*_FACTS)
_DAYS_OF_MEMBERSHIP = frozenset({RegisterField.JOINED_ON.value, RegisterField.FULL_MEMBER_ON.value})

# Hashes of a member's stored data, and of their membership and posts on one day.
_OF_MEMBER = """hashtextextended(ROW(
    m.id, m.number, m.name, m.sex, m.birth_date, m.phone, m.joined_on, m.full_member_on,
    m.resident_id_fingerprint)::text, 0)"""
_OF_MEMBERSHIP = """hashtextextended(ROW(
    ms.id, ms.organisation_id, ms.membership_status, lower(ms.period))::text, 0)"""
_OF_POST = "hashtextextended(ROW(p.id, p.organisation_id, p.kind)::text, 0)"

_REGISTER = f"""
SELECT m.id, m.number, m.name, m.sex, m.birth_date, m.phone, m.joined_on,
       m.full_member_on, m.resident_id_fingerprint AS fingerprint, ms.id AS membership_id,
       ms.organisation_id, ms.membership_status, lower(ms.period) AS starts_on,
       post.held AS posts,
       {_OF_MEMBER} # CASE WHEN ms.id IS NULL THEN 0 ELSE {_OF_MEMBERSHIP} END
       # coalesce(post.digest, 0) AS digest
FROM trainees_member m
LEFT JOIN trainees_membership ms ON ms.member_id = m.id AND ms.period @> %(on)s::date
LEFT JOIN (SELECT member_id, array_agg(p.organisation_id || ' ' || p.kind) AS held,
                  bit_xor({_OF_POST}) AS digest
           FROM trainees_post p WHERE p.period @> %(on)s::date GROUP BY member_id) post
       ON post.member_id = m.id
"""  # noqa: S608 - fixed text, no input
_SOME = """
WHERE m.resident_id_fingerprint = ANY(%(fingerprints)s)
   OR ltrim(m.number, '0') = ANY(%(numbers)s)
"""

_DIGEST = f"""
SELECT coalesce((SELECT bit_xor({_OF_MEMBER}) FROM trainees_member m
                 WHERE m.id = ANY(%(keys)s)), 0)
     # coalesce((SELECT bit_xor({_OF_MEMBERSHIP}) FROM trainees_membership ms
                 WHERE ms.period @> %(on)s::date AND ms.member_id = ANY(%(keys)s)), 0)
     # coalesce((SELECT bit_xor({_OF_POST}) FROM trainees_post p
                 WHERE p.period @> %(on)s::date AND p.member_id = ANY(%(keys)s)), 0)
"""  # noqa: S608 - fixed text, no input


@dataclass(slots=True)
class StoredMember:
    """A stored member, with the membership and posts of one day, and a hash of all of it."""

    id: int
    number: str
    name: str
    sex: str
    birth_date: date
    phone: str
    joined_on: date | None
    full_member_on: date | None
    fingerprint: str
    membership_id: int | None
    organisation_id: int | None
    membership_status: str | None
    starts_on: date | None
    posts: list[str] | None
    digest: int


class _Secretary(NamedTuple):
    holder_id: int
    name: str


@dataclass(slots=True)
class Meaning:
    """What a row means. `changes` has [before, after] by field, in a form that people may see."""

    kind: RowKind
    member: StoredMember | None = None
    changes: dict[str, list[Any]] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def digest_of(keys: Sequence[int], on: date) -> int:
    """The combined digest of these members on a day: it changes if any of them changes."""
    return select_value(_DIGEST, {"keys": list(keys), "on": on})


class Register:
    """The stored members on one day; interprets rows of a register against them."""

    def __init__(self, on: date, lines: Sequence[RegisterLine] | None = None) -> None:
        """Read all members, or those whom `lines` may mean."""
        self._by_fingerprint: dict[str, StoredMember] = {}
        self._by_number: dict[str, StoredMember] = {}
        self._taken: dict[int, RegisterLine] = {}
        values: dict[str, Any] = {"on": on}
        if lines is not None:
            values["fingerprints"] = [line.fingerprint for line in lines if line.fingerprint]
            values["numbers"] = [_plain_number(line.number) for line in lines if line.number]
        some = _SOME if lines is not None else ""
        for member in select_rows(StoredMember, _REGISTER + some, values):
            self._by_fingerprint[member.fingerprint] = member
            self._by_number[_plain_number(member.number)] = member
        later = Membership.objects.filter(period__startswith__gt=on).order_by()
        self._later = dict(later.values_list("member").annotate(Min("period__startswith")))
        left = Departure.objects.filter(taken_back_at=None, left_on__lte=on).order_by()
        self._left = dict(left.values_list("member").annotate(Max("left_on")))
        posts = Post.objects.filter(period__startswith__gte=on)
        self._later_posts = set(posts.values_list("member", "organisation", "kind"))
        self._left_later = {(member, place) for member, place, _kind in self._later_posts}
        lasts = Q(period__upper_inf=True) | Q(period__endswith__gt=on)
        held = Post.objects.filter(lasts, kind=PostKind.SECRETARY).values_list(
            "organisation", "member", "member__name"
        )
        self._secretaries: dict[int | None, _Secretary] = {
            place: _Secretary(member, name) for place, member, name in held
        }
        # New memberships have no end, so they need organisations without a recorded end.
        lasting = Organisation.objects.filter(period__contains=period(on))
        self._lasting = set(lasting.values_list("pk", flat=True))

    def interpret(self, line: RegisterLine) -> Meaning:
        """What the row means. A member matched by an earlier row is refused, not merged."""
        near = self._by_fingerprint.get(line.fingerprint) or self._numbered(line)
        if line.problems:
            return Meaning(RowKind.REFUSED, near, problems=line.problems)
        try:
            member = self._find(line)
        except _Refusal as refusal:
            return Meaning(RowKind.REFUSED, near, problems=(refusal.problem,))
        if member is None:
            return self._add(line)
        if member.membership_id is None and member.id in self._left:
            day = self._left[member.id].isoformat()
            return _refused(member, RegisterField.NAME, Reason.HAS_LEFT, day=day)
        other = self._taken.setdefault(member.id, line)
        if other is not line:
            return _refused(member, RegisterField.NAME, Reason.SAME_MEMBER, row=other.place)
        return self._compare(line, member)

    def _add(self, line: RegisterLine) -> Meaning:
        """What the row of a new member means."""
        if not self._lasts(line.organisation_id):
            return _refused(None, RegisterField.ORGANISATION, Reason.ORGANISATION_ENDS)
        if name := self._secretary_there(line, None):
            return _refused(None, RegisterField.POST, Reason.SECRETARY_THERE, name=name)
        return Meaning(RowKind.NEW)

    def _find(self, line: RegisterLine) -> StoredMember | None:
        """The member whom the row means, or None for a new one. Raises _Refusal."""
        numbered = self._numbered(line)
        if line.fingerprint:
            member = self._by_fingerprint.get(line.fingerprint)
            if numbered is not None and numbered is not member:
                raise _Refusal(RegisterField.NUMBER, Reason.NUMBER_OF_ANOTHER)
            if member is not None and line.number and numbered is None:
                raise _Refusal(RegisterField.NUMBER, Reason.NUMBER_STAYS, number=member.number)
            return member
        if numbered is not None:
            if name_key(numbered.name) != name_key(line.name):
                raise _Refusal(RegisterField.NAME, Reason.OTHER_NAME)
            return numbered
        raise _Refusal(RegisterField.RESIDENT_ID, Reason.NEEDS_ID)

    def _compare(self, line: RegisterLine, member: StoredMember) -> Meaning:
        """What the row changes for the member found."""
        if not line.fingerprint and _contradicts(line, member):
            return _refused(member, RegisterField.BIRTH_DATE, Reason.STORED_ID_OTHERWISE)
        for name in line.months & _DAYS_OF_MEMBERSHIP:
            written = line.written_day(RegisterField(name))
            if written and written.fits(getattr(member, name)):
                setattr(line, name, None)  # a month adds nothing to a stored day within it
        changes = self._changes(line, member)
        if not changes:
            return Meaning(RowKind.UNCHANGED, member)
        for problem in self._objections(line, member, changes):
            return Meaning(RowKind.REFUSED, member, problems=(problem,))
        is_moved = "organisation" in changes
        secretary = self._secretaries.get(member.organisation_id)
        if is_moved and secretary and secretary.holder_id == member.id:
            del self._secretaries[member.organisation_id]  # the post ends with the transfer
        return Meaning(RowKind.TRANSFERRED if is_moved else RowKind.CHANGED, member, changes)

    def _changes(self, line: RegisterLine, member: StoredMember) -> dict[str, list[Any]]:
        """[before, after] by field, phones masked."""
        changes: dict[str, list[Any]] = {}
        for name, written, stored in zip(_FACTS, _facts_of(line), _facts_of(member), strict=True):
            if written and written != stored and not _is_same_name(name, written, stored):
                changes[name] = [_plain(stored), _plain(written)]
        if line.phone and line.phone != member.phone:
            changes["phone"] = [mask_phone(member.phone), mask_phone(line.phone)]
        if line.membership_status and line.membership_status != (
            member.membership_status or MembershipStatus.NORMAL
        ):
            changes["membership_status"] = [member.membership_status, line.membership_status]
        if line.post and not self._holds(line, member):
            changes["post"] = ["", line.post]
        if line.organisation_id != member.organisation_id:
            changes["organisation"] = [member.organisation_id, line.organisation_id]
        return changes

    def _objections(
        self, line: RegisterLine, member: StoredMember, changes: dict[str, list[Any]]
    ) -> Iterator[Problem]:
        """Problems that forbid the changes: dates, later records, or the organisation."""
        is_moved = "organisation" in changes
        joined_on = line.joined_on or member.joined_on
        full_member_on = line.full_member_on or member.full_member_on
        if joined_on and full_member_on and full_member_on < joined_on:
            yield _problem(RegisterField.FULL_MEMBER_ON, Reason.BEFORE_JOINING)
        post, organisation = RegisterField.POST, RegisterField.ORGANISATION
        if "post" in changes and (name := self._secretary_there(line, member)):
            yield _problem(post, Reason.SECRETARY_THERE, name=name)
        if (member.id, line.organisation_id, line.post) in self._later_posts:
            yield _problem(post, Reason.POST_RECORDED)
        if is_moved and not self._lasts(line.organisation_id):
            yield _problem(organisation, Reason.ORGANISATION_ENDS)
        if (is_moved or "membership_status" in changes) and member.id in self._later:
            day = self._later[member.id].isoformat()
            yield _problem(organisation, Reason.LATER_MEMBERSHIP, day=day)
        if is_moved and (member.id, member.organisation_id) in self._left_later:
            yield _problem(organisation, Reason.LATER_POST)

    def _lasts(self, organisation_id: int | None) -> bool:
        """Whether it has no recorded end; one that is only proposed (below zero) has none."""
        return organisation_id in self._lasting or (organisation_id or 0) < 0

    def _secretary_there(self, line: RegisterLine, member: StoredMember | None) -> str:
        """The secretary there, if the row would add a second one: a secretary's post is a role."""
        if line.post != PostKind.SECRETARY:
            return ""
        key, place = member.id if member else -line.row_number, line.organisation_id
        there = self._secretaries.setdefault(place, _Secretary(key, line.name))
        return "" if there.holder_id == key else there.name

    def _numbered(self, line: RegisterLine) -> StoredMember | None:
        """The member with this number, also without the leading zeros that spreadsheets drop."""
        return self._by_number.get(_plain_number(line.number)) if line.number else None

    @staticmethod
    def _holds(line: RegisterLine, member: StoredMember) -> bool:
        """Whether there is no post to add. *None* changes nothing: posts are ended on the card."""
        place = f"{line.organisation_id} {line.post}"
        return line.post == NO_POST or place in (member.posts or ())

    def list_missing(
        self, seen: Iterable[int], organisations: Iterable[int]
    ) -> list[tuple[int, int]]:
        """Members of `organisations` whom no row mentioned: their keys, with the organisation's.

        Organisations below these do not count: a committee's own members may be in a file that says
        nothing about its branches.
        """
        spoken_of, places = set(seen), set(organisations)
        return sorted(
            (member.id, member.organisation_id)
            for member in self._by_fingerprint.values()
            if member.organisation_id in places
            and member.organisation_id is not None
            and member.id not in spoken_of
        )


def _contradicts(line: RegisterLine, member: StoredMember) -> bool:
    """Whether a row without an ID number contradicts the stored one; it changes neither value."""
    born = line.written_day(RegisterField.BIRTH_DATE)
    says = bool(born and not born.fits(member.birth_date))
    says = says or bool(line.sex and line.sex != member.sex)
    line.birth_date, line.sex = None, ""
    return says


def _is_same_name(field: str, written: Any, stored: Any) -> bool:
    """Whether two names differ only in how they are written; such a row renames nobody."""
    return field == "name" and name_key(written) == name_key(stored)


def _plain_number(number: str) -> str:
    return number.lstrip("0")


def _problem(field: RegisterField, reason: Reason, **values: Any) -> Problem:
    return (field.value, reason.value, values)


def _refused(
    member: StoredMember | None, field: RegisterField, reason: Reason, **values: Any
) -> Meaning:
    return Meaning(RowKind.REFUSED, member, problems=(_problem(field, reason, **values),))


class _Refusal(Exception):
    def __init__(self, field: RegisterField, reason: Reason, **values: Any) -> None:
        super().__init__(field, reason, values)
        self.problem = _problem(field, reason, **values)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
