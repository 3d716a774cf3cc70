"""Apply a register to the members: all its writes, in the caller's transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange

from accounts.actions import end_sessions
from accounts.activation import end_codes
from accounts.audit import AuditSubject, record_acts
from accounts.models import User
from accounts.origin import Actor
from config.lib.copying import copy_rows, reserve_ids
from config.lib.names import pinyin_forms
from config.lib.periods import period
from config.lib.rows import select_map, select_rows
from schools.actions.tree import lock_tree
from trainees.actions.register_founding import found_proposed
from trainees.enums import MembershipStatus, PostKind, RowKind
from trainees.imports.matching import NO_POST, Register, digest_of
from trainees.imports.rows import RegisterLine
from trainees.models import Member, Membership, Post, RegisterImport, RegisterRow
from trainees.queries.numbers import numbers_for

_WRITTEN = [RowKind.NEW, RowKind.CHANGED, RowKind.TRANSFERRED]
# Comparing, adding members, changing members, memberships and posts, audit trail.
STEPS = 5

# The row of a new member now refers to the member, which stores the ID number from now on.
_NAME_NEW_MEMBERS = """
UPDATE trainees_registerrow r
SET member_id = new.member, number = new.number, resident_id_encrypted = ''
FROM unnest(%(rows)s::bigint[], %(members)s::bigint[], %(numbers)s::text[])
       AS new(row, member, number)
WHERE r.id = new.row
"""

# In ascending order, like every other action that locks members.
_LOCK_MEMBERS = """
SELECT 1 FROM trainees_member WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE
"""

_UPDATE_MEMBERS = """
UPDATE trainees_member m
SET name = CASE WHEN r.changes ? 'name' THEN r.name ELSE m.name END,
    name_pinyin = coalesce(p.pinyin, m.name_pinyin),
    name_initials = coalesce(p.initials, m.name_initials),
    sex = coalesce(nullif(r.sex, ''), m.sex), birth_date = coalesce(r.birth_date, m.birth_date),
    phone = coalesce(nullif(r.phone, ''), m.phone), joined_on = coalesce(r.joined_on, m.joined_on),
    full_member_on = coalesce(r.full_member_on, m.full_member_on)
FROM trainees_registerrow r
LEFT JOIN unnest(%(names)s::text[], %(pinyins)s::text[], %(initials)s::text[])
       AS p(name, pinyin, initials) ON p.name = r.name AND r.changes ? 'name'
WHERE r.register_id = %(register)s AND r.kind IN ('changed', 'transferred') AND m.id = r.member_id
  AND r.changes ?| ARRAY['name', 'sex', 'birth_date', 'phone', 'joined_on', 'full_member_on']
"""

# A membership that began on this very day is corrected; an earlier one ends and another follows,
# with the same last day.
_MOVE_MEMBERS = """
WITH moved AS (
    SELECT ms.id, ms.member_id, lower(ms.period) AS starts, upper(ms.period) AS ends,
           r.organisation_id,
           coalesce(nullif(r.membership_status, ''), ms.membership_status) AS membership_status
    FROM trainees_registerrow r
    JOIN trainees_membership ms ON ms.member_id = r.member_id AND ms.period @> %(on)s::date
    WHERE r.register_id = %(register)s AND r.kind IN ('changed', 'transferred')
      AND r.changes ?| ARRAY['organisation', 'membership_status']
), corrected AS (
    UPDATE trainees_membership ms
    SET organisation_id = moved.organisation_id, membership_status = moved.membership_status,
        recorded_at = %(at)s
    FROM moved WHERE ms.id = moved.id AND moved.starts = %(on)s
), closed AS (
    UPDATE trainees_membership ms
    SET period = daterange(moved.starts, %(on)s), recorded_at = %(at)s
    FROM moved WHERE ms.id = moved.id AND moved.starts < %(on)s
    RETURNING ms.member_id, moved.organisation_id, moved.membership_status, moved.ends
)
SELECT member_id, organisation_id, membership_status, ends FROM closed ORDER BY member_id
"""

# Posts in an organisation end when their holder leaves it.
_END_POSTS = """
UPDATE trainees_post p SET period = daterange(lower(former.period), %(on)s), recorded_at = %(at)s
FROM trainees_registerrow r
JOIN trainees_member m ON m.id = r.member_id
JOIN trainees_post former ON former.member_id = m.id
WHERE r.register_id = %(register)s AND r.kind = 'transferred' AND p.id = former.id
  AND former.organisation_id = (r.changes -> 'organisation' ->> 0)::bigint
  AND former.period @> %(on)s::date
