"""Valid rows of the money, as `rows.VALID` has them, and what they refer to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from backstage.files import store_file
from config.lib.periods import period
from funding.actions.allocations import AllocationFacts, allocate_funds
from funding.actions.commitments import CostFacts, commit_funds
from funding.models import (
    Allocation,
    Commitment,
    CostRate,
    DeliveredCause,
    EarmarkCheck,
    ExceptionDecision,
    ExceptionRequest,
    FeeRule,
    FundLeg,
    FundTransaction,
    LimitRule,
    PaymentVoucher,
    UseRule,
    Voucher,
    VoucherRule,
    VoucherWithdrawal,
    WeightRule,
)
from tests import factories
from tests.factories import NOON

BEFORE = period(date(2017, 1, 1), date(2018, 1, 1))


def commitment(w: Any) -> dict[str, Any]:
    return {
        "school": w.school,
        "channel": "fiscal",
        "year": 2026,
        "purpose": "training",
        "use": "meals",
        "amount": Decimal("20.00"),
        "subject": "学员午餐，和平餐饮",
        "use_rule": UseRule.objects.get(channel="fiscal", use="meals"),
        "requested_at": NOON,
        "requested_by": w.user,
    }


def fee(w: Any) -> dict[str, Any]:
    return commitment(w) | {
        "use": "lecturer_fee",
        "use_rule": UseRule.objects.get(channel="fiscal", use="lecturer_fee"),
        "instructor": w.fund_lecturer,
        "fee_hours": Decimal(2),
        "fee_rule": FeeRule.objects.get(title="none"),
    }


def class_cost(w: Any) -> dict[str, Any]:
    of = {"training_class": w.training_class, "cost_rate": w.cost_rate, "units": 1}
    return commitment(w) | of | {"unit_price": Decimal(20)}


def posted(w: Any) -> dict[str, Any]:
    return {"school": w.school, "channel": "fiscal", "posted_at": NOON, "posted_by": w.user}


def leg(w: Any, of: FundTransaction, stage: str, amount: str | int) -> dict[str, Any]:
    key = {"school": w.school, "channel": "fiscal", "year": 2026, "purpose": "training"}
    return key | {"transaction": of, "stage": stage, "amount": Decimal(amount)}


def make_voucher_file(owner: Any) -> Any:
    return store_file(
        data=factories.make_pdf(),
        name="票据-1a2b3c.pdf",
        media_type="application/pdf",
        owner=owner,
        at=NOON,
        keep_days=None,
    )


def voucher(w: Any) -> dict[str, Any]:
    return {
        "commitment": w.fund_commitment,
        "kind": "receipt",
        "file": make_voucher_file(w.user),
        "digest": "a" * 64,
        "added_at": NOON,
        "added_by": w.user,
    }


FUNDING: dict[type[Model], Callable[[Any], dict[str, Any]]] = {
    Allocation: lambda w: {
        "school": w.school,
        "year": 2026,
        "channel": "fiscal",
        "amount": Decimal("0.01"),
        "document": "西财〔2026〕1号",
    },
    UseRule: lambda _w: {
        "channel": "fiscal",
        "use": "meals",
        "source": "本区规定",
        "period": BEFORE,
    },
    FeeRule: lambda _w: {
        "title": "none",
        "ceiling": Decimal(500),
        "source": "本区规定",
        "period": BEFORE,
    },
    CostRate: lambda _w: {
        "use": "meals",
        "channel": "fiscal",
        "amount": Decimal(20),
        "source": "本区标准",
        "period": BEFORE,
    },
    LimitRule: lambda _w: {
        "kind": "equipment_item",
        "most": Decimal(9000),
        "on_breach": "exception",
        "source": "本区规定",
        "period": BEFORE,
    },
    WeightRule: lambda _w: {
        "channel": "fiscal",
        "purpose": "training",
        "base": Decimal(20000),
        "per_venue": Decimal(0),
        "per_member": Decimal(5),
        "per_hour": Decimal("0.20"),
        "source": "本区规定",
        "period": BEFORE,
    },
    ExceptionRequest: lambda w: {
        "commitment": w.other_fund_commitment,
        "limit_rule": LimitRule.objects.get(kind="equipment_item"),
        "most": Decimal(20),
        "reached": Decimal("20.01"),
        "reason": "已经集体研究",
    },
    ExceptionDecision: lambda w: {
        "request": w.fund_exception,
        "outcome": "granted",
        "reason": "确有需要",
        "decided_at": NOON,
        "decided_by": factories.make_user(),
    },
    Commitment: commitment,
    EarmarkCheck: lambda w: {
        "commitment": w.fund_commitment,
        "checked_at": NOON,
        "checked_by": w.other_user,
    },
    FundTransaction: lambda w: (
        posted(w) | {"kind": "adjustment", "allocation": w.fund_allocation, "reason": "追加"}
    ),
    FundLeg: lambda w: leg(w, w.fund_transaction, "available", "5.00"),
    VoucherRule: lambda _w: {
        "use": "meals",
        "kind": "receipt",
        "source": "本区规定",
        "period": BEFORE,
    },
    Voucher: voucher,
    VoucherWithdrawal: lambda w: {
        "voucher": w.fund_voucher,
        "reason": "传错了",
        "withdrawn_at": NOON,
        "withdrawn_by": w.user,
    },
    PaymentVoucher: lambda w: {
        "payment": w.fund_payment,
        "kind": "receipt",
        "voucher": w.fund_voucher,
        "digest": "a" * 64,
    },
}


def fund_things(school: Any, clerk: Any) -> dict[str, Any]:
    """What the table of addresses names: an allocation, its transaction, and a cost."""
    year = timezone.localdate().year
    facts = AllocationFacts(
        school, year, "fiscal", "training", Decimal(1000), f"津〔{school.code}〕"
    )
    officer = factories.acting(factories.make_department_officer())
    given = allocate_funds(facts=facts, by=officer, at=NOON)
    cost = CostFacts(school, "fiscal", year, "meals", Decimal(40), "午餐")
    by = factories.acting(clerk)
    made = commit_funds(facts=cost, by=by, at=NOON)
    item = CostFacts(school, "fiscal", year, "venue_equipment", Decimal(20_001), "投影机")
    much = AllocationFacts(
        school, year, "fiscal", "equipment", Decimal(30_000), f"津〔{school.code}〕"
    )
    allocate_funds(facts=much, by=officer, at=NOON)
    lecture = CostFacts(
        school,
        "fiscal",
        year,
        "lecturer_fee",
        Decimal(200),
        "讲课费",
        training_class=factories.make_class(school),
        instructor=factories.make_lecturer(school),
        fee_hours=Decimal(2),
    )
    return {
        "fund_fee": commit_funds(facts=lecture, by=by, at=NOON),
        "fund_voucher": Voucher.objects.create(
            commitment=made,
            kind="receipt",
            file=make_voucher_file(clerk),
            digest=school.code.rjust(64, "a"),
            added_at=NOON,
            added_by=clerk,
        ),
        "fund_allocation": given.allocation,
        "fund_transaction": given,
        "fund_commitment": made,
        "fund_item": commit_funds(facts=item, by=by, at=NOON, exception_reason="已经集体研究"),
    }


class FundRows:
    """The rows of this app in the world of `rows`. Transactions have legs that add up to zero."""

    user: Any
    school: Any
    roll: Any

    @cached_property
    def fund_lecturer(self) -> Any:
        return factories.make_lecturer(self.school)

    @cached_property
    def fund_allocation(self) -> Allocation:
        return Allocation.objects.create(
            **FUNDING[Allocation](self) | {"amount": 100, "document": "西财〔2026〕2号"}
        )

    @cached_property
    def other_fund_allocation(self) -> Allocation:
        return Allocation.objects.create(
            **FUNDING[Allocation](self) | {"document": "西财〔2026〕3号"}
        )

    @cached_property
    def fund_commitment(self) -> Commitment:
        return Commitment.objects.create(**commitment(self))

    @cached_property
    def other_fund_commitment(self) -> Commitment:
        return Commitment.objects.create(**commitment(self))

    @cached_property
    def fund_transaction(self) -> FundTransaction:
        fields = {"kind": "allocation", "allocation": self.fund_allocation}
        return self._post(fields, "granted", "available", 100)

    @cached_property
    def other_fund_transaction(self) -> FundTransaction:
        return self._post(FUNDING[FundTransaction](self), "granted", "available", 1)

    @cached_property
    def fund_reversal(self) -> FundTransaction:
        fields = {
            "kind": "reversal",
            "allocation": self.fund_allocation,
            "reverses": self.fund_transaction,
            "reason": "重复",
        }
        return self._post(fields, "available", "granted", 100)

    @cached_property
    def fund_commitment_posted(self) -> FundTransaction:
        assert self.fund_transaction
        fields = {"kind": "commitment", "commitment": self.fund_commitment}
        return self._post(fields, "available", "committed", 20)

    @cached_property
    def cost_rate(self) -> CostRate:
        return CostRate.objects.create(**FUNDING[CostRate](self))

    @cached_property
    def fund_exception(self) -> ExceptionRequest:
        of = {"commitment": self.other_fund_commitment}
        EarmarkCheck.objects.create(**FUNDING[EarmarkCheck](self) | of)
        return ExceptionRequest.objects.create(**FUNDING[ExceptionRequest](self))

    @cached_property
    def fund_voucher(self) -> Voucher:
        return Voucher.objects.create(**voucher(self))

    @cached_property
    def fund_payment(self) -> FundTransaction:
        assert self.fund_commitment_posted
        return self._pay(self.fund_commitment)

    @cached_property
    def delivered_cause(self) -> DeliveredCause:
        """Of a payment of a class cost; neither is there without the other."""
        assert self.fund_transaction
        assert self.roll
        made = Commitment.objects.create(**class_cost(self))
        self._post({"kind": "commitment", "commitment": made}, "available", "committed", 20)
        with transaction.atomic():
            return DeliveredCause.objects.create(payment=self._pay(made), units=1)

    def _pay(self, made: Commitment) -> FundTransaction:
        check = FUNDING[EarmarkCheck](self) | {"commitment": made}
        EarmarkCheck.objects.create(**check)
        of = {"commitment": made}
        approver, payer = factories.make_user(), factories.make_user()
        self._post({"kind": "approval", "posted_by": approver} | of, "committed", "approved", 20)
        return self._post({"kind": "payment", "posted_by": payer} | of, "approved", "paid", 20)

    def _post(self, fields: dict[str, Any], source: str, target: str, amount: int) -> Any:
        with transaction.atomic():
            made = FundTransaction.objects.create(**posted(self) | fields)
            for stage, moved in ((source, -amount), (target, amount)):
                FundLeg.objects.create(**leg(self, made, stage, moved))
        return made
