"""The calculator: what each school should get of a year's money, and why."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import NamedTuple

from django.db.models import Count, Sum

from config.lib.periods import local_date
from config.lib.rows import select_map
from config.lib.shares import share_out
from config.lib.years import day_of_judgement
from courses.models import Venue
from funding.amounts import FEN, ZERO
from funding.enums import Stage
from funding.models import FundLeg, WeightRule
from reports.queries.annual import read_sessions
from schools.models import School

# Members of organisations that a school serves on a day.
_MEMBERS = """
SELECT area.school_id, count(DISTINCT belongs.member_id)
FROM trainees_membership belongs
JOIN schools_placement place
  ON place.organisation_id = belongs.organisation_id AND place.period @> %(day)s::date
JOIN schools_schoolarea area
  ON area.township_id = place.township_id AND area.period @> %(day)s::date
WHERE belongs.period @> %(day)s::date AND area.school_id = ANY(%(schools)s)
GROUP BY area.school_id
"""


class Basis(NamedTuple):
    """What the weights of a rule are for, in the order of `Proposal.parts`.

    Venues and members of the day, and hours that those present had in the year before.
    """

    base: Decimal = Decimal(1)
    venues: Decimal = ZERO
    members: Decimal = ZERO
    hours: Decimal = ZERO


@dataclass(frozen=True)
class Proposal:
    """What a school should get by a rule (yuan): one part for each weight; they add up.

    `need` is what the weights come to, to the fen, before a sum is shared out.

    `has_rest`: a fen of the rest that was left by cutting the shares to the fen. `given` is what
    is granted to it already.
    """

    school: School
    rule: WeightRule
    basis: Basis
    need: Decimal
    parts: list[Decimal]
    amount: Decimal
    has_rest: bool
    given: Decimal


@dataclass(frozen=True)
class Calculation:
    """The proposals by one rule; with a sum to share out they add up to it."""

    rule: WeightRule
    proposals: list[Proposal]

    @property
    def total(self) -> Decimal:
        return sum((one.amount for one in self.proposals), ZERO)

    @property
    def need(self) -> Decimal:
        return sum((one.need for one in self.proposals), ZERO)

    @property
    def given(self) -> Decimal:
        return sum((one.given for one in self.proposals), ZERO)

    @property
    def with_rest(self) -> list[School]:
        """The schools that got a fen of the rest."""
        return [one.school for one in self.proposals if one.has_rest]


def propose_allocations(year: int, now: datetime) -> list[Calculation]:
    """What each rule of weights proposes for `year`; the rules and facts of today, while it is
    coming those of its first day.
    """
    on = local_date(now)
    schools = list(School.objects.in_year(year).order_by("code"))
    rules = WeightRule.objects.in_force(day_of_judgement(year, on))
    bases = _read_bases(schools, year, min(day_of_judgement(year, on), on), now)
    facts, given = {one: bases[one.pk] for one in schools}, _read_given(year)
    return [
        Calculation(rule, calculate(rule, facts, given))
        for rule in rules.order_by("-channel", "-purpose")
    ]


def calculate(
    rule: WeightRule, facts: dict[School, Basis], given: dict[tuple[int, str, str], Decimal]
) -> list[Proposal]:
    """What a rule proposes to each school; `given` is what is granted already."""
    weights = (rule.base, rule.per_venue, rule.per_member, rule.per_hour)
    needs = [
        [Fraction(count) * Fraction(weight) for count, weight in zip(basis, weights, strict=True)]
        for basis in facts.values()
    ]
    sums = [sum(parts, Fraction()) for parts in needs]
    amounts, with_rest = _share(rule.total, sums)
    return [
        Proposal(
            school=school,
            rule=rule,
            basis=basis,
            need=_round(sum(parts, Fraction())),
            parts=_split(amount, parts),
            amount=amount,
            has_rest=place in with_rest,
            given=given.get((school.pk, rule.channel, rule.purpose), ZERO),
        )
        for place, ((school, basis), amount, parts) in enumerate(
            zip(facts.items(), amounts, needs, strict=True)
        )
    ]


def _share(total: Decimal | None, sums: list[Fraction]) -> tuple[list[Decimal], set[int]]:
    """The amounts, and the places of those that got a fen of the rest."""
    whole = sum(sums, Fraction())
    if total is None or not whole:
        return [_round(one) for one in sums], set()
    fen = int(total / FEN)
    shares = share_out(fen, sums)
    cut = [int(fen * one / whole) for one in sums]
    with_rest = {place for place, share in enumerate(shares) if share > cut[place]}
    return [share * FEN for share in shares], with_rest


def _round(need: Fraction) -> Decimal:
    exact = Decimal(need.numerator) / Decimal(need.denominator)
    return exact.quantize(FEN, ROUND_HALF_UP)


def _split(amount: Decimal, needs: list[Fraction]) -> list[Decimal]:
    """An amount by the parts of its need, to the fen."""
    if not amount:
        return [ZERO for _ in needs]
    return [share * FEN for share in share_out(int(amount / FEN), needs)]


def _read_bases(schools: list[School], year: int, on: date, now: datetime) -> dict[int, Basis]:
    keys = [school.pk for school in schools]
    members = select_map(_MEMBERS, {"schools": keys, "day": on})
    open_ones = Venue.objects.filter(school__in=keys, period__contains=on).order_by()
    venues = dict(open_ones.values_list("school").annotate(Count("pk")))
    hours: defaultdict[int, Decimal] = defaultdict(lambda: ZERO)
    for session in read_sessions(year - 1, keys, now):
        hours[session.school_id] += session.hours
    return {
        key: Basis(
            venues=Decimal(venues.get(key, 0)),
            members=Decimal(members.get(key, 0)),
            hours=hours[key],
        )
        for key in keys
    }


def _read_given(year: int) -> dict[tuple[int, str, str], Decimal]:
    """What was granted for a year, adjustments included, by school, channel and purpose."""
    legs = FundLeg.objects.filter(year=year, stage=Stage.GRANTED).order_by()
    rows = legs.values_list("school", "channel", "purpose").annotate(Sum("amount"))
    return {(school, channel, purpose): -amount for school, channel, purpose, amount in rows}
