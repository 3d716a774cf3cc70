"""What the log says of a request."""

import logging
from io import StringIO

import pytest
from django.http import HttpResponseForbidden
from django.test import Client
from django.utils.log import log_response

from config.lib.logs import OneLineRefusals
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def written():
    """What is written of requests, as the portal's handler does."""
    text = StringIO()
    handler = logging.StreamHandler(text)
    handler.addFilter(OneLineRefusals())
    loggers = [logging.getLogger(name) for name in ("django.request", "django.security.csrf")]
    for logger in loggers:
        logger.addHandler(handler)
    yield text
    for logger in loggers:
        logger.removeHandler(handler)


def test_a_refusal_is_one_line_with_who_and_what(client, written):
    user = factories.make_user()
    client.force_login(user, "accounts.backends.PhoneOrNumberBackend")

    assert client.get("/sessions/").status_code == 403
    assert written.getvalue() == f"Refused: GET /sessions/, account {user.pk}\n"


def test_no_address_adds_a_line_of_its_own(rf, written):
    request = rf.get("/sessions/%0AINFO root ended/")
    refusal = log_response("Forbidden", response=HttpResponseForbidden(), request=request)

    assert refusal is None
    assert written.getvalue() == "Refused: GET /sessions/\\nINFO root ended/, account none\n"


def test_a_form_from_elsewhere_is_refused_with_the_reason(written):
    assert Client(enforce_csrf_checks=True).post("/sign-in/", {}).status_code == 403
    assert written.getvalue() == "Forbidden (CSRF cookie not set.): /sign-in/\n"
