"""Split a whole number into whole shares."""

from collections.abc import Sequence
from fractions import Fraction


def share_out[Weight: (float, Fraction)](
    total: int, weights: Sequence[Weight], least: int = 0
) -> list[int]:
    """Split `total` into whole shares proportional to `weights`, each at least `least`.

    The remainder after rounding goes to the largest fractions, earlier ones first if equal.
    """
    rest = total - least * len(weights)
    if rest < 0:
        raise ValueError(f"{total} is too little for {len(weights)} shares of {least}.")
    unit = rest / sum(weights)
    exact = [weight * unit for weight in weights]
    shares = [int(value) for value in exact]
    by_fraction = sorted(range(len(exact)), key=lambda i: (shares[i] - exact[i], i))
    for index in by_fraction[: rest - sum(shares)]:
        shares[index] += 1
    return [least + share for share in shares]
