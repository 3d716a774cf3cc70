"""The production settings: they refuse to start half configured, and keep browsers on a leash."""

from __future__ import annotations

import base64
import json
import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib.auth.hashers import check_password, make_password
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.enums import Role
from config.settings import base
from tests import factories
from tests.connections import PATIENCE
from tests.factories import PASSWORD

# What a site must give, with keys made here and servers that do not exist.
ENVIRONMENT = {
    "DJANGO_SETTINGS_MODULE": "config.settings.base",
    "SECRET_KEY": secrets.token_urlsafe(64),
    "ALLOWED_HOSTS": "xuetang.example",
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    "ENCRYPTION_KEYS": f"v1:{base64.b64encode(secrets.token_bytes(32)).decode()}",
}
# It asks the database which generated columns it can have.
CHECK = ["manage.py", "check", "--deploy", "--fail-level", "WARNING"]
LOAD = ["-c", "import django; django.setup()"]


def run(*arguments: str, var: Path, without: str = "", **extra: str):
    """Python with `arguments` in a fresh environment, and what came of it."""
    environment = ENVIRONMENT | {"XUETANG_VAR": str(var), "PATH": os.environ["PATH"]} | extra
    environment.pop(without, None)
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=base.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


class TestStarting:
    def test_passes_djangos_check_for_deployment_without_a_warning(self, tmp_path):
        done = run(*CHECK, var=tmp_path, DATABASE_URL=os.environ["DATABASE_URL"])

        assert done.returncode == 0, done.stderr
        assert "no issues" in done.stdout

    def test_that_check_would_notice(self, tmp_path):
        url = os.environ["DATABASE_URL"]
        done = run(*CHECK, var=tmp_path, HSTS_SECONDS="0", DATABASE_URL=url)

        assert done.returncode == 1
        assert "security.W004" in done.stderr

    def test_needs_nothing_but_what_is_required(self, tmp_path):
        assert run(*LOAD, var=tmp_path).returncode == 0

    @pytest.mark.parametrize("name", ["SECRET_KEY", "ENCRYPTION_KEYS", "DATABASE_URL"])
    def test_is_refused_without(self, tmp_path, name):
        done = run(*LOAD, var=tmp_path, without=name)

        assert done.returncode != 0
        assert f"Set the {name} environment variable" in done.stderr

    def test_is_refused_with_a_published_key_in_one_line(self, tmp_path):
        keys = "v1:ZGV2ZWxvcG1lbnQtb25seS1rZXktMzItYnl0ZXMhISE="
        done = run("manage.py", "check", var=tmp_path, ENCRYPTION_KEYS=keys)

        assert done.returncode == 1
        assert done.stderr.startswith("ENCRYPTION_KEYS: key v1 is a published one. ")
        assert done.stderr.count("\n") == 1

    def test_is_refused_with_a_published_key_under_a_sites_own_settings(self, tmp_path):
        (tmp_path / "ours.py").write_text("from config.settings.base import *\n")
        done = run(
            *LOAD,
            var=tmp_path,
            DJANGO_SETTINGS_MODULE="ours",
            PYTHONPATH=str(tmp_path),
            SECRET_KEY="development-only-key-that-protects-nothing-at-all",
        )

        assert done.returncode != 0
        assert "SECRET_KEY is a published one." in done.stderr

    def test_is_refused_as_a_demo(self, tmp_path):
        done = run(*LOAD, var=tmp_path, DEMO="1")

        assert done.returncode != 0
        assert "DEMO=1 is refused by the production settings." in done.stderr

    def test_is_refused_with_a_format_of_the_log_that_does_not_exist(self, tmp_path):
        done = run(*LOAD, var=tmp_path, LOG_FORMAT="xml")

        assert done.returncode != 0
        assert "LOG_FORMAT is line or json." in done.stderr

    def test_writes_its_log_as_json_on_demand(self, tmp_path):
        say = "import logging, django; django.setup(); logging.error('gone')"
        line = run("-c", say, var=tmp_path, LOG_FORMAT="json").stderr

        assert json.loads(line)["message"] == "gone"

    def test_is_refused_with_a_feed_that_leads_nowhere(self, tmp_path):
        url = os.environ["DATABASE_URL"]
        done = run(*CHECK, var=tmp_path, TRAIL_FEED="syslog:collector", DATABASE_URL=url)

        assert done.returncode == 1
        assert "give syslog:HOST:PORT" in done.stderr

    @pytest.mark.parametrize("name", ["DATABASE_URL", "DATABASE_OWNER_URL"])
    def test_is_refused_on_a_schema_of_its_own(self, tmp_path, name):
        url = f"{ENVIRONMENT['DATABASE_URL']}?options=-c%20search_path%3Djinghai"
        done = run(*LOAD, var=tmp_path, **{name: url})

        assert done.returncode != 0
        assert "must not set search_path: each district has a database" in done.stderr

    def test_keeps_demo_off_under_a_sites_own_settings(self, tmp_path):
        (tmp_path / "ours.py").write_text("from config.settings.base import *\n")
        done = run(
            "-c",
            "from django.conf import settings; print(settings.DEMO, settings.DEBUG)",
            var=tmp_path,
            DJANGO_SETTINGS_MODULE="ours",
            PYTHONPATH=str(tmp_path),
            DEMO="1",
            DEBUG="1",
        )

        assert done.stdout == "False False\n", done.stderr

    def test_hands_tasks_to_our_broker_from_wherever_they_are_called(self, tmp_path):
        """Not only after a page was asked for, whose addresses happen to load Celery."""
        done = run(
            "-c",
            "import django; django.setup(); from backstage.tasks import sweep_idempotency_keys; "
            "print(sweep_idempotency_keys.app.main)",
            var=tmp_path,
        )

        assert done.stdout == "xuetang\n", done.stderr

    def test_keeps_the_queue_in_files_without_redis(self, tmp_path):
        ask = "import django; django.setup(); from config.celery import app, broker_state; "
        ask += "print(app.connection().transport.driver_name, broker_state())"

        assert run("-c", ask, var=tmp_path).stdout == "files down\n"
        for folder in ("queue", "control"):
            (tmp_path / "broker" / folder).mkdir(parents=True)
        assert run("-c", ask, var=tmp_path).stdout == "files ok\n"


