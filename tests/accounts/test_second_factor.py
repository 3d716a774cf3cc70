"""The second factor of staff: at sign-in, enrolled, lost, reset."""

from __future__ import annotations

import re
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth import SESSION_KEY
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_otp.oath import TOTP

from accounts import second_factor
from accounts.enums import STAFF_ROLES, Role
from accounts.management.commands import reset_second_factor as command
from accounts.models import AuditEntry, RecoveryCode, SecondFactor, User
from backstage.sealed import sealed_columns
from config.lib.encryption import decrypt
from tests import factories
from tests.connections import together
from tests.factories import NOON, PASSWORD
from tests.totp import code_of

ENROL = reverse("accounts:enrol_second_factor")
GIVE = reverse("accounts:second_factor")
CODES = reverse("accounts:recovery_codes")
RENEW = reverse("accounts:renew_recovery_codes")
HOME = reverse("home")
SECRET = "3132333435363738393031323334353637383930"  # of RFC 6238


@pytest.fixture(autouse=True)
def _asked_for(settings) -> None:
    settings.SECOND_FACTOR = True


def make_administrator(role: Role = Role.SECURITY_ADMINISTRATOR, name: str | None = None) -> User:
    user = factories.make_user(name)
    factories.grant(user, role)
    return user


@pytest.fixture
def user(db) -> User:
    return make_administrator(name="security.admin")


def sign_in(user: User) -> Client:
    client = Client()
    client.cookies["language"] = "en"
    form = {"username": user.username, "password": PASSWORD}
    assert client.post(reverse("accounts:sign_in"), form).status_code == 302
    return client


def enrol(user: User, secret: str = SECRET) -> list[str]:
    """Take an app into use; returns the recovery codes."""
    return second_factor.enrol(
        user=user, secret=secret, step=0, by=factories.acting(user), at=timezone.now()
    )


def code_at(at, secret: str = SECRET) -> str:
    totp = TOTP(bytes.fromhex(secret))
    totp.time = at.timestamp()
    return f"{totp.token():06}"


def enters(client: Client) -> bool:
    return client.get(HOME).status_code == 200


class TestStaffWithoutOne:
    def test_reach_enrolment_and_nothing_else(self, user):
        client = sign_in(user)

        for address in (HOME, reverse("admin:index"), reverse("accounts:password_change")):
            answer = client.get(address)
            assert answer.url == f"{GIVE}?next={address.replace('/', '%2F')}"
        assert client.get(GIVE).url == ENROL
        assert client.get(ENROL).status_code == 200

    def test_write_nothing(self, user):
        client = sign_in(user)

        client.post(reverse("admin:accounts_user_add"), {"username": "puppet", "display_name": "x"})

        assert not User.objects.filter(username="puppet").exists()

    def test_may_sign_out_and_read_the_notice(self, user):
        client = sign_in(user)

        assert client.get(reverse("accounts:privacy")).status_code == 200
        client.post(reverse("accounts:sign_out"))
        assert SESSION_KEY not in client.session

    @pytest.mark.parametrize("role", sorted(STAFF_ROLES))
    def test_are_all_who_hold_a_granted_role(self, db, role):
        person = factories.make_user()
        school = factories.make_school()
        factories.give_role(person, role, factories.make_organisation(school))

        assert not enters(sign_in(person))

    @pytest.mark.parametrize("role", [Role.MEMBER, Role.BRANCH_SECRETARY, Role.LECTURER])
    def test_are_not_those_whose_role_follows_from_facts(self, db, role):
        person = factories.make_user()
        school = factories.make_school()
        factories.give_role(person, role, factories.make_organisation(school))
        client = sign_in(person)

        assert enters(client)
        assert client.get(ENROL).status_code == 403

    def test_are_let_in_where_the_site_does_not_ask(self, user, settings):
        settings.SECOND_FACTOR = False

        assert enters(sign_in(user))


