"""The draw: the same again from the same seed, and larger amounts more often."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from funding.enums import SampleBasis
from funding.sampling import draw_sample

populations = st.dictionaries(
    st.integers(1, 10_000), st.integers(1, 10**8).map(lambda fen: Decimal(fen) / 100), max_size=60
)


@given(populations, st.text(min_size=1, max_size=32), st.integers(1, 80))
def test_the_same_seed_draws_the_same_and_as_many_as_asked(population, seed, size):
    def draw(rows):
        return draw_sample(rows, seed=seed, size=size, threshold=None)

    drawn = draw(population)

    assert drawn == draw(dict(reversed(population.items())))
    assert len(drawn) == min(size, len(population))
    assert drawn.keys() <= population.keys()


@given(populations, st.integers(1, 20), st.integers(1, 10**8))
def test_all_above_the_threshold_are_always_in(population, size, fen):
    threshold = Decimal(fen) / 100
    drawn = draw_sample(population, seed="x", size=size, threshold=threshold)

    above = {key for key, amount in population.items() if amount > threshold}
    assert {key for key, basis in drawn.items() if basis == SampleBasis.THRESHOLD} == above
    assert len(drawn) == len(above) + min(size, len(population) - len(above))


def test_larger_amounts_are_drawn_more_often_in_proportion():
    population = {1: Decimal(10), 2: Decimal(20), 3: Decimal(40), 4: Decimal(130)}
    times = Counter(
        key
        for seed in range(2000)
        for key in draw_sample(population, seed=str(seed), size=1, threshold=None)
    )

    for key, amount in population.items():
        assert abs(times[key] / 2000 - float(amount) / 200) < 0.03
    assert times[1] < times[2] < times[3] < times[4]


def test_a_known_draw_stays_as_it_is():
    """A changed draw could not be repeated for audits of before."""
    population = {key: Decimal(key) for key in range(1, 101)}

    drawn = draw_sample(population, seed="2026", size=5, threshold=Decimal("98.50"))

    assert {key: basis.value for key, basis in drawn.items()} == {
        36: "drawn",
        57: "drawn",
        72: "drawn",
        84: "drawn",
        95: "drawn",
        99: "threshold",
        100: "threshold",
    }