def test_a_header_puts_the_portal_below_no_other_address(db):
    """Gunicorn believes a header SCRIPT_NAME from a proxy on its own machine."""
    environ = RequestFactory().get("/sign-in/", SCRIPT_NAME="/elsewhere").environ

    page = b"".join(WSGIHandler()(environ, lambda *_head: None)).decode()

    assert 'href="/check/"' in page
    assert "/elsewhere" not in page


BROWSER_SETTINGS = (
    "SECURE_",
    "SESSION_COOKIE",
    "CSRF_COOKIE",
    "LANGUAGE_COOKIE",
    "DEVICE_COOKIE",
    "X_FRAME",
)


@pytest.fixture
def production(settings):
    """What the production settings say to browsers, in the place of the tests' own."""
    for name in dir(base):
        if name.startswith(BROWSER_SETTINGS):
            setattr(settings, name, getattr(base, name))
    return settings


@pytest.fixture
def visit(production, db):
    """Opens an address over TLS, as a stranger or signed in."""

    def get(address: str, role: Role | None = None):
        client = Client()
        if role is not None:
            user = factories.make_user()
            factories.grant(user, role)
            client.force_login(user, "accounts.backends.PhoneOrNumberBackend")
        return client.get(address, secure=True)

    return get


PAGES = [
    (reverse("accounts:sign_in"), None, 200),
    (reverse("home"), None, 302),
    (reverse("home"), Role.DISTRICT_SCHOOL, 200),
    (reverse("years:overview"), Role.DISTRICT_SCHOOL, 200),
    (reverse("admin:index"), Role.SYSTEM_ADMINISTRATOR, 200),
    (reverse("years:overview"), Role.SYSTEM_ADMINISTRATOR, 403),
    ("/no-such-page/", Role.DISTRICT_SCHOOL, 404),
    (reverse("healthz"), None, 200),
]
EVERY_PAGE = pytest.mark.parametrize(
    ("address", "role", "status"), PAGES, ids=[f"{page[0]} {page[2]}" for page in PAGES]
)


