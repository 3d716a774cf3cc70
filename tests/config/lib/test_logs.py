"""What the log says of a request."""

import json
import logging
import sys
from io import StringIO

import pytest
from django.http import HttpResponse, HttpResponseForbidden
from django.test import Client
from django.utils.functional import SimpleLazyObject
from django.utils.log import log_response

from accounts.enums import Role
from config.lib.logs import (
    JsonLines,
    Lines,
    RequestIdFilter,
    RoutesForAddresses,
    make_like_the_portals,
)
from config.lib.request_ids import set_request_id
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def written():
    """What is written of requests, as the portal's handler does."""
    text = StringIO()
    handler = logging.StreamHandler(text)
    handler.addFilter(RoutesForAddresses())
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    loggers = [logging.getLogger(name) for name in ("django.request", "django.security")]
    for logger in loggers:
        logger.addHandler(handler)
    yield text
    for logger in loggers:
        logger.removeHandler(handler)


def test_a_refusal_is_one_line_with_who_and_what(client, written):
    user = factories.make_user()
    client.force_login(user, "accounts.backends.PhoneOrNumberBackend")

    assert client.get("/sessions/").status_code == 403
    assert written.getvalue() == f"WARNING Refused: GET rolls:sessions, account {user.pk}\n"


def test_no_address_adds_a_line_of_its_own(rf, written):
    request = rf.get("/sessions/%0AINFO root ended/")
    refusal = log_response("Forbidden", response=HttpResponseForbidden(), request=request)

    assert refusal is None
    assert written.getvalue() == "WARNING Refused: GET none, account none\n"


def test_a_missing_page_is_logged_without_its_address(client, written):
    client.force_login(factories.make_user(), "accounts.backends.PhoneOrNumberBackend")

    assert client.get("/calendar/secret-token.ics?q=王").status_code == 404
    assert "secret-token" not in written.getvalue()


def test_a_form_from_elsewhere_is_refused_with_the_reason(written):
    assert Client(enforce_csrf_checks=True).post("/sign-in/", {}).status_code == 403
    assert written.getvalue() == (
        "WARNING Forbidden (CSRF cookie not set.): POST accounts:sign_in, account none\n"
    )


def test_a_form_from_elsewhere_names_no_address_of_the_page_before(written):
    sender = Client(enforce_csrf_checks=True)
    headers = {"referer": "https://testserver.example/members/4711/?token=secret"}

    assert sender.post("/sign-in/", {}, secure=True, headers=headers).status_code == 403
    text = written.getvalue()
    assert "https://testserver.example" in text
    assert "4711" not in text
    assert "secret" not in text


@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 413, 422, 429, 500, 503, 507])
def test_no_status_brings_an_address_into_the_log(rf, written, status):
    request = rf.post("/members/4711/leave/?token=secret")
    response = HttpResponse(status=status)
    log_response("%s: %s", "Phrase", request.path, response=response, request=request)

    line = written.getvalue()
    assert "4711" not in line
    assert "POST years:record_departure, account none" in line
    assert line.startswith("ERROR" if status >= 500 else "WARNING")
    assert line.count("\n") == 1


def test_a_message_that_quotes_the_address_names_the_route(rf, written):
    request = rf.post("/members/4711/leave/")
    for logger in (logging.getLogger("django.request"), logging.getLogger("django.security.X")):
        log_response(
            f"No sense in {request.path}", response=HttpResponse(status=400), request=request,
            logger=logger,
        )  # fmt: skip

    assert "4711" not in written.getvalue()
    assert written.getvalue().count("No sense in years:record_departure") == 2


def test_a_refused_form_is_logged_without_its_address(client, written):
    user = factories.make_user()
    member = factories.make_member(factories.make_organisation(factories.make_school()), "甲")
    factories.grant(user, Role.ORGANISATION_DEPARTMENT)
    client.force_login(user, "accounts.backends.PhoneOrNumberBackend")

    assert client.post(f"/members/{member.pk}/leave/", {}).status_code == 422
    line = f"WARNING Unprocessable Content: POST years:record_departure, account {user.pk}\n"
    assert written.getvalue() == line


