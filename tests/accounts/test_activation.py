"""Getting in by a slip: codes issued, tried, used, replaced, expired; and the privacy notice."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import activation
from accounts.activation import ActivationError, issue_codes, sweep_codes, try_code
from accounts.codes import format_code
from accounts.enums import CodeEnd
from accounts.models import ActivationCode, AuditEntry, NoticeReading, PrivacyNotice, WrongCode
from accounts.tasks import sweep_activation_codes
from config.lib.encryption import decrypt
from config.lib.periods import at_local
from tests import factories
from tests.browsers import browser_of
from tests.factories import NOON, PASSWORD, make_user
from tests.refusals import refused

ACTIVATE = reverse("accounts:activate")
CHOOSE = reverse("accounts:activate_password")
PRIVACY = reverse("accounts:privacy")
SIGN_IN = reverse("accounts:sign_in")
HERE = "10.0.0.7"
NEW = "another staple 7"
WRONG = "AAAAAAAAAA"


@pytest.fixture
def clerk(db):
    return make_user("clerk")


@pytest.fixture
def newcomer(db):
    """An account that nobody has used yet."""
    user = make_user("10100001", has_read=False, phone="13800000000", display_name="张伟")
    user.set_unusable_password()
    user.save()
    return user


@pytest.fixture
def browser(settings):
    client = Client()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


def issue(clerk, *users, at=NOON):
    return issue_codes(users=users, key=uuid4(), by=factories.acting(clerk), at=at)


def code_of(user) -> str:
    """The code in clear, as the sheet shows it."""
    return decrypt(ActivationCode.objects.get(user=user, ended_at=None).code_encrypted)


def attempt(name, code, at=NOON, address=HERE):
    return try_code(name=name, code=code, address=address, at=at)


class TestIssuing:
    def test_a_batch_is_called_by_the_day_in_shanghai(self, clerk, newcomer):
        batch = issue(clerk, newcomer, at=at_local(date(2026, 3, 2), 1))

        batch.refresh_from_db()
        assert str(batch).startswith("2026-03-02")

    def test_a_slip_has_a_code_that_is_kept_sealed_and_hashed(self, clerk, newcomer):
        issue(clerk, newcomer)

        stored = ActivationCode.objects.get()
        code = code_of(newcomer)
        assert stored.expires_at == NOON + timedelta(days=30)
        assert code not in (stored.code_encrypted, stored.code_fingerprint)
        assert code not in str(list(AuditEntry.objects.values()))

    def test_the_days_are_a_setting(self, clerk, newcomer, settings):
        settings.ACTIVATION_DAYS = 3
        issue(clerk, newcomer)

        assert ActivationCode.objects.get().expires_at == NOON + timedelta(days=3)

    def test_the_trail_knows_the_batch_with_its_count_and_each_person(self, clerk, newcomer):
        batch = issue(clerk, newcomer, make_user())

        assert AuditEntry.objects.get(act="issue_slips").after == {"count": 2}
        entries = AuditEntry.objects.filter(act="issue_slip")
        assert {entry.after["batch"] for entry in entries} == {batch.pk}
        assert entries.filter(object_id=str(newcomer.pk)).count() == 1

    def test_a_new_slip_ends_the_old_one(self, clerk, newcomer):
        issue(clerk, newcomer)
        old = code_of(newcomer)
        issue(clerk, newcomer)

        assert attempt(newcomer.username, old) is None
        ended = ActivationCode.objects.get(ended_by=CodeEnd.REPLACED)
        assert (ended.ended_at, ended.code_encrypted) == (NOON, "")

    def test_a_disabled_account_gets_none(self, clerk, newcomer):
        newcomer.is_active = False
        newcomer.save()

        with refused(ActivationError, newcomer.display_name):
            issue(clerk, newcomer)
        assert not ActivationCode.objects.exists()


class TestTrying:
    @pytest.mark.parametrize("name", ["10100001", "13800000000"])
    def test_by_number_or_phone(self, clerk, newcomer, name):
        issue(clerk, newcomer)

        assert attempt(name, code_of(newcomer)).user == newcomer

    def test_the_code_of_another_opens_nothing(self, clerk, newcomer):
        other = make_user()
        issue(clerk, newcomer, other)

        assert attempt(newcomer.username, code_of(other)) is None

    def test_five_wrong_ones_kill_the_right_one(self, clerk, newcomer):
        issue(clerk, newcomer)
        code = code_of(newcomer)
        for _ in range(4):
            assert attempt(newcomer.username, WRONG) is None
        assert attempt(newcomer.username, code) is not None
        assert attempt(newcomer.username, WRONG) is None

        assert attempt(newcomer.username, code) is None
        stored = ActivationCode.objects.get()
        assert (stored.ended_by, stored.code_encrypted) == (CodeEnd.WRONG_TRIES, "")

    def test_after_its_days_it_opens_nothing(self, clerk, newcomer):
        issue(clerk, newcomer)
        code, end = code_of(newcomer), NOON + timedelta(days=30)

        assert attempt(newcomer.username, code, at=end - timedelta(seconds=1)) is not None
        assert attempt(newcomer.username, code, at=end) is None

    def test_nor_for_a_disabled_account(self, clerk, newcomer):
        issue(clerk, newcomer)
        code = code_of(newcomer)
        newcomer.is_active = False
        newcomer.save()

        assert attempt(newcomer.username, code) is None

    def test_an_unknown_number_costs_the_same_statements_as_a_wrong_code(self, clerk, newcomer):
        issue(clerk, newcomer)
        sent = []
        for name in (newcomer.username, "10109999"):
            with CaptureQueriesContext(connection) as caught:
                attempt(name, WRONG)
            sent.append([query["sql"].split()[0] for query in caught.captured_queries])

        assert sent[0] == sent[1]

    def test_too_many_wrong_codes_from_one_address_have_to_wait(self, clerk, newcomer, monkeypatch):
        monkeypatch.setattr(activation, "WRONG_CODES_PER_ADDRESS", 3)
        issue(clerk, newcomer)
        for _ in range(3):
            attempt("nobody", WRONG)

        with refused(ActivationError):
            attempt(newcomer.username, code_of(newcomer))
        assert attempt(newcomer.username, code_of(newcomer), address="10.0.0.8") is not None
        later = NOON + timedelta(minutes=15)
        assert attempt(newcomer.username, code_of(newcomer), at=later) is not None


class TestSweeping:
    def test_what_expired_ends_and_is_erased(self, clerk, newcomer):
        issue(clerk, newcomer)
        attempt("nobody", WRONG)

        assert sweep_codes(at=NOON + timedelta(days=30)) == 1
        stored = ActivationCode.objects.get()
        assert (stored.ended_by, stored.code_encrypted) == (CodeEnd.EXPIRED, "")
        assert not WrongCode.objects.exists()

    def test_after_a_day_nobody_can_print_it_but_it_still_opens(self, clerk, newcomer):
        issue(clerk, newcomer)
        code = code_of(newcomer)
        sweep_codes(at=NOON + timedelta(hours=23))
        assert code_of(newcomer) == code

        assert sweep_codes(at=NOON + timedelta(hours=24)) == 0

        assert ActivationCode.objects.get().code_encrypted == ""
        assert attempt(newcomer.username, code) is not None

    def test_the_task_does_it_and_may_run_twice(self, clerk, newcomer):
        issue(clerk, newcomer, at=timezone.now() - timedelta(days=40))

        assert [sweep_activation_codes(), sweep_activation_codes()] == [1, 0]


def first_step(browser, name, code):
    return browser.post(ACTIVATE, {"username": name, "code": code})


def second_step(browser, **typed):
    passwords = {"new_password1": NEW, "new_password2": NEW}
    return browser.post(CHOOSE, {"has_read": "on", **passwords, **typed})


class TestThePages:
    @pytest.fixture
    def code(self, clerk, newcomer):
        issue(clerk, newcomer, at=timezone.now())
        return code_of(newcomer)

    def test_a_person_gets_in_and_signs_in_by_phone_ever_after(self, browser, newcomer, code):
        assert first_step(browser, newcomer.username, format_code(code).lower()).url == CHOOSE
        page = browser.get(CHOOSE)
        assert "Who handles your personal data" in page.text
        assert second_step(browser).url == reverse("home")
        assert browser.get(reverse("home")).status_code == 200

        stranger = Client()
        answer = stranger.post(SIGN_IN, {"username": newcomer.phone, "password": NEW})
        assert answer.url == reverse("home")
        assert NoticeReading.objects.get(user=newcomer).notice.version == 1
        stored = ActivationCode.objects.get()
        assert (stored.ended_by, stored.code_encrypted) == (CodeEnd.USED, "")
        acts = AuditEntry.objects.filter(actor=newcomer).values_list("act", flat=True)
        assert {"activate_account", "read_notice", "sign_in"} <= set(acts)

    def test_a_code_works_once(self, browser, newcomer, code):
        first_step(browser, newcomer.username, code)
        second_step(browser)

        page = first_step(Client(), newcomer.username, code)

        assert page.status_code == 422

    def test_a_session_that_somebody_planted_does_not_learn_of_the_code(
        self, browser, newcomer, code, settings
    ):
        planted = browser.session
        planted["known"] = True
        planted.save()
        key = planted.session_key
        browser.cookies[settings.SESSION_COOKIE_NAME] = key
        first_step(browser, newcomer.username, code)

        other = Client()
        other.cookies[settings.SESSION_COOKIE_NAME] = key

        assert second_step(other).url == ACTIVATE
        assert second_step(browser).url == reverse("home")

    def test_between_the_steps_it_may_be_used_or_replaced(self, browser, clerk, newcomer, code):
        first_step(browser, newcomer.username, code)
        issue(clerk, newcomer, at=timezone.now())

        assert second_step(browser).url == ACTIVATE
        newcomer.refresh_from_db()
        assert not newcomer.has_usable_password()

    def test_a_new_password_ends_the_sessions_that_the_old_one_opened(self, browser, clerk):
        user = make_user("lihua")
        old = browser_of(user, None)
        issue(clerk, user, at=timezone.now())
        assert old.get(reverse("home")).status_code == 200

        first_step(browser, user.username, code_of(user))
        second_step(browser)

        assert old.get(reverse("home")).status_code == 302
        user.refresh_from_db()
        assert not user.check_password(PASSWORD)

    @pytest.mark.parametrize("name", ["10100001", "10109999", "13999999999"])
    def test_wrong_words_are_the_same_for_everyone(self, browser, newcomer, code, name):
        page = first_step(browser, name, WRONG)

        assert page.status_code == 422
        assert "The number and the code do not fit each other" in page.text
        assert f'value="{name}"' in page.text

    def test_an_id_number_is_refused_and_not_sent_back(self, browser, code):
        page = first_step(browser, "11010519491231002X", code)

        assert "Do not sign in with an ID number." in page.text
        assert "11010519491231002X" not in page.text
        assert not WrongCode.objects.exists()

    @pytest.mark.parametrize(
        ("typed", "message"),
        [
            ({"has_read": ""}, "Read the notice, then tick this box."),
            ({"new_password1": "short", "new_password2": "short"}, "too short"),
            ({"new_password1": "1234567890123", "new_password2": "1234567890123"}, "numeric"),
            ({"new_password2": "something else 8"}, "match"),
        ],
    )
    def test_what_is_wrong_in_the_second_step(self, browser, newcomer, code, typed, message):
        first_step(browser, newcomer.username, code)

        page = second_step(browser, **typed)

        assert page.status_code == 422
        assert message in page.text
        assert NEW not in page.text
        assert ActivationCode.objects.get().ended_at is None

    def test_the_second_step_wants_the_first_within_the_hour(self, browser, newcomer, code):
        assert browser.get(CHOOSE).url == ACTIVATE
        first_step(browser, newcomer.username, code)
        session = browser.session
        session["activation"] |= {"at": (timezone.now() - timedelta(minutes=61)).isoformat()}
        session.save()

        assert browser.get(CHOOSE).url == ACTIVATE

    def test_sign_in_leads_there(self, browser, db):
        page = browser.get(SIGN_IN)

        assert ACTIVATE in page.text
        assert "First time here, or password lost?" in page.text


class TestThePrivacyNotice:
    @pytest.fixture
    def second(self, db):
        return PrivacyNotice.objects.create(
            version=2,
            text_chinese="# 标题\n\n内容",
            text_english="# Heading\n\nSecond text",
            published_on=date(2026, 2, 1),
        )

    def sign_in(self, browser, user):
        body = {"username": user.username, "password": PASSWORD, "next": "/password/"}
        return browser.post(SIGN_IN, body)

    def test_is_open_to_strangers(self, browser, db):
        page = browser.get(PRIVACY)

        assert page.status_code == 200
        assert "Version 1" in page.text
        assert browser.post(PRIVACY).url == SIGN_IN

    def test_a_newer_version_is_shown_at_the_next_sign_in_once(self, browser, second):
        user = make_user()

        answer = self.sign_in(browser, user)
        assert answer.url.startswith(f"{PRIVACY}?next=")
        page = browser.get(answer.url)
        assert "<h2>Heading</h2>" in page.text
        assert browser.post(PRIVACY, {"next": "/password/"}).url == "/password/"

        assert self.sign_in(Client(), user).url == "/password/"
        reading = NoticeReading.objects.get(user=user, notice=second)
        assert reading.read_at <= timezone.now()
        assert "You read this version on" in browser.get(PRIVACY).text

    def test_saying_so_twice_is_kept_once(self, browser, second):
        user = make_user()
        browser.force_login(user, "accounts.backends.PhoneOrNumberBackend")
        for _ in range(2):
            browser.post(PRIVACY)

        assert NoticeReading.objects.filter(user=user, notice=second).count() == 1
        assert AuditEntry.objects.filter(act="read_notice").count() == 1

    def test_one_to_come_is_not_shown_yet(self, browser, second):
        second.published_on = timezone.localdate() + timedelta(days=1)
        second.save()

        assert self.sign_in(browser, make_user()).url == "/password/"

    def test_leads_to_pages_of_this_site_only(self, browser, second):
        browser.force_login(make_user(), "accounts.backends.PhoneOrNumberBackend")

        assert browser.post(PRIVACY, {"next": "https://elsewhere.example/"}).url == "/"
