"""Messages leave the portal at most once each, whoever relays and whatever fails."""

from __future__ import annotations

import logging
import smtplib
import socket
from datetime import timedelta
from itertools import pairwise

import pytest
from django.core import mail
from django.utils import translation

from backstage import notices
from backstage.channels import NotSentError
from backstage.enums import DeliveryState
from backstage.models import Delivery, EmailAddress, Message
from backstage.relay import (
    BROKEN_OFF_AFTER,
    PAUSES,
    SENT_PER_CONNECTION,
    give_up_unfinished,
    relay_notices,
)
from backstage.tasks import relay_notices as relay_task
from tests import factories
from tests.backstage.test_notices import KIND, describe, with_email, write
from tests.connections import overlapping, together
from tests.factories import NOON

SENT: list[tuple[str, str]] = []
FAULTS: list[Exception] = []
GATEWAY = "tests.backstage.test_relay.gateway"


def gateway(phone: str, text: str) -> None:
    """An SMS gateway of the tests' own."""
    if FAULTS:
        raise FAULTS.pop()
    SENT.append((phone, text))


@pytest.fixture(autouse=True)
def _kind(monkeypatch):
    monkeypatch.setattr(notices, "_kinds", dict(notices._kinds))
    notices.register_notice(KIND, describe, is_urgent=True)
    SENT.clear()
    FAULTS.clear()


