"""Whole shares add up to the whole."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.lib.shares import share_out


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


@given(
    total=st.integers(0, 10**12),
    weights=st.lists(st.fractions(0, 10**9), min_size=1, max_size=12).filter(any),
)
def test_exact_shares_are_off_by_less_than_one(total, weights):
    shares = share_out(total, weights)

    assert sum(shares) == total
    whole = sum(weights, Fraction())
    exact = [total * weight / whole for weight in weights]
    assert all(abs(share - one) < 1 for share, one in zip(shares, exact, strict=True))
