"""One id for each request, and a line of the access log that names nobody."""

from __future__ import annotations

import logging
import re

import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from accounts.enums import Role
from config.lib.request_ids import current_request_id, new_request_id
from tests import factories
from tests.admin_pages import make_officer, signed_in
from tests.browsers import browser_of

pytestmark = pytest.mark.django_db

HEADER = "X-Request-ID"
OWN = re.compile(r"[2-9a-hj-km-z]{10}")
GIVEN = "4f2a9c0d8b7e6f5a4f2a9c0d8b7e6f5a"
SIGN_IN = reverse("accounts:sign_in")
PROXY = "10.0.0.1"


@pytest.fixture
def lines(caplog):
    """The lines of the access log, without its time and account."""
    with caplog.at_level(logging.INFO, logger="xuetang.access"):
        yield lambda: [r for r in caplog.records if r.name == "xuetang.access"]


class TestTheId:
    def test_is_new_for_each_request_and_short_enough_to_be_read_out(self, client):
        ids = {client.get(SIGN_IN).headers[HEADER] for _ in range(3)}

        assert len(ids) == 3
        assert all(OWN.fullmatch(one) for one in [*ids, new_request_id()])

    def test_is_taken_from_a_trusted_proxy(self, client, settings):
        settings.TRUSTED_PROXIES = [PROXY]
        response = client.get(SIGN_IN, REMOTE_ADDR=PROXY, headers={HEADER: GIVEN})

        assert response.headers[HEADER] == GIVEN

    def test_of_anybody_else_is_not_heeded(self, client):
        response = client.get(SIGN_IN, headers={HEADER: GIVEN})

        assert OWN.fullmatch(response.headers[HEADER])

    @pytest.mark.parametrize("given", ["", "short", "x" * 65, "12345678 INFO", "12345678\n9"])
    def test_that_is_none_is_replaced(self, client, settings, given):
        settings.TRUSTED_PROXIES = [PROXY]
        response = client.get(SIGN_IN, REMOTE_ADDR=PROXY, headers={HEADER: given})

        assert OWN.fullmatch(response.headers[HEADER])

    def test_stays_until_the_last_line_about_the_request(self, client):
        """Django logs a refusal after the last middleware."""
        assert client.get("/nothing/").headers[HEADER] == current_request_id()


class TestAnErrorPage:
    def says_its_number(self, response, status: int) -> None:
        assert response.status_code == status
        number = response.headers[HEADER]
        assert f"<b>{number}</b>" in response.content.decode()

    def test_404(self, client):
        self.says_its_number(client.get("/nothing/"), 404)

    def test_403(self):
        browser = signed_in(make_officer(Role.PAYER))
        self.says_its_number(browser.get(reverse("accounts:trail")), 403)

    def test_403_of_a_form_from_elsewhere(self):
        self.says_its_number(Client(enforce_csrf_checks=True).post(SIGN_IN, {}), 403)

    def test_405(self):
        browser = browser_of(factories.make_user())
        self.says_its_number(browser.get(reverse("backstage:export", args=["jobs"])), 405)

    def test_400(self, client):
        self.says_its_number(client.get(SIGN_IN, headers={"host": "elsewhere.example"}), 400)

    def test_413(self, client, settings):
        settings.UPLOAD_MAX_BYTES = 1
        self.says_its_number(client.post(SIGN_IN, {"username": "name"}), 413)

    @pytest.mark.parametrize(("fault", "status"), [(ValueError, 500), (OperationalError, 503)])
    def test_500_and_503(self, client, monkeypatch, fault, status):
        def fail(*_args, **_more):
            raise fault

        client.raise_request_exception = False
        monkeypatch.setattr("django.contrib.auth.views.LoginView.dispatch", fail)
        self.says_its_number(client.get(SIGN_IN), status)


class TestALineOfTheAccessLog:
    def test_has_the_route_and_neither_path_nor_query(self, client, lines):
        user = factories.make_user()
        client.force_login(user, "accounts.backends.PhoneOrNumberBackend")
        client.get("/jobs/4711/?name=wang")
        [line] = lines()

        assert (line.method, line.route, line.status) == ("GET", "backstage:job", 404)
        assert line.account == user.pk
        assert line.getMessage().startswith("GET backstage:job 404 in ")
        assert "4711" not in line.getMessage()
        assert "wang" not in line.getMessage()

    def test_of_a_stranger_names_no_account(self, client, lines):
        client.get(SIGN_IN)

        [line] = lines()
        assert line.account is None
        assert line.getMessage().endswith("account none")

    def test_of_an_unknown_address_does_not_repeat_it(self, client, lines):
        client.get("/members/王芳/no-such-page/")

        assert [line.route for line in lines()] == ["none"]

    def test_of_a_file_of_the_interface_says_so(self, client, lines):
        client.get("/static/css/xuetang.css").close()

        assert [line.route for line in lines()] == ["static"]

    def test_costs_no_statement(self, client, lines, django_assert_num_queries):
        with django_assert_num_queries(0):
            client.get(reverse("live"))

        assert [line.account for line in lines()] == [None]
