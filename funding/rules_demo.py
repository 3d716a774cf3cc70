"""The demo's weights of allocations, and three exceptions: granted, refused, and one that waits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal

from accounts.enums import Role
from accounts.origin import Actor
from config.lib.periods import at_local, day_before, period
from funding.actions.commitments import CostFacts, check_commitment, commit_funds
from funding.actions.exceptions import decide_exception
from funding.actions.ledger import Account, Fund, read_balance
from funding.enums import FundUse, LimitKind, Purpose, Stage
from funding.models import Commitment, LimitRule, WeightRule
from schools.demo import DemoPlan
from schools.enums import FundingChannel
from schools.models import School

type _Event = tuple[datetime, Callable[[datetime], object]]

# Channel, purpose, base, for each venue, member and person-hour, sum to share out: yuan.
_WEIGHTS = (
    (FundingChannel.FISCAL, Purpose.TRAINING, 20_000, 500, 6, "0.10", 660_000),
    (FundingChannel.FISCAL, Purpose.EQUIPMENT, 8_000, 3_000, 1, 0, 220_000),
    (FundingChannel.FISCAL, Purpose.RUNNING, 10_000, 0, "2.50", 0, None),
    (FundingChannel.DUES, Purpose.TRAINING, 5_000, 0, 4, "0.10", 376_000),
    (FundingChannel.DUES, Purpose.EQUIPMENT, 3_000, 1_000, "0.50", 0, 94_000),
)
# An item and by how much it is beyond the threshold (yuan), and what the department decides.
_ITEMS = (
    ("录播教室一体机", 650, ("granted", "原设备已报废，集体研究后询价采购。")),
    ("会议室显示屏", 480, ("refused", "可用现有设备，下年度统筹。")),
    ("远程教育终端", 320, None),
)
_WHY = "街道党工委会议研究决定，已三家询价"


def seed_weights(plan: DemoPlan) -> None:
    """What the calculator of this year and the next goes by."""
    for channel, purpose, base, per_venue, per_member, per_hour, total in _WEIGHTS:
        WeightRule.objects.create(
            channel=channel,
            purpose=purpose,
            base=base,
            per_venue=per_venue,
            per_member=per_member,
            per_hour=per_hour,
            total=total,
            source="本区党员教育培训经费测算办法（试行）",
            period=period(date(plan.year, 1, 1)),
        )


def exception_events(
    plan: DemoPlan, schools: Sequence[School], find_actor: Callable[[Role, School | None], Actor]
) -> list[_Event]:
    """Three items beyond the threshold, asked for yesterday where the most equipment money is."""
    made: list[tuple[Commitment, tuple[str, str] | None]] = []

    def ask(at: datetime) -> None:
        limit = LimitRule.objects.in_force(plan.on).get(kind=LimitKind.EQUIPMENT_ITEM)
        account = Account(plan.year, Purpose.EQUIPMENT.value, Stage.AVAILABLE)
        channel = FundingChannel.FISCAL.value
        held = {one: read_balance(Fund(one.pk, channel), account) for one in schools}
        richest = sorted(schools, key=lambda one: -held[one])
        for school, (words, beyond, decision) in zip(richest, _ITEMS, strict=False):
            facts = CostFacts(
                school=school,
                channel=channel,
                year=plan.year,
                use=FundUse.VENUE_EQUIPMENT.value,
                amount=limit.most + Decimal(beyond),
                subject=words,
            )
            by = find_actor(Role.SCHOOL_CLERK, school)
            asked = commit_funds(facts=facts, by=by, at=at, exception_reason=_WHY)
            made.append((asked, decision))

    def check(at: datetime) -> None:
        for cost, _decision in made:
            by = find_actor(Role.CUSTODIAN, cost.school)
            check_commitment(commitment_id=cost.pk, by=by, at=at)

    def decide(at: datetime) -> None:
        officer = find_actor(Role.ORGANISATION_DEPARTMENT, None)
        for cost, decision in made:
            if decision is not None:
                outcome, reason = decision
                decide_exception(
                    commitment_id=cost.pk, outcome=outcome, reason=reason, by=officer, at=at
                )

    if plan.on < date(plan.year, 2, 1):  # the year's money is not there yet
        return []
    yesterday = day_before(plan.on)
    return [
        (at_local(yesterday, 9), ask),
        (at_local(yesterday, 16), check),
        (at_local(plan.on, 10), decide),
    ]
