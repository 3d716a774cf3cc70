"""Rows of the register that may be one person, and merges of such rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import NamedTuple

from django.db.models import Case, F, QuerySet, When
from django.utils.translation import gettext as _

from accounts.models import User
from config.lib.asking import ask
from config.lib.dates import format_day
from config.lib.period_forms import describe_period
from config.lib.rows import select_rows
from trainees.enums import MergeState
from trainees.models import Member, MemberMerge, Membership
from trainees.signals import members_compared

SUSPECTS_SHOWN = 100

# Two rows with the same name and date of birth, or the same name and phone; spaces and separators
# of a name do not count. Pairs that were found to be two people, or wait for a decision, are left
# out. Neither row was merged into another. Each of the two joins compares columns alone, so that it
# reads the members once; one join with an `or` compares everybody of a name with everybody.
SUSPECT_PAIRS_SQL = """
WITH person AS MATERIALIZED (
    SELECT id, name_pinyin, birth_date, phone, translate(name, ' \u00b7', '') AS bare_name
    FROM trainees_member WHERE merged_into_id IS NULL
), pair AS (
    SELECT first.id, other.id AS other_id, first.name_pinyin
    FROM person first JOIN person other USING (bare_name, birth_date) WHERE other.id > first.id
    UNION
    SELECT first.id, other.id, first.name_pinyin
    FROM person first JOIN person other USING (bare_name, phone)
    WHERE other.id > first.id AND phone <> ''
)
SELECT pair.id AS first_id, other_id, first.birth_date = other.birth_date AS same_birth_date,
       first.phone <> '' AND first.phone = other.phone AS same_phone
FROM pair
JOIN trainees_member first ON first.id = pair.id
JOIN trainees_member other ON other.id = other_id
WHERE NOT EXISTS (
    SELECT FROM trainees_membermerge merge
    WHERE (merge.kept_id, merge.given_up_id) IN ((pair.id, other_id), (other_id, pair.id))
      AND merge.state IN ('proposed', 'refused', 'undone'))
"""
SUSPECTS_SQL = f"{SUSPECT_PAIRS_SQL} ORDER BY pair.name_pinyin, pair.id, other_id LIMIT %(limit)s"


@dataclass(frozen=True)
class Suspects:
    """Two rows that may be one person, and what they have in common besides the name."""

    first: Member
    other: Member
    same_birth_date: bool
    same_phone: bool


class _Pair(NamedTuple):
    first_id: int
    other_id: int
    same_birth_date: bool
    same_phone: bool


def list_suspects(on: date) -> list[Suspects]:
    """Pairs of rows that may be one person: two statements."""
    pairs = select_rows(_Pair, SUSPECTS_SQL, {"limit": SUSPECTS_SHOWN})
    keys = {pk for pair in pairs for pk in (pair.first_id, pair.other_id)}
    members = Member.objects.with_organisation(on).in_bulk(keys)
    return [
        Suspects(members[one.first_id], members[one.other_id], one.same_birth_date, one.same_phone)
        for one in pairs
    ]


class Cell(NamedTuple):
    """The value in one of two rows; `more` is shown after it, `card` is the member it links to."""

    text: str
    more: str = ""
    card: int | None = None


@dataclass(frozen=True)
class Compared:
    """One fact in both rows, in words."""

    label: str
    kept: Cell
    given_up: Cell
    differs: bool = False


def compare_rows(kept: Member, given_up: Member, user: User, on: date) -> list[Compared]:
    """Both rows with their last organisation, and the facts that higher apps have about them.

    `card` is set only if `user` may see the member. The number and the hours are never marked as
    different: two rows never have the same number, and the same hours only by chance. Two
    statements, and those of the higher apps.
    """
    both = kept, given_up
    keys = [member.pk for member in both]
    cards = set(
        Member.objects.visible_to(user, on).filter(pk__in=keys).values_list("pk", flat=True)
    )
    last = Membership.objects.filter(member__in=keys).select_related("organisation")
    memberships = {membership.member_id: membership for membership in last.order_by("period")}
    homes = [memberships.get(key) for key in keys]
    names = [Cell(member.name, card=member.pk if member.pk in cards else None) for member in both]
    held_above = ask(members_compared, Member, kept=kept, given_up=given_up, on=on)
    return [
        _compare(_("Name"), names, [member.name for member in both]),
        Compared(_("Member number"), Cell(kept.number), Cell(given_up.number)),
        _compare(_("Sex"), [Cell(member.get_sex_display()) for member in both]),
        _compare(_("Date of birth"), [_day(member.birth_date) for member in both]),
        _compare(
            _("Resident ID number"),
            [Cell(member.masked_resident_id) for member in both],
            [member.resident_id_fingerprint for member in both],
        ),
        _compare(
            _("Phone"),
            [Cell(member.masked_phone or "–") for member in both],
            [member.phone for member in both],
        ),
        _compare(
            _("Party organisation"),
            [_home(home) for home in homes],
            [home and home.organisation_id for home in homes],
        ),
        _compare(_("Joined the Party on"), [_day(member.joined_on) for member in both]),
        _compare(_("Full member since"), [_day(member.full_member_on) for member in both]),
        *chain.from_iterable(held_above),
    ]


def _compare(label: str, cells: Sequence[Cell], values: Sequence[object] = ()) -> Compared:
    """Both cells; they differ if `values` do (some are shown only in part), or else their texts."""
    kept, given_up = values or cells
    return Compared(label, cells[0], cells[1], differs=kept != given_up)


def _day(on: date | None) -> Cell:
    return Cell(format_day(on) if on else "–")


def _home(at: Membership | None) -> Cell:
    return Cell(str(at.organisation), describe_period(at.period)) if at else Cell("–")


def list_merges() -> QuerySet[MemberMerge]:
    """Merges: those that wait for a decision first, then the newest."""
    waits = Case(When(state=MergeState.PROPOSED, then=F("proposed_at")), default=None)
    rows = MemberMerge.objects.select_related(
        "kept", "given_up", "proposed_by", "decided_by", "undone_by"
    )
    return rows.order_by(waits.asc(nulls_last=True), "-proposed_at", "-id")


def count_to_decide(user: User) -> int:
    """The number of other officers' proposals that wait for a decision."""
    return MemberMerge.objects.filter(state=MergeState.PROPOSED).exclude(proposed_by=user).count()
