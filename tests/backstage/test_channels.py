"""A mail server takes each message once; what it refuses comes again, what is unclear does not."""

from __future__ import annotations

from email import message_from_bytes
from email.header import decode_header, make_header

import pytest

from backstage import notices
from backstage.enums import DeliveryState
from backstage.models import Delivery
from backstage.relay import PAUSES
from tests import factories
from tests.backstage.test_notices import KIND, describe, with_email, write
from tests.backstage.test_relay import relay
from tests.factories import NOON
from tests.mail_server import Manner, mail_server

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _kind(monkeypatch):
    monkeypatch.setattr(notices, "_kinds", dict(notices._kinds))
    notices.register_notice(KIND, describe)


@pytest.fixture
def server(settings):
    with mail_server() as server:
        settings.MAILERS = server.mailers
        settings.DEFAULT_FROM_EMAIL = "xuetang@example.cn"
        yield server


def test_many_messages_go_by_one_connection(server):
    people = [with_email(factories.make_user()) for _ in range(5)]
    write(*people, facts={"said": "李七庄"})

    assert relay() == len(server.received) == 5
    assert server.connections == 1
    mail = message_from_bytes(server.received[0])
    assert str(make_header(decode_header(mail["Subject"]))) == "Said: 李七庄"
    assert (mail["From"], mail["To"]) == ("xuetang@example.cn", "zhang@example.cn")


@pytest.mark.parametrize(
    ("manner", "problem"),
    [
        (Manner.REFUSES_RECIPIENTS, "SMTPRecipientsRefused"),
        (Manner.REFUSES_DATA, "SMTPDataError 554"),
    ],
)
def test_what_is_refused_is_tried_again_and_holds_up_nobody(server, manner, problem):
    write(with_email(factories.make_user()), with_email(factories.make_user()))
    server.manner = manner
    assert relay() == 0
    assert set(Delivery.objects.values_list("state", "attempts", "problem")) == {
        (DeliveryState.FAILED, 1, problem)
    }
    assert Delivery.objects.count() == server.connections == 2

    server.manner = Manner.TAKES

    assert relay(NOON + PAUSES[0]) == 2
    assert len(server.received) == 2


def test_what_a_server_may_have_taken_is_not_sent_again_and_the_next_is_sent(server):
    write(with_email(factories.make_user()))
    server.manner = Manner.BREAKS_OFF
    assert relay() == 0
    server.manner = Manner.TAKES
    write(with_email(factories.make_user()), once="2")

    assert relay(NOON + PAUSES[-1]) == 1

    assert len(server.received) == 2  # one of them before it broke off
    states = Delivery.objects.order_by("pk").values_list("state", "problem")
    assert list(states) == [
        (DeliveryState.GIVEN_UP, "unclear: SMTPServerDisconnected"),
        (DeliveryState.SENT, ""),
    ]
