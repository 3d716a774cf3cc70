"""Marks stored on a device, which resends each of them until the server has answered it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import record_act
from accounts.interests import own_rows
from accounts.models import User
from accounts.origin import Actor
from classes.enums import RollState
from classes.models import Roll
from courses.models import Session
from rolls.actions.attendance import (
    RosterLine,
    lock_roster,
    lock_session,
    record_marks,
    save_marks,
    save_roll,
)
from rolls.enums import AttendanceStatus, MarkOutcome, MarkRefusal
from rolls.errors import RollError
from rolls.models import MarkDismissal, MarkReceipt
from trainees.models import Member


@dataclass(frozen=True)
class DeviceMark:
    """One mark as the device sends it; `seen` is the mark it replaced on the device, or ""."""

    key: UUID
    member_id: int
    status: str
    seen: str
    device_at: datetime


@dataclass(frozen=True)
class ReceivedMarks:
    """The outcome of each mark, in the order sent, and the current state of the roll.

    `roll` is None if there is none yet. `current_marks` has the status of each member, or "".
    """

    answers: list[MarkReceipt]
    roll: Roll | None
    current_marks: dict[int, str]


def receive_marks(
    *, session_id: int, marks: Sequence[DeviceMark], by: Actor, at: datetime
) -> ReceivedMarks:
    """Save acceptable marks as a draft and answer each mark; the answer never changes.

    A mark that arrives again, in any order and any number of times, gets its first answer and
    changes nothing. A mark conflicts if the roll has a different mark that the device had not seen.
    It is refused if a submitted roll says something else, the person is not on the roster, or it is
    the actor's own. These are stored as receipts only, not written to the roll. The statuses must
    exist. The time that counts is `at`. Raises Session.DoesNotExist if the clerk may not see the
    session, PermissionDenied, and RollError before the day of the session.
    """
    with transaction.atomic(savepoint=False):
        session, user = lock_session(session_id, by, at)
        roster = lock_roster(session)
        roll = Roll.objects.select_related("submitted_by").filter(session=session).first()
        judge = _Judge(session, roster, roll, user, at)
        answers = judge.answer(marks)
        if judge.changed:
            roll = save_roll(session, RollState.DRAFT)
            save_marks(session, roster, judge.changed, user, at)
        if judge.receipts:
            MarkReceipt.objects.bulk_create(judge.receipts)
            outcomes = Counter(receipt.outcome for receipt in judge.receipts)
            facts = {
                "conflicts": outcomes[MarkOutcome.CONFLICT],
                "refused": outcomes[MarkOutcome.REFUSED],
            }
            record_marks(
                session,
                "receive_marks",
                roster=roster,
                changed=judge.changed,
                by=by,
                at=at,
                facts=facts,
            )
    current_marks = {m: line.status or "" for m, line in roster.items()} | judge.changed
    return ReceivedMarks(answers, roll, current_marks)


def dismiss_mark(*, receipt_id: int, reason: str, by: Actor, at: datetime) -> MarkDismissal:
    """Record why a mark that was not applied is not needed; the roll is unchanged.

    Raises MarkReceipt.DoesNotExist if the mark was applied, Session.DoesNotExist if the clerk may
    not see the session, PermissionDenied, and RollError if the mark is already dismissed or the
    reason is missing.
    """
    with transaction.atomic():
        untaken = MarkReceipt.objects.exclude(outcome=MarkOutcome.APPLIED)
        receipt = untaken.select_related("member").get(pk=receipt_id)
        session, user = lock_session(receipt.session_id, by, at, may_be_settled=True)
        if not reason.strip():
            raise RollError(_("Say why."))
        if MarkDismissal.objects.filter(receipt=receipt).exists():
            raise RollError(_("Somebody has dismissed this mark already."))
        dismissal = MarkDismissal.objects.create(
            receipt=receipt, reason=reason.strip(), dismissed_at=at, dismissed_by=user
        )
        record_act(
            act="dismiss_mark",
            obj=session,
            by=by,
            at=at,
            school_code=session.training_class.school.code,
            before={"marks": {receipt.member_id: receipt.status}},
            after={"reason": dismissal.reason},
        )
    return dismissal


class _Judge:
    """Decides on new marks by comparing them with the current roll; the session is locked."""

    def __init__(
        self,
        session: Session,
        roster: Mapping[int, RosterLine],
        roll: Roll | None,
        user: User,
        at: datetime,
    ) -> None:
        self.session, self.roster, self.user, self.at = session, roster, user, at
        self.own = own_rows(user)
        self.is_open = roll is None or roll.state == RollState.DRAFT
        self.changed: dict[int, str] = {}
        self.receipts: list[MarkReceipt] = []

    def answer(self, marks: Sequence[DeviceMark]) -> list[MarkReceipt]:
        """A receipt for each mark: the earlier one, or a new one that is not saved yet."""
        keys = [mark.key for mark in marks]
        known = {r.key: r for r in MarkReceipt.objects.filter(session=self.session, key__in=keys)}
        strangers = {mark.member_id for mark in marks} - self.roster.keys()
        people = self.roster.keys() | (
            set(Member.objects.filter(pk__in=strangers).values_list("pk", flat=True))
            if strangers
            else set()
        )
        answers = []
        for mark in marks:
            former = known.get(mark.key)
            if former and _content(former) != _content(mark):
                answers.append(self._refuse(mark, MarkRefusal.USED))
            elif former:
                answers.append(former)
            elif mark.member_id not in people:
                # The id belongs to no member, so no receipt can be stored.
                answers.append(self._refuse(mark, MarkRefusal.NOT_ON_ROSTER))
            else:
                known[mark.key] = receipt = self._receive(mark)
                self.receipts.append(receipt)
                answers.append(receipt)
        return answers

    def _receive(self, mark: DeviceMark) -> MarkReceipt:
        if mark.member_id not in self.roster:
            return self._refuse(mark, MarkRefusal.NOT_ON_ROSTER)
        line = self.roster[mark.member_id]
        current = self.changed.get(mark.member_id, line.status or "")
        if not self.is_open and current != mark.status:
            return self._refuse(mark, MarkRefusal.SUBMITTED)
        serves_self = mark.member_id in self.own and mark.status != AttendanceStatus.ABSENT
        if serves_self and current != mark.status:
            return self._refuse(mark, MarkRefusal.OWN)
        if current in {mark.status, mark.seen, ""}:
            if current != mark.status:
                self.changed[mark.member_id] = mark.status
            return self._write(mark, MarkOutcome.APPLIED)
        is_own = mark.member_id in self.changed
        return self._write(
            mark,
            MarkOutcome.CONFLICT,
            stood=current,
            stood_by=str(self.user) if is_own else line.marked_by or "",
            stood_at=self.at if is_own else line.marked_at,
        )

    def _refuse(self, mark: DeviceMark, refusal: MarkRefusal) -> MarkReceipt:
        return self._write(mark, MarkOutcome.REFUSED, refusal=refusal)

    def _write(self, mark: DeviceMark, outcome: MarkOutcome, **what: object) -> MarkReceipt:
        return MarkReceipt(
            session=self.session,
            key=mark.key,
            member_id=mark.member_id,
            status=mark.status,
            seen=mark.seen,
            device_at=mark.device_at,
            received_at=self.at,
            received_from=self.user,
            outcome=outcome,
            **what,
        )


def _content(mark: DeviceMark | MarkReceipt) -> tuple[int, str, str]:
    """The content that must match for two marks with the same key to be the same mark."""
    return mark.member_id, mark.status, mark.seen
