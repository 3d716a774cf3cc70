"""The money of a school through two channels, and a person for every step."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from accounts.enums import Role
from accounts.models import User
from funding.actions.allocations import AllocationFacts, allocate_funds
from funding.actions.commitments import (
    CostFacts,
    approve_commitment,
    check_commitment,
    commit_funds,
    pay_commitment,
)
from funding.actions.ledger import Account, Fund, read_balance
from funding.enums import Stage
from funding.models import Commitment, FundTransaction
from schools.enums import FundingChannel
from schools.models import School
from tests import factories
from tests.factories import NOON, acting, grant, make_user

YEAR = 2026
FISCAL, DUES = FundingChannel.FISCAL, FundingChannel.DUES


class FundWorld:
    """A school with 1,000 yuan for training from the fiscal appropriation."""

    def __init__(self, *, amount: str | int = 1000, school: School | None = None) -> None:
        self.school = school or factories.make_school()
        self.officer = factories.make_department_officer()
        self.clerk = factories.make_clerk(self.school)
        self.custodian = self.person(Role.CUSTODIAN)
        self.approver = self.person(Role.APPROVER)
        self.payer = self.person(Role.PAYER)
        self.auditor = self.person(Role.AUDITOR)
        self.documents = 0
        self.allocation = self.allocate(amount).allocation

    def person(self, role: Role, channel: str = FISCAL, school: School | None = None) -> User:
        user = make_user()
        grant(user, role, school or self.school, channel=channel)
        return user

    def allocate(self, amount: str | int, **fields: Any) -> FundTransaction:
        self.documents += 1
        by = fields.pop("by", self.officer)
        facts = {
            "school": self.school,
            "year": YEAR,
            "channel": FISCAL,
            "purpose": "training",
            "amount": Decimal(amount),
            "document": f"西青党教拨〔{YEAR}〕{self.documents}号",
        }
        return allocate_funds(facts=AllocationFacts(**facts | fields), by=acting(by), at=NOON)

    def cost(self, amount: str | int, **fields: Any) -> CostFacts:
        facts = {
            "school": self.school,
            "channel": FISCAL,
            "year": YEAR,
            "use": "meals",
            "amount": Decimal(amount),
            "subject": "学员午餐",
        }
        return CostFacts(**facts | fields)

    def commit(self, amount: str | int = 100, **fields: Any) -> Commitment:
        by, reason = fields.pop("by", self.clerk), fields.pop("reason", "")
        facts = self.cost(amount, **fields)
        return commit_funds(facts=facts, by=acting(by), at=NOON, exception_reason=reason)

    def check(self, commitment: Commitment, by: User | None = None) -> Commitment:
        user = by or self.custodian
        return check_commitment(commitment_id=commitment.pk, by=acting(user), at=NOON)

    def approve(self, commitment: Commitment, by: User | None = None) -> FundTransaction:
        user = by or self.approver
        return approve_commitment(commitment_id=commitment.pk, by=acting(user), at=NOON)

    def pay(
        self, commitment: Commitment, amount: str | int, by: User | None = None
    ) -> FundTransaction:
        user = by or self.payer
        return pay_commitment(
            commitment_id=commitment.pk, amount=Decimal(amount), by=acting(user), at=NOON
        )

    def approved(self, amount: str | int = 100, **fields: Any) -> Commitment:
        commitment = self.commit(amount, **fields)
        self.check(commitment)
        self.approve(commitment)
        return commitment

    def holds(self, **fields: Any) -> dict[str, Decimal]:
        """What is in each stage of the money for training of the year."""
        key = {"year": YEAR, "purpose": "training", "channel": FISCAL} | fields
        fund = Fund(self.school.pk, key.pop("channel"))
        return {
            stage.value: read_balance(fund, Account(stage=stage, **key))
            for stage in Stage
            if stage != Stage.GRANTED
        }
