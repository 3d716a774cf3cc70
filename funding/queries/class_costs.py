"""What classes cost: expected by their plan, reserved for it, and delivered by submitted rolls.

A cost is what a class needs for one use in one year; lecturer fees are one for each lecturer. The
school that holds the class pays for all who joined it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from itertools import chain
from typing import Any, NamedTuple

from django.db.models import Count, Exists, OuterRef

from classes.enums import RollState
from classes.models import Enrolment
from courses.enums import Mode, VenueKind
from courses.models import Session, TrainingClass
from courses.querysets import SessionQuerySet
from dispatch.models import BookingLetter
from funding.amounts import FEN, ZERO
from funding.enums import (
    CLASS_UNITS,
    CLASS_USES,
    ClassCostState,
    FundUse,
    TransactionKind,
)
from funding.models import Commitment, CostRate, FeeRule, FundTransaction, LimitRule
from funding.queries.breaches import read_half_day_limits
from funding.queries.vouchers import has_roll, split_by_half_days
from instructors.models import Instructor
from rolls.enums import ATTENDED
from rolls.models import Attendance

_HALVES = 2  # a day is whole if the class meets in both


class CostKey(NamedTuple):
    """Which cost of a class: what for, of which lecturer, from the money of which year."""

    use: str
    instructor_id: int | None
    year: int


@dataclass
class ClassCost:
    """A cost of a class in units (`CLASS_UNITS`): planned, reserved by `commitment`, delivered."""

    training_class: TrainingClass
    key: CostKey
    instructor: Instructor | None = None
    rate: CostRate | None = None
    ceiling: FeeRule | None = None
    expected: Decimal = ZERO
    delivered: Decimal = ZERO
    commitment: Commitment | None = None

    @property
    def price(self) -> Decimal:
        """Of a unit (yuan): that of the commitment, else the rate, up to the ceiling of the fee."""
        if self.commitment is not None and self.commitment.unit_price is not None:
            return self.commitment.unit_price
        return self.new_price

    @property
    def new_price(self) -> Decimal:
        """What a unit costs that is reserved now (yuan)."""
        price = self.rate.amount if self.rate else ZERO
        return price if self.ceiling is None else min(price, self.ceiling.ceiling)

    @property
    def new_amount(self) -> Decimal:
        """What is reserved now for the plan (yuan)."""
        return price_of(self.expected, self.new_price)

    @property
    def expected_amount(self) -> Decimal:
        """What the plan needs (yuan)."""
        return price_of(self.expected, self.price)

    @property
    def delivered_amount(self) -> Decimal:
        """What may be paid (yuan)."""
        return price_of(self.delivered, self.price)

    @property
    def left_over(self) -> Decimal:
        """What is reserved or approved beyond what was delivered (yuan)."""
        made: Any = self.commitment
        if made is None or made.cost_rate_id is None:
            return ZERO
        unpaid = made.committed + made.approved
        return min(unpaid, max(unpaid + made.paid - self.delivered_amount, ZERO))

    @property
    def overpaid(self) -> Decimal:
        """What was paid beyond what the rolls say now (yuan): they were corrected since."""
        made: Any = self.commitment
        if made is None or made.cost_rate_id is None:
            return ZERO
        return max(made.paid - self.delivered_amount, ZERO)

    @property
    def unit(self) -> str:
        """What is counted, in words."""
        return str(CLASS_UNITS[FundUse(self.key.use)])

    @property
    def channel(self) -> str:
        """The channel that pays, or would by the rate."""
        if self.commitment is not None:
            return self.commitment.channel
        return self.rate.channel if self.rate else ""

    @property
    def state(self) -> ClassCostState:
        """How it stands."""
        made: Any = self.commitment
        if made is None:
            return ClassCostState.MISSING
        if made.cost_rate_id is None:
            return ClassCostState.BY_HAND
        if not made.committed + made.approved:
            return ClassCostState.CLOSED if made.paid else ClassCostState.GIVEN_UP
        if made.units != self.expected and not made.is_settled:
            return ClassCostState.DIFFERS
        return ClassCostState.RESERVED

    @property
    def is_waiting(self) -> bool:
        """Whether somebody has to see to it: it has no money, or differs from its plan."""
        return self.state in (ClassCostState.MISSING, ClassCostState.DIFFERS)

    @property
    def code(self) -> str:
        """Its key in a form."""
        return f"{self.key.use}-{self.key.instructor_id or 0}-{self.key.year}"

    @property
    def name(self) -> str:
        """The use, and the lecturer of a fee."""
        label = str(FundUse(self.key.use).label)
        return f"{label} · {self.instructor.name}" if self.instructor else label

    @property
    def difference(self) -> Decimal:
        """What was delivered beyond the plan, or less with a minus (yuan)."""
        return self.delivered_amount - self.expected_amount

    @property
    def may_follow(self) -> bool:
        """Whether it may be reserved anew: nothing of it is approved or paid."""
        made: Any = self.commitment
        if self.state == ClassCostState.DIFFERS:
            return bool(made.committed == made.amount)
        return self.state == ClassCostState.MISSING


def price_of(units: Decimal, price: Decimal) -> Decimal:
    """What units cost (yuan), rounded to fen as the database does."""
    return (units * price).quantize(FEN, ROUND_HALF_UP)


def list_class_costs(training_class: TrainingClass) -> list[ClassCost]:
    """The costs of a class, with what was delivered."""
    return list_costs_of([training_class], with_delivered=True)


def list_costs_of(
    classes: Collection[TrainingClass], *, with_delivered: bool = False
) -> list[ClassCost]:
    """The costs of classes, those of a class together; eight statements, two without any rate."""
    made = _list_commitments(classes)
    rates = list(CostRate.objects.all())
    if not rates and not made:
        return []
    plan = _Plan(classes, rates, with_delivered)
    costs: list[ClassCost] = []
    for training_class in classes:
        known = made[training_class.pk]
        own = plan.costs_of(training_class, known)
        for key, commitment in known.items():
            if key in own or commitment.cost_rate_id is not None:
                cost = own.setdefault(key, ClassCost(training_class, key, commitment.instructor))
                cost.commitment = commitment
        order = list(FundUse.values)
        costs += sorted(own.values(), key=lambda cost: (cost.key.year, order.index(cost.key.use)))
    return costs


def list_not_delivered(training_class: TrainingClass, at: datetime) -> SessionQuerySet:
    """Sessions of a class that are not over, or whose roll is not submitted."""
    sessions = Session.objects.to_be_held().filter(training_class=training_class)
    delivered = {"ends_at__lte": at, "roll__state": RollState.SUBMITTED}
    return sessions.exclude(**delivered).order_by("number")


def find_class_cost(commitment: Commitment) -> ClassCost | None:
    """The cost of its class that a commitment reserves for; None for any other commitment."""
    if commitment.training_class is None or commitment.cost_rate_id is None:
        return None
    for cost in list_class_costs(commitment.training_class):
        if cost.commitment == commitment:
            return cost
    return None


def _list_commitments(
    classes: Collection[TrainingClass],
) -> defaultdict[int, dict[CostKey, Commitment]]:
    """What stands for each cost: the newest that was not withdrawn because the plan changed.

    One that somebody asked for by hand stands while it holds money, if there is no other.
    """
    posted = FundTransaction.objects.filter(commitment=OuterRef("pk"))
    withdrawn = posted.filter(reverses__kind=TransactionKind.COMMITMENT)
    caused = Commitment.objects.filter(training_class__in=classes, use__in=CLASS_USES)
    rows: list[Any] = list(
        caused.with_stages()
        .filter(~Exists(withdrawn))
        .annotate(is_settled=Exists(posted.filter(kind=TransactionKind.RELEASE)))
        .select_related("instructor", "cost_rate", "school")
        .order_by("pk")
    )
    found: defaultdict[int, dict[CostKey, Commitment]] = defaultdict(dict)
    # By hand first, so that what the class caused stands.
    for row in sorted(rows, key=lambda row: row.cost_rate_id is not None):
        if row.cost_rate_id is not None or row.committed + row.approved + row.paid:
            key = CostKey(row.use, row.instructor_id, row.year)
            found[row.training_class_id][key] = row
    return found


@dataclass
class _Plan:
    """Sessions, places and marks of classes, and what these cost at the rates."""

    classes: Collection[TrainingClass]
    rates: list[CostRate]
    with_delivered: bool
    sessions: defaultdict[int, list[Session]] = field(init=False)
    attended: defaultdict[int, set[int]] = field(init=False)
    booked: dict[int, int] = field(init=False)
    enrolled: dict[int, int] = field(init=False)
    rules: list[FeeRule] = field(init=False)
    half_day_limits: Callable[[date], LimitRule | None] = field(init=False)

    def __post_init__(self) -> None:
        self.sessions, self.attended = defaultdict(list), defaultdict(set)
        held = Session.objects.to_be_held().filter(training_class__in=self.classes)
        related = ("instructor", "venue", "roll")
        for session in held.select_related(*related).order_by("starts_at", "pk"):
            self.sessions[session.training_class_id].append(session)
        if self.with_delivered:
            marks = Attendance.objects.filter(
                session__training_class__in=self.classes, status__in=ATTENDED, taken_off=False
            )
            for session_id, member in marks.values_list("session", "member"):
                self.attended[session_id].add(member)
        letters = BookingLetter.objects.filter(training_class__in=self.classes)
        self.booked = dict(letters.values_list("training_class", "headcount"))
        lasting = Enrolment.objects.lasting().filter(training_class__in=self.classes)
        counted = lasting.order_by().values_list("training_class").annotate(n=Count("pk"))
        self.enrolled = dict(counted)
        self.rules = list(FeeRule.objects.all())
        self.half_day_limits = read_half_day_limits()

    def costs_of(
        self, training_class: TrainingClass, known: Collection[CostKey]
    ) -> dict[CostKey, ClassCost]:
        """What a class costs by its plan, by key: what has a rate, and what is `known`."""
        costs: dict[CostKey, ClassCost] = {}
        of_year: defaultdict[int, list[Session]] = defaultdict(list)
        for session in self.sessions[training_class.pk]:
            of_year[session.held_on.year].append(session)
        for year, sessions in of_year.items():
            for use, instructor, own in _split_by_costs(sessions):
                if use != FundUse.LECTURER_FEE and training_class.mode == Mode.ONLINE:
                    continue
                title = instructor.title if instructor else ""
                key = CostKey(use, instructor.pk if instructor else None, year)
                day = own[0].held_on
                rates = [one for one in self.rates if (one.use, one.title) == (use, title)]
                rate = _find_on(day, rates)
                expected = self._count(use, own, lambda _day: self._places(training_class))
                if key not in known and (rate is None or not expected):
                    continue
                costs[key] = ClassCost(
                    training_class,
                    key,
                    instructor,
                    rate=rate,
                    ceiling=_find_on(day, [one for one in self.rules if one.title == title]),
                    expected=expected,
                    delivered=self._count(use, filter(has_roll, own), self._count_attended),
                )
        return costs

    def _places(self, training_class: TrainingClass) -> int:
        """How many are expected: the places of the class, or how many were booked for.

        Else as many as its smallest venue holds; without any venue, who is on the roster.
        """
        if training_class.capacity is not None:
            return training_class.capacity
        if training_class.pk in self.booked:
            return self.booked[training_class.pk]
        held = self.sessions[training_class.pk]
        capacities = [one.venue.capacity for one in held if one.venue is not None]
        return min(capacities, default=self.enrolled.get(training_class.pk, 0))

    def _count_attended(self, sessions: list[Session]) -> int:
        """How many people came to any of these sessions."""
        return len(set().union(*(self.attended[one.pk] for one in sessions)))

    def _count(
        self, use: str, sessions: Iterable[Session], people: Callable[[list[Session]], int]
    ) -> Decimal:
        """The units of these sessions, where `people` counts those of a day."""
        halves = split_by_half_days(list(sessions), self.half_day_limits)
        if use == FundUse.LECTURER_FEE:
            return sum((half.paid_hours for half in halves), ZERO)
        days: defaultdict[date, list[list[Session]]] = defaultdict(list)
        for half in halves:
            days[half.held_on].append(list(half.sessions))
        if use == FundUse.VENUE:
            return Decimal(len([half for half in halves if any(map(_is_hired, half.sessions))]))
        if use == FundUse.TRANSPORT:
            return Decimal(sum(any(map(_is_away, chain(*parts))) for parts in days.values()))
        whole = [list(chain(*parts)) for parts in days.values() if len(parts) == _HALVES]
        return Decimal(sum(people(sessions) for sessions in whole))


def _find_on[Row: (CostRate, FeeRule)](day: date, rows: list[Row]) -> Row | None:
    """The version in force on a day, which is the first of a cost."""
    return next((one for one in rows if day in one.period), None)


def _split_by_costs(
    sessions: list[Session],
) -> Iterable[tuple[str, Instructor | None, list[Session]]]:
    """Each use with its sessions: a fee for each lecturer, everything else for the class."""
    of_lecturer: defaultdict[Instructor, list[Session]] = defaultdict(list)
    for session in sessions:
        if session.instructor is not None:
            of_lecturer[session.instructor].append(session)
    for instructor, own in of_lecturer.items():
        yield FundUse.LECTURER_FEE, instructor, own
    for use in CLASS_USES:
        if use != FundUse.LECTURER_FEE:
            yield use, None, sessions


def _is_hired(session: Session) -> bool:
    """A place that is no venue of the portal is hired."""
    return session.venue is None


def _is_away(session: Session) -> bool:
    """The class travels to whatever is no room of a school."""
    return session.venue is None or session.venue.kind != VenueKind.VENUE
