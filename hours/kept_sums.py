"""The registry of sums that apps above keep for each member and year.

They are settled with the balances, by the same changes: whatever moves such a sum writes the
members into a `BalanceChange` in its own transaction, by a trigger of that app. So `Unsettled`
says of them, too, whose are counted live.
"""

from __future__ import annotations

from collections.abc import Callable

# Counts the sums of a year again, of these members or, without any, of everybody.
type Settle = Callable[[int, list[int] | None], None]

_settlers: list[Settle] = []


def register_kept_sums(settle: Settle) -> None:
    """Have sums settled in the transaction that settles the balances of the same members."""
    if settle not in _settlers:
        _settlers.append(settle)


def settle_kept_sums(year: int, members: list[int] | None) -> None:
    """Settle all sums of a year, of these members or, without any, of everybody."""
    for settle in _settlers:
        settle(year, members)
