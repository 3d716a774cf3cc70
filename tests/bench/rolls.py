"""Posting a roll: over HTTP like a clerk's browser, and with the limit's five statements."""

import time
from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts.audit import digest_of, find_broken_digests
from accounts.enums import ActorChannel
from accounts.models import AuditEntry, User
from backstage.models import IdempotencyKey
from classes.models import Roll
from hours.models import CreditRule
from schools.demo.officers import DEMO_PASSWORD
from tests.bench.browser import Browser
from tests.bench.classes import HOURS, Lesson
from tests.bench.figures import Row, compare, require_truth
from tests.bench.limits import Limits

CLERK = "clerk.yangliuqing"
TURNS = 15
WARM_UP = 3
ASKED = {50: 8, 300: 5}
ROLLS = TURNS + WARM_UP

# The rows written for each trainee, in roll order, without the ids that differ between rolls.
_WRITTEN = """
SELECT a.status, a.version, a.marked_by_id, a.organisation_id = e.organisation_id,
       x.version, x.credit_year, x.occurred_on, x.category, x.gross_hours, x.own_cut,
       x.own_reason, x.overlap_cut, x.cap_cut, x.cap_reason, x.hours, x.cause, x.rule_id,
       x.assessed_by_id,
       c.school_id, c.organisation_id = e.organisation_id, c.credit_year, c.category,
       c.occurred_on, c.hours, c.reason, c.source_key =
       x.source_id || ':' || x.owner_id || ':' || to_char(x.occurred_on, 'YYYYMMDD:') || 1,
       c.posted_by_id
FROM classes_enrolment e
LEFT JOIN rolls_attendance a ON a.member_id = e.member_id AND a.session_id = %(session)s
LEFT JOIN classes_roll roll ON roll.session_id = a.session_id
LEFT JOIN hours_assessment x ON x.source_id = roll.source_id AND x.owner_id = a.member_id
LEFT JOIN hours_creditentry c ON c.assessment_id = x.id
WHERE e.training_class_id = %(class)s ORDER BY e.phone_pocket
"""


class Clerk:
    """Takes rolls in two ways, each lesson only once."""

    def __init__(self, port: int, limits: Limits) -> None:
        self.user = User.objects.get(username=CLERK)
        self.limits = limits
        self.browser = Browser(port)
        self.browser.sign_in(reverse("accounts:sign_in"), CLERK, DEMO_PASSWORD)
        self.pages: dict[int, bytes] = {}

    def post(self, lesson: Lesson) -> float:
        """Open the roll, mark everyone and submit; returns the seconds from submit to reply."""
        path = reverse("rolls:roll", args=[lesson.session_id])
        page = self.browser.get(path).require(200)
        self.pages[len(lesson.members)] = page.body
        marks = dict(zip(lesson.members, lesson.marks, strict=True))
        fields = [
            (name, marks[int(name.removeprefix("mark-"))] if name.startswith("mark-") else value)
            for name, value in page.hidden_fields("roll")
        ]
        request = self.browser.post_bytes(path, [*fields, ("act", "submit")])
        started = time.perf_counter()
        reply = self.browser.send(request)
        seconds = time.perf_counter() - started
        reply.require(302, _location(lesson))
        return seconds

    def post_raw(self, lesson: Lesson) -> float:
        """Write the same rows with the limit's statements; returns the seconds with the commit."""
        at = timezone.now()
        act = reverse("rolls:roll", args=[lesson.session_id])
        entry = self._trail_entry(lesson, at)
        seconds, entries, hours = self.limits.post_roll(
            lesson,
            key=(str(uuid4()), self.user.pk, act, uuid4().hex * 2, _location(lesson)),
            entry=entry,
            clerk=self.user.pk,
            at=at,
        )
        if (entries, str(hours)) != (entry.after["entries"], entry.after["hours"]):
            raise AssertionError(f"The limit posted {entries} entries, {hours} hours.")
        return seconds

    def _trail_entry(self, lesson: Lesson, at: datetime) -> AuditEntry:
        """The audit entry with its digest, not stored."""
        counts = Counter(lesson.marks)
        late = HOURS - _late_deduction(lesson.held_on)
        entry = AuditEntry(
            at=at,
            actor=self.user,
            actor_name=self.user.display_name,
            channel=ActorChannel.WEB,
            address="127.0.0.1",
            act="submit_roll",
            object_type="courses.session",
            object_id=str(lesson.session_id),
            object_label=lesson.label,
            school_code=lesson.school_code,
            before={"marks": {str(member): None for member in lesson.members}},
            after={
                "marks": dict(zip(map(str, lesson.members), lesson.marks, strict=True)),
                "counts": dict(counts),
                "entries": counts["present"] + counts["late"],
                "hours": str(counts["present"] * HOURS + counts["late"] * late),
            },
        )
        entry.digest = digest_of(entry)
        return entry

    def written(self, lesson: Lesson) -> list[Any]:
        """Everything stored for one roll, comparable with other rolls of the same size."""
        with connection.cursor() as cursor:
            cursor.execute(_WRITTEN, {"session": lesson.session_id, "class": lesson.class_id})
            lines = cursor.fetchall()
        roll = Roll.objects.get(session_id=lesson.session_id)
        trail = AuditEntry.objects.get(act="submit_roll", object_id=str(lesson.session_id))
        key = IdempotencyKey.objects.get(act=reverse("rolls:roll", args=[lesson.session_id]))
        before, after = (
            [facts["marks"][str(member)] for member in lesson.members]
            for facts in (trail.before, trail.after)
        )
        del trail.after["marks"]
        names = "actor_id", "actor_name", "channel", "address", "object_type", "school_code"
        return [
            lines,
            (roll.state, roll.submitted_by_id),
            ([getattr(trail, name) for name in names], before, after, trail.after),
            (key.user_id, key.location == _location(lesson)),
        ]


def _location(lesson: Lesson) -> str:
    """The redirect target after submitting a roll."""
    return reverse("rolls:roll", args=[lesson.session_id]) + "?done=submit"


def _late_deduction(on: date) -> Decimal:
    return CreditRule.objects.get(category="concentrated", period__contains=on).late_deduction


def measure_rolls(clerk: Clerk, lessons: list[Lesson]) -> list[Row]:
    """Compare rolls of each size, ours with the limit's, and check that both wrote the same."""
    rows = []
    is_same = True
    for size, asked in ASKED.items():
        of_size = [lesson for lesson in lessons if len(lesson.members) == size]
        ours, raw = iter(of_size[:ROLLS]), iter(of_size[ROLLS:])
        rows.append(
            compare(
                f"roll of {size} posted over HTTP",
                asked=asked,
                turns=TURNS,
                warm_up=WARM_UP,
                limit=lambda raw=raw: clerk.post_raw(next(raw)),
                ours=lambda ours=ours: clerk.post(next(ours)),
            )
        )
        expected = clerk.written(of_size[0])
        is_same &= all(clerk.written(lesson) == expected for lesson in of_size[1:])
    is_same &= not find_broken_digests()
    return [
        *rows,
        require_truth("rolls: both wrote the same rows, all digests hold", is_true=is_same),
    ]
