"""The demo's special audit: one finding is answered and waits for the auditor, one is open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from accounts.enums import Role
from accounts.origin import Actor
from config.lib.periods import at_local, inclusive_period
from config.lib.years import FIRST_YEAR
from funding.actions.audits import AuditScope, answer_finding, open_audit, raise_finding
from funding.enums import Severity
from funding.models import AuditedPayment, AuditFinding
from schools.demo import DemoPlan
from schools.enums import FundingChannel
from schools.models import School

_SCHOOLS = 3
_SAMPLE = 8
_THRESHOLD = Decimal(20_000)
_ANSWER_DAYS = 15
# Days before the demo's day.
_OPENED, _FOUND, _ANSWERED = 12, 10, 4

type _Actors = Callable[[Role, School | None], Actor]


def audit_events(
    plan: DemoPlan, schools: Sequence[School], actor_of: _Actors
) -> list[tuple[datetime, Callable[[datetime], object]]]:
    """What happens in the audit of the first schools, as acts at their moments."""

    def day(before: int, hour: int) -> datetime:
        return at_local(plan.on - timedelta(days=before), hour)

    auditor = actor_of(Role.AUDITOR, None)
    until = plan.on - timedelta(days=_OPENED)
    since = date(max(until.year - 1, FIRST_YEAR), 1, 1)
    scope = AuditScope(
        title=f"{since.year}—{until.year} 年培训经费专项审计",
        schools=tuple(schools[:_SCHOOLS]),
        channels=tuple(channel.value for channel in FundingChannel),
        period=inclusive_period(since, until),
        sample_size=_SAMPLE,
        threshold=_THRESHOLD,
    )

    def find(at: datetime) -> None:
        for place, text, severity in (
            (0, "场地租用缺少比价记录。", Severity.FAULT),
            (1, "发票日期晚于支付日期，请说明。", Severity.NOTE),
        ):
            raise_finding(
                payment_id=_largest()[place].pk,
                text=text,
                severity=severity.value,
                due_on=plan.on + timedelta(days=_ANSWER_DAYS - _FOUND),
                by=auditor,
                at=at,
            )

    def answer(at: datetime) -> None:
        finding = AuditFinding.objects.order_by("pk")[0]
        school = finding.audited_payment.payment.school
        answer_finding(
            finding_id=finding.pk,
            text="三家比价单原件已补入凭证，存党校办公室。",
            by=actor_of(Role.SCHOOL_CLERK, school),
            at=at,
        )

    return [
        (day(_OPENED, 17), lambda at: open_audit(scope=scope, by=auditor, at=at)),
        (day(_FOUND, 10), find),
        (day(_ANSWERED, 15), answer),
    ]


def _largest() -> list[AuditedPayment]:
    return list(AuditedPayment.objects.order_by("-amount", "pk"))
