"""The demo's money: three years of allocations, and what was asked for, approved and paid.

Payments need vouchers from the day on which the database got the rules, so those of before have
none. What waits for payment at one school has them; elsewhere they are missing.

The costs of this year are those of classes, which cause them by themselves since there are rates
(`funding.class_demo`). Of the two years before, of which the demo has no
classes, they are sums of half a year; what was left was carried over.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, cast

from accounts.enums import ActorChannel, Role
from accounts.models import User
from accounts.origin import Actor
from config.lib.periods import at_local, day_before, local_date
from config.lib.shares import share_out
from config.lib.years import FIRST_YEAR
from courses.models import Session
from funding.actions.allocations import AllocationFacts, allocate_funds, carry_funds_over
from funding.actions.commitments import (
    CostFacts,
    approve_commitment,
    check_commitment,
    commit_funds,
    pay_commitment,
)
from funding.actions.ledger import Account, Fund, read_balance
from funding.actions.vouchers import add_voucher
from funding.audit_demo import audit_events
from funding.class_demo import class_events, rates_begin, seed_rates
from funding.enums import CommitmentState, FundUse, Purpose, Stage
from funding.models import Commitment, FeeRule
from funding.queries.vouchers import list_checklist
from funding.rules_demo import exception_events, seed_weights
from instructors.models import Instructor
from schools.demo import DemoPlan
from schools.enums import FundingChannel
from schools.models import School

TOTAL = 4_700_000  # yuan in three years, all schools and both channels (the source's 470 万元)
YEARS = 3

_STEP = 1_000  # yuan; allocations are round sums
_SHARES = {FundingChannel.FISCAL: 7, FundingChannel.DUES: 3}
_PURPOSES = {
    FundingChannel.FISCAL: {Purpose.TRAINING: 6, Purpose.EQUIPMENT: 2, Purpose.RUNNING: 2},
    FundingChannel.DUES: {Purpose.TRAINING: 8, Purpose.EQUIPMENT: 2},
}
_WORDS = {FundingChannel.FISCAL: "西青党教拨", FundingChannel.DUES: "西青党费补"}
# What the sums of half a year are for.
_SUMS = {
    Purpose.TRAINING: (FundUse.VENUE, "培训班场地与资料"),
    Purpose.EQUIPMENT: (FundUse.VENUE_EQUIPMENT, "培训场所设备"),
    Purpose.RUNNING: (FundUse.RUNNING_COSTS, "水电与办公"),
}
_SESSIONS_PAID = 4  # of each school in this year, before there were rates
_MEAL = 25  # yuan for each person
_MOST_MEALS = 40
_FEES = (300, 400, 500)  # yuan for each hour, before the ceiling
# One school has spent nearly all of its appropriation for training.
_NEARLY_ALL = Decimal("0.97")
# Days from the request of a cost until the money is paid.
_CHECKED, _APPROVED, _PAID = 2, 4, 16
# What was asked for so many days ago: for what, and how much (yuan).
_LATELY = (
    (1, "冬季班学习资料印制", "286.50"),
    (3, "学员手册印制", "318.00"),
    (8, "教学展板制作", "540.00"),
)


def seed_funding(plan: DemoPlan) -> None:
    """Store this app's part of the demo."""
    rng = plan.rng("funding")
    schools = list(School.objects.in_force(plan.on).order_by("code"))
    amounts = _share_amounts(rng, len(schools))
    events = [
        event
        for place, school in enumerate(schools)
        for event in _School(plan, rng, school, amounts[place], place).events()
    ]
    seed_rates(plan, _actor(Role.ORGANISATION_DEPARTMENT, None))
    for school in schools:
        events += class_events(plan, school, _actor)
    seed_weights(plan)
    events += exception_events(plan, schools, _actor)
    events += audit_events(plan, schools, _actor)
    now = at_local(plan.on, 12)
    for at, do in sorted(events, key=lambda event: event[0]):
        if at <= now:
            do(at)


type _Amounts = dict[tuple[int, FundingChannel, Purpose], Decimal]
type _Event = tuple[datetime, Callable[[datetime], object]]


