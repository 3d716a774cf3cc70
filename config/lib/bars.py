"""Bars split by category, measured in percent for server-rendered SVG."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Segment:
    """One piece of a bar: where it starts and how wide it is, in percent of the whole."""

    label: str
    text: str
    start: str
    width: str
    tone: int


def split_bar(parts: Iterable[tuple[str, Decimal, str]], whole: Decimal) -> tuple[Segment, ...]:
    """Split a bar into the pieces `parts` (label, value, text shown) against `whole`.

    If the values exceed `whole` together, they fill the bar in proportion.
    """
    parts = list(parts)
    scale = max(whole, sum((value for _, value, _ in parts), Decimal(0))) or Decimal(1)
    segments, start = [], Decimal(0)
    for tone, (label, value, text) in enumerate(parts, start=1):
        width = value / scale * 100
        segments.append(Segment(label, text, f"{start:.2f}", f"{width:.2f}", tone))
        start += width
    return tuple(segments)
