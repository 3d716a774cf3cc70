"""Medians, targets, and the printed table."""

import gc
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_LINE = "{:<46} {:>10} {:>10} {:>8} {:>8}  {}"


@dataclass(frozen=True)
class Row:
    """One line of the table; if `asked` is empty, there is no target."""

    job: str
    limit: str
    ours: str
    ratio: str
    asked: str
    is_reached: bool

    def __str__(self) -> str:
        verdict = ("ok" if self.is_reached else "FAIL") if self.asked else ""
        return _LINE.format(self.job, self.limit, self.ours, self.ratio, self.asked, verdict)


HEAD = _LINE.format("job", "limit (ms)", "ours (ms)", "ratio", "asked", "")


def compare(
    job: str,
    *,
    asked: float,
    turns: int,
    limit: Callable[[], float],
    ours: Callable[[], float],
    warm_up: int = 2,
) -> Row:
    """Measure both in alternation, each going first every other turn, and compare the medians.

    `limit` and `ours` do the job once and return its duration in seconds.
    """
    for _ in range(warm_up):
        limit(), ours()
    seconds: dict[Callable[[], float], list[float]] = {limit: [], ours: []}
    gc.collect()
    gc.disable()
    try:
        for turn in range(turns):
            for measure in (limit, ours) if turn % 2 else (ours, limit):
                seconds[measure].append(measure())
    finally:
        gc.enable()
    lower, upper = (statistics.median(seconds[measure]) * 1000 for measure in (limit, ours))
    return Row(
        job,
        f"{lower:.2f}",
        f"{upper:.2f}",
        f"{upper / lower:.2f}",
        f"≤ {asked:g}",
        upper / lower <= asked,
    )


def compare_rates(
    job: str, *, asked: float | None, limit: Sequence[float], ours: Sequence[float]
) -> Row:
    """Compare the medians of requests per second; without `asked` there is no target."""
    lower, upper = statistics.median(limit), statistics.median(ours)
    return Row(
        job,
        f"{lower:.0f}/s",
        f"{upper:.0f}/s",
        f"{upper / lower:.2f}",
        "" if asked is None else f"≥ {asked:g}",
        asked is None or upper / lower >= asked,
    )


def require_truth(job: str, *, is_true: bool) -> Row:
    """A row for a condition that must be true."""
    return Row(job, "", "yes" if is_true else "no", "", "yes", is_true)
