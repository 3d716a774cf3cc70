"""The read-only mode: everybody reads, nobody writes, and everybody learns until when."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import URLPattern, get_resolver, resolve, reverse
from django.utils import timezone

from accounts.models import AuditEntry
from backstage.enums import JobState
from backstage.middleware import WORK_WHILE_READ_ONLY
from backstage.models import Job
from backstage.tasks import requeue_stale, run_job
from config.lib.read_only import read_only, turn_read_only_on
from schools.models import District
from tests import factories
from tests.browsers import browser_of
from tests.factories import NOON, PASSWORD

# Of each converter in an address; None is the one of an address that names none.
SAMPLES = {
    None: "x",
    "int": "1",
    "path": "x",
    "slug": "x",
    "str": "x",
    "table_kind": "tree",
    "uuid": "5b1c0a7e-0000-4000-8000-000000000000",
}


@pytest.fixture(autouse=True)
def _folder(settings, tmp_path) -> None:
    settings.VAR_DIR = tmp_path


@pytest.fixture
def until():
    moment = timezone.localtime() + timedelta(hours=2)
    return moment.replace(second=0, microsecond=0)


@pytest.fixture
def mode(until):
    turn_read_only_on(until)


def run(*arguments: str) -> str:
    output = StringIO()
    call_command("readonly", *arguments, stdout=output)
    return output.getvalue()


def list_addresses(resolver=None, before: str = "/") -> Iterator[str]:
    """Every address of the portal, with some value in each place."""
    for pattern in (resolver or get_resolver()).url_patterns:
        route = before + str(pattern.pattern).removeprefix("^").removesuffix("$")
        if isinstance(pattern, URLPattern):
            plain = re.sub(r"<(?:(\w+):)?\w+>", lambda m: SAMPLES[m[1]], route)
            yield re.sub(r"\(\?P.*?\).*", "x", plain)
        else:
            yield from list_addresses(pattern, route)


class TestWriting:
    def test_is_answered_everywhere_by_a_page_without_a_query(self, mode):
        """Without the mark of a database: a query would fail."""
        addresses = list(list_addresses())
        assert len(addresses) > 150
        client, open_ones = Client(), set()
        for address in addresses:
            try:
                name = resolve(address).view_name
            except LookupError:
                name = ""
            if name in WORK_WHILE_READ_ONLY:
                open_ones.add(name)
            else:
                assert client.post(address).status_code == 503, address
        assert open_ones == WORK_WHILE_READ_ONLY

    def test_says_until_when_in_the_readers_language(self, mode, until, settings):
        client = Client()
        reply = client.post(reverse("accounts:activate"))
        assert f"{until.hour}:{until.minute:02}" in reply.text
        assert "之前不能录入或修改" in reply.text
        assert 7000 < int(reply.headers["Retry-After"]) <= 7260

        client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
        text = client.post(reverse("accounts:activate")).text
        assert "nothing can be entered or changed" in text

    def test_makes_no_promise_once_the_moment_has_passed(self):
        turn_read_only_on(timezone.now() - timedelta(minutes=1))
        reply = Client().post(reverse("accounts:activate"))

        assert reply.status_code == 503
        assert reply.headers["Retry-After"] == "300"
        assert "比预告的要长" in reply.text

    def test_is_refused_too_by_a_flag_that_cannot_be_read(self, settings):
        (settings.VAR_DIR / "read-only.json").write_text("{")

        assert Client().post(reverse("accounts:activate")).status_code == 503


@pytest.mark.django_db
class TestReading:
    def test_goes_on_below_a_banner(self, mode, until):
        clerk = factories.make_clerk(factories.make_school())
        for address in (reverse("home"), reverse("schools:schools"), reverse("backstage:jobs")):
            page = browser_of(clerk).get(address)
            assert page.status_code == 200
            assert "The portal is being maintained: until" in page.text

    def test_has_no_banner_otherwise(self):
        page = browser_of(factories.make_clerk(factories.make_school())).get(reverse("home"))

        assert "maintained" not in page.text

    def test_begins_and_ends_with_a_sign_in_as_always(self, mode):
        factories.make_user("wang.fang")
        client = Client()
        body = {"username": "wang.fang", "password": PASSWORD}

        assert client.post(reverse("accounts:sign_in"), body).status_code == 302
        assert client.get(reverse("home")).status_code == 200
        assert client.post(reverse("set_language"), {"language": "en"}).status_code == 302
        assert client.post(reverse("accounts:sign_out")).status_code == 302

    def test_shows_the_version_at_the_foot(self, settings):
        browser = browser_of(factories.make_user())

        assert f"Version {settings.VERSION}" in browser.get(reverse("home")).text


@pytest.mark.django_db
class TestWorkers:
    def test_take_no_job_until_it_ends(self, mode):
        job = Job.objects.create(kind="test.gone", asked_at=NOON)
        run_job.delay(job.pk)
        assert requeue_stale.delay().get() is None
        job.refresh_from_db()
        assert job.state == JobState.QUEUED

        run("off")
        requeue_stale.delay()
        job.refresh_from_db()
        assert job.state == JobState.FAILED  # nobody knows this kind


@pytest.mark.django_db
class TestTheCommand:
    def test_turns_it_on_and_off_and_both_stand_in_the_trail(self, until):
        District.objects.create(code="120111", name="西青区")
        Job.objects.create(kind="x", asked_at=NOON, state=JobState.RUNNING)

        said = run("on", "--until", f"{until:%Y-%m-%d %H:%M}")

        assert f"announced until {until:%Y-%m-%d %H:%M}" in said
        assert "1 jobs are still at work" in said
        assert read_only().until == until
        run("off")
        assert read_only() is None
        entries = AuditEntry.objects.filter(act__startswith="read_only").order_by("id")
        assert [entry.act for entry in entries] == ["read_only_on", "read_only_off"]
        assert {entry.object_label for entry in entries} == {"西青区"}

    def test_says_where_it_was_off_anyway(self):
        assert run("off") == "The portal was not read-only.\n"

    @pytest.mark.parametrize("moment", ["2020-01-01 12:00", "tomorrow"])
    def test_wants_a_moment_to_come(self, moment):
        with pytest.raises(CommandError):
            run("on", "--until", moment)
        assert read_only() is None

    def test_works_in_an_empty_portal(self, until):
        run("on", "--until", f"{until:%Y-%m-%d %H:%M}")

        assert AuditEntry.objects.get().object_id == "0"


@pytest.mark.django_db
def test_a_refused_form_is_no_error_of_the_site(mode, client, caplog):
    caplog.set_level("INFO", "django.request")

    assert client.post("/members/4711/leave/", {}).status_code == 503
    levels = [record.levelname for record in caplog.records if record.name == "django.request"]
    assert levels == ["INFO"]