class TestEnrolment:
    def offered(self, client: Client) -> str:
        page = client.get(ENROL).text
        assert "<svg" in page
        return re.search(r'class="factor-key">([A-Z2-7 ]+)<', page)[1]

    def test_shows_a_key_and_takes_its_first_code(self, user):
        client = sign_in(user)
        key = self.offered(client)
        assert self.offered(client) == key  # a second look does not change it

        answer = client.post(ENROL, {"code": code_of(key)})

        assert answer.url == CODES
        assert enters(client)
        stored = SecondFactor.objects.get(user=user)
        assert second_factor.spell_secret(decrypt(stored.secret_encrypted)) == key
        assert AuditEntry.objects.get(act="enrol_second_factor").actor == user

    def test_takes_no_other_code(self, user):
        client = sign_in(user)
        key = self.offered(client)
        wrong = f"{(int(code_of(key)) + 1) % 10**6:06}"

        for typed in (wrong, "12345", "abcdef", "", "１２"):
            assert client.post(ENROL, {"code": typed}).status_code == 422
        assert not SecondFactor.objects.exists()
        assert not enters(client)

    def test_gives_recovery_codes_that_are_shown_until_they_are_kept(self, user):
        client = sign_in(user)
        client.post(ENROL, {"code": code_of(self.offered(client))})

        codes = re.findall(r"<li>([A-Z0-9]{5}-[A-Z0-9]{5})</li>", client.get(CODES).text)
        assert len(set(codes)) == 10
        assert client.post(CODES).url == HOME
        assert client.get(CODES).url == GIVE
        assert not any(code in str(AuditEntry.objects.values()) for code in codes)

    def test_of_another_app_asks_for_a_code_of_the_first(self, user):
        enrol(user)
        client = sign_in(user)
        assert client.get(ENROL).url == f"{GIVE}?next={ENROL.replace('/', '%2F')}"

        client.post(GIVE, {"code": code_at(timezone.now())})
        client.post(ENROL, {"code": code_of(self.offered(client))})

        ended, current = SecondFactor.objects.filter(user=user).order_by("id")
        assert (ended.end, ended.secret_encrypted, current.end) == ("replaced", "", "")
        assert enters(client)

    def test_ends_all_other_sessions(self, user, settings):
        settings.SECOND_FACTOR = False
        elsewhere = sign_in(user)
        enrol(user)

        assert not enters(elsewhere)

    def test_keeps_the_secret_as_other_secrets_are_kept(self, user):
        enrol(user)

        assert (SecondFactor, "secret_encrypted") in set(sealed_columns())
        assert SECRET not in str(SecondFactor.objects.values())


class TestACode:
    def test_opens_the_page_that_was_asked_for(self, user):
        enrol(user)
        client = sign_in(user)
        asked = client.get(reverse("admin:index")).url

        answer = client.post(asked, {"code": code_at(timezone.now())})

        assert answer.url == reverse("admin:index")
        assert client.get(answer.url).status_code == 200

    def test_leads_nowhere_else(self, user):
        enrol(user)
        client = sign_in(user)

        form = {"code": code_at(timezone.now()), "next": "https://elsewhere.example/"}
        assert client.post(GIVE, form).url == HOME

    def test_is_that_of_the_standard(self):
        at = NOON.fromtimestamp(59, tz=NOON.tzinfo)

        assert second_factor.find_step(SECRET, "287082", at) == 1
        assert second_factor.find_step(SECRET, " 287 082 ", at) == 1
        assert second_factor.find_step(SECRET, "２８７０８２", at) == 1
        assert second_factor.find_step(SECRET, "287083", at) is None

    @pytest.mark.parametrize(
        ("seconds", "fits"), [(-60, False), (-30, True), (30, True), (60, False)]
    )
    def test_may_be_off_by_one_step(self, seconds, fits):
        shown = code_at(NOON + timedelta(seconds=seconds))

        assert (second_factor.find_step(SECRET, shown, NOON) is not None) is fits

    def test_works_once(self, user):
        enrol(user)
        code = code_at(timezone.now())
        assert sign_in(user).post(GIVE, {"code": code}).status_code == 302

        assert sign_in(user).post(GIVE, {"code": code}).status_code == 422

    def test_is_asked_for_anew_in_each_session(self, user):
        enrol(user)
        client = sign_in(user)
        client.post(GIVE, {"code": code_at(timezone.now())})
        client.post(reverse("accounts:sign_out"))

        assert not enters(sign_in(user))

    def test_that_is_wrong_is_counted_and_stands_in_the_trail(self, user):
        enrol(user)
        client = sign_in(user)
        for _ in range(5):
            assert client.post(GIVE, {"code": "000000"}).status_code == 422

        assert client.post(GIVE, {"code": code_at(timezone.now())}).status_code == 422
        assert not enters(client)
        wrong = AuditEntry.objects.filter(act="fail_second_factor").order_by("id")
        assert [entry.actor for entry in wrong] == [user] * 5
        assert wrong.last().after == {"locks_name": True}

    def test_of_a_session_is_not_that_of_another_account(self, user):
        enrol(user)
        client = sign_in(user)
        client.post(GIVE, {"code": code_at(timezone.now())})
        session = client.session
        session["second_factor"] = {**session["second_factor"], "user": 0}
        session.save()

        assert not enters(client)


