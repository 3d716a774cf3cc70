"""The hours of each member and year, counted again from the evidence in plain Python.

Written from the rules of the domain, and sharing no code with `hours`. Evidence are the marks of
submitted rolls and the participants of approved study; rules are read as data. Of the ledger's
tables only the order is read in which evidence came, which is recorded nowhere else: what came
first keeps its hours.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Any, NamedTuple

from django.db import connection

QUARTER = Decimal("0.25")
NOTHING = Decimal(0)
MINUTES_OF_A_DAY = 24 * 60
# First and last minute of what counts as one half of a day.
HALVES = {"morning": (0, 780), "afternoon": (720, 1110), "evening": (1050, 1440)}
CATEGORY = {
    "activity": "activity",
    "outreach_visit": "outreach",
    "online_study": "online",
    "outside_training": "outside",
}

_RULES = """
SELECT r.id, category, lower(period), upper(period), daily_cap, half_day_cap, yearly_cap,
       late_deduction, minutes_per_hour, piece_cap,
       (SELECT array_agg(ARRAY[from_minutes, hours] ORDER BY from_minutes)
        FROM hours_creditstep WHERE rule_id = r.id)
FROM hours_creditrule r
"""
_MARKS = """
SELECT roll.source_id, mark.member_id, mark.status, s.held_on, s.hours,
       s.starts_at AT TIME ZONE 'Asia/Shanghai', s.ends_at AT TIME ZONE 'Asia/Shanghai'
FROM rolls_attendance mark
JOIN classes_roll roll ON roll.session_id = mark.session_id AND roll.state = 'submitted'
JOIN courses_session s ON s.id = mark.session_id
WHERE NOT mark.taken_off
"""
_STUDIES = """
SELECT study.source_id, there.member_id, study.kind, study.held_on, study.days, study.minutes,
       study.starts_at
