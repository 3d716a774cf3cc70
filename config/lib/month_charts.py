"""A line chart of a year by month, measured for server-rendered SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate

WIDTH, HEIGHT = 600, 220
LEFT, RIGHT, TOP, BOTTOM = 8, 8, 12, 24


@dataclass(frozen=True)
class Chart:
    """Points of lines, as `points` of a polyline; `target` is the height of the claim, if any.

    `months` are the places of the labels below.
    """

    this_year: str
    last_year: str
    projection: str
    target: str
    months: list[tuple[int, str]]
    base: int = HEIGHT - BOTTOM
    width: int = WIDTH
    height: int = HEIGHT


def draw_months(
    added: Sequence[Decimal],
    before: Sequence[Decimal],
    *,
    months_gone: int,
    reached: float,
    claimed: Decimal | None,
    expected: Decimal | None,
) -> Chart:
    """The sums of the months so far and of last year's, the claim, and the way to the projection.

    The months after the first `months_gone` are not drawn; the last of them stands at `reached`,
    the part of the year that is gone in months.
    """
    sums, former = list(accumulate(added))[:months_gone], list(accumulate(before))
    most = max([*sums, *former, claimed or Decimal(0), expected or Decimal(0), Decimal(1)])

    def place(month: float, value: Decimal) -> str:
        across = LEFT + (WIDTH - LEFT - RIGHT) * month / 12
        up = (HEIGHT - TOP - BOTTOM) * float(value / most)
        return f"{across:.1f},{HEIGHT - BOTTOM - up:.1f}"

    def line(values: Sequence[Decimal], last: float = 12) -> str:
        steps = enumerate([Decimal(0), *values])
        return " ".join(place(min(month, last), value) for month, value in steps)

    ahead = ""
    if expected is not None and sums:
        ahead = f"{place(reached, sums[-1])} {place(12, expected)}"
    return Chart(
        line(sums, reached),
        line(former),
        ahead,
        place(0, claimed).partition(",")[2] if claimed else "",
        [(month, place(month - 0.5, Decimal(0)).partition(",")[0]) for month in range(1, 13)],
    )
