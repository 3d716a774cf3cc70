"""Chance and naming, on which the demo data stand."""

from datetime import date
from decimal import Decimal

import pytest

from schools.demo.organisations import _village_stem
from schools.demo.plan import DemoPlan


def test_chance_depends_on_the_plan_and_the_name_alone():
    plan = DemoPlan(year=2026, members=300, seed=1, on=date(2026, 11, 24))
    assert plan.rng("a").random() == plan.rng("a").random()
    assert plan.rng("a").random() != plan.rng("b").random()
    assert Decimal(str(plan.scale)) < 1


@pytest.mark.parametrize(
    ("village", "stem"),
    [
        ("于台村委会", "于台村"),
        ("边村村委会", "边村"),
        ("一街村委会", "一街村"),
        ("春畅里社区居民委员会", "春畅里社区"),
        ("小稍直口社区居委会", "小稍直口社区"),
        ("远洋万和城居委会", "远洋万和城社区"),
        ("天津工业大学社区", "天津工业大学社区"),
    ],
)
def test_branches_are_named_after_their_village(village, stem):
    assert _village_stem(village) == stem