FROM studies_studyparticipant there
JOIN studies_study study ON study.id = there.study_id AND study.state = 'approved'
"""
_ONE_PERSON = """
SELECT given_up_id, kept_id, first_year, CASE WHEN state = 'done' THEN 9999 ELSE until_year END
FROM trainees_membermerge WHERE state IN ('done', 'undone') AND first_year IS NOT NULL
"""
_CAME = """
SELECT member_id, source_id, owner_id, occurred_on, min(id) FROM hours_assessment
GROUP BY member_id, source_id, owner_id, occurred_on
"""
_LEDGER = """
SELECT member_id, credit_year, sum(hours) FROM hours_creditentry
GROUP BY member_id, credit_year HAVING sum(hours) <> 0
"""

type Sums = dict[tuple[int, int], Decimal]


class Rule(NamedTuple):
    """A row of the credit rules."""

    key: int
    category: str
    since: date | None
    until: date | None
    day_cap: Decimal
    half_cap: Decimal | None
    year_cap: Decimal | None
    late: Decimal
    minutes_per_hour: int | None
    piece_cap: Decimal | None
    steps: list[list[Decimal]] | None

    def worth_of(self, minutes: int) -> Decimal:
        """A step that the minutes reach, before it by the hour; at most the ceiling."""
        reached = [hours for least, hours in self.steps or () if least <= minutes]
        worth = NOTHING
        if reached:
            worth = Decimal(reached[-1])
        elif self.minutes_per_hour:
            worth = floor(Fraction(minutes * 4, self.minutes_per_hour)) * QUARTER
        return worth if self.piece_cap is None else min(worth, self.piece_cap)


@dataclass
class Piece:
    """What one member claims for one day; minutes are counted through all days."""

    day: date
    rule: Rule
    hours: Decimal
    is_there: bool
    span: tuple[int, int] | None

    @property
    def half(self) -> str | None:
        """The half of the day that holds all of it."""
        if self.span is None:
            return None
        midnight = self.day.toordinal() * MINUTES_OF_A_DAY
        begins, ends = self.span[0] - midnight, self.span[1] - midnight
        inside = [name for name, (a, b) in HALVES.items() if a <= begins and ends <= b]
        return inside[0] if inside else None


def recount() -> Sums:
    """The credit hours by member and year, where there are any."""
    rules = [Rule(*row) for row in _read(_RULES)]
    merges: defaultdict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for given_up, kept, first, until in _read(_ONE_PERSON):
        merges[given_up].append((kept, first, until if until is not None else first))
    came = {(m, source, owner, day): first for m, source, owner, day, first in _read(_CAME)}
    pieces: defaultdict[int, dict[Any, Piece]] = defaultdict(dict)
    for source, member, day, piece, is_study in [*_marks(rules), *_studies(rules)]:
        holder = _holder(member, day.year, merges)
        owner = holder if is_study else member
        pieces[holder][source, owner, day] = piece
    sums: defaultdict[tuple[int, int], Decimal] = defaultdict(Decimal)
    for member, theirs in pieces.items():
        order = sorted(theirs, key=lambda key: came.get((member, *key), 10**12))
        for piece, hours in _count([theirs[key] for key in order]):
            sums[member, piece.day.year] += hours
    return {key: hours for key, hours in sums.items() if hours}


def ledger() -> Sums:
    """What the ledger says, in the same form."""
    return {(member, year): hours for member, year, hours in _read(_LEDGER)}


def _count(pieces: list[Piece]) -> Iterator[tuple[Piece, Decimal]]:
    """Each piece with its hours, in the order in which they came."""
    taken: defaultdict[Any, Decimal] = defaultdict(Decimal)
    there: list[tuple[int, int]] = []
    for piece in pieces:
        hours = piece.hours
        if piece.is_there and piece.span is not None and hours:
            begins, ends = piece.span
            near = [(a, b) for a, b in there if a < ends and b > begins]
            covered = sum(any(a <= minute < b for a, b in near) for minute in range(begins, ends))
            lost = ceil(Fraction(hours) * covered * 4 / (ends - begins)) * QUARTER
            hours = max(hours - lost, NOTHING)
        rule, year = piece.rule, (piece.day.year, piece.rule.category)
        rooms = [rule.day_cap - taken[piece.day]]
        if rule.half_cap is not None and piece.half:
            rooms.append(rule.half_cap - taken[piece.day, piece.half])
        if rule.year_cap is not None:
            rooms.append(rule.year_cap - taken[year])
        hours = max(min(hours, *rooms), NOTHING)
        for place in (piece.day, (piece.day, piece.half), year):
            taken[place] += hours
        if piece.is_there and piece.span is not None:
            there.append(piece.span)
        yield piece, hours


def _marks(rules: list[Rule]) -> Iterator[tuple[int, int, date, Piece, bool]]:
    for source, member, status, day, hours, starts, ends in _read(_MARKS):
        rule = _rule_of("concentrated", day, rules)
        is_there = status in ("present", "late")
        left = hours if is_there else NOTHING
        left -= min(rule.late, left) if status == "late" else NOTHING
        begins = starts.date().toordinal() * MINUTES_OF_A_DAY + starts.hour * 60 + starts.minute
        span = begins, begins + int((ends - starts).total_seconds() // 60)
        yield source, member, day, Piece(day, rule, left, is_there, span), False


def _studies(rules: list[Rule]) -> Iterator[tuple[int, int, date, Piece, bool]]:
    for source, member, kind, first, days, minutes, starts in _read(_STUDIES):
        for day in (first + timedelta(days=n) for n in range(days)):
            rule = _rule_of(CATEGORY.get(kind, "collective"), day, rules)
            span = None
            if starts is not None:
                begins = day.toordinal() * MINUTES_OF_A_DAY + starts.hour * 60 + starts.minute
                span = begins, begins + minutes
            yield source, member, day, Piece(day, rule, rule.worth_of(minutes), True, span), True


def _rule_of(category: str, day: date, rules: list[Rule]) -> Rule:
    return next(
        rule
        for rule in rules
        if rule.category == category
        and (rule.since is None or rule.since <= day)
        and (rule.until is None or day < rule.until)
    )


def _holder(member: int, year: int, merges: dict[int, list[tuple[int, int, int]]]) -> int:
    """The row that remains, in the years in which both are one person."""
    for kept, first, until in merges.get(member, ()):
        if first <= year < until:
            return kept
    return member


def _read(statement: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()
