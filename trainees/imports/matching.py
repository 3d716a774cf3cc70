"""What each line of a register means for the members stored: new, changed, transferred or not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from accounts.records import mask_phone
from trainees.enums import RegisterField, RowKind, Standing
from trainees.imports.rows import RegisterLine

NO_POST = "none"

_REGISTER = """
SELECT m.id, m.number, m.name, m.sex, m.birth_date, m.phone, m.joined_on,
       m.resident_id_fingerprint, ms.id, ms.organisation_id, ms.standing, ms.starts_on,
       (SELECT array_agg(p.organisation_id || ' ' || p.kind) FROM trainees_post p
        WHERE p.member_id = m.id AND p.period @> %(on)s::date)
FROM trainees_member m
LEFT JOIN (SELECT id, member_id, organisation_id, standing, lower(period) AS starts_on
           FROM trainees_membership WHERE period @> %(on)s::date) ms ON ms.member_id = m.id
"""
_SOME = """
WHERE m.resident_id_fingerprint = ANY(%(fingerprints)s) OR m.number = ANY(%(numbers)s)
"""

_LATER = """
SELECT member_id, min(lower(period)) FROM trainees_membership
WHERE lower(period) > %(on)s GROUP BY member_id
"""

_LATER_POSTS = """
SELECT member_id, organisation_id FROM trainees_post WHERE lower(period) >= %(on)s
"""


@dataclass(slots=True)
class StoredMember:
    """A member as stored, with the membership and the posts of one day."""

    id: int
    number: str
    name: str
    sex: str
    birth_date: date
    phone: str
    joined_on: date | None
    fingerprint: str
    membership_id: int | None
    organisation_id: int | None
    standing: str | None
    starts_on: date | None
    posts: list[str] | None


@dataclass(slots=True)
class Meaning:
    """What a line means. `changes` holds [before, after] by field, as people may read it."""

    kind: RowKind
    member: StoredMember | None = None
    changes: dict[str, list[Any]] = field(default_factory=dict)
    problems: list[tuple[str, str]] = field(default_factory=list)


class Register:
    """The members stored, as they are on one day; it tells what a line means for them."""

    def __init__(self, on: date, lines: Sequence[RegisterLine] | None = None) -> None:
        """Read all members, or those whom `lines` may mean."""
        self._by_fingerprint: dict[str, StoredMember] = {}
        self._by_number: dict[str, StoredMember] = {}
        self._taken: dict[int, int] = {}
        with connection.cursor() as cursor:
            values: dict[str, Any] = {"on": on}
            if lines is not None:
                values["fingerprints"] = [line.fingerprint for line in lines if line.fingerprint]
                values["numbers"] = [line.number for line in lines if line.number]
            cursor.execute(_REGISTER + (_SOME if lines is not None else ""), values)
            for row in cursor.fetchall():
                member = StoredMember(*row)
                self._by_fingerprint[member.fingerprint] = member
                self._by_number[member.number] = member
            cursor.execute(_LATER, {"on": on})
            self._later: dict[int, date] = dict(cursor.fetchall())
            cursor.execute(_LATER_POSTS, {"on": on})
            self._later_posts: set[tuple[int, int]] = set(cursor.fetchall())

    def interpret(self, line: RegisterLine) -> Meaning:
        """What the line means. A member whom an earlier line meant too is refused, not merged."""
        near = self._by_fingerprint.get(line.fingerprint) or self._by_number.get(line.number)
        if line.problems:
            return Meaning(RowKind.REFUSED, near, problems=line.problems)
        try:
            member = self._find(line)
        except _Refusal as refusal:
            return Meaning(RowKind.REFUSED, near, problems=[(refusal.field.value, str(refusal))])
        if member is None:
            return Meaning(RowKind.NEW)
        other = self._taken.setdefault(member.id, line.row_number)
        if other != line.row_number:
            reason = _("Row %(row)s means the same member.") % {"row": other}
            return _refused(member, RegisterField.NAME, reason)
        return self._compare(line, member)

    def _find(self, line: RegisterLine) -> StoredMember | None:
        """The member whom the line means, or None if it is a new one. Raises _Refusal."""
        numbered = self._by_number.get(line.number) if line.number else None
        if line.fingerprint:
            member = self._by_fingerprint.get(line.fingerprint)
            if numbered is not None and numbered is not member:
                raise _Refusal(RegisterField.NUMBER, _("Another member has this member number."))
            return member
        if numbered is not None:
            if numbered.name != line.name:
                raise _Refusal(RegisterField.NAME, _("The member of this number has another name."))
            return numbered
        raise _Refusal(RegisterField.RESIDENT_ID, _("A new member needs an ID number."))

    def _compare(self, line: RegisterLine, member: StoredMember) -> Meaning:
        changes: dict[str, list[Any]] = {}
        for name in ("number", "name", "sex", "birth_date", "joined_on"):
            told, stored = getattr(line, name), getattr(member, name)
            if told and told != stored:
                changes[name] = [_plain(stored), _plain(told)]
        if line.phone and line.phone != member.phone:
            changes["phone"] = [mask_phone(member.phone), mask_phone(line.phone)]
        if line.standing and line.standing != (member.standing or Standing.NORMAL):
            changes["standing"] = [member.standing, line.standing]
        if line.post and not self._holds(line, member):
            changes["post"] = ["", line.post]
        moved = line.organisation_id != member.organisation_id
        if moved:
            changes["organisation"] = [member.organisation_id, line.organisation_id]
        if not changes:
            return Meaning(RowKind.UNCHANGED, member)
        if (moved or "standing" in changes) and member.id in self._later:
            reason = _("A later membership, from %(day)s on, is recorded already.") % {
                "day": self._later[member.id].isoformat()
            }
            return _refused(member, RegisterField.ORGANISATION, reason)
        if moved and (member.id, member.organisation_id) in self._later_posts:
            reason = _("A post in the organisation that is left begins on that day or later.")
            return _refused(member, RegisterField.ORGANISATION, reason)
        return Meaning(RowKind.TRANSFERRED if moved else RowKind.CHANGED, member, changes)

    @staticmethod
    def _holds(line: RegisterLine, member: StoredMember) -> bool:
        """Whether there is nothing to appoint. *None* changes nothing: the desk ends posts."""
        place = f"{line.organisation_id} {line.post}"
        return line.post == NO_POST or place in (member.posts or ())

    def list_missing(self, seen: Iterable[int], organisations: Iterable[int]) -> list[int]:
        """Members of `organisations` of whom no line spoke, by their keys."""
        spoken_of, places = set(seen), set(organisations)
        return sorted(
            member.id
            for member in self._by_fingerprint.values()
            if member.organisation_id in places and member.id not in spoken_of
        )


def _refused(member: StoredMember, field: RegisterField, reason: str) -> Meaning:
    return Meaning(RowKind.REFUSED, member, problems=[(field.value, reason)])


class _Refusal(Exception):
    def __init__(self, field: RegisterField, message: str) -> None:
        super().__init__(message)
        self.field = field


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