@pytest.fixture
def dead_server(settings):
    """A mail server whose port nobody listens to."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        options = {"host": "127.0.0.1", "port": port, "timeout": 2}
        backend = "django.core.mail.backends.smtp.EmailBackend"
        settings.MAILERS = {"default": {"BACKEND": backend, "OPTIONS": options}}
        yield


def relay(at=NOON):
    return relay_notices(clock=lambda: at)


@pytest.mark.django_db
class TestEmail:
    def test_the_title_leaves_and_the_rest_stays(self, settings):
        settings.SITE_ADDRESS = "https://xuetang.example.cn"
        write(with_email(factories.make_user()))

        with translation.override("en"):
            assert [relay(), relay()] == [1, 0]

        [sent] = mail.outbox
        assert (sent.subject, sent.to) == ("Said: hello", ["zhang@example.cn"])
        assert "https://xuetang.example.cn/messages/" in sent.body
        assert "The rest of it" not in sent.body
        delivery = Delivery.objects.get()
        assert (delivery.state, delivery.sent_at) == (DeliveryState.SENT, NOON)
        assert delivery.attempts == 1

    def test_more_than_one_connection_serves(self):
        people = [with_email(factories.make_user()) for _ in range(SENT_PER_CONNECTION + 1)]
        write(*people)

        assert relay() == len(mail.outbox) == len(people)

    def test_nothing_goes_to_an_address_taken_back_or_a_disabled_account(self):
        first, second = with_email(factories.make_user()), with_email(factories.make_user())
        write(first, second)
        EmailAddress.objects.get(user=first).delete()
        second.is_active = False
        second.save()

        assert relay() == 0

        states = Delivery.objects.values_list("state", "problem")
        assert set(states) == {(DeliveryState.GIVEN_UP, "no address")}

    def test_a_dead_server_is_tried_again_after_growing_pauses_and_given_up(
        self, dead_server, caplog
    ):
        for once in ("1", "2"):
            write(with_email(factories.make_user()), once=once)
        at, tries = NOON, []

        while Delivery.objects.filter(state__in=["waiting", "failed"]).exists():
            tries.append(at)
            with caplog.at_level(logging.ERROR):
                assert relay(at) == 0
                assert relay(at) == 0  # not due again yet
            at = Delivery.objects.latest("due_at").due_at

        pauses = [later - earlier for earlier, later in pairwise(tries)]
        assert tuple(pauses) == PAUSES == tuple(sorted(PAUSES))
        given_up = Delivery.objects.values_list("state", "attempts", "problem")
        problem = (DeliveryState.GIVEN_UP, len(PAUSES) + 1, "ConnectionRefusedError")
        assert list(given_up) == [problem] * 2
        [line] = caplog.messages
        assert "zhang" not in line

    def test_a_server_that_is_back_sends_what_waited(self, dead_server, settings):
        write(with_email(factories.make_user()))
        relay()
        assert Delivery.objects.get().state == DeliveryState.FAILED

        backend = "django.core.mail.backends.locmem.EmailBackend"
        settings.MAILERS = {"default": {"BACKEND": backend}}

        assert relay(NOON + PAUSES[0]) == len(mail.outbox) == 1


@pytest.mark.django_db
class TestSms:
    @pytest.fixture(autouse=True)
    def _gateway(self, settings):
        settings.SMS_GATEWAY = GATEWAY

    def test_the_gateway_gets_phone_and_title(self):
        write(factories.make_user(phone="13800138000"))

        assert [relay(), relay()] == [1, 0]
        assert SENT == [("13800138000", "Said: hello")]

    def test_what_was_not_sent_is_tried_again(self):
        write(factories.make_user(phone="13800138000"))
        FAULTS.append(NotSentError("busy"))

        assert [relay(), relay(), relay(NOON + PAUSES[0])] == [0, 0, 1]
        assert len(SENT) == 1

    def test_what_may_have_arrived_is_not(self, caplog):
        write(factories.make_user(phone="13800138000"))
        FAULTS.append(smtplib.SMTPServerDisconnected("13800138000"))

        with caplog.at_level(logging.ERROR):
            assert [relay(), relay(NOON + timedelta(days=3))] == [0, 0]

        delivery = Delivery.objects.get()
        assert delivery.state == DeliveryState.GIVEN_UP
        assert delivery.problem == "unclear: SMTPServerDisconnected"
        assert "13800138000" not in caplog.text

    def test_a_gateway_that_is_gone_is_a_dead_channel(self, settings):
        write(factories.make_user(phone="13800138000"))
        settings.SMS_GATEWAY = "nowhere.gateway"
        assert relay() == 0
        settings.SMS_GATEWAY = ""
        assert relay(NOON + PAUSES[0]) == 0

        assert Delivery.objects.get().problem == "not set up"

    def test_words_that_fail_wait_for_a_better_version(self):
        notices.register_notice("broken", lambda facts: facts["missing"], is_urgent=True)
        write(factories.make_user(phone="13800138000"), kind="broken")

        assert relay() == 0

        delivery = Delivery.objects.get()
        assert (delivery.state, delivery.problem) == (DeliveryState.FAILED, "words: KeyError")


@pytest.mark.django_db
def test_what_was_being_sent_when_its_worker_died_is_given_up(caplog):
    write(with_email(factories.make_user()))
    Delivery.objects.update(state=DeliveryState.SENDING, tried_at=NOON, attempts=1)

    assert relay(NOON + BROKEN_OFF_AFTER) == 0
    assert Delivery.objects.get().state == DeliveryState.SENDING
    with caplog.at_level(logging.ERROR):
        assert relay(NOON + BROKEN_OFF_AFTER + timedelta(seconds=1)) == 0

    assert Delivery.objects.get().state == DeliveryState.GIVEN_UP
    assert len(caplog.messages) == 1
    assert mail.outbox == []


@pytest.mark.django_db
def test_after_a_restore_nothing_leaves_that_may_have_left():
    for once, state in enumerate(["waiting", "failed", "sending"]):
        write(with_email(factories.make_user()), once=str(once))
        Delivery.objects.filter(message__once=str(once)).update(state=state, tried_at=NOON)
    write(with_email(factories.make_user()), once="sent")
    Delivery.objects.filter(message__once="sent").update(state="sent", sent_at=NOON)

    assert give_up_unfinished() == 3

    assert relay(NOON + timedelta(days=3)) == len(mail.outbox) == 0
    assert Delivery.objects.filter(state=DeliveryState.SENT).count() == 1


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_two_workers_send_each_message_once(self):
        people = [with_email(factories.make_user()) for _ in range(30)]
        _write_unkicked(people)

        counts = together(relay, relay)

        assert sum(counts) == len(mail.outbox) == 30
        assert Delivery.objects.filter(state=DeliveryState.SENT, attempts=1).count() == 30

    def test_the_commit_tells_the_workers(self):
        write(with_email(factories.make_user()))

        assert len(mail.outbox) == 1
        assert relay_task() == 0

    def test_a_broker_that_is_away_leaves_it_to_the_next_round(self, monkeypatch, caplog):
        def lost(*_args, **_kwargs):
            raise OSError("no broker")

        monkeypatch.setattr(relay_task, "apply_async", lost)
        assert write(with_email(factories.make_user())) == 1
        assert mail.outbox == []
        assert "wait for the next round" in caplog.text

        assert relay_task() == len(mail.outbox) == 1

    def test_an_act_that_has_not_committed_is_not_told(self):
        user = with_email(factories.make_user())

        def tell():
            return write(user)

        told = overlapping(tell, lambda: write(user))

        assert told == [1, 0]
        assert Message.objects.count() == len(mail.outbox) == 1


def _write_unkicked(people):
    """Write without the kick of the commit, as when the broker is away."""
    for one in people:
        message = Message.objects.create(
            recipient=one,
            kind=KIND,
            facts={"said": "hello"},
            address="/",
            once="1",
            written_at=NOON,
        )
        Delivery.objects.create(message=message, channel="email", due_at=NOON)
