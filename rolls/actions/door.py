"""What a lane at the door does with whoever shows a code, or is named."""

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
from rolls.codes import STEP_SECONDS, read_code
from rolls.enums import LET_IN, AttendanceStatus, DoorAnswer, MarkOutcome
from rolls.models import Attendance, MarkReceipt, MemberCard
from rolls.permissions import takes_rolls
from rolls.queries.door import (
    find_at_door,
    find_door_times,
    find_open_elsewhere,
    find_waiting_place,
)
from rolls.queries.pockets import with_phone_in_pocket
from trainees.models import Member

# A lane says how long a scan waited for the network. It is believed so far, no further (ADR 15).
LONGEST_DELAY = timedelta(minutes=10)


@dataclass(frozen=True)
class DoorReply:
    """What the lane says. `at` is when the door opens or closed, or when the mark was made.

    `enrolment` is the place on the roster; where there is none, `place` is that on the waiting list
    of the class, and `elsewhere` the session of this school that is open for the member.
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
    """Mark whoever shows `code`, or was chosen as `member_id` of the roster; give a phone pocket.

    A mark is made by `receive_marks` alone, under the number `key`, so what is sent again is
    answered as it was. Whoever was let in has a pocket: his own, or the lowest that is free. What
    was scanned `delay` before it arrived is judged by the moment of the scan, code and card as well
    as the door, up to LONGEST_DELAY; the trail names the delay. What is older marks nobody, but
    says whose it was, so that the clerk can do it on the roll.
    Raises Session.DoesNotExist outside the clerk's sight, PermissionDenied, and RollError where
    the session was called off meanwhile.
    """
    with transaction.atomic():
        session = _lock_class_of(session_id, by, at)
        lane = _Lane(session, key, by, at, scanned_at=at - delay)
        member = (
            _identify(code, lane.scanned_at)
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
            # Of those on no roster here a clerk may know nothing who shows no code.
            return DoorReply(DoorAnswer.UNKNOWN)
        if enrolment is None:
            return _send_on(session, member, person, lane.scanned_at)
        answer, moment = lane.answer(enrolment)
        if answer in {*LET_IN, DoorAnswer.MARKED} and enrolment.phone_pocket is None:
            lane.give_pocket(enrolment)
    return DoorReply(answer, enrolment.member, enrolment, moment)


def _send_on(session: Session, member: Member, person: int, at: datetime) -> DoorReply:
    """What is said to one who is on no roster here: where he belongs, or that he waits."""
    elsewhere = find_open_elsewhere(session, person, at)
    place = None if elsewhere else find_waiting_place(session, person)
    answer = DoorAnswer.WAITS if place else DoorAnswer.ELSEWHERE
    return DoorReply(answer, member, elsewhere=elsewhere, place=place)


def _lock_class_of(session_id: int, by: Actor, at: datetime) -> Session:
    """The session if the actor takes its roll; its class is locked, since pockets are given.

    The class comes before the session, as in every act on a roster.
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


def _identify(code: str, at: datetime) -> Member | DoorAnswer | None:
    """Whose code it was `at` that moment, or that it was too old; None for what is nobody's."""
    read = read_code(code, at)
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
    """One answer to be given at the door of a session whose class is locked.

    An answer comes with the moment that belongs to it: of the mark, or of the door. `scanned_at` is
    before `at` where the lane had no network.
    """

    session: Session
    key: UUID
    by: Actor
    at: datetime
    scanned_at: datetime

    def answer(self, enrolment: Enrolment) -> tuple[DoorAnswer, datetime | None]:
        """What becomes of somebody on the roster."""
        member_id = enrolment.member_id
        return (
            self._say_again(member_id)
            or self._tell_mark(member_id)
            or self._excuse(enrolment)
            or self._mark(member_id)
        )

    def _say_again(self, member_id: int) -> tuple[DoorAnswer, datetime] | None:
        """What was said to this number before."""
        mine = MarkReceipt.objects.filter(session=self.session, key=self.key, member=member_id)
        receipt = mine.filter(outcome=MarkOutcome.APPLIED).first()
        return (DoorAnswer(receipt.status), receipt.received_at) if receipt else None

    def _tell_mark(self, member_id: int) -> tuple[DoorAnswer, datetime] | None:
        marks = Attendance.objects.current().filter(session=self.session, member=member_id)
        mark = marks.first()
        return (_OF_MARK[AttendanceStatus(mark.status)], mark.marked_at) if mark else None

    def _excuse(self, enrolment: Enrolment) -> tuple[DoorAnswer, None] | None:
        """Leave that was accepted stands until the clerk says otherwise on the roll."""
        has_leave = enrolment.has_leave  # type: ignore[attr-defined]
        return (DoorAnswer.ON_LEAVE, None) if has_leave else None

    def _mark(self, member_id: int) -> tuple[DoorAnswer, datetime | None]:
        """Let the member in, if the door is open and the lane is believed when he came."""
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
        if received.outcome == MarkOutcome.REFUSED:
            return DoorAnswer.CLOSED, None
        if self.at - self.scanned_at >= timedelta(seconds=STEP_SECONDS):
            self._note_delay(member_id)
        return DoorAnswer(status), self.at

    def _note_delay(self, member_id: int) -> None:
        """The lane's word let an older code in, so who says so, and how old it was, is kept."""
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
        """The lowest number that nobody has who is on a roster with this member, if any is left.

        Nor anybody of a session before whose phone is still in the pocket.
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
