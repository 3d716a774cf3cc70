"""Language by choice, sign-out when idle, no copies of personal pages, few session writes."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from accounts.middleware import SEEN_EVERY_SECONDS, MomentMiddleware
from accounts.models import BrowserSession
from tests import factories
from tests.factories import PASSWORD

HOME = reverse("home")
SIGN_IN = reverse("accounts:sign_in")
PASSWORD_CHANGE = reverse("accounts:password_change")
MINUTE = 60
NEW = "新的 staple 7 词"


class Clock:
    """The time that sign-in and the middleware read."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def time(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("accounts.middleware.time", clock)
    return clock


@pytest.fixture
def user(db):
    return factories.make_user("wang.fang")


@pytest.fixture
def browser(user, clock) -> Client:
    """The browser of a person who has just signed in."""
    client = Client()
    client.post(SIGN_IN, {"username": "wang.fang", "password": PASSWORD})
    return client


def is_signed_in(browser: Client) -> bool:
    return browser.get(HOME).status_code == 200


class Writes:
    """The tables that statements write to while this wraps the connection."""

    def __init__(self) -> None:
        self.tables: list[str] = []

    def __call__(self, execute, sql, params, many, context):
        if match := re.match(r"\s*(?:INSERT INTO|UPDATE|DELETE FROM|TRUNCATE)\s+(\S+)", str(sql)):
            self.tables.append(match[1].strip('"'))
        return execute(sql, params, many, context)


def tables_written_by(act) -> list[str]:
    writes = Writes()
    with connection.execute_wrapper(writes):
        act()
    return writes.tables


class TestMoment:
    def test_the_clock_is_asked_once(self, monkeypatch):
        monkeypatch.setattr(
            timezone, "now", iter([datetime(2026, 3, 4, 16, 30, tzinfo=UTC)]).__next__
        )
        request = RequestFactory().get("/")

        MomentMiddleware(lambda seen: HttpResponse(f"{seen.now.isoformat()} {seen.today}"))(request)

        assert request.now.isoformat() == "2026-03-04T16:30:00+00:00"
        assert request.today == date(2026, 3, 5)  # in Shanghai


class TestIdleSignOut:
    def test_follows_half_an_hour_without_a_request(self, browser, clock, settings):
        assert settings.IDLE_MINUTES == 30
        assert is_signed_in(browser)

        clock.wait(30 * MINUTE + 1)

        response = browser.get(HOME)
        assert response.status_code == 302
        assert response.url == f"{SIGN_IN}?next={HOME}"

    def test_stays_away_from_who_comes_back_in_time(self, browser, clock):
        for _ in range(10):
            clock.wait(29 * MINUTE)
            assert is_signed_in(browser)

    def test_says_that_what_was_sent_meanwhile_is_not_saved(self, browser, clock):
        clock.wait(31 * MINUTE)

        page = browser.post(PASSWORD_CHANGE, {"old_password": PASSWORD}, follow=True)

        assert [str(message) for message in page.context["messages"]] == [
            "您已退出登录，刚才提交的内容没有保存，请登录后重新填写。"
        ]

    def test_obeys_the_setting(self, browser, clock, settings):
        settings.IDLE_MINUTES = 5
        assert is_signed_in(browser)

        clock.wait(5 * MINUTE + 1)

        assert not is_signed_in(browser)

    def test_ends_the_session_for_good(self, browser, clock):
        assert is_signed_in(browser)
        key = browser.session.session_key
        clock.wait(31 * MINUTE)
        browser.get(HOME)
        clock.wait(-31 * MINUTE)

        assert not is_signed_in(browser)
        assert not BrowserSession.objects.filter(pk=key).exists()

    def test_counts_from_sign_in_even_without_another_request(self, browser, clock):
        clock.wait(31 * MINUTE)

        assert not is_signed_in(browser)

    def test_discards_the_form_that_arrives_too_late(self, browser, clock, user):
        assert is_signed_in(browser)
        clock.wait(31 * MINUTE)
        fields = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}

        browser.post(PASSWORD_CHANGE, fields)

        user.refresh_from_db()
        assert user.check_password(PASSWORD)


