"""Who may sign in, by what, and how guessing is stopped."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.auth import authenticate
from django.core import signing
from django.db import connection
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from accounts.backends import PhoneOrNumberBackend
from accounts.guessing import sweep_guesses
from accounts.models import AuditEntry, Guess, User
from tests import factories
from tests.factories import PASSWORD

SIGN_IN = reverse("accounts:sign_in")
LIMIT = 5
LOCKED = 429
ID_NUMBER = "11010519491231002X"


@pytest.fixture
def clerk(db) -> User:
    return factories.make_user("wang.fang", phone="13800000000")


@pytest.fixture
def member(db) -> User:
    """Members sign in with their number, which is the sign-in name of their account."""
    return factories.make_user("70000001")


def sign_in(name: str, password: str = PASSWORD, client: Client | None = None, **extra: str):
    return (client or Client()).post(
        SIGN_IN, {"username": name, "password": password}, headers=extra
    )


def guess(name: str, times: int = LIMIT, **extra: str) -> None:
    for number in range(times):
        sign_in(name, f"guess {number}", **extra)


def opens(name: str) -> bool:
    """Whether the right password lets `name` in, as the page shows it."""
    client = Client()
    response = sign_in(name, client=client)
    home = client.get(reverse("home")).status_code
    assert (response.status_code, home) in {(302, 200), (200, 302), (LOCKED, 302)}
    return home == 200


class TestSigningIn:
    @pytest.mark.parametrize("typed", ["wang.fang", "Wang.Fang", "13800000000", "138 0000 0000"])
    def test_by_name_or_phone(self, clerk, typed):
        assert opens(typed)

    def test_by_member_number(self, member):
        assert opens("70000001")

    @pytest.mark.parametrize("typed", ["wang.fan", "wang.fangs", "1380000000", "王芳", "%", ""])
    def test_by_nothing_else(self, clerk, typed):
        assert not opens(typed)

    def test_needs_the_password_as_it_is(self, clerk):
        for wrong in (PASSWORD.upper(), f" {PASSWORD}", ""):
            assert sign_in("wang.fang", wrong).status_code == 200

    def test_is_closed_to_an_inactive_account(self, clerk):
        clerk.is_active = False
        clerk.save()

        assert not opens("wang.fang")
        assert not opens("13800000000")

    def test_is_closed_to_an_account_without_a_password(self, clerk):
        clerk.set_unusable_password()
        clerk.save()

        assert not opens("wang.fang")

    def test_takes_as_long_for_a_name_that_nobody_has(self, db, monkeypatch):
        hashed = []
        monkeypatch.setattr(User, "set_password", lambda user, password: hashed.append(password))

        sign_in("nobody", "guess")

        assert hashed == ["guess"]


class TestADemoAccount:
    @pytest.fixture
    def demo(self, db) -> User:
        return factories.make_user("demo.clerk", is_demo=True)

    def test_opens_in_the_demo(self, demo, settings):
        settings.DEMO = True

        assert opens("demo.clerk")

    def test_is_refused_outside_it(self, demo, settings):
        settings.DEMO = False

        assert not opens("demo.clerk")

    def test_is_signed_out_where_the_demo_has_ended(self, demo, settings):
        client = Client()
        sign_in("demo.clerk", client=client)
        settings.DEMO = False

        assert client.get(reverse("home")).status_code == 302

    def test_says_nothing_of_other_accounts(self, clerk, settings):
        settings.DEMO = False

        assert opens("wang.fang")


class TestTheAccountBehindASession:
    def test_is_found_while_it_may_enter(self, clerk):
        assert PhoneOrNumberBackend().get_user(clerk.pk) == clerk

    def test_is_gone_once_it_is_disabled(self, clerk):
        clerk.is_active = False
        clerk.save()

        assert PhoneOrNumberBackend().get_user(clerk.pk) is None
        assert PhoneOrNumberBackend().get_user(10**9) is None


def stored_about(text: str) -> bool:
    """Whether `text` stands in any column of the failed sign-ins or of the trail."""
    with connection.cursor() as cursor:
        for table in ("accounts_guess", "accounts_auditentry", "accounts_wrongcode"):
            cursor.execute(
                f"SELECT count(*) FROM {table} t WHERE position(%s in lower(t::text)) > 0",
                [text.lower()],
            )
            if cursor.fetchone()[0]:
                return True
    return False


class TestAnIDNumberTypedAsTheName:
    @pytest.mark.parametrize(
        "typed",
        [
            ID_NUMBER,
            ID_NUMBER.lower(),
            "110105 1949 1231 002X",
            "１１０１０５１９４９１２３１００２Ｘ",
        ],
    )
    def test_is_not_even_counted(self, clerk, typed):
        guess(typed, times=LIMIT + 1)

        assert not Guess.objects.exists()
        assert not AuditEntry.objects.exists()

    def test_nor_stored_as_a_password(self, clerk):
        sign_in("wang.fang", ID_NUMBER)
        sign_in("wang.fang")

        assert not stored_about(ID_NUMBER)

    def test_nor_the_log(self, clerk, caplog):
        guess(ID_NUMBER)

        assert ID_NUMBER not in caplog.text

    def test_is_no_sign_in_name_for_the_backend_either(self, db):
        request = RequestFactory().post(SIGN_IN)

        assert authenticate(request, username=ID_NUMBER, password=PASSWORD) is None


class TestGuessing:
    def test_the_sixth_wrong_password_is_answered_by_the_lock(self, clerk):
        guess("wang.fang")

        assert sign_in("wang.fang", "guess").status_code == LOCKED

    def test_the_right_password_does_not_open_the_lock(self, clerk):
        guess("wang.fang")

        assert sign_in("wang.fang").status_code == LOCKED
        assert not opens("wang.fang")

    def test_four_wrong_passwords_do_not_lock(self, clerk):
        guess("wang.fang", times=LIMIT - 1)

        assert opens("wang.fang")

    def test_the_right_password_starts_the_count_anew(self, clerk):
        for _ in range(2):
            guess("wang.fang", times=LIMIT - 1)
            assert opens("wang.fang")

    def test_a_name_that_nobody_has_locks_alike(self, db):
        guess("nobody")

        assert sign_in("nobody", "guess").status_code == LOCKED

    def test_others_sign_in_meanwhile(self, clerk, member):
        guess("wang.fang")

        assert opens("70000001")

    def test_a_spoofed_forwarding_header_does_not_help(self, clerk):
        for number in range(LIMIT):
            sign_in("wang.fang", "guess", **{"x-forwarded-for": f"198.51.100.{number}"})

        answer = sign_in("wang.fang", **{"x-forwarded-for": "203.0.113.7"})
        assert answer.status_code == LOCKED
        assert set(Guess.objects.values_list("network", flat=True)) == {"127.0.0.1"}

    def test_another_address_or_browser_does_not_help(self, clerk):
        for number in range(LIMIT):
            Client(REMOTE_ADDR=f"198.51.100.{number}").post(
                SIGN_IN,
                {"username": "wang.fang", "password": "guess"},
                headers={"user-agent": f"browser {number}"},
            )

        assert not opens("wang.fang")

    def test_another_spelling_of_the_name_does_not_help(self, clerk):
        for spelling in ("wang.fang", "Wang.fang", "WANG.fang", "wang.Fang", "WANG.FANG"):
            sign_in(spelling, "guess")

        assert not opens("wang.fang")

    def test_another_way_to_name_the_account_does_not_help(self, clerk):
        guess("13800000000")

        assert not opens("wang.fang")

    def test_the_count_starts_anew_by_phone_too(self, clerk):
        for _ in range(2):
            guess("13800000000", times=LIMIT - 1)
            assert opens("13800000000")

    def test_the_lock_opens_by_itself_after_a_quarter_of_an_hour(self, clerk, monkeypatch):
        guess("wang.fang")
        assert not opens("wang.fang")

        later = timezone.now() + timedelta(minutes=16)
        monkeypatch.setattr(timezone, "now", lambda: later)

        assert opens("wang.fang")

    def test_the_lock_says_nothing_of_whether_the_account_exists(self, clerk):
        guess("wang.fang")
        guess("nobody")

        answers = [sign_in(name) for name in ("wang.fang", "nobody")]
        # Each answer names its own request.
        pages = (re.sub("<b>[a-z0-9]{10}</b>", "", answer.text) for answer in answers)
        known, unknown = (page.partition("<main")[2] for page in pages)
        assert known.partition("</main>")[0] == unknown.partition("</main>")[0] != ""


class TestGuessingFromOneNetwork:
    HERE = {"REMOTE_ADDR": "198.51.100.7"}

    def spray(self, names: int, **here: str) -> list[int]:
        return [
            sign_in(f"name{number}", "guess", Client(**(here or self.HERE))).status_code
            for number in range(names)
        ]

    def test_sixty_names_are_stopped(self, clerk):
        answers = self.spray(60)

        assert answers == [200] * 30 + [LOCKED] * 30
        assert sign_in("wang.fang", client=Client(**self.HERE)).status_code == LOCKED

    def test_other_networks_sign_in_meanwhile(self, clerk):
        self.spray(31)

        assert opens("wang.fang")

    def test_the_addresses_of_one_ipv6_network_are_one(self, clerk):
        for number in range(31):
            last = self.spray(1, REMOTE_ADDR=f"2001:db8:1:2::{number:x}")

        assert last == [LOCKED]

    def test_a_limit_of_the_site_holds(self, clerk, settings):
        settings.NETWORK_GUESSES = 3

        assert self.spray(4) == [200, 200, 200, LOCKED]

    def test_a_right_password_of_ones_own_does_not_begin_the_count_anew(self, clerk):
        self.spray(29)
        assert sign_in("wang.fang", client=Client(**self.HERE)).status_code == 302

        assert self.spray(3) == [200, LOCKED, LOCKED]


class TestADeviceThatSignedInBefore:
    @pytest.fixture
    def known(self, clerk) -> Client:
        client = Client()
        assert sign_in("wang.fang", client=client).status_code == 302
        client.post(reverse("accounts:sign_out"))
        return client

    def test_is_not_locked_out_by_others_who_guess_the_name(self, clerk, known):
        guess("wang.fang")
        assert not opens("wang.fang")

        assert sign_in("wang.fang", client=known).status_code == 302

    def test_nor_by_others_of_its_network(self, clerk, known):
        for number in range(31):
            sign_in(f"name{number}", "guess")

        assert sign_in("wang.fang", client=known).status_code == 302

    def test_has_five_tries_of_its_own(self, clerk, known):
        for _ in range(LIMIT):
            assert sign_in("wang.fang", "guess", known).status_code == 200

        assert sign_in("wang.fang", client=known).status_code == LOCKED
        assert opens("wang.fang")  # elsewhere

    def test_is_known_to_its_own_account_alone(self, clerk, known, member):
        guess("70000001")

        assert sign_in("70000001", client=known).status_code == LOCKED

    def test_is_known_by_a_cookie_that_nobody_can_write_and_that_names_nobody(self, clerk, known):
        cookie = known.cookies["device"]
        assert cookie["httponly"]
        assert str(clerk.pk) not in signing.loads(cookie.value, salt="accounts.devices")[1]

        guess("wang.fang")
        known.cookies["device"] = cookie.value[:-1] + ("a" if cookie.value[-1] != "a" else "b")
        assert sign_in("wang.fang", client=known).status_code == LOCKED

    def test_may_be_known_to_several_accounts(self, clerk, known, member):
        sign_in("70000001", client=known)
        known.post(reverse("accounts:sign_out"))
        guess("wang.fang")
        guess("70000001")

        for name in ("wang.fang", "70000001"):
            assert sign_in(name, client=known).status_code == 302
            known.post(reverse("accounts:sign_out"))


class TestTheTrailOfFailures:
    def test_names_the_account_and_the_address(self, clerk):
        sign_in("13800000000", "guess", Client(REMOTE_ADDR="198.51.100.7"))

        entry = AuditEntry.objects.get()
        assert (entry.act, entry.object_id) == ("fail_sign_in", str(clerk.pk))
        assert (entry.actor, entry.channel) == (None, "stranger")
        assert (entry.address, entry.after) == ("198.51.100.7", None)

    def test_does_not_say_what_was_typed_where_there_is_no_account(self, db):
        sign_in("geheim.name", "guess")

        assert AuditEntry.objects.get().object_type == "accounts.guess"
        assert not stored_about("geheim.name")

    def test_says_when_the_name_or_the_network_is_locked(self, clerk, settings):
        settings.NETWORK_GUESSES = LIMIT
        guess("wang.fang", times=LIMIT + 2)

        last = AuditEntry.objects.order_by("id").last()
        assert AuditEntry.objects.count() == LIMIT
        assert last.after == {"locks_name": True, "locks_network": True}

    def test_has_nothing_of_a_right_password(self, clerk):
        sign_in("wang.fang")

        assert set(AuditEntry.objects.values_list("act", flat=True)) == {"sign_in"}


def test_guesses_are_forgotten_once_they_no_longer_count(clerk):
    guess("wang.fang", times=2)

    assert sweep_guesses(at=timezone.now()) == 0
    assert sweep_guesses(at=timezone.now() + timedelta(minutes=16)) == 2
