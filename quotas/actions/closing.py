"""After the close: a year is opened again by two officers, and later facts are noted beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.audit import record_act
from accounts.interests import own_accounts, refuse_own_rows
from accounts.models import User
from accounts.origin import Actor, person_of
from config.lib.hours import STEP
from quotas.enums import ReopeningState
from quotas.errors import AdjustmentError, ReopeningError
from quotas.models import MemberResult, YearAdjustment, YearReopening
from quotas.permissions import countersigns
from quotas.queries.statements import find_closed
from schools.actions.year_locks import release_year


@dataclass(frozen=True)
class LaterFact:
    """A fact of a closed year: what is the case, why it was not counted, and where the evidence is.

    `hours` is what it would have added to the member's hours, or taken if less than zero.
    """

    words: str
    reason: str
    evidence: str
    school_id: int | None = None
    member_id: int | None = None
    hours: Decimal | None = None


def ask_reopening(*, year: int, reason: str, by: Actor, at: datetime) -> YearReopening:
    """Ask for a closed year to be opened again. Raises PermissionDenied and ReopeningError.

    Nothing is open before another officer of the organisation department grants it.
    """
    user = _officer(by)
    if not reason.strip():
        raise ReopeningError(_("Say why."), "reason")
    with transaction.atomic():
        run = find_closed(year)
        if run is None:
            raise ReopeningError(_("This year is not closed."))
        try:
            with transaction.atomic():
                asked = YearReopening.objects.create(
                    reconciliation=run, reason=reason.strip(), asked_at=at, asked_by=user
                )
        except IntegrityError as error:
            raise ReopeningError(_("This waits for a second person already.")) from error
        record_act(
            act="ask_year_reopening",
            obj=run,
            by=by,
            at=at,
            after={"year": year, "reason": asked.reason},
        )
    return asked


def answer_reopening(
    *, reopening_id: int, is_granted: bool, words: str = "", by: Actor, at: datetime
) -> YearReopening:
    """Grant or refuse what another officer asked for; granting it releases the lock of the year.

    A refusal says why. Raises PermissionDenied, ReopeningError and
    SchoolsError.
    """
    user = _officer(by)
    with transaction.atomic():
        asked = _lock_asked(reopening_id)
        if asked.asked_by_id in own_accounts(user):
            raise ReopeningError(_("Somebody else answers what you asked for."))
        if not is_granted and not words.strip():
            raise ReopeningError(_("Say why."), "reason")
        run = asked.reconciliation
        state = ReopeningState.GRANTED if is_granted else ReopeningState.REFUSED
        _end(asked, state, user, at, words.strip())
        if is_granted:
            release_year(year=run.year, reason=asked.reason, by=by, at=at)
        record_act(
            act="answer_year_reopening",
            obj=run,
            by=by,
            at=at,
            after={"year": run.year, "state": asked.state, "words": asked.words},
        )
    return asked


def withdraw_reopening(*, reopening_id: int, by: Actor, at: datetime) -> YearReopening:
    """Withdraw a request that nobody has answered; the year stays closed.

    Raises PermissionDenied for all but who asked, and ReopeningError.
    """
    user = _officer(by)
    with transaction.atomic():
        asked = _lock_asked(reopening_id)
        if asked.asked_by_id not in own_accounts(user):
            raise PermissionDenied
        _end(asked, ReopeningState.WITHDRAWN, user, at)
        run = asked.reconciliation
        after = {"year": run.year, "reason": asked.reason}
        record_act(act="withdraw_year_reopening", obj=run, by=by, at=at, after=after)
    return asked


def _lock_asked(reopening_id: int) -> YearReopening:
    """The request, locked, if it waits for an answer."""
    rows = YearReopening.objects.select_related("reconciliation")
    asked = rows.select_for_update(of=("self",)).get(pk=reopening_id)
    if asked.state != ReopeningState.ASKED:
        raise ReopeningError(_("Somebody has answered this meanwhile."))
    return asked


def _end(
    asked: YearReopening, state: ReopeningState, user: User, at: datetime, words: str = ""
) -> None:
    asked.state, asked.answered_at, asked.answered_by, asked.words = state, at, user, words
    asked.save(update_fields=["state", "answered_at", "answered_by", "words"])


def note_adjustment(*, year: int, fact: LaterFact, by: Actor, at: datetime) -> YearAdjustment:
    """Note a later fact of a closed year beside its statement; it is counted nowhere.

    Nobody notes one of their own rows. Raises PermissionDenied and AdjustmentError.
    """
    user = _officer(by)
    _refuse_incomplete(fact)
    if fact.member_id is not None:
        refuse_own_rows(by, [fact.member_id], AdjustmentError)
    with transaction.atomic():
        run = find_closed(year)
        if run is None:
            raise AdjustmentError(_("This year is not closed."))
        school_id = fact.school_id
        if fact.member_id is not None:
            result = MemberResult.objects.filter(reconciliation=run, member=fact.member_id).first()
            if result is None:
                raise AdjustmentError(_("This member has no result in this year."), "member")
            school_id = result.school_id
        row = YearAdjustment.objects.create(
            year=year,
            school_id=school_id,
            member_id=fact.member_id,
            hours=fact.hours,
            words=fact.words.strip(),
            reason=fact.reason.strip(),
            evidence=fact.evidence.strip(),
            recorded_at=at,
            recorded_by=user,
        )
        _record("note_adjustment", row, by, at)
    return row


def take_adjustment_back(
    *, adjustment_id: int, reason: str, by: Actor, at: datetime
) -> YearAdjustment:
    """Take a later fact back by a further row, which stands beside it with its reason.

    Raises PermissionDenied and AdjustmentError.
    """
    user = _officer(by)
    if not reason.strip():
        raise AdjustmentError(_("Say why."), "reason")
    with transaction.atomic():
        of = YearAdjustment.objects.get(pk=adjustment_id)
        if of.member_id is not None:
            refuse_own_rows(by, [of.member_id], AdjustmentError)
        if find_closed(of.year) is None:
            raise AdjustmentError(_("This year is not closed."))
        if of.takes_back_id is not None:
            raise AdjustmentError(_("This takes another one back: note the fact anew."))
        try:
            with transaction.atomic():
                row = YearAdjustment.objects.create(
                    year=of.year,
                    school_id=of.school_id,
                    member_id=of.member_id,
                    hours=-of.hours if of.hours is not None else None,
                    words=of.words,
                    reason=reason.strip(),
                    evidence=of.evidence,
                    takes_back=of,
                    recorded_at=at,
                    recorded_by=user,
                )
        except IntegrityError as error:
            raise AdjustmentError(_("This is taken back already.")) from error
        _record("take_adjustment_back", row, by, at)
    return row


def _officer(by: Actor) -> User:
    user = person_of(by)
    if not countersigns(user):
        raise PermissionDenied
    return user


def _refuse_incomplete(fact: LaterFact) -> None:
    for field in ("words", "reason", "evidence"):
        if not getattr(fact, field).strip():
            raise AdjustmentError(_("Say what is the case, why, and by which evidence."), field)
    if fact.hours is not None and fact.member_id is None:
        raise AdjustmentError(_("Hours are those of a member."), "member")
    if fact.hours is not None and (not fact.hours or fact.hours % STEP):
        raise AdjustmentError(_("Hours go in steps of 0.25."), "hours")


def _record(act: str, row: YearAdjustment, by: Actor, at: datetime) -> None:
    record_act(
        act=act,
        obj=row,
        by=by,
        at=at,
        after={
            "year": row.year,
            "member": row.member_id,
            "hours": row.hours,
            "words": row.words,
            "reason": row.reason,
            "evidence": row.evidence,
        },
        school_code=row.school.code if row.school else "",
    )
