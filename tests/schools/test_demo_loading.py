"""Bulk writing and sharing out, on which the demo data stand."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.lib.periods import period
from schools.demo.loading import copy_rows, reserve_ids
from schools.demo.organisations import _village_stem
from schools.demo.plan import DemoPlan, share_out
from schools.models import District, School, Township


def test_copied_text_comes_back_as_it_was(db):
    names = ["杨柳青", "𠮷㐂", "a\tb\nc\rd", r"\N", "back\\slash", "'quoted' \"twice\"", ""]
    rows = [(str(number), name) for number, name in enumerate(names)]
    assert copy_rows(Township, ["code", "name"], rows) == len(names)
    assert list(Township.objects.order_by("code").values_list("name", flat=True)) == names


def test_copied_periods_keep_their_open_end(db):
    periods = [period(date(2019, 1, 1)), period(date(2019, 1, 1), date(2020, 1, 1))]
    copy_rows(
        School,
        ["code", "name", "signature", "office", "telephone", "address", "period"],
        [(str(number), str(number), "", "", "", "", value) for number, value in enumerate(periods)],
    )
    assert list(School.objects.order_by("code").values_list("period", flat=True)) == periods


def test_nothing_is_copied_from_no_rows(db):
    assert copy_rows(Township, ["code", "name"], []) == 0


def test_reserved_ids_are_never_given_again(db):
    ids = reserve_ids(District, 3)
    assert ids == sorted(set(ids))
    assert District.objects.create(code="120111", name="西青区").pk > ids[-1]
    assert reserve_ids(District, 0) == []


@given(
    total=st.integers(0, 10_000),
    weights=st.lists(st.floats(0.01, 100), min_size=1, max_size=40),
    least=st.integers(0, 20),
)
def test_shares_are_whole_and_add_up(total, weights, least):
    if total < least * len(weights):
        with pytest.raises(ValueError, match="too little"):
            share_out(total, weights, least)
        return
    shares = share_out(total, weights, least)
    assert sum(shares) == total
    assert min(shares) >= least


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