def _share_amounts(rng: random.Random, schools: int) -> list[_Amounts]:
    """Amounts differ between schools by need, as the source says: not one size for all."""
    needs = [rng.uniform(0.6, 1.6) for _ in range(schools)]
    keys = [
        (place, (number, channel, purpose), need * share * part * rng.uniform(0.85, 1.15))
        for number in range(YEARS)
        for place, need in enumerate(needs)
        for channel, share in _SHARES.items()
        for purpose, part in _PURPOSES[channel].items()
    ]
    units = share_out(TOTAL // _STEP, [weight for _, _, weight in keys], 1)
    made: list[_Amounts] = [{} for _ in needs]
    for (place, key, _), amount in zip(keys, units, strict=True):
        made[place][key] = Decimal(amount * _STEP)
    return made


class _School:
    """What happens to the money of one school, as acts at their moments."""

    def __init__(
        self, plan: DemoPlan, rng: random.Random, school: School, amounts: _Amounts, place: int
    ) -> None:
        self.plan, self.rng, self.school, self.amounts = plan, rng, school, amounts
        self.has_vouchers, self.is_near = place == 0, place == 2
        self.officer = _actor(Role.ORGANISATION_DEPARTMENT, None)
        self.clerk, self.custodian, self.approver, self.payer = (
            _actor(role, school)
            for role in (Role.SCHOOL_CLERK, Role.CUSTODIAN, Role.APPROVER, Role.PAYER)
        )
        self.list: list[_Event] = []

    def events(self) -> list[_Event]:
        for (number, channel, purpose), amount in self.amounts.items():
            year = self.plan.year - YEARS + 1 + number
            if year < FIRST_YEAR:
                continue
            self._allocate(year, channel, purpose, amount)
            if year < self.plan.year:
                self._spend_by_halves(year, channel, purpose, amount)
                self._carry_over(year, channel, purpose)
        self._spend_on_classes()
        if self.plan.on >= date(self.plan.year, 2, 1):  # this year's money is there
            self._ask_lately()
            if self.is_near:
                self._spend_nearly_all()
        if self.has_vouchers:
            self.list.append((at_local(self.plan.on, 12), self._supply_vouchers))
        return self.list

    def _allocate(
        self, year: int, channel: FundingChannel, purpose: Purpose, amount: Decimal
    ) -> None:
        facts = AllocationFacts(
            school=self.school,
            year=year,
            channel=channel.value,
            purpose=purpose.value,
            amount=amount,
            document=f"{_WORDS[channel]}〔{year}〕{int(self.school.code[-3:])}号",
            decision=f"区委组织部部务会〔{year}〕2次" if channel is FundingChannel.DUES else "",
        )
        at = at_local(date(year, 1, 15), 10)
        self.list.append((at, lambda at: allocate_funds(facts=facts, by=self.officer, at=at)))

    def _spend_by_halves(
        self, year: int, channel: FundingChannel, purpose: Purpose, amount: Decimal
    ) -> None:
        use, words = _SUMS[purpose]
        for half, month in (("上", 5), ("下", 10)):
            part = amount * self.rng.randint(42, 49) / 100
            self._cost(
                at_local(date(year, month, self.rng.randint(8, 20)), 9),
                CostFacts(
                    school=self.school,
                    channel=channel.value,
                    year=year,
                    use=use.value,
                    amount=part.quantize(Decimal("0.01")),
                    subject=f"{year} 年{half}半年{words}",
                ),
            )

    def _carry_over(self, year: int, channel: FundingChannel, purpose: Purpose) -> None:
        def do(at: datetime) -> None:
            account = Account(year, purpose.value, Stage.AVAILABLE)
            if left := read_balance(Fund(self.school.pk, channel.value), account):
                carry_funds_over(
                    school=self.school,
                    channel=channel.value,
                    year=year,
                    purpose=purpose.value,
                    amount=left,
                    reason="上年结余结转",
                    by=self.officer,
                    at=at,
                )

        self.list.append((at_local(date(year, 12, 30), 16), do))

    def _spend_on_classes(self) -> None:
        """Meals and fee of some sessions before the rates, in turn from both channels."""
        ceilings = dict(FeeRule.objects.in_force(self.plan.on).values_list("title", "ceiling"))
        sessions = Session.objects.filter(
            training_class__school=self.school,
            held_on__range=(
                date(self.plan.year, 2, 1),
                day_before(rates_begin(self.plan)),
            ),
            called_off_at=None,
            instructor__isnull=False,
        ).select_related("training_class", "instructor")
        held = list(sessions.order_by("starts_at", "pk"))
        step = max(len(held) / _SESSIONS_PAID, 1)
        for number in range(min(len(held), _SESSIONS_PAID)):
            session = held[-1 - int(number * step)]
            channel = list(FundingChannel)[number % 2]
            asked_at = session.starts_at - timedelta(days=6)
            people = min(max(session.training_class.enrolments.count(), 10), _MOST_MEALS)
            lecturer = cast(Instructor, session.instructor)
            hours = min(session.hours, Decimal(4))
            rate = min(Decimal(self.rng.choice(_FEES)), ceilings[lecturer.title])
            costs: list[tuple[FundUse, Decimal, str, dict[str, Any]]] = [
                (FundUse.MEALS, Decimal(people * _MEAL), f"学员午餐 {people} 人", {}),
                (
                    FundUse.LECTURER_FEE,
                    rate * hours,
                    f"{lecturer.name}讲课费",
                    {"instructor": lecturer, "fee_hours": hours},
                ),
            ]
            for use, amount, subject, fee in costs:
                facts = CostFacts(
                    school=self.school,
                    channel=channel.value,
                    year=self.plan.year,
                    use=use.value,
                    amount=amount.quantize(Decimal("0.01")),
                    subject=subject,
                    training_class=session.training_class,
                    **fee,
                )
                self._cost(asked_at, facts)

    def _ask_lately(self) -> None:
        """Costs that wait for the custodian, the approver and the payer."""
        for days, subject, amount in _LATELY:
            facts = CostFacts(
                school=self.school,
                channel=FundingChannel.FISCAL.value,
                year=self.plan.year,
                use=FundUse.MATERIALS.value,
                amount=Decimal(amount),
                subject=subject,
            )
            self._cost(at_local(self.plan.on - timedelta(days=days), 15), facts)

    def _spend_nearly_all(self) -> None:
        """Today nearly all that is available of the appropriation for training is asked for."""
        channel, year = FundingChannel.FISCAL.value, self.plan.year

        def do(at: datetime) -> None:
            account = Account(year, Purpose.TRAINING.value, Stage.AVAILABLE)
            left = read_balance(Fund(self.school.pk, channel), account)
            facts = CostFacts(
                school=self.school,
                channel=channel,
                year=year,
                use=FundUse.VENUE.value,
                amount=(left * _NEARLY_ALL).quantize(Decimal("0.01")),
                subject="全年教室租用",
            )
            commit_funds(facts=facts, by=self.clerk, at=at)

        self.list.append((at_local(self.plan.on, 11), do))

    def _supply_vouchers(self, at: datetime) -> None:
        """Today the clerk uploads what proves the costs that wait for payment."""
        costs = Commitment.objects.filter(school=self.school).with_stages()
        for commitment in costs.filter(state=CommitmentState.TO_PAY).order_by("pk"):
            for line in list_checklist(commitment, self.plan.on):
                if line.is_of_portal:
                    continue
                add_voucher(
                    commitment_id=commitment.pk,
                    kind=line.kind,
                    data=_write_pdf(f"Demo {line.kind} {commitment.pk}"),
                    name="demo.pdf",
                    by=self.clerk,
                    at=at,
                )

    def _cost(self, asked_at: datetime, facts: CostFacts) -> None:
        """A cost, and the steps that follow it, each some days later."""
        keys: list[int] = []

        def days(count: int) -> datetime:
            return asked_at + timedelta(days=count)

        def ask(at: datetime) -> None:
            keys.append(commit_funds(facts=facts, by=self.clerk, at=at).pk)

        def pay(at: datetime) -> None:
            commitment = Commitment.objects.get(pk=keys[0])
            if all(line.is_there for line in list_checklist(commitment, local_date(at))):
                pay_commitment(commitment_id=keys[0], amount=facts.amount, by=self.payer, at=at)

        self.list += [
            (asked_at, ask),
            (
                days(_CHECKED),
                lambda at: check_commitment(commitment_id=keys[0], by=self.custodian, at=at),
            ),
            (
                days(_APPROVED),
                lambda at: approve_commitment(commitment_id=keys[0], by=self.approver, at=at),
            ),
            (days(_PAID), pay),
        ]


def _actor(role: Role, school: School | None) -> Actor:
    """Who acts in the demo: the first with this role."""
    holders = User.objects.filter(role_grants__role=role, role_grants__school=school)
    return Actor(holders.order_by("pk")[0], ActorChannel.COMMAND)


def _write_pdf(text: str) -> bytes:
    """A page with a line of Latin letters."""
    drawn = f"BT /F1 18 Tf 60 760 Td ({text}) Tj ET"
    parts = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        "/Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(drawn)} >>\nstream\n{drawn}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    body, offsets = "%PDF-1.4\n", []
    for number, part in enumerate(parts, start=1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n{part}\nendobj\n"
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    body += (
        f"xref\n0 {len(parts) + 1}\n0000000000 65535 f \n{table}"
        f"trailer\n<< /Size {len(parts) + 1} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF\n"
    )
    return body.encode("ascii")
