"""Two schools with money, classes that were held, and what was paid for them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from accounts.enums import Role
from courses.models import TrainingClass
from funding.actions.allocations import carry_funds_over
from funding.models import FundTransaction
from tests import factories
from tests.evidence import hold
from tests.factories import NOON, acting
from tests.funding.world import FISCAL, YEAR, FundWorld


class FigureWorld(FundWorld):
    """A class of two sessions and three person-times cost 130.10; 40 more name no class."""

    def __init__(self) -> None:
        super().__init__()
        self.member, self.other = (
            factories.make_member(factories.make_organisation(self.school, name))
            for name in ("第一党支部", "第二党支部")
        )
        self.training_class = factories.make_class(self.school)
        marks = {self.member: "present", self.other: "late"}
        hold(self.training_class, marks, on=date(YEAR, 3, 2))
        hold(self.training_class, {self.member: "present"}, on=date(YEAR, 3, 3), hours="2")
        self.paid = [
            self.pay_for("100.10", training_class=self.training_class),
            self.pay_for(30, training_class=self.training_class, use="venue"),
            self.pay_for(40, use="materials"),
        ]
        self.open = self.approved(50)

    def pay_for(self, amount: str | int, **fields: Any) -> FundTransaction:
        return self.pay(self.approved(amount, **fields), amount)

    def class_elsewhere(self) -> TrainingClass:
        """A class of another school, of another format, that cost 20 of its money."""
        neighbour = factories.make_school("120111005", "津门湖街道")
        self.allocate(500, school=neighbour)
        other = factories.make_class(neighbour, "夜校")
        TrainingClass.objects.filter(pk=other.pk).update(format="evening")
        there = FundWorldAt(self, neighbour)
        there.pay_for(20, training_class=other)
        return other

    def carry_over(self, amount: int) -> FundTransaction:
        return carry_funds_over(
            school=self.school,
            channel=FISCAL,
            year=YEAR,
            purpose="training",
            amount=Decimal(amount),
            reason="结余结转",
            by=acting(self.officer),
            at=NOON,
        )


class FundWorldAt(FigureWorld):
    """The people of another school, who ask, check, approve and pay there."""

    def __init__(self, of: FundWorld, school: Any) -> None:
        self.school, self.officer = school, of.officer
        self.clerk = factories.make_clerk(school)
        self.custodian, self.approver, self.payer = (
            self.person(role) for role in (Role.CUSTODIAN, Role.APPROVER, Role.PAYER)
        )
