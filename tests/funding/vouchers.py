"""A school whose costs need vouchers, with a class, its lecturer, and its rolls."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from accounts.models import User
from config.lib.periods import period
from courses.models import Session
from funding.actions.vouchers import add_voucher, withdraw_voucher
from funding.enums import VoucherKind
from funding.models import Commitment, Voucher, VoucherRule
from rolls.actions.attendance import submit_roll
from tests import factories
from tests.factories import NOON, acting
from tests.funding.world import FundWorld


def need(use: str, *kinds: str) -> None:
    """From this year on these are the vouchers of a use."""
    VoucherRule.objects.filter(use=use).delete()
    for kind in kinds:
        VoucherRule.objects.create(
            use=use, kind=kind, source="本区规定", period=period(date(2026, 1, 1), None)
        )


class VoucherWorld(FundWorld):
    """Meals need notice, roll and receipt; a lecturer fee needs a fee sheet."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        need("meals", "plan", "notice", "roll", "receipt")
        need("lecturer_fee", "fee_sheet")
        self.training_class = factories.make_class(self.school)
        self.lecturer = factories.make_lecturer(self.school)
        self.member = factories.make_member(factories.make_organisation(self.school))
        factories.enrol(self.training_class, self.member)

    def session(self, **fields: Any) -> Session:
        return factories.make_session(self.training_class, instructor=self.lecturer, **fields)

    def take_roll(self, session: Session, status: str = "present") -> None:
        submit_roll(
            session_id=session.pk,
            marks={self.member.pk: status},
            seen={},
            by=acting(self.clerk),
            at=NOON,
        )

    def fee(self, hours: str | int, **fields: Any) -> Commitment:
        of = {
            "use": "lecturer_fee",
            "training_class": self.training_class,
            "instructor": self.lecturer,
            "fee_hours": Decimal(hours),
        }
        return self.commit(10, **of | fields)

    def upload(
        self,
        commitment: Commitment,
        kind: str = VoucherKind.RECEIPT,
        *,
        data: bytes | None = None,
        name: str = "发票.pdf",
        by: User | None = None,
    ) -> Voucher:
        return add_voucher(
            commitment_id=commitment.pk,
            kind=kind,
            data=factories.make_pdf(kind) if data is None else data,
            name=name,
            by=acting(by or self.clerk),
            at=NOON,
        )

    def withdraw(self, voucher: Voucher, by: User | None = None, reason: str = "传错了") -> None:
        user = by or self.clerk
        withdraw_voucher(voucher_id=voucher.pk, reason=reason, by=acting(user), at=NOON)

    def to_pay(self, **fields: Any) -> Commitment:
        """An approved cost of the class, whose session was held and has its roll."""
        if not self.training_class.sessions.exists():
            self.take_roll(self.session())
        return self.approved(100, training_class=self.training_class, **fields)

    def complete(self, **fields: Any) -> Commitment:
        """A cost with all its vouchers, ready to be paid."""
        commitment = self.to_pay(**fields)
        self.upload(commitment, "notice")
        self.upload(commitment, "receipt")
        return commitment
