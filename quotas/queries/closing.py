"""How far a final reconciliation is signed, what may be done, and what came after the close."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from accounts.interests import own_accounts
from accounts.models import User
from quotas.enums import ENDED_REOPENINGS, ReconciliationState, ReopeningState
from quotas.models import (
    Reconciliation,
    StatementSignature,
    YearAdjustment,
    YearReopening,
    YearStatement,
)
from quotas.permissions import countersigns, signs_results
from quotas.queries.signing import read_interests
from quotas.queries.statements import schools_to_sign
from schools.models import School


@dataclass(frozen=True)
class CloseLine:
    """A school, or with None the district: its signature and statement, and what may be done."""

    school: School | None
    signature: StatementSignature | None
    statement: YearStatement | None
    may_sign: bool
    may_countersign: bool


@dataclass(frozen=True)
class Close:
    """The signatures of a run that the person sees, and what became of the closed year."""

    run: Reconciliation
    lines: list[CloseLine]
    is_closed: bool
    reopening: YearReopening | None
    may_answer: bool
    may_withdraw: bool
    may_ask: bool
    may_note: bool
    adjustments: list[YearAdjustment]


def read_close(run: Reconciliation, user: User, on: date) -> Close | None:
    """What became of a final reconciliation, as far as the person may see; None while it runs."""
    if run.state != ReconciliationState.COMPUTED:
        return None
    signatures = {
        signature.school_id: signature
        for signature in StatementSignature.objects.visible_to(user, on)
        .filter(reconciliation=run)
        .select_related("signed_by")
    }
    issued = YearStatement.objects.filter(signature__in=signatures.values())
    statements = {one.signature_id: one for one in issued.select_related("issued_by")}
    is_closed = Reconciliation.objects.closed().filter(pk=run.pk).exists()
    is_open = run.lock is None or run.lock.released_at is not None
    visible = School.objects.visible_to(user, on)
    schools: list[School | None] = list(schools_to_sign(run).filter(pk__in=visible))
    is_officer = countersigns(user)
    interests = read_interests(user, run, on) if is_officer else None
    lines = []
    for school in [*schools, None]:
        key = school.pk if school else None
        signature = signatures.get(key)
        statement = statements.get(signature.pk) if signature else None
        can_sign = not is_open and signature is None and (school is not None or is_closed)
        lines.append(
            CloseLine(
                school,
                signature,
                statement,
                may_sign=can_sign and signs_results(user, key, on),
                may_countersign=not is_open
                and signature is not None
                and statement is None
                and interests is not None
                and not interests.bar(signature),
            )
        )
    asked = YearReopening.objects.filter(reconciliation=run).select_related("asked_by")
    reopening = asked.exclude(state__in=ENDED_REOPENINGS).first()
    waits = is_officer and reopening is not None and reopening.state == ReopeningState.ASKED
    is_own = reopening is not None and reopening.asked_by_id in own_accounts(user)
    return Close(
        run,
        lines,
        is_closed,
        reopening,
        may_answer=waits and not is_own,
        may_withdraw=waits and is_own,
        may_ask=is_officer and is_closed and not is_open and reopening is None,
        may_note=is_officer and is_closed and not is_open,
        adjustments=list_adjustments(run.year, user, on),
    )


def list_adjustments(
    year: int, user: User, on: date, schools: Iterable[int] | None = None
) -> list[YearAdjustment]:
    """The later facts of a year that the person may see, newest first; of these schools or all."""
    rows = YearAdjustment.objects.visible_to(user, on).filter(year=year)
    if schools is not None:
        rows = rows.filter(school__in=list(schools))
    return list(rows.select_related("member", "school", "recorded_by", "taken_back_by"))
