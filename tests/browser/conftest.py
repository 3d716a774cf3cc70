"""A real headless Chromium on the running portal."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import Browser, BrowserType, Page, expect, sync_playwright

from accounts.models import User
from tests.browsers import browser_of
from tests.services.conftest import redis_server, redis_url, sender

__all__ = ["redis_server", "redis_url", "sender"]

# Chromium without a window of its own takes a quarter less time, and shows a page alike.
_NAMES = ("chromium-headless-shell", "chromium", "google-chrome")
CHROMIUM = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)
PATIENCE_MS = 60_000
expect.set_options(timeout=PATIENCE_MS)
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 800}
# Where a journey is the subject, it is made at a desk in Chinese and on a phone in English. Both
# languages at both widths are for tests of layout.
at_desk_and_phone = pytest.mark.parametrize(
    ("size", "language"), [(DESK, "zh-hans"), (PHONE, "en")], ids=["desk", "phone"]
)
WCAG = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
}
# A page as axe sees it: its markup, what is chosen on it, and where the focus is. Tokens of forms
# and the nonce differ each time and are nothing to see.
_MARKUP = """() => [
    document.documentElement.outerHTML.replace(/(csrfmiddlewaretoken" value|nonce)="[^"]*"/g, ""),
    ...[...document.querySelectorAll("*")].flatMap((element, at) =>
        element.matches(":checked, :focus") ? [at] : []),
].join()"""
_FOUND_CLEAN: set[tuple[int, str]] = set()
# Journeys that were made in one language, which axe need not follow in the other.
_FOLLOWED: dict[tuple[str, str], str] = {}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each worker drives a browser of its own."""
    for item in items:
        if "/browser/" in str(item.path):
            item.add_marker(pytest.mark.browser)
            if item.get_closest_marker("services") is None:  # which has a database of its own
                item.add_marker(pytest.mark.django_db(transaction=True))


def launch(kind: BrowserType, *arguments: str) -> Browser:
    """A Chromium; a journey that needs arguments of its own starts one beside the common one."""
    return kind.launch(
        executable_path=CHROMIUM,
        args=[
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-background-networking",
            "--disable-component-update",
            *arguments,
        ],
    )


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium on the PATH (set CHROMIUM to its path)")
    # Playwright keeps an event loop in this thread; the database is used from it all the same.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = launch(playwright.chromium)
        yield browser
        browser.close()


class Visitor:
    """A person at a browser. Every page looked at is checked by axe and for sideways scroll.

    `asks_axe` is False in a journey over pages that others have looked at.
    """

    def __init__(self, page: Page, base: str, *, asks_axe: bool = True) -> None:
        self.page, self.base, self.asks_axe = page, base, asks_axe
        self.complaints: list[str] = []
        page.on("console", self._listen)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._watch_hosts)

    def _listen(self, message: Any) -> None:
        # A refusal's own status (409, 422) is logged by the browser as an error as well, and so is
        # what is sent in the moment before a page knows that its network was taken or is back.
        expected = ("the server responded with a status of 4", "net::ERR_INTERNET_DISCONNECTED")
        if message.type == "error" and not any(text in message.text for text in expected):
            self.complaints.append(message.text)

    def _watch_hosts(self, request: Any) -> None:
        if not request.url.startswith((self.base, "data:", "blob:")):
            self.complaints.append(f"external request: {request.url}")

    def open(self, path: str, *, status: int = 200) -> None:
        """Open a page and look at it; `status` is that of a refusal which is meant."""
        reply = self.page.goto(f"{self.base}{path}")
        assert reply is not None, path
        assert reply.status == status, (path, reply.status)
        self.look()

    def sign_in(self, user: User) -> None:
        """The first page of somebody who signed in before; the way there has tests of its own."""
        name = settings.SESSION_COOKIE_NAME
        value = browser_of(user).cookies[name].value
        self.page.context.add_cookies([{"name": name, "value": value, "url": self.base}])
        self.open("/")

    def click(self, text: str, *, exact: bool = False) -> None:
        self.page.get_by_text(text, exact=exact).first.click()
        self.page.wait_for_load_state()
        self.look()

    def press(self, name: str = "") -> None:
        """Press a button, by default the page's one primary, and look at the page that comes.

        The page may come late: a script makes pictures smaller before they are sent.
        """
        if name:
            button = self.page.get_by_role("button", name=name, exact=True).first
        else:
            button = self.page.locator("main form button.btn-primary")
        with self.page.expect_navigation():
            button.click()
        self.look()

    def choose(self, name: str, text: str = "") -> None:
        """Pick in the select `name` the first that fits what is typed, or the first of all."""
        field = self.page.locator(f"#id_{name}[role=combobox]")
        field.click()
        if text:
            field.press_sequentially(text)
        else:
            field.press("ArrowDown")
        field.press("Enter")

    def unfold(self) -> None:
        """Show the filters of a list, which are folded on a phone."""
        switch = self.page.locator(".filters-switch")
        if switch.is_visible():
            switch.check()

    def look(self) -> None:
        """No script error, no foreign host, no sideways scroll, no axe violation."""
        self.page.wait_for_load_state("load")  # modules have run by then
        assert not self.complaints, (self.page.url, self.complaints)
        width = self.page.evaluate("document.documentElement.scrollWidth")
        assert width <= self.page.viewport_size["width"], (self.page.url, width)
        if self.asks_axe:
            self._ask_axe(width)

    def _ask_axe(self, width: int) -> None:
        """The very same page is asked about once, as many journeys begin at one."""
        page = (width, self.page.evaluate(_MARKUP))
        if page in _FOUND_CLEAN:
            return
        results = Axe().run(self.page, options=WCAG)
        # axe itself adds a style element, which the policy rightly refuses.
        self.complaints.clear()
        violations = [
            (v["id"], [n["html"] for n in v["nodes"]]) for v in results.response["violations"]
        ]
        assert not violations, (self.page.url, violations)
        _FOUND_CLEAN.add(page)

    def text(self) -> str:
        return self.page.inner_text("main")


def _is_new_to_axe(request: pytest.FixtureRequest) -> bool:
    """Whether axe follows this journey: it does in the first language in which it is made."""
    callspec = getattr(request.node, "callspec", None)
    given = dict(callspec.params) if callspec else {}
    language = str(given.pop("language", ""))
    journey = (request.node.nodeid.partition("[")[0], repr(given))
    return _FOLLOWED.setdefault(journey, language) == language


@pytest.fixture
def visit(request: pytest.FixtureRequest, chromium: Browser, live_server: Any) -> Iterator[Any]:
    """Makes visitors: `visit(size, language)`."""
    contexts, asks_axe = [], _is_new_to_axe(request)

    def make(size: dict[str, int] = DESK, language: str = "zh-hans", **options: Any) -> Visitor:
        context = chromium.new_context(viewport=size, **options)
        context.set_default_timeout(PATIENCE_MS)
        context.add_cookies(
            [{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": live_server.url}]
        )
        contexts.append(context)
        return Visitor(context.new_page(), live_server.url, asks_axe=asks_axe)

    yield make
    for context in contexts:
        context.close()
    _wait_for_quiet()


def _wait_for_quiet() -> None:
    """The portal has answered what its visitors still asked for: nothing locks rows any more."""
    for thread in threading.enumerate():
        if "process_request_thread" in thread.name:
            thread.join(PATIENCE_MS / 1000)
            assert not thread.is_alive(), "a request of a closed browser goes on"