RETURNING p.id AS pk, p.kind, former.period AS former, p.period, m.name AS holder, m.user_id
"""

# The account's sign-in phone changes too, unless another account or another row has the new one.
_FOLLOW_PHONES = """
UPDATE accounts_user u SET phone = r.phone
FROM trainees_registerrow r JOIN trainees_member m ON m.id = r.member_id
WHERE r.register_id = %(register)s AND r.kind IN ('changed', 'transferred') AND r.changes ? 'phone'
  AND u.id = m.user_id AND coalesce(u.phone, '') = m.phone
  AND NOT EXISTS (SELECT FROM accounts_user other WHERE other.phone = r.phone)
  AND NOT EXISTS (SELECT FROM trainees_registerrow same WHERE same.register_id = r.register_id
                  AND same.phone = r.phone AND same.id <> r.id)
RETURNING u.id, u.display_name
"""

_FOLLOW_NAMES = """
UPDATE accounts_user u SET display_name = r.name
FROM trainees_registerrow r JOIN trainees_member m ON m.id = r.member_id
WHERE r.register_id = %(register)s AND r.kind IN ('changed', 'transferred') AND r.changes ? 'name'
  AND u.id = m.user_id
"""


class _EndedPost(NamedTuple):
    """A post that ended because its holder left, as `_END_POSTS` returns it."""

    pk: int
    kind: str
    former: DateRange
    period: DateRange
    holder: str
    user_id: int | None

    def audit_subject(self, source: dict[str, Any]) -> AuditSubject:
        label = f"{self.holder} · {PostKind(self.kind).label}"
        after = {"period": self.period} | source
        return AuditSubject(Post, self.pk, label, {"period": self.former}, after)


class _Moved(NamedTuple):
    """A membership to add, until the day before `ends`."""

    member_id: int | None
    organisation_id: int | None
    membership_status: str
    ends: date | None


class RegisterChangedError(Exception):
    """A member no longer matches the preview; nothing was written."""


def merge_register(
    *, register: RegisterImport, by: Actor, at: datetime, tell: Callable[[int], None]
) -> dict[str, int]:
    """Write the new, changed and transferred rows of `register`; returns how many of each.

    Locks the organisation tree, as every action on it does, and founds the organisations that were
    ticked. Then it locks the members concerned and compares them again, as well as the members
    without changes. Every written member gets an audit entry. `tell` is called with the number of
    finished `STEPS`, and may raise. Raises RegisterChangedError, and SchoolsError if an
    organisation cannot be founded any more.
    """
    tell(0)
    lock_tree()
    found_proposed(register, by, at)
    rows = list(register.rows.filter(kind__in=_WRITTEN).order_by("row_number"))
    _check_unchanged(register, rows)
    tell(1)
    new = [row for row in rows if row.kind == RowKind.NEW]
    stored = [row for row in rows if row.kind != RowKind.NEW]
    ids = _add_members(register, new, at)
    tell(2)
    values: dict[str, Any] = {"register": register.pk, "on": register.as_of, "at": at}
    phones = select_map(_FOLLOW_PHONES, values)
    with connection.cursor() as cursor:
        cursor.execute(_FOLLOW_NAMES, values)
        cursor.execute(_UPDATE_MEMBERS, values | _new_names(stored))
    moved = select_rows(_Moved, _MOVE_MEMBERS, values)
    ended = select_rows(_EndedPost, _END_POSTS, values)
    tell(3)
    secretaries = (post.user_id for post in ended if post.kind == PostKind.SECRETARY)
    end_sessions(*(user for user in secretaries if user is not None))
    _end_codes_of_new_secretaries(stored)
    joining = [row for row in stored if row.changes.get("organisation", [0])[0] is None]
    _add_memberships(register, [*moved, *_first_memberships(joining, ids=None)], at)
    _add_posts(register, [(row.member_id, row) for row in stored if "post" in row.changes], at)
    _add_posts(register, list(zip(ids, new, strict=True)), at)
    tell(4)
    _record(register, list(zip(ids, new, strict=True)), stored, by, at)
    source = {"register": register.pk}
    subjects = (AuditSubject(User, pk, name, None, source) for pk, name in phones.items())
    record_acts(act="follow_phone", subjects=subjects, by=by, at=at)
    record_acts(
        act="end_post", subjects=(post.audit_subject(source) for post in ended), by=by, at=at
    )
    tell(STEPS)
    return dict(Counter(row.kind for row in rows))


def _check_unchanged(register: RegisterImport, rows: Sequence[RegisterRow]) -> None:
    keys = sorted(row.member_id for row in rows if row.member_id)
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_MEMBERS, [keys])
    lines = [_line_of(row) for row in rows]
    members = Register(register.as_of, lines)
    for row, line in zip(rows, lines, strict=True):
        meaning = members.interpret(line)
        if (meaning.kind, meaning.changes) != (row.kind, row.changes):
            raise RegisterChangedError(row.pk)
    others = digest_of([key for _row, key in register.unchanged], register.as_of)
    if str(others) != register.unchanged_digest:
        raise RegisterChangedError(register.pk)


def _line_of(row: RegisterRow) -> RegisterLine:
    return RegisterLine(
        row_number=row.row_number or 0,
        organisation_id=row.organisation_id,
        name=row.name,
        fingerprint=row.resident_id_fingerprint,
        number=row.number,
        sex=row.sex,
        birth_date=row.birth_date,
        phone=row.phone,
        joined_on=row.joined_on,
        full_member_on=row.full_member_on,
        membership_status=row.membership_status,
        post=row.post,
    )


def _add_members(register: RegisterImport, rows: Sequence[RegisterRow], at: datetime) -> list[int]:
    """Insert new members with their memberships; returns their keys in the order of `rows`.

    The rows of the import refer to them from now on.
    """
    ids = reserve_ids(Member, len(rows))
    numbers = numbers_for([(row.organisation_id, row.number) for row in rows], register.as_of)
    fields = [
        "id", "number", "name", "name_pinyin", "name_initials", "sex", "birth_date", "phone",
        "resident_id_encrypted", "resident_id_fingerprint", "joined_on", "full_member_on",
    ]  # fmt: skip
    for row, number in zip(rows, numbers, strict=True):
        row.number = number
    copy_rows(
        Member,
        fields,
        (
            (
                pk, row.number, row.name, *pinyin_forms(row.name), row.sex, row.birth_date,
                row.phone, row.resident_id_encrypted, row.resident_id_fingerprint, row.joined_on,
                row.full_member_on,
            )
            for pk, row in zip(ids, rows, strict=True)
        ),
    )  # fmt: skip
    _add_memberships(register, _first_memberships(rows, ids=ids), at)
    with connection.cursor() as cursor:
        keys = [row.pk for row in rows]
        cursor.execute(_NAME_NEW_MEMBERS, {"rows": keys, "members": ids, "numbers": numbers})
    return ids


def _first_memberships(rows: Sequence[RegisterRow], *, ids: Sequence[int] | None) -> list[_Moved]:
    keys = ids if ids is not None else [row.member_id for row in rows]
    return [
        _Moved(pk, row.organisation_id, row.membership_status or MembershipStatus.NORMAL, None)
        for pk, row in zip(keys, rows, strict=True)
    ]


def _add_memberships(register: RegisterImport, memberships: Sequence[_Moved], at: datetime) -> None:
    copy_rows(
        Membership,
        ["member_id", "organisation_id", "membership_status", "period", "recorded_at"],
        (
            (one.member_id, one.organisation_id, one.membership_status, days, at)
            for one in memberships
            for days in [period(register.as_of, one.ends)]
        ),
    )


def _add_posts(
    register: RegisterImport, rows: Sequence[tuple[Any, RegisterRow]], at: datetime
) -> None:
    copy_rows(
        Post,
        ["member_id", "organisation_id", "kind", "period", "recorded_at"],
        (
            (member, row.organisation_id, row.post, period(register.as_of), at)
            for member, row in rows
            if row.post not in {"", NO_POST}
        ),
    )


def _end_codes_of_new_secretaries(rows: Sequence[RegisterRow]) -> None:
    """A slip issued before a member became secretary does not open the secretary's account."""
    named = [row for row in rows if row.changes.get("post", [""])[-1] == PostKind.SECRETARY]
    members = [row.member_id for row in named if row.member_id]
    users = Member.objects.filter(pk__in=members, user__isnull=False)
    end_codes(*users.values_list("user", flat=True))


