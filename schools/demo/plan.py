"""The parameters of a `seed_demo` run, and its random generators."""

import random
from dataclasses import dataclass
from datetime import date, timedelta

FULL_MEMBERS = 38_000
FEWEST_MEMBERS = 300
FIRST_YEAR = 2023
WEEKS_BACK = 26
WEEKS_AHEAD = 2


@dataclass(frozen=True)
class DemoPlan:
    """The demo's year, size, random seed and "today" (`on`).

    Each part has a named generator (`rng("posts")`), so a change in one part leaves the rows of the
    others unchanged.
    """

    year: int
    members: int
    seed: int
    on: date

    def rng(self, *names: object) -> random.Random:
        """A generator that gives the same numbers for the same plan and names."""
        label = "/".join(str(name) for name in (self.seed, *names))
        return random.Random(label)  # noqa: S311 - made-up data, the same at every run

    @property
    def scale(self) -> float:
        """The size of the demo as a share of the real district, at most 1."""
        return min(1.0, self.members / FULL_MEMBERS)

    @property
    def window_start(self) -> date:
        """The first day of the classes and studies of the last half-year."""
        return self.on - timedelta(weeks=WEEKS_BACK)

    @property
    def window_end(self) -> date:
        """The day after the last day with a planned class."""
        return self.on + timedelta(weeks=WEEKS_AHEAD)

    def days_before(self, days: int) -> date:
        """The day `days` before `on`; a Sunday becomes the Saturday before."""
        day = self.on - timedelta(days=days)
        return day - timedelta(days=1) if day.weekday() == 6 else day
