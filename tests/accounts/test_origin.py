"""Where a request came from: told by the connection, and by proxies of ours alone."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory

from accounts.enums import ActorChannel
from accounts.models import User
from accounts.origin import Actor, client_address, counted_address, site_address

PROXY, INNER_PROXY = "10.0.0.1", "10.0.0.2"
CLIENT, SPOOFED = "203.0.113.7", "198.51.100.66"


def address_of(remote: str, forwarded: str | None = None) -> str | None:
    headers = {} if forwarded is None else {"x-forwarded-for": forwarded}
    return client_address(RequestFactory().get("/", REMOTE_ADDR=remote, headers=headers))


class TestWithoutTrustedProxies:
    @pytest.fixture(autouse=True)
    def _no_proxies(self, settings):
        settings.TRUSTED_PROXIES = []

    @pytest.mark.parametrize("forwarded", [None, SPOOFED, f"{SPOOFED}, {PROXY}", "", "nonsense"])
    def test_the_connection_alone_counts(self, forwarded):
        assert address_of(CLIENT, forwarded) == CLIENT

    def test_an_unknown_connection_has_no_address(self):
        assert address_of("", SPOOFED) is None


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        (CLIENT, CLIENT),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2::9", "2001:db8:1:2::"),
        ("2001:db8:1:3::9", "2001:db8:1:3::"),
        (f"::ffff:{CLIENT}", f"::ffff:{CLIENT}"),
        ("", None),
    ],
)
def test_wrong_codes_are_counted_by_address_and_of_ipv6_by_network(address, counted):
    assert counted_address(RequestFactory().get("/", REMOTE_ADDR=address)) == counted


class TestBehindTrustedProxies:
    @pytest.fixture(autouse=True)
    def _proxies(self, settings):
        settings.TRUSTED_PROXIES = [PROXY, INNER_PROXY]

    def test_the_proxy_tells_the_client(self):
        assert address_of(PROXY, CLIENT) == CLIENT

    @pytest.mark.parametrize(
        "forwarded",
        [
            f"{SPOOFED}, {CLIENT}",
            f"{SPOOFED},{SPOOFED},{CLIENT}",
            f"{PROXY}, {CLIENT}",
            f"{SPOOFED}, {CLIENT}, {INNER_PROXY}",
            f"{CLIENT}, {INNER_PROXY}, ",
        ],
    )
    def test_what_the_client_wrote_before_it_counts_for_nothing(self, forwarded):
        assert address_of(PROXY, forwarded) == CLIENT

    def test_a_stranger_who_goes_round_the_proxy_is_not_believed(self):
        assert address_of(CLIENT, SPOOFED) == CLIENT

    @pytest.mark.parametrize("forwarded", [None, "", " , ", INNER_PROXY])
    def test_a_proxy_that_tells_nothing_is_the_address_itself(self, forwarded):
        assert address_of(PROXY, forwarded) == PROXY


def test_an_actor_is_the_person_of_the_request():
    request = RequestFactory().get("/", REMOTE_ADDR=CLIENT, headers={"x-forwarded-for": SPOOFED})
    request.user = User(display_name="李建国")

    by = Actor.of_request(request)

    assert (by.user, by.channel, by.address) == (request.user, ActorChannel.WEB, CLIENT)
    assert by.name == "李建国"


def test_an_act_through_the_administration_says_so():
    request = RequestFactory().get("/")
    request.user = AnonymousUser()

    assert Actor.of_request(request, ActorChannel.ADMIN).channel == ActorChannel.ADMIN


def test_a_machine_is_named_by_its_channel():
    assert Actor(None, ActorChannel.TASK).name == "task"


@pytest.mark.parametrize("slash", ["", "/"])
def test_paper_shows_the_address_of_the_settings_and_else_that_of_the_request(settings, slash):
    request = RequestFactory().get("/members/1/", headers={"host": "testserver"})
    settings.SITE_ADDRESS = f"https://xuetang.example{slash}"
    assert site_address(request) == "https://xuetang.example"

    settings.SITE_ADDRESS = ""
    assert site_address(request) == "http://testserver"
