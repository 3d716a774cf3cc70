"""The calculator's proposals follow from weights and facts, and add up to the fen."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.lib.periods import period
from courses.models import Venue
from funding.models import WeightRule
from funding.queries.proposals import Basis, Calculation, calculate, propose_allocations
from schools.models import School
from tests import factories
from tests.factories import DAY, NOON, START
from tests.funding.vouchers import VoucherWorld
from tests.funding.world import YEAR

WEIGHTS = {
    "base": Decimal(1000),
    "per_venue": Decimal(50),
    "per_member": Decimal("2.50"),
    "per_hour": Decimal("0.15"),
}


def rule(**fields) -> WeightRule:
    of = {"channel": "fiscal", "purpose": "training", "source": "测算办法"}
    return WeightRule(**of | WEIGHTS | {"period": period(START)} | fields)


amounts = st.decimals(0, 1_000_000, places=2)
bases = st.builds(
    Basis,
    base=st.just(Decimal(1)),
    venues=st.integers(0, 50).map(Decimal),
    members=st.integers(0, 50_000).map(Decimal),
    hours=st.integers(0, 10**7).map(lambda quarters: Decimal(quarters) / 4),
)


@given(
    weights=st.fixed_dictionaries(dict.fromkeys(WEIGHTS, amounts)),
    total=st.none() | st.decimals("0.01", 10_000_000, places=2),
    facts=st.lists(bases, min_size=1, max_size=15),
)
def test_parts_add_up_to_their_school_and_schools_to_the_sum(weights, total, facts):
    schools = {School(pk=place): basis for place, basis in enumerate(facts, start=1)}
    by = rule(**weights, total=total)
    made = Calculation(by, calculate(by, schools, {}))

    for one in made.proposals:
        assert sum(one.parts) == one.amount >= 0
        assert all(part == part.quantize(Decimal("0.01")) and part >= 0 for part in one.parts)
    ordered = [weights[name] for name in WEIGHTS]
    needs = [sum(n * weight for n, weight in zip(basis, ordered, strict=True)) for basis in facts]
    if total is not None and any(needs):
        assert made.total == total
        exact = [total * need / sum(needs) for need in needs]
        assert len(made.with_rest) < len(facts) or len(facts) == 1
    else:
        exact = needs
        assert made.with_rest == []
    for one, amount in zip(made.proposals, exact, strict=True):
        assert abs(one.amount - amount) < Decimal("0.011")


def test_without_a_sum_each_gets_its_need():
    (one,) = calculate(
        rule(), {School(pk=1): Basis(Decimal(1), Decimal(2), Decimal(301), Decimal("10.25"))}, {}
    )

    assert one.parts == [1000, 100, Decimal("752.50"), Decimal("1.54")]
    assert one.amount == Decimal("1854.04")


def test_the_rest_of_the_fen_goes_to_the_largest_remainders():
    schools = {School(pk=place): Basis() for place in (1, 2, 3)}
    made = Calculation(rule(), calculate(rule(total=Decimal(100)), schools, {}))

    assert [one.amount for one in made.proposals] == [
        Decimal("33.34"),
        Decimal("33.33"),
        Decimal("33.33"),
    ]
    assert [school.pk for school in made.with_rest] == [1]


@pytest.mark.django_db
class TestFacts:
    def test_are_those_of_the_year_before_and_of_today(self):
        world = VoucherWorld()
        rule().save()
        world.take_roll(world.session())
        second = factories.make_member(factories.make_organisation(world.school))
        factories.make_school("120111005", "津门湖街道")
        venues = Venue.objects.filter(school=world.school, period__contains=DAY).count()

        (now,) = propose_allocations(YEAR, NOON)
        (ahead,) = propose_allocations(YEAR + 1, NOON)
        assert now.proposals[1].school == world.school

        assert second
        assert [one.basis.members for one in now.proposals] == [0, 2]
        assert [one.basis.hours for one in now.proposals] == [0, 0]
        assert [one.basis.hours for one in ahead.proposals] == [0, 4]
        assert ahead.proposals[1].basis.venues == venues
        assert [one.given for one in now.proposals] == [0, 1000]

    def test_a_rule_proposes_while_it_is_in_force(self):
        factories.make_school()
        rule(period=period(START, DAY)).save()
        rule(period=period(DAY), base=Decimal(7)).save()

        (made,) = propose_allocations(YEAR, NOON)

        assert made.rule.base == 7
        assert propose_allocations(2018, NOON) == []
