"""Marks that a device kept while it made them, and sends until it hears of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import record_act
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
from rolls.enums import MarkOutcome, MarkRefusal
from rolls.errors import RollError
from rolls.models import MarkDismissal, MarkReceipt
from trainees.models import Member


@dataclass(frozen=True)
class DeviceMark:
    """One mark as the device sends it; `seen` is what stood there when it was made, or ""."""

    key: UUID
    member_id: int
    status: str
    seen: str
    device_at: datetime


@dataclass(frozen=True)
class ReceivedMarks:
    """What became of each mark, in the order asked, and how the roll stands now.

    `roll` is None, and a mark "" in `standing`, by member, where none was made.
    """

    answers: list[MarkReceipt]
    roll: Roll | None
    standing: dict[int, str]


def receive_marks(
    *, session_id: int, marks: Sequence[DeviceMark], by: Actor, at: datetime
) -> ReceivedMarks:
    """Save what can be saved as a draft and answer each mark, once and for all.

    A mark that came before, in whatever order and however often, is answered as it was then and
    changes nothing. One is in conflict if somebody else's mark stands there that the device had
    not seen; one is refused if the roll is submitted and says something else, or the person is not
    on the roster. Neither is written to the roll; both are kept. The statuses must exist. The time
    that counts is `at`. Raises Session.DoesNotExist outside the clerk's sight, PermissionDenied,
    and RollError before the day of the session.
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
    standing = {m: line.status or "" for m, line in roster.items()} | judge.changed
    return ReceivedMarks(answers, roll, standing)


def dismiss_mark(*, receipt_id: int, reason: str, by: Actor, at: datetime) -> MarkDismissal:
    """Say of a mark that was not taken why none is needed; the roll stays as it is.

    Raises MarkReceipt.DoesNotExist for one that was taken, Session.DoesNotExist outside the
    clerk's sight, PermissionDenied, and RollError for one dismissed already, or without a reason.
    """
    with transaction.atomic():
        untaken = MarkReceipt.objects.exclude(outcome=MarkOutcome.APPLIED)
        receipt = untaken.select_related("member").get(pk=receipt_id)
        session, user = lock_session(receipt.session_id, by, at)
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
    """What becomes of new marks beside the roll as it stands, whose session is locked."""

    def __init__(
        self,
        session: Session,
        roster: Mapping[int, RosterLine],
        roll: Roll | None,
        user: User,
        at: datetime,
    ) -> None:
        self.session, self.roster, self.user, self.at = session, roster, user, at
        self.is_open = roll is None or roll.state == RollState.DRAFT
        self.changed: dict[int, str] = {}
        self.receipts: list[MarkReceipt] = []

    def answer(self, marks: Sequence[DeviceMark]) -> list[MarkReceipt]:
        """A receipt for each mark: the former one, or a new one that is yet to be saved."""
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
                # An id that is nobody's leaves nothing to keep.
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
        stands = self.changed.get(mark.member_id, line.status or "")
        if not self.is_open and stands != mark.status:
            return self._refuse(mark, MarkRefusal.SUBMITTED)
        if stands in {mark.status, mark.seen, ""}:
            if stands != mark.status:
                self.changed[mark.member_id] = mark.status
            return self._write(mark, MarkOutcome.APPLIED)
        is_own = mark.member_id in self.changed
        return self._write(
            mark,
            MarkOutcome.CONFLICT,
            stood=stands,
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
    """What makes two marks of one number the same mark."""
    return mark.member_id, mark.status, mark.seen
