"""What a lane at the door does when someone shows a code or is chosen by name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q

from accounts.audit import record_act
from accounts.origin import Actor
from classes.actions.enrolments import free_numbers, record_on_class
from classes.models import Enrolment
from config.lib.periods import local_date
from courses.models import Session
from rolls.actions.device_marks import DeviceMark, receive_marks
from rolls.codes import STEP_SECONDS, clean_code, is_typed, read_code
from rolls.enums import LET_IN, AttendanceStatus, DoorAnswer, MarkOutcome, MarkRefusal
from rolls.models import Attendance, MarkReceipt, MemberCard
from rolls.permissions import takes_rolls
from rolls.queries.door import (
    find_at_door,
    find_door_times,
    find_open_elsewhere,
    find_typed_code,
    find_waiting_place,
)
from rolls.queries.pockets import with_phone_in_pocket
from trainees.models import Member

# A lane reports how long a scan waited for the network. Longer delays are not trusted (ADR 15).
LONGEST_DELAY = timedelta(minutes=10)


@dataclass(frozen=True)
class DoorReply:
    """The lane's answer. `at` is when the door opens or closed, or when the mark was made.

    `enrolment` is the member's place on the roster. Without it, `place` is the position on the
    waiting list of the class, and `elsewhere` an open session of this school for the member.
    """

    answer: DoorAnswer
    member: Member | None = None
    enrolment: Enrolment | None = None
    at: datetime | None = None
    elsewhere: Session | None = None
    place: int | None = None


_OF_MARK = {
    AttendanceStatus.PRESENT: DoorAnswer.MARKED,
    AttendanceStatus.LATE: DoorAnswer.MARKED,
    AttendanceStatus.ON_LEAVE: DoorAnswer.ON_LEAVE,
    AttendanceStatus.ABSENT: DoorAnswer.ABSENT,
}


def answer_at_door(
    *,
    session_id: int,
    key: UUID,
    by: Actor,
    at: datetime,
    code: str = "",
    member_id: int | None = None,
    delay: timedelta = timedelta(0),
) -> DoorReply:
    """Mark the member with this `code` or `member_id`, and assign a phone pocket.

    Only `receive_marks` writes marks, under `key`, so a request sent again gets the same answer.
    A member who is let in keeps their pocket or gets the lowest free one. A scan made `delay`
    before it arrived is judged at its own time (code, card and door), up to LONGEST_DELAY; the
    audit trail records the delay. An older scan creates no mark; the reply names the member so that
    the clerk can mark by hand. Raises Session.DoesNotExist if the clerk may not see the session,
    PermissionDenied, and RollError if the session was called off meanwhile.
    """
    with transaction.atomic():
        session = _lock_class_of(session_id, by, at)
        lane = _Lane(session, key, by, at, scanned_at=at - delay)
        member = (
            _identify(session, code, lane.scanned_at)
            if code
            else Member.objects.filter(pk=member_id or 0).first()
        )
        if member is None:
            return DoorReply(DoorAnswer.UNKNOWN)
        if isinstance(member, DoorAnswer):
            return DoorReply(member)
        person = member.merged_into_id or member.pk
        enrolment = find_at_door(session, person)
        if enrolment is None and not code:
            # Without a code, a clerk may learn nothing about people who are not on the roster.
            return DoorReply(DoorAnswer.UNKNOWN)
        if enrolment is None:
            return _send_on(session, member, person, lane.scanned_at)
        answer, moment = lane.answer(enrolment)
        if answer in {*LET_IN, DoorAnswer.MARKED} and enrolment.phone_pocket is None:
            lane.give_pocket(enrolment)
    return DoorReply(answer, enrolment.member, enrolment, moment)


def _send_on(session: Session, member: Member, person: int, at: datetime) -> DoorReply:
    """The answer to a member not on this roster: another session, or the waiting list."""
    elsewhere = find_open_elsewhere(session, person, at)
    place = None if elsewhere else find_waiting_place(session, person)
    answer = DoorAnswer.WAITS if place else DoorAnswer.ELSEWHERE
    return DoorReply(answer, member, elsewhere=elsewhere, place=place)


def _lock_class_of(session_id: int, by: Actor, at: datetime) -> Session:
    """The session if the actor takes its roll. Its class is locked, as pockets are assigned.

    The class is locked before the session, as in every act on a roster.
    """
    if by.user is None:
        raise PermissionDenied
    on = local_date(at)
    session = (
        Session.objects.visible_to(by.user, on)
        .annotate(may_take=takes_rolls(by.user, on))
        .select_related("training_class__school", "venue")
        .select_for_update(of=("training_class",), no_key=True)
        .get(pk=session_id)
    )
    if not session.may_take:
        raise PermissionDenied
    return session


def _identify(session: Session, code: str, at: datetime) -> Member | DoorAnswer | None:
    """The member whose code this is, EXPIRED if it was too old at `at`, None if it is unknown.

    A code that was typed is looked for on the roster of the session alone.
    """
    plain = clean_code(code)
    is_short = plain is not None and is_typed(plain)
    read = find_typed_code(session, plain or "", at) if is_short else read_code(code, at)
    if read is None:
        return None
    if read.is_expired:
        return DoorAnswer.EXPIRED
    if not read.card_fingerprint:
        return Member.objects.filter(pk=read.member_id or 0).first()
    cards = MemberCard.objects.select_related("member")
    card = cards.filter(code_fingerprint=read.card_fingerprint).first()
    if card is None:
        return None
    is_good = card.ended_at is None or card.ended_at > at
    return card.member if is_good else DoorAnswer.EXPIRED


@dataclass(frozen=True)
class _Lane:
    """Produces one answer at the door of a session; the class is locked.

    Each answer comes with its time: that of the mark, or of the door. `scanned_at` is earlier than
    `at` if the lane had no network.
    """

    session: Session
    key: UUID
    by: Actor
    at: datetime
    scanned_at: datetime

    def answer(self, enrolment: Enrolment) -> tuple[DoorAnswer, datetime | None]:
        """The answer for a member on the roster."""
        member_id = enrolment.member_id
        return (
            self._say_again(member_id)
            or self._tell_mark(member_id)
            or self._excuse(enrolment)
            or self._mark(member_id)
        )

    def _say_again(self, member_id: int) -> tuple[DoorAnswer, datetime] | None:
        """The earlier answer to this key, if there is one."""
        mine = MarkReceipt.objects.filter(session=self.session, key=self.key, member=member_id)
        receipt = mine.filter(outcome=MarkOutcome.APPLIED).first()
        return (DoorAnswer(receipt.status), receipt.received_at) if receipt else None

    def _tell_mark(self, member_id: int) -> tuple[DoorAnswer, datetime] | None:
        marks = Attendance.objects.current().filter(session=self.session, member=member_id)
        mark = marks.first()
        return (_OF_MARK[AttendanceStatus(mark.status)], mark.marked_at) if mark else None

    def _excuse(self, enrolment: Enrolment) -> tuple[DoorAnswer, None] | None:
        """Accepted leave counts until the clerk marks otherwise on the roll."""
        has_leave = enrolment.has_leave  # type: ignore[attr-defined]
        return (DoorAnswer.ON_LEAVE, None) if has_leave else None

    def _mark(self, member_id: int) -> tuple[DoorAnswer, datetime | None]:
        """Let the member in if the door was open at the scan and the delay is acceptable."""
        if self.at - self.scanned_at > LONGEST_DELAY:
            return DoorAnswer.TOO_OLD, None
        times = find_door_times(self.session)
        if times is None:
            return DoorAnswer.CLOSED, None
        if self.scanned_at < times.opens_at:
            return DoorAnswer.TOO_EARLY, times.opens_at
        if self.scanned_at >= times.closes_at:
            return DoorAnswer.CLOSED, times.closes_at
        return self._receive(member_id, times.status_at(self.scanned_at))

    def _receive(
        self, member_id: int, status: AttendanceStatus
    ) -> tuple[DoorAnswer, datetime | None]:
        mark = DeviceMark(self.key, member_id, status.value, seen="", device_at=self.scanned_at)
        received = receive_marks(
            session_id=self.session.pk, marks=[mark], by=self.by, at=self.at
        ).answers[0]
        if received.outcome == MarkOutcome.CONFLICT:
            return _OF_MARK[AttendanceStatus(received.stood)], received.stood_at
        if received.refusal == MarkRefusal.OWN:
            return DoorAnswer.OWN, None
        if received.outcome == MarkOutcome.REFUSED:
            return DoorAnswer.CLOSED, None
        if self.at - self.scanned_at >= timedelta(seconds=STEP_SECONDS):
            self._note_delay(member_id)
        return DoorAnswer(status), self.at

    def _note_delay(self, member_id: int) -> None:
        """Audit the delay: an older code was accepted on the word of this lane's user."""
        record_act(
            act="take_delayed_scan",
            obj=self.session,
            by=self.by,
            at=self.at,
            school_code=self.session.training_class.school.code,
            after={
                "member_id": member_id,
                "scanned_before": (self.at - self.scanned_at) // timedelta(seconds=1),
            },
        )

    def give_pocket(self, enrolment: Enrolment) -> None:
        """Assign the lowest pocket number that is free in all sessions of this member, if any.

        A number is also taken while a phone from an earlier session is still in the pocket.
        """
        of_class = Enrolment.objects.filter(training_class=self.session.training_class_id)
        in_use = with_phone_in_pocket(of_class, self.at).values("pk")
        others = of_class.filter(Q(sessions__overlap=enrolment.sessions) | Q(pk__in=in_use))
        numbers = others.values_list("phone_pocket", flat=True)
        taken = {number for number in numbers if number is not None}
        enrolment.phone_pocket = next(free_numbers(taken))
        if enrolment.phone_pocket is None:
            return
        enrolment.save(update_fields=["phone_pocket"])
        record_on_class(
            self.session.training_class,
            "give_pocket",
            by=self.by,
            at=self.at,
            after={"member": enrolment.member_id, "pocket": enrolment.phone_pocket},
        )
