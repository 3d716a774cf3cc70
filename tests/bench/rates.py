"""Pages per second over several connections: members' own pages, and a stock page."""

import subprocess
import sys
from dataclasses import dataclass

from dev.embedded_postgres import BASE_DIR
from tests.bench.browser import UnexpectedReply
from tests.bench.crowd import Crowd
from tests.bench.figures import Row, compare_rates

ASKED = 1
CONNECTIONS = 8
LOAD_SECONDS = 1
TURNS = 15


@dataclass(frozen=True)
class Load:
    """Requests to send repeatedly to the server at `port`."""

    port: int
    requests: list[bytes]

    def rate(self, turn: int) -> float:
        """Replies per second. Raises UnexpectedReply if a reply is not a page.

        Each turn starts at a later request, roughly where the previous turn ended, so that a long
        list is used from beginning to end.
        """
        start = len(self.requests) // (TURNS + 1) * turn
        numbers = [str(value) for value in (self.port, CONNECTIONS, LOAD_SECONDS)]
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench.load", *numbers],
            cwd=BASE_DIR,
            input=b"".join(self.requests[start:] + self.requests[:start]),
            capture_output=True,
            check=False,
        )
        if done.returncode != 0:
            raise UnexpectedReply((done.stdout + done.stderr).decode(errors="replace"))
        count, seconds = done.stdout.split()
        return int(count) / float(seconds)


def measure_rates(port: int, crowd: Crowd, stock: Load) -> list[Row]:
    """Pages per second, compared with a stock page that is opened in alternation.

    The target is for the page of a different member each time, as on a day when everyone looks.
    Repeating the longest page has no target: it shows more lines than the stock page has rows.
    """
    many, longest = Load(port, crowd.requests), Load(port, [crowd.longest])
    in_turn = (many, stock, longest)
    rates: dict[int, list[float]] = {id(load): [] for load in in_turn}
    for turn in range(TURNS + 1):
        for load in in_turn if turn % 2 else reversed(in_turn):
            rates[id(load)].append(load.rate(turn))
    of_many, of_stock, of_longest = (rates[id(load)][1:] for load in in_turn)  # the first warms up
    return [
        compare_rates(
            "own pages of many members beside stock pages",
            asked=ASKED,
            limit=of_stock,
            ours=of_many,
        ),
        compare_rates(
            "longest of these pages, likewise", asked=None, limit=of_stock, ours=of_longest
        ),
    ]