def _new_names(rows: Sequence[RegisterRow]) -> dict[str, list[str]]:
    names = sorted({row.name for row in rows if "name" in row.changes})
    forms = [pinyin_forms(name) for name in names]
    return {
        "names": names,
        "pinyins": [form[0] for form in forms],
        "initials": [form[1] for form in forms],
    }


def _record(
    register: RegisterImport,
    new: Sequence[tuple[int, RegisterRow]],
    stored: Sequence[RegisterRow],
    by: Actor,
    at: datetime,
) -> None:
    """An audit entry for each written member, which names the import and the row."""
    source = {"register": register.pk}
    record_acts(
        act="import_member",
        subjects=(
            AuditSubject(Member, pk, row.name, None, source | {"row": row.place} | _facts(row))
            for pk, row in new
        ),
        by=by,
        at=at,
    )
    record_acts(
        act="import_change",
        subjects=(
            AuditSubject(
                Member,
                row.member_id or 0,
                row.name,
                {name: pair[0] for name, pair in row.changes.items()},
                source | {"row": row.place} | {name: pair[1] for name, pair in row.changes.items()},
            )
            for row in stored
        ),
        by=by,
        at=at,
    )


def _facts(row: RegisterRow) -> dict[str, Any]:
    return {"number": row.number, "organisation": row.organisation_id}
