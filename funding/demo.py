"""The demo's allocations: each school's amount in each year, through both channels."""

from collections.abc import Iterator
from decimal import Decimal

from config.lib.copying import copy_rows
from funding.models import Allocation
from schools.demo import DemoPlan, DemoSchools
from schools.demo.plan import share_out
from schools.enums import FundingChannel

FIRST_YEARS = (2019, 2020, 2021)
TOTAL_OF_FIRST_YEARS = 4_700_000  # yuan, all schools and both channels (the source's 470 万元)
USUAL_YEAR = 1_560_000  # yuan, since then

_STEP = 1_000  # yuan; allocations are round sums
_SHARES = {FundingChannel.FISCAL: 7, FundingChannel.DUES: 3}
_WORDS = {FundingChannel.FISCAL: "西青党教拨", FundingChannel.DUES: "西青党费补"}


def seed_funding(plan: DemoPlan, schools: DemoSchools) -> None:
    """Store this app's part of the demo."""
    copy_rows(
        Allocation,
        ["school_id", "year", "channel", "amount", "document"],
        _list_allocations(plan, schools),
    )


def _list_allocations(
    plan: DemoPlan, schools: DemoSchools
) -> Iterator[tuple[int, int, str, Decimal, str]]:
    """Amounts differ between schools by need, as the source says: not one size for all."""
    rng = plan.rng("funding")
    needs = [rng.uniform(0.6, 1.6) for _ in schools.network.schools]
    totals = dict(
        zip(FIRST_YEARS, share_out(TOTAL_OF_FIRST_YEARS // _STEP, (5, 4, 3)), strict=True)
    )
    for year in range(FIRST_YEARS[0], plan.year + 1):
        total = totals.get(year, USUAL_YEAR // _STEP)
        weights = [
            need * rng.uniform(0.85, 1.15) * share for need in needs for share in _SHARES.values()
        ]
        amounts = iter(share_out(total, weights, 1))
        for number, school in enumerate(schools.network.schools, 1):
            for channel in _SHARES:
                document = f"{_WORDS[channel]}〔{year}〕{number}号"
                yield school.id, year, channel.value, Decimal(next(amounts) * _STEP), document
