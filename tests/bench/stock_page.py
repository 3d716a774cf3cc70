"""Serves the stock page beside the portal, with as many users as the portal's crowd."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from tests.bench.browser import Browser, UnexpectedReply
from tests.bench.crowd import CROWD
from tests.bench.database import run_python, tell
from tests.bench.load import split_requests
from tests.bench.portal import serve
from tests.bench.rates import Load
from tests.bench.stock import ROWS, SCHEMA


@contextmanager
def stock_page() -> Iterator[Load]:
    """Create the stock project's tables and users, serve it, and stop it afterwards."""
    tell(os.environ["DATABASE_OWNER_URL"], f"CREATE SCHEMA {SCHEMA}")
    run_python(
        *("-m", "django", "migrate", "--settings=tests.bench.stock.settings", "--verbosity=0")
    )
    with serve("tests.bench.stock.wsgi") as port:
        printed = run_python("-m", "tests.bench.stock.people", str(port), str(CROWD))
        requests = split_requests(printed)
        for request in (requests[0], requests[-1]):
            _check(port, request)
        yield Load(port, requests)


def _check(port: int, request: bytes) -> None:
    """Raise UnexpectedReply unless a signed-in user sees all of their rows."""
    browser = Browser(port)
    text = browser.send(request).require(200).text
    browser.close()
    if (rows := text.count('class="record"')) != ROWS:
        raise UnexpectedReply(f"The stock page has {rows} rows instead of {ROWS}: {text[:2000]}")
