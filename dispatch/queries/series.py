"""Lecturers who could teach several sessions of a letter, with what speaks against each session."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from config.lib.periods import last_day
from dispatch.checks import Code, Finding, LecturerFacts, Slot, Taken, check_candidate
from dispatch.enums import LOST_STATES
from dispatch.models import BookingLetter, Engagement
from dispatch.queries.candidates import (
    Others,
    read_lecturers,
    slot_of_engagement,
    without_engagement,
)
from dispatch.queries.letters import standing_of
from dispatch.queries.rules import find_booking_rule
from instructors.models import Instructor


@dataclass(frozen=True)
class SeriesCandidate:
    """A lecturer for several sessions. `findings` are said once, with the sessions concerned.

    Loads are those of the month and year of the first session, without these sessions.
    """

    instructor: Instructor
    findings: tuple[tuple[str, Finding], ...]
    letter_end: date | None
    month_hours: Decimal
    year_hours: Decimal
    is_preferred: bool
    is_of_preferred_corps: bool
    teaches_courses: bool

    @property
    def corps(self) -> str:
        """The corps in words."""
        return self.instructor.get_corps_display()

    @property
    def is_blocked(self) -> bool:
        """Whether the lecturer cannot teach one of the sessions."""
        return any(finding.is_block for _numbers, finding in self.findings)

    @property
    def rank(self) -> tuple[bool, bool, int, bool, bool, bool, Decimal, Decimal, str, int]:
        """The smaller, the better, as of a candidate for one session."""
        return (
            self.is_blocked,
            any(finding.code is Code.DECLINED for _numbers, finding in self.findings),
            len(self.findings),
            not self.is_preferred,
            not self.is_of_preferred_corps,
            not self.teaches_courses,
            self.month_hours,
            self.year_hours,
            self.instructor.name,
            self.instructor.pk,
        )


def list_sessions_to_come(letter: BookingLetter, at: datetime) -> list[Engagement]:
    """What stands for each session of the letter that has not begun."""
    rows = letter.engagements.filter(starts_at__gt=at).order_by("number", "pk")
    rows = rows.select_related("course__module", "instructor", "venue", "letter__school")
    by_number: dict[int, list[Engagement]] = defaultdict(list)
    for row in rows.prefetch_related("course__instructors"):
        by_number[row.number].append(row)
    return [standing_of(found) for found in by_number.values()]


def list_to_fill(sessions: Sequence[Engagement]) -> list[Engagement]:
    """Those that nobody is engaged for; if there is none, all."""
    return [row for row in sessions if not (row.is_live and row.instructor_id)] or list(sessions)


def list_series(sessions: Sequence[Engagement]) -> list[SeriesCandidate]:
    """All lecturers for these sessions of one letter, the best first, blocked ones last.

    Each session is judged as if the lecturer taught the others too. A constant number of
    statements, and two for each month.
    """
    if not sessions:
        return []
    letter = sessions[0].letter
    lecturers = {lecturer.pk: lecturer for lecturer in Instructor.objects.all()}
    slots = [slot_of_engagement(row) for row in sessions]
    numbers = [row.number for row in sessions]
    others = Others(
        Engagement.objects.live().exclude(letter=letter, number__in=numbers),
        without_engagement().exclude(pk__in=[row.session_id for row in sessions if row.session_id]),
    )
    read = read_lecturers(others, slots, lecturers)
    refusals = _read_refusals(letter)
    rules = {day: find_booking_rule(day) for day in {slot.day for slot in slots}}
    found = []
    for key, lecturer in lecturers.items():
        said: dict[tuple[Code, str], list[int]] = defaultdict(list)
        words: dict[tuple[Code, str], Finding] = {}
        for row, slot, facts in zip(sessions, slots, read, strict=True):
            whole = _with_the_others(facts[key], slot, slots, letter.title)
            whole = replace(whole, declined=refusals.get((row.number, key)))
            for finding in check_candidate(slot, whole, rules[slot.day]):
                said[finding.code, finding.text].append(row.number)
                words[finding.code, finding.text] = finding
        found.append(
            _candidate(
                letter, lecturer, read[0][key], slots, [(said[one], words[one]) for one in said]
            )
        )
    return sorted(found, key=lambda one: one.rank)


def _candidate(
    letter: BookingLetter,
    lecturer: Instructor,
    facts: LecturerFacts,
    slots: Sequence[Slot],
    findings: Sequence[tuple[list[int], Finding]],
) -> SeriesCandidate:
    last = max(slot.day for slot in slots)
    held = next((days for days in facts.letters if last in days), None)
    return SeriesCandidate(
        lecturer,
        tuple((_(", ").join(str(number) for number in numbers), one) for numbers, one in findings),
        last_day(held) if held else None,
        facts.month_hours,
        facts.year_hours,
        is_preferred=lecturer.pk == letter.preferred_instructor_id,
        is_of_preferred_corps=lecturer.corps == letter.preferred_corps,
        teaches_courses=all(lecturer.pk in slot.course.teachers for slot in slots),
    )


def _with_the_others(
    facts: LecturerFacts, slot: Slot, slots: Sequence[Slot], title: str
) -> LecturerFacts:
    """The facts around a slot, if the lecturer also taught the other ones."""
    others = [one for one in slots if one is not slot]
    same_day = [one for one in others if one.day == slot.day]
    taken = tuple(
        Taken(one.starts_at, one.ends_at, one.hours, one.school, title) for one in same_day
    )
    in_year = [one for one in others if one.day.year == slot.day.year]
    in_month = [one for one in in_year if one.day.month == slot.day.month]
    return replace(
        facts,
        taken=tuple(sorted(facts.taken + taken, key=lambda one: one.starts_at)),
        month_hours=facts.month_hours + sum((one.hours for one in in_month), Decimal(0)),
        year_hours=facts.year_hours + sum((one.hours for one in in_year), Decimal(0)),
    )


def _read_refusals(letter: BookingLetter) -> dict[tuple[int, int], str]:
    """Who declined which session, or did not answer, and with what reason."""
    asked = letter.engagements.filter(state__in=LOST_STATES, instructor__isnull=False)
    rows = asked.order_by("pk").values_list("number", "instructor_id", "reason")
    return {(number, key): reason for number, key, reason in rows if key is not None}
