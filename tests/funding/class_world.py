"""A class that causes costs: a whole day with a lecturer, and rates that say what it costs."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from accounts.models import User
from config.lib.periods import at_local, period
from courses.models import Session
from courses.records import save_session
from courses.signals import class_planned
from funding.actions.class_costs import ask_for_class, settle_class
from funding.models import Commitment, CostRate
from funding.queries.class_costs import ClassCost, list_class_costs
from instructors.models import Instructor
from rolls.actions.attendance import submit_roll
from tests.factories import DAY, NOON, acting
from tests.funding.vouchers import VoucherWorld, need

TAUGHT_ON = DAY - timedelta(2)
BEFORE = at_local(TAUGHT_ON - timedelta(10), 9)


def set_rate(use: str, amount: str | int, title: str = "", **fields: Any) -> CostRate:
    """What a unit costs from this year on."""
    facts = {"channel": "fiscal", "source": "本区标准", "period": period(date(2026, 1, 1), None)}
    return CostRate.objects.create(use=use, amount=Decimal(amount), title=title, **facts | fields)


class CostWorld(VoucherWorld):
    """An hour costs 100 yuan and a meal 20; the class has ten places and meets for one whole day.

    So it needs 800 yuan for its lecturer and 200 for meals: all that the school has.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        need("meals", "roll")
        self.fee_rate = set_rate("lecturer_fee", 100, "none")
        self.meal_rate = set_rate("meals", 20)
        self.training_class.capacity = 10
        self.training_class.save()

    def plan(self, by: User | None = None) -> None:
        """Two sessions of a day, planned as the clerk plans a class."""
        for hour in (8, 14):
            self.session(starts_at=at_local(TAUGHT_ON, hour))
        self.tell_planned(acting(by or self.clerk))

    def tell_planned(self, by: Any) -> None:
        facts = {"training_class": self.training_class, "by": by, "at": BEFORE}
        class_planned.send(type(self.training_class), **facts)

    @property
    def sessions(self) -> list[Session]:
        return list(self.training_class.sessions.order_by("number"))

    def costs(self) -> dict[str, ClassCost]:
        """The costs of the class, by use."""
        return {cost.key.use: cost for cost in list_class_costs(self.training_class)}

    def states(self) -> dict[str, str]:
        return {use: str(cost.state.value) for use, cost in self.costs().items()}

    def reserved(self, use: str = "lecturer_fee") -> Commitment:
        """The newest commitment for a use."""
        return Commitment.objects.filter(use=use).order_by("-pk")[0]

    def ask(self, *uses: str, by: User | None = None, **how: str) -> list[Commitment]:
        costs = self.costs()
        return ask_for_class(
            training_class_id=self.training_class.pk,
            keys=[costs[use].key for use in uses],
            **how,
            by=acting(by or self.clerk),
            at=NOON,
        )

    def substitute(self, session: Session, instructor: Instructor) -> None:
        session.instructor = instructor
        save_session(obj=session, by=acting(self.clerk), at=BEFORE, fields=["instructor"])

    def take_rolls(self, status: str = "present", at: datetime = NOON) -> None:
        """The clerk submits the rolls of all sessions."""
        for session in self.sessions:
            marks = {self.member.pk: status}
            by = acting(self.clerk)
            submit_roll(session_id=session.pk, marks=marks, seen={}, by=by, at=at)

    def settle(self, by: User | None = None) -> None:
        who = acting(by or self.approver)
        settle_class(training_class_id=self.training_class.pk, by=who, at=NOON)

    def approve_all(self) -> None:
        """What the class reserved is checked and approved."""
        for made in Commitment.objects.exclude(cost_rate=None):
            self.check(made)
            self.approve(made)
