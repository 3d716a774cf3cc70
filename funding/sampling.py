"""Draw payments with a probability proportional to their amount; the same again from the same seed.

Monetary unit sampling. All payments above the threshold are in. The others lie side by side in the
order of their keys, each as long as its amount in fen. `n` points at equal distances over the whole
length `T` pick the payments that they hit: the first point is the SHA-256 of the seed, modulo `T`,
divided by `n`. A payment as long as the distance would be hit for certain, so it is taken first,
and the rest is divided anew. So each payment is drawn with the probability `n · amount / T`,
exactly, and `n` payments are drawn. There are only whole numbers, so every machine draws the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from decimal import Decimal

from funding.enums import SampleBasis


def draw_sample(
    population: Mapping[int, Decimal], *, seed: str, size: int, threshold: Decimal | None
) -> dict[int, SampleBasis]:
    """The keys of the payments that are drawn, in order, and why each is in.

    `population` has the amount of each payment (yuan); `size` is how many are drawn beyond those
    above `threshold`, or all that there are.
    """
    drawn: dict[int, SampleBasis] = {}
    rest: dict[int, int] = {}
    for key, amount in sorted(population.items()):
        if threshold is not None and amount > threshold:
            drawn[key] = SampleBasis.THRESHOLD
        else:
            rest[key] = int(amount * 100)
    for key in _draw(rest, seed, size):
        drawn[key] = SampleBasis.DRAWN
    return dict(sorted(drawn.items()))


def _draw(rest: dict[int, int], seed: str, size: int) -> list[int]:
    """`size` keys, or all, each with a probability proportional to its length."""
    taken: list[int] = []
    while rest and size > len(taken):
        left, total = size - len(taken), sum(rest.values())
        certain = [key for key, length in rest.items() if length * left >= total]
        if not certain:
            return taken + _hit(rest, seed, left, total)
        taken += certain
        rest = {key: length for key, length in rest.items() if key not in certain}
    return taken


def _hit(rest: dict[int, int], seed: str, count: int, total: int) -> list[int]:
    """The keys that the points hit. A point lies at `(start + number · total) / count`."""
    start = int.from_bytes(hashlib.sha256(seed.encode()).digest(), "big") % total
    hit: list[int] = []
    end = 0
    for key, length in rest.items():
        end += length * count
        if len(hit) < count and start + len(hit) * total < end:
            hit.append(key)
    return hit
