"""Any sequence of posts, corrections and replays leaves totals equal to a recount."""

from collections import defaultdict
from decimal import Decimal
from uuid import uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from backstage.idempotency import answer_once
from config.lib.periods import at_local
from tests import factories
from tests.factories import DAY, ClassWorld
from tests.refusals import refused
from trainees.actions.attendance import correct_attendance, record_attendance, submit_roll
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
replays = st.tuples(st.just("replay"), st.integers(0, 20))
drafts = st.tuples(
    st.just("draft"), st.integers(0, len(HOURS) - 1), st.integers(0, SIZE - 1), statuses
)
corrections = st.tuples(
    st.just("correct"), st.integers(0, len(HOURS) - 1), st.integers(0, SIZE - 1), statuses
)


class Recount:
    """What the ledger should say, from the rules alone: hours by member and session."""

    def __init__(self):
        self.marks = {}
        self.hours = defaultdict(dict)
        self.drafts = {}

    def post(self, session, member, status):
        gross = Decimal(HOURS[session])
        lost = LATE if status == "late" else Decimal(0)
        worth = gross - min(lost, gross) if status in ("present", "late") else Decimal(0)
        others = sum(h for s, h in self.hours[member].items() if s != session)
        self.marks[session, member] = status
        self.hours[member][session] = min(worth, CAP - others)


class TestAnySequence(TestCase):
    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.one_of(submissions, corrections, replays, drafts), max_size=14))
    def test_equals_a_recount(self, steps):
        world = ClassWorld(size=SIZE)
        sessions = [
            factories.make_session(
                world.training_class, starts_at=at_local(DAY, 6 + 3 * n), hours=hours
            )
            for n, hours in enumerate(HOURS)
        ]
        recount = Recount()
        self.sent = []
        for step in steps:
            getattr(self, step[0])(world, sessions, recount, *step[1:])

        for place, member in enumerate(world.members):
            total = CreditEntry.objects.filter(member=member).sum_hours()
            assert total == sum(recount.hours[place].values())
            assert total <= CAP
        marks = recount.drafts | recount.marks
        stored = {
            (sessions.index(mark.session), world.members.index(mark.member)): mark.status
            for mark in Attendance.objects.select_related("session", "member")
        }
        assert stored == marks
        assert list_findings() == []

    def submit(self, world, sessions, recount, place, marks):
        key, body = uuid4(), dict(zip((m.pk for m in world.members), marks, strict=True))
        seen = {
            world.members[member].pk: status
            for (session, member), status in recount.drafts.items()
            if session == place
        }

        def send():
            return answer_once(
                key=key,
                user=world.clerk,
                act=f"submit_roll:{place}",
                body_hash=str(body),
                location=f"/{key}",
                do=lambda: submit_roll(
                    session_id=sessions[place].pk, marks=body, seen=seen, by=world.by, at=EVENING
                ),
            )

        if (place, 0) in recount.marks:
            before = self.rows()
            with refused(RollError):
                send()
            assert before == self.rows()
            return
        assert send() == f"/{key}"
        self.sent.append(send)
        for member, status in enumerate(marks):
            recount.post(place, member, status)

    def replay(self, world, sessions, recount, which):
        """A form that was answered comes again, perhaps long afterwards."""
        if not self.sent:
            return
        before = self.rows()
        self.sent[which % len(self.sent)]()
        assert before == self.rows()

    def draft(self, world, sessions, recount, place, member, status):
        """A mark is saved and counts for nothing; once submitted it is refused."""
        if (place, 0) in recount.marks:
            return
        record_attendance(
            session_id=sessions[place].pk,
            marks={world.members[member].pk: status},
            seen={world.members[member].pk: recount.drafts.get((place, member), "")},
            by=world.by,
            at=EVENING,
        )
        recount.drafts[place, member] = status

    @staticmethod
    def rows():
        return CreditEntry.objects.count(), Assessment.objects.count()

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
        if status == mark.status or (place, 0) not in recount.marks:
            with refused(RollError):
                correct_attendance(**values)
            return
        correct_attendance(**values)
        recount.post(place, member, status)