class TestASessionRow:
    def test_is_written_at_most_once_a_minute_and_a_get_writes_nothing_else(self, browser, clock):
        written = [tables_written_by(lambda: browser.get(HOME))]
        for _ in range(2):
            clock.wait(SEEN_EVERY_SECONDS - 1)
            written.append(tables_written_by(lambda: browser.get(HOME)))
            clock.wait(1)
            written.append(tables_written_by(lambda: browser.get(HOME)))

        row = ["accounts_browsersession"]
        assert written == [[], [], row, [], row]
        assert SEEN_EVERY_SECONDS == MINUTE

    def test_is_not_made_for_a_stranger(self, db, clock):
        for address in (SIGN_IN, HOME, reverse("healthz")):
            assert tables_written_by(lambda address=address: Client().get(address)) == []

    def test_is_renewed_when_somebody_signs_in(self, user, clock):
        client = Client()
        client.session["planted"] = True
        client.session.save()
        planted = client.session.session_key

        client.post(SIGN_IN, {"username": "wang.fang", "password": PASSWORD})

        assert client.session.session_key != planted


class TestAPasswordChange:
    def test_ends_the_other_sessions_and_keeps_this_one(self, browser, user, clock):
        elsewhere = Client()
        elsewhere.post(SIGN_IN, {"username": "wang.fang", "password": PASSWORD})
        assert is_signed_in(elsewhere)
        fields = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}

        assert browser.post(PASSWORD_CHANGE, fields).status_code == 302

        assert is_signed_in(browser)
        assert not is_signed_in(elsewhere)

    def test_makes_an_old_copy_of_the_cookie_useless(self, browser, user, settings):
        stolen = Client()
        stolen.cookies[settings.SESSION_COOKIE_NAME] = browser.session.session_key
        assert is_signed_in(stolen)
        user.set_password(NEW)
        user.save()

        assert not is_signed_in(stolen)


class TestLanguage:
    def language_of(self, client: Client, **headers: str) -> str:
        response = client.get(SIGN_IN, headers=headers)
        assert f'<html lang="{response.headers["Content-Language"]}"' in response.text
        return response.headers["Content-Language"]

    @pytest.mark.parametrize("accepted", [None, "en", "en-GB,en;q=0.9", "zh-hant", "fr"])
    def test_is_chinese_whatever_the_browser_accepts(self, db, accepted):
        headers = {"accept-language": accepted} if accepted else {}

        assert self.language_of(Client(), **headers) == "zh-hans"

    @pytest.mark.parametrize(
        ("chosen", "shown"),
        [("en", "en"), ("zh-hans", "zh-hans"), ("fr", "zh-hans"), ("../en", "zh-hans")],
    )
    def test_is_the_one_of_the_cookie_if_we_have_it(self, db, settings, chosen, shown):
        client = Client()
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = chosen

        assert self.language_of(client, **{"accept-language": "zh-hans"}) == shown

    def test_does_not_stick_to_the_next_request(self, db, settings):
        client = Client()
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"

        assert self.language_of(client) == "en"
        assert self.language_of(Client()) == "zh-hans"

    def test_is_chosen_on_the_page(self, db):
        client = Client()
        client.post(reverse("set_language"), {"language": "en", "next": SIGN_IN})

        assert self.language_of(client) == "en"


class TestCopies:
    @pytest.mark.parametrize("address", [HOME, PASSWORD_CHANGE, "/no-such-page/"])
    def test_of_a_signed_in_persons_page_are_forbidden(self, browser, address):
        rules = browser.get(address).headers["Cache-Control"]

        assert {"no-store", "private", "max-age=0"} <= set(rules.split(", "))

    def test_of_a_refusal_are_forbidden_as_well(self, browser):
        response = browser.get(reverse("years:overview"))

        assert response.status_code == 403
        assert "no-store" in response.headers["Cache-Control"]

    def test_of_the_sign_in_page_are_forbidden_since_it_holds_a_token(self, db):
        assert "no-store" in Client().get(SIGN_IN).headers["Cache-Control"]
