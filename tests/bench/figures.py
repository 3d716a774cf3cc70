"""Medians, the targets, and the table that is printed."""

import gc
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_LINE = "{:<46} {:>10} {:>10} {:>8} {:>8}  {}"


@dataclass(frozen=True)
class Row:
    """One line of the table; where nothing is asked it only informs."""

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
    """Measure both in turns, each first every other time, and compare the medians.

    `limit` and `ours` do the job once and return the seconds that it took.
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
    """The medians of requests per second, measured in turns; without `asked` to inform only."""
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
    """Something that holds or does not."""
    return Row(job, "", "yes" if is_true else "no", "", "yes", is_true)
