"""Any sequence of posts, corrections and replays leaves totals equal to a recount."""

from collections import defaultdict
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from config.lib.periods import at_local
from tests import factories
from tests.factories import DAY, ClassWorld
from tests.refusals import refused
from trainees.actions.attendance import correct_attendance, submit_roll
from trainees.enums import AttendanceStatus
from trainees.errors import RollError
from trainees.models import Assessment, Attendance, CreditEntry
from trainees.queries.ledger_check import list_findings

CAP = Decimal(8)
LATE = Decimal("0.25")
HOURS = ("0.25", "4", "6")
SIZE = 2
EVENING = at_local(DAY, 23)

statuses = st.sampled_from(AttendanceStatus.values)
submissions = st.tuples(
    st.just("submit"), st.integers(0, len(HOURS) - 1), st.tuples(statuses, statuses)
)
corrections = st.tuples(
    st.just("correct"), st.integers(0, len(HOURS) - 1), st.integers(0, SIZE - 1), statuses
)


class Recount:
    """What the ledger should say, from the rules alone: hours by member and session."""

    def __init__(self):
        self.marks = {}
        self.hours = defaultdict(dict)

    def post(self, session, member, status):
        gross = Decimal(HOURS[session])
        lost = LATE if status == "late" else Decimal(0)
        worth = gross - min(lost, gross) if status in ("present", "late") else Decimal(0)
        others = sum(h for s, h in self.hours[member].items() if s != session)
        self.marks[session, member] = status
        self.hours[member][session] = min(worth, CAP - others)


class TestAnySequence(TestCase):
    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.one_of(submissions, corrections), max_size=12))
    def test_equals_a_recount(self, steps):
        world = ClassWorld(size=SIZE)
        sessions = [
            factories.make_session(
                world.training_class, starts_at=at_local(DAY, 6 + 3 * n), hours=hours
            )
            for n, hours in enumerate(HOURS)
        ]
        recount = Recount()
        for step in steps:
            act = self.submit if step[0] == "submit" else self.correct
            act(world, sessions, recount, *step[1:])

        for place, member in enumerate(world.members):
            total = CreditEntry.objects.filter(member=member).sum_hours()
            assert total == sum(recount.hours[place].values())
            assert total <= CAP
        marks = dict(recount.marks)
        stored = {
            (sessions.index(mark.session), world.members.index(mark.member)): mark.status
            for mark in Attendance.objects.select_related("session", "member")
        }
        assert stored == marks
        assert list_findings() == []

    def submit(self, world, sessions, recount, place, marks):
        def send():
            submit_roll(
                session_id=sessions[place].pk,
                marks=dict(zip((m.pk for m in world.members), marks, strict=True)),
                seen={},
                by=world.by,
                at=EVENING,
            )

        if (place, 0) in recount.marks:
            before = (CreditEntry.objects.count(), Assessment.objects.count())
            with refused(RollError):
                send()
            after = (CreditEntry.objects.count(), Assessment.objects.count())
            assert before == after
            return
        send()
        for member, status in enumerate(marks):
            recount.post(place, member, status)

    def correct(self, world, sessions, recount, place, member, status):
        mark = Attendance.objects.filter(
            session=sessions[place], member=world.members[member]
        ).first()
        if mark is None:
            return
        values = {
            "attendance_id": mark.pk,
            "seen_version": mark.version,
            "new_status": status,
            "reason": "核对",
            "by": world.by,
            "at": EVENING,
        }
        if status == mark.status:
            with refused(RollError):
                correct_attendance(**values)
            return
        correct_attendance(**values)
        recount.post(place, member, status)