def test_a_fault_keeps_its_trace_and_asks_for_no_account(rf, written):
    request = rf.get("/members/4711/")
    request.user = SimpleLazyObject(lambda: pytest.fail("a database that is gone was asked"))
    fault = ValueError("wrong")
    response = HttpResponse(status=500)
    log_response(
        "%s: %s", "Fault", request.path, response=response, request=request, exception=fault
    )

    assert written.getvalue().startswith("ERROR Fault: GET trainees:member, account none\n")
    assert "ValueError: wrong" in written.getvalue()


def test_a_large_upload_is_logged_without_its_address(client, written, settings):
    settings.UPLOAD_MAX_BYTES = 10

    client.post("/members/4711/leave/", {"text": "x" * 20})
    assert written.getvalue().endswith(": POST years:record_departure, account none\n")


def test_a_foreign_host_is_no_fault(client, written):
    assert client.get("/sign-in/", headers={"host": "evil.example"}).status_code == 400

    [line] = written.getvalue().splitlines()
    assert line.startswith("WARNING Invalid HTTP_HOST header")


def record(**extra) -> logging.LogRecord:
    made = logging.makeLogRecord(
        {"name": "xuetang.test", "levelname": "ERROR", "msg": "姓名 %d", "args": (7,), **extra}
    )
    RequestIdFilter().filter(made)
    return made


class TestALineForPeople:
    def test_looks_as_logging_makes_it(self):
        usual = logging.Formatter("%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s")
        lines = Lines()
        for created in (1_780_000_000.25, 1_780_000_000.75, 1_780_000_001.0):
            made = record(created=created, msecs=created % 1 * 1000)

            assert lines.format(made) == usual.format(made)


class TestALineAsJson:
    def told(self, **extra) -> dict:
        line = JsonLines().format(record(**extra))
        assert "\n" not in line
        return json.loads(line)

    def test_says_when_what_and_of_which_request(self):
        set_request_id("abcdefgh22")
        told = self.told(created=1_780_000_000.25)

        assert told == {
            "at": "2026-05-28T20:26:40.250000+00:00",
            "level": "ERROR",
            "logger": "xuetang.test",
            "request_id": "abcdefgh22",
            "message": "姓名 7",
        }

    def test_has_the_facts_of_the_access_log(self):
        facts = {"method": "GET", "route": "home", "status": 200, "ms": 3.5, "account": 9}

        assert facts.items() <= self.told(**facts).items()

    def test_leaves_out_what_libraries_add_such_as_the_request_with_its_address(self, rf):
        assert "request" not in self.told(request=rf.get("/members/4711/"), data={"args": "王芳"})

    def test_keeps_the_trace_of_a_fault_within_the_line(self):
        try:
            int("no")
        except ValueError:
            told = self.told(exc_info=sys.exc_info())

        assert "ValueError: invalid literal" in told["exc_info"]


@pytest.mark.parametrize("format_", ["line", "json"])
def test_lines_of_a_worker_look_like_those_of_the_portal(settings, format_):
    settings.LOG_FORMAT = format_
    text = StringIO()
    logger = logging.Logger("of a worker")
    logger.addHandler(logging.StreamHandler(text))
    make_like_the_portals(logger)
    set_request_id("abcdefgh22")
    logger.error("Job %d (%s) failed.", 3, "x")

    line = text.getvalue()
    if format_ == "json":
        assert json.loads(line)["request_id"] == "abcdefgh22"
    else:
        assert line.endswith(" ERROR of a worker [abcdefgh22] Job 3 (x) failed.\n")


def test_a_line_outside_requests_has_a_dash():
    set_request_id("")

    assert record().request_id == "-"
