"""Claims: the clerk drafts, a leader of the school submits, the department decides."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import record_act
from accounts.origin import Actor, person_of
from accounts.records import lock_row
from config.lib.hours import ZERO
from config.lib.periods import local_date
from quotas.enums import ClaimState
from quotas.errors import ClaimError
from quotas.models import AnnualTask, ClaimLine, QuotaClaim
from quotas.notices import tell_of_claim
from quotas.permissions import drafts_claims, own_claims, sets_tasks, submits_claims
from schools.models import School
from schools.queries.open_years import refuse_closed


def begin_claim(*, school_id: int, year: int, by: Actor, at: datetime) -> QuotaClaim:
    """Begin the next version of a school's claim, in draft.

    It begins with what the version before claimed of each line, else with 0. A draft that answers
    an older version of the task gives way, with what was typed into it. Raises
    PermissionDenied, and ClaimError, also for a year that is closed.
    """
    with transaction.atomic():
        _require_clerk(school_id, by, at)
        refuse_closed(year, ClaimError)
        school = lock_row(School.objects.get(pk=school_id), no_key=True)
        task = AnnualTask.objects.newest(year).first()
        if task is None:
            raise ClaimError(_("No task of this year is published yet."))
        before = school.quota_claims.filter(year=year).order_by("-version").first()
        former, reason = _amounts_by_key(before), ""
        version = before.version + 1 if before else 1
        if before and before.state == ClaimState.DRAFT and before.task_id != task.pk:
            version, reason = before.version, before.reason
            _record("discard_claim", before, by, at)
            before.delete()
        elif before and before.state in {ClaimState.DRAFT, ClaimState.SUBMITTED}:
            raise ClaimError(_("A claim of this school is not decided yet."))
        claim = QuotaClaim.objects.create(
            school=school,
            task=task,
            year=year,
            version=version,
            reason=reason,
            drafted_at=at,
            drafted_by=person_of(by),
        )
        ClaimLine.objects.bulk_create(
            ClaimLine(claim=claim, task_line=line, amount=former.get(line.key, ZERO))
            for line in task.lines.order_by("pk")
        )
        _record("begin_claim", claim, by, at)
    return claim


def write_claim(
    *, claim_id: int, amounts: Mapping[int, Decimal], reason: str = "", by: Actor, at: datetime
) -> None:
    """Set the amounts of a draft, by line of the task. Raises PermissionDenied and ClaimError."""
    with transaction.atomic():
        claim = _lock_claim(claim_id, ClaimState.DRAFT)
        _require_clerk(claim.school_id, by, at)
        for line in claim.lines.select_related("task_line"):
            line.amount = amounts.get(line.task_line_id, line.amount)
            try:
                line.full_clean()
            except ValidationError as error:
                field = f"line_{line.task_line_id}"
                raise ClaimError(" ".join(error.messages), field) from error
            line.save(update_fields=["amount"])
        claim.reason = reason if claim.version > 1 else ""
        claim.save(update_fields=["reason"])
        _record("write_claim", claim, by, at)


def discard_claim(*, claim_id: int, by: Actor, at: datetime) -> None:
    """Drop a draft. Raises PermissionDenied and ClaimError."""
    with transaction.atomic():
        claim = _lock_claim(claim_id, ClaimState.DRAFT)
        _require_clerk(claim.school_id, by, at)
        _record("discard_claim", claim, by, at)
        claim.delete()


def submit_claim(*, claim_id: int, by: Actor, at: datetime) -> QuotaClaim:
    """A leader of the school submits its draft. Raises PermissionDenied and ClaimError.

    A closed year takes none: what was claimed stands in its statements.
    """
    with transaction.atomic():
        claim = _lock_claim(claim_id, ClaimState.DRAFT)
        if by.user is None or not submits_claims(by.user, claim.school_id, local_date(at)):
            raise PermissionDenied
        refuse_closed(claim.year, ClaimError)
        _require_task_in_force(claim)
        if claim.version > 1 and not claim.reason:
            raise ClaimError(_("Say why the claim changes."))
        if not claim.lines.filter(amount__gt=0).exists():
            raise ClaimError(_("Nothing is claimed yet."))
        claim.state = ClaimState.SUBMITTED
        claim.submitted_at, claim.submitted_by = at, person_of(by)
        claim.save(update_fields=["state", "submitted_at", "submitted_by"])
        _record("submit_claim", claim, by, at)
        tell_of_claim(claim, at=at)
    return claim


def accept_claim(*, claim_id: int, by: Actor, at: datetime) -> QuotaClaim:
    """The department accepts a claim, unless its year is closed.

    Raises PermissionDenied and ClaimError.
    """
    with transaction.atomic():
        claim = _lock_for_decision(claim_id, by, at)
        refuse_closed(claim.year, ClaimError)
        _require_task_in_force(claim)
        _decide(claim, ClaimState.ACCEPTED, "", by, at)
        _record("accept_claim", claim, by, at)
        tell_of_claim(claim, at=at)
    return claim


def ask_again(*, claim_id: int, words: str, by: Actor, at: datetime) -> QuotaClaim:
    """The department asks the school for another claim. Raises PermissionDenied and ClaimError."""
    with transaction.atomic():
        claim = _lock_for_decision(claim_id, by, at)
        if not words:
            raise ClaimError(_("Say what the school should change."), "reason")
        _decide(claim, ClaimState.ASKED_AGAIN, words, by, at)
        _record("ask_again", claim, by, at)
        tell_of_claim(claim, at=at)
    return claim


def _decide(claim: QuotaClaim, state: ClaimState, words: str, by: Actor, at: datetime) -> None:
    claim.state, claim.words = state, words
    claim.decided_at, claim.decided_by = at, person_of(by)
    claim.save(update_fields=["state", "words", "decided_at", "decided_by"])


def _require_clerk(school_id: int, by: Actor, at: datetime) -> None:
    if by.user is None or not drafts_claims(by.user, school_id, local_date(at)):
        raise PermissionDenied


def _lock_claim(claim_id: int, state: ClaimState) -> QuotaClaim:
    claim = lock_row(QuotaClaim.objects.select_related("school").get(pk=claim_id), no_key=True)
    if claim.state != state:
        raise ClaimError(_("This claim went another step meanwhile."))
    return claim


def _lock_for_decision(claim_id: int, by: Actor, at: datetime) -> QuotaClaim:
    """Nobody who speaks for the school, or wrote or submitted the claim, decides on it."""
    if by.user is None or not sets_tasks(by.user):
        raise PermissionDenied
    claim = _lock_claim(claim_id, ClaimState.SUBMITTED)
    if QuotaClaim.objects.filter(own_claims(by.user, local_date(at)), pk=claim.pk).exists():
        raise ClaimError(_("Nobody decides on a claim of their own."))
    return claim


def _require_task_in_force(claim: QuotaClaim) -> None:
    newest = AnnualTask.objects.newest(claim.year).get()
    if newest.pk != claim.task_id:
        raise ClaimError(_("The task was amended meanwhile: claim its new version."))


def _amounts_by_key(claim: QuotaClaim | None) -> dict[tuple[str, str, int | None], Decimal]:
    if claim is None:
        return {}
    lines = claim.lines.select_related("task_line")
    return {line.task_line.key: line.amount for line in lines}


def _record(act: str, claim: QuotaClaim, by: Actor, at: datetime) -> None:
    lines = claim.lines.select_related("task_line__module").order_by("task_line")
    facts: dict[str, Any] = {"year": claim.year, "version": claim.version}
    facts["task_lines"] = [line.task_line.fact_of(line.amount) for line in lines]
    if claim.reason:
        facts["reason"] = claim.reason
    if claim.words:
        facts["words"] = claim.words
    record_act(act=act, obj=claim, by=by, at=at, after=facts, school_code=claim.school.code)