class TestARecoveryCode:
    def test_works_once_in_place_of_the_app(self, user):
        code, *_others = enrol(user)
        client = sign_in(user)
        assert client.post(GIVE, {"code": code.lower()}).status_code == 302
        assert enters(client)

        assert sign_in(user).post(GIVE, {"code": code}).status_code == 422
        assert AuditEntry.objects.get(act="use_recovery_code").after == {"codes_left": 9}

    def test_of_somebody_else_does_not(self, user):
        other = make_administrator(Role.AUDIT_ADMINISTRATOR)
        enrol(user)
        code, *_others = enrol(other)

        assert sign_in(user).post(GIVE, {"code": code}).status_code == 422

    def test_no_longer_works_once_they_are_renewed(self, user):
        code, other, *_others = enrol(user)
        client = sign_in(user)
        client.post(GIVE, {"code": code})

        assert client.post(RENEW).url == CODES
        assert len(re.findall(r"<li>[A-Z0-9]{5}-[A-Z0-9]{5}</li>", client.get(CODES).text)) == 10
        assert sign_in(user).post(GIVE, {"code": other}).status_code == 422

    def test_is_renewed_by_who_gave_a_code_just_now(self, user, monkeypatch):
        code, *_others = enrol(user)
        client = sign_in(user)
        client.post(GIVE, {"code": code})
        later = timezone.now() + timedelta(minutes=11)
        monkeypatch.setattr(timezone, "now", lambda: later)

        assert client.post(RENEW).url.startswith(GIVE)
        assert RecoveryCode.objects.filter(used_at__isnull=False).exists()

    @pytest.mark.django_db(transaction=True)
    def test_works_once_at_the_same_time(self):
        user = make_administrator()
        code, *_others = enrol(user)
        by = factories.acting(user)

        def use() -> bool:
            return second_factor.try_code(user=user, typed=code, by=by, at=timezone.now())

        assert together(*[use] * 4).count(True) == 1