def policy_of(response) -> dict[str, list[str]]:
    directives = response.headers["Content-Security-Policy"].split(";")
    return {words[0]: words[1:] for words in map(str.split, directives) if words}


class TestEveryResponse:
    @EVERY_PAGE
    def test_tells_the_browser_to_be_careful(self, visit, address, role, status):
        response = visit(address, role)

        assert response.status_code == status
        headers = response.headers
        assert (
            headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"
        )
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"

    @EVERY_PAGE
    def test_allows_scripts_styles_and_frames_from_nowhere_else(self, visit, address, role, status):
        policy = policy_of(visit(address, role))

        assert policy["default-src"] == policy["script-src"] == policy["style-src"] == ["'self'"]
        assert policy["frame-ancestors"] == policy["object-src"] == policy["base-uri"] == ["'none'"]
        assert policy["form-action"] == ["'self'"]
        allowed = {source for sources in policy.values() for source in sources}
        assert allowed <= {"'self'", "'none'", "data:", *policy["report-uri"]}
        assert policy["report-uri"] == [reverse("csp_report")]
        assert [name for name, sources in policy.items() if "data:" in sources] == ["img-src"]

    @pytest.mark.parametrize("address", [PAGES[0][0], "/no-such-page/"])
    def test_over_plain_http_sends_the_browser_to_tls(self, production, db, address):
        response = Client().get(address)

        assert (response.status_code, response.url) == (301, f"https://testserver{address}")

    @pytest.mark.parametrize("name", ["healthz", "live", "ready", "metrics"])
    def test_says_how_it_is_even_without_tls_behind_the_load_balancer(self, production, db, name):
        assert Client().get(reverse(name)).status_code == 200


class TestCookies:
    def cookies_after_signing_in(self) -> dict:
        factories.make_user("wang.fang")
        client = Client()
        client.get(reverse("accounts:sign_in"), secure=True)
        client.post(
            reverse("accounts:sign_in"),
            {"username": "wang.fang", "password": PASSWORD},
            secure=True,
        )
        client.post(reverse("set_language"), {"language": "en"}, secure=True)
        return dict(client.cookies)

    def test_are_bound_to_this_host_and_to_tls(self, production, db):
        cookies = self.cookies_after_signing_in()

        assert set(cookies) == {
            f"__Host-{name}" for name in ("session", "csrf", "language", "device")
        }
        for cookie in cookies.values():
            # The browser drops a `__Host-` cookie without these three.
            assert cookie["secure"]
            assert cookie["path"] == "/"
            assert not cookie["domain"]
            assert cookie["httponly"]
            assert cookie["samesite"] == "Lax"

    def test_of_a_session_end_with_the_browser(self, production, db):
        cookie = self.cookies_after_signing_in()["__Host-session"]

        assert not cookie["max-age"]
        assert not cookie["expires"]


class TestPasswords:
    def test_are_kept_by_argon2(self, settings):
        settings.PASSWORD_HASHERS = base.PASSWORD_HASHERS
        kept = make_password(PASSWORD)

        assert kept.startswith("argon2$argon2id$")
        assert check_password(PASSWORD, kept)
        assert not check_password(PASSWORD.upper(), kept)

    def test_in_any_other_form_do_not_open(self, settings):
        quick = make_password(PASSWORD, hasher="md5")
        settings.PASSWORD_HASHERS = base.PASSWORD_HASHERS

        assert not check_password(PASSWORD, quick)

    def test_are_at_least_ten_characters(self):
        options = {
            entry["NAME"].rpartition(".")[2]: entry.get("OPTIONS", {})
            for entry in base.AUTH_PASSWORD_VALIDATORS
        }

        assert options["MinimumLengthValidator"] == {"min_length": 10}
        assert {"CommonPasswordValidator", "NumericPasswordValidator"} <= options.keys()
