"""What classes cost: payments by class, beside what was delivered in the year.

Payments are legs of the year, so the sums are those of the fund ledger; what names no class stands
apart. Person-times and hours are those of the annual report: marks present and late of submitted
rolls, hours of sessions held. For a closed year they are as it froze them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import Sum

from config.lib.filters import Filters, ListRequest
from courses.enums import Format
from courses.models import Module, TrainingClass
from fund_reports.queries.figures import seen_legs
from funding.amounts import FEN, ZERO
from funding.enums import Stage
from quotas.queries.deliveries import Delivered
from reports.queries.annual import read_sessions
from schools.models import School


@dataclass(frozen=True)
class CostSums:
    """What some classes cost (yuan), and what was delivered for it."""

    classes: int
    paid: Decimal
    person_times: int
    hours: Decimal

    @property
    def per_class(self) -> Decimal | None:
        return _divide(self.paid, self.classes)

    @property
    def per_person_time(self) -> Decimal | None:
        return _divide(self.paid, self.person_times)

    @property
    def per_hour(self) -> Decimal | None:
        return _divide(self.paid, self.hours)


@dataclass(frozen=True)
class PaidClass:
    """A class for which a school paid in the year, with its sessions of the year."""

    training_class: TrainingClass
    school_id: int
    module_id: int
    format: str
    sums: CostSums


@dataclass(frozen=True)
class CostDimension:
    """One way in which costs are divided: its name, and the key of a class."""

    name: str
    key_of: Callable[[PaidClass], str]


DIMENSIONS = (
    CostDimension("school", lambda one: str(one.school_id)),
    CostDimension("module", lambda one: str(one.module_id)),
    CostDimension("format", lambda one: one.format),
)


@dataclass(frozen=True)
class CostReport:
    """The costs of a year: by class, and what names no class."""

    classes: list[PaidClass]
    without_class: Decimal
    labels: dict[str, dict[str, str]] = field(default_factory=dict)

    def lines(self, dimension: CostDimension) -> list[tuple[str, str, CostSums]]:
        """Key, label and sums of each key, in the order of the labels."""
        groups: defaultdict[str, list[PaidClass]] = defaultdict(list)
        for one in self.classes:
            groups[dimension.key_of(one)].append(one)
        labels = self.labels[dimension.name]
        return [(key, labels[key], add_up_costs(groups[key])) for key in labels if key in groups]

    @property
    def of_classes(self) -> CostSums:
        """All classes together."""
        return add_up_costs(self.classes)

    @property
    def paid(self) -> Decimal:
        """All payments of the year, as the fund ledger has them."""
        return self.of_classes.paid + self.without_class


def read_costs(asked: ListRequest, filters: Filters) -> CostReport:
    """The costs of the chosen year, school and channel, of the money that the person sees."""
    paid, without_class = _read_paid(asked, filters)
    classes = TrainingClass.objects.select_related("school").in_bulk({key for _, key in paid})
    schools = sorted({one.school_id for one in classes.values()})
    delivered = _read_delivered(int(filters.value("year")), schools, asked.now)
    costs = [
        _cost_of(classes[key], school, amount, delivered.get((school, key), []))
        for (school, key), amount in paid.items()
    ]
    costs.sort(key=lambda one: (-one.sums.paid, one.training_class.code))
    return CostReport(costs, without_class, _labels({school for school, _key in paid}))


def narrow_costs(report: CostReport, filters: Filters) -> list[PaidClass]:
    """The classes that fit the chosen module and format, the dearest first."""
    chosen = [(one, filters.value(one.name)) for one in DIMENSIONS if filters.value(one.name)]
    return [
        cost
        for cost in report.classes
        if all(dimension.key_of(cost) == key for dimension, key in chosen)
    ]


def add_up_costs(costs: Iterable[PaidClass]) -> CostSums:
    """The sums of some classes."""
    costs = list(costs)
    return CostSums(
        classes=len({one.training_class.pk for one in costs}),
        paid=sum((one.sums.paid for one in costs), ZERO),
        person_times=sum(one.sums.person_times for one in costs),
        hours=sum((one.sums.hours for one in costs), ZERO),
    )


def _read_paid(
    asked: ListRequest, filters: Filters
) -> tuple[dict[tuple[int, int], Decimal], Decimal]:
    """What was paid by paying school and class, and what names no class. One statement."""
    legs = seen_legs(asked, filters).filter(stage=Stage.PAID).order_by()
    rows = legs.values_list("school", "transaction__commitment__training_class")
    paid: dict[tuple[int, int], Decimal] = {}
    without_class = ZERO
    for school, key, amount in rows.annotate(Sum("amount")):
        if key is None:
            without_class += amount
        elif amount:
            paid[school, key] = amount
    return paid, without_class


def _read_delivered(
    year: int, schools: list[int], now: datetime
) -> dict[tuple[int, int], list[Delivered]]:
    """The sessions of the year by the school and the class that held them."""
    found: defaultdict[tuple[int, int], list[Delivered]] = defaultdict(list)
    if schools:
        for one in read_sessions(year, schools, now):
            found[one.school_id, one.training_class_id].append(one)
    return found


def _cost_of(
    training_class: TrainingClass, school: int, paid: Decimal, sessions: list[Delivered]
) -> PaidClass:
    """Module and format are those of the sessions, which a closed year keeps; else the class's."""
    first = sessions[0] if sessions else None
    return PaidClass(
        training_class,
        school,
        first.module_id if first else training_class.module_id,
        first.format if first else training_class.format,
        CostSums(
            classes=1,
            paid=paid,
            person_times=sum(one.person_times for one in sessions),
            hours=sum((one.taught for one in sessions), ZERO),
        ),
    )


def _labels(schools: Iterable[int]) -> dict[str, dict[str, str]]:
    names = School.objects.filter(pk__in=schools).order_by("code").values_list("pk", "name")
    modules = Module.objects.order_by("code").values_list("pk", "name")
    return {
        "school": {str(key): name for key, name in names},
        "module": {str(key): name for key, name in modules},
        "format": {value: str(label) for value, label in Format.choices},
    }


def _divide(paid: Decimal, by: Decimal | int) -> Decimal | None:
    return (paid / by).quantize(FEN, ROUND_HALF_UP) if by else None