class TestAReset:
    @pytest.fixture
    def clerk(self, db) -> User:
        clerk = factories.make_clerk(factories.make_school())
        enrol(clerk)
        return clerk

    @pytest.fixture
    def administrator(self, user) -> Client:
        enrol(user)
        client = sign_in(user)
        client.post(GIVE, {"code": code_at(timezone.now())})
        return client

    def address(self, user: User) -> str:
        return reverse("accounts:reset_second_factor", args=[user.pk])

    def test_by_the_security_administrator_is_on_record_and_shown_to_the_holder(
        self, administrator, clerk, user
    ):
        page = administrator.get(reverse("admin:accounts_user_change", args=[clerk.pk]))
        assert self.address(clerk) in page.text
        assert clerk.display_name in administrator.get(self.address(clerk)).text

        administrator.post(self.address(clerk))

        entry = AuditEntry.objects.get(act="reset_second_factor")
        assert (entry.actor, entry.object_id) == (user, str(clerk.pk))
        shown = sign_in(clerk).get(GIVE, follow=True).text
        assert f"by {user.display_name}" in shown
        assert not RecoveryCode.objects.filter(factor__user=clerk).exists()

    def test_ends_the_sessions_of_the_person(self, administrator, clerk):
        client = sign_in(clerk)
        administrator.post(self.address(clerk))

        assert SESSION_KEY not in client.session or not enters(client)
        assert client.get(ENROL).status_code == 302

    def test_of_ones_own_or_of_nobodys_is_no_page(self, administrator, user):
        assert administrator.post(self.address(user)).status_code == 404
        assert administrator.get(self.address(factories.make_user())).status_code == 404
        with pytest.raises(second_factor.SecondFactorError):
            second_factor.reset(user=user, by=factories.acting(user), at=NOON)

    def test_is_nobody_elses(self, user, clerk):
        enrol(user)
        client = sign_in(clerk)
        client.post(GIVE, {"code": code_at(timezone.now())})

        assert client.post(self.address(user)).status_code == 403
        assert second_factor.find_factor(user)


class TestTheCommandForTwo:
    @pytest.fixture
    def two(self, user) -> list[User]:
        enrol(user)
        return [
            make_administrator(Role.SYSTEM_ADMINISTRATOR, "system.admin"),
            make_administrator(Role.AUDIT_ADMINISTRATOR, "audit.admin"),
        ]

    @pytest.fixture
    def type_in(self, monkeypatch):
        def type_in(*answers: str) -> None:
            typed = iter(answers)
            monkeypatch.setattr(command, "getpass", lambda _prompt: next(typed))

        return type_in

    def test_resets_and_names_both(self, user, two, type_in):
        type_in(PASSWORD, PASSWORD)

        call_command("reset_second_factor", "security.admin", "system.admin", "audit.admin")

        names = [person.display_name for person in two]
        entry = AuditEntry.objects.get(act="reset_second_factor")
        assert (entry.actor, entry.channel) == (None, "command")
        assert entry.after == {"witnesses": names}
        assert " · ".join(names) in sign_in(user).get(GIVE, follow=True).text

    def test_without_a_terminal_resets_nothing_and_says_why(self, user, two, monkeypatch):
        """As where the keyboard is not there: standard input has ended."""
        monkeypatch.setattr("sys.stdin", StringIO())
        monkeypatch.setattr(command, "getpass", input)

        with pytest.raises(CommandError, match="at a terminal; nothing was reset"):
            call_command("reset_second_factor", "security.admin", "system.admin", "audit.admin")
        assert second_factor.find_factor(user)

    def test_asks_for_a_code_where_there_is_an_app(self, user, two, type_in):
        enrol(two[0])
        type_in(PASSWORD, "000000", PASSWORD)
        with pytest.raises(CommandError, match="could not be confirmed"):
            call_command("reset_second_factor", "security.admin", "system.admin", "audit.admin")

        type_in(PASSWORD, code_at(timezone.now()), PASSWORD)
        call_command("reset_second_factor", "security.admin", "system.admin", "audit.admin")

        assert second_factor.find_factor(user) is None

    @pytest.mark.parametrize(
        "witnesses",
        [
            ("system.admin", "system.admin"),
            ("system.admin", "security.admin"),
            ("system.admin", "clerk"),
        ],
    )
    def test_takes_two_other_administrators(self, user, two, type_in, witnesses):
        factories.make_user("clerk")
        type_in(PASSWORD, PASSWORD, code_at(timezone.now()))

        with pytest.raises(CommandError, match="two other people"):
            call_command("reset_second_factor", "security.admin", *witnesses)
        assert second_factor.find_factor(user)

    def test_refuses_a_wrong_password(self, user, two, type_in):
        type_in(PASSWORD, "guess")

        with pytest.raises(CommandError, match=r"audit\.admin could not be confirmed"):
            call_command("reset_second_factor", "security.admin", "system.admin", "audit.admin")
        assert second_factor.find_factor(user)
