"""What an act tells people: once each, with its transaction, in the words of the reader."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.db import transaction

from backstage import notices
from backstage.enums import Channel, DeliveryState
from backstage.models import Delivery, EmailAddress, Message
from backstage.notices import (
    KEEP_DAYS,
    NoticeError,
    NoticeText,
    describe_message,
    sweep_messages,
    withdraw_notices,
    write_notices,
)
from tests import factories
from tests.connections import together
from tests.factories import NOON

KIND = "test_of_the_outbox"
ADDRESS = "/jobs/"
User = get_user_model()


def describe(facts) -> NoticeText:
    return NoticeText(f"Said: {facts['said']}", "The rest of it")


@pytest.fixture(autouse=True)
def _kind(monkeypatch):
    monkeypatch.setattr(notices, "_kinds", dict(notices._kinds))
    notices.register_notice(KIND, describe)


def write(*people, once="1", at=NOON, **values):
    told = {"kind": KIND, "facts": {"said": "hello"}, "address": ADDRESS} | values
    with transaction.atomic():
        return write_notices(to=people, once=once, at=at, **told)


def with_email(user, address="zhang@example.cn"):
    EmailAddress.objects.create(user=user, address=address)
    return user


@pytest.mark.django_db
class TestWriting:
    def test_each_is_told_once_of_each_thing(self):
        first, second = factories.make_user(), factories.make_user()

        assert [write(first, first), write(first, second), write(first, second)] == [1, 1, 0]
        assert write(first, once="2") == 1

        assert Message.objects.filter(recipient=first).count() == 2
        assert Message.objects.filter(recipient=second).count() == 1

    def test_people_may_be_a_queryset_and_cost_two_statements(self, django_assert_num_queries):
        for _ in range(30):
            with_email(factories.make_user())

        with django_assert_num_queries(2):
            told = write_notices(
                kind=KIND, to=User.objects.all(), facts={"said": ""}, address="/", once="", at=NOON
            )

        assert told == User.objects.count() == Delivery.objects.count()

    def test_a_disabled_account_and_nobody_are_told_nothing(self):
        user = factories.make_user()
        user.is_active = False
        user.save()

        assert [write(user), write(None), write()] == [0, 0, 0]

    def test_it_goes_with_its_act(self):
        user = factories.make_user()
        with transaction.atomic():
            write(user)
            transaction.set_rollback(True)

        assert not Message.objects.exists()

    @pytest.mark.parametrize(
        ("values", "error"),
        [
            ({"address": "//example.cn/"}, NoticeError),
            ({"address": "https://example.cn/"}, NoticeError),
            ({"facts": {"said": "11010119900307001X"}}, NoticeError),
            ({"kind": "of no app"}, KeyError),
        ],
    )
    def test_what_leads_elsewhere_or_says_too_much_is_refused(self, values, error):
        with pytest.raises(error):
            write(factories.make_user(), **values)


@pytest.mark.django_db(transaction=True)
def test_a_notice_without_an_act_is_refused():
    user = factories.make_user()
    with pytest.raises(NoticeError):
        write_notices(kind=KIND, to=[user], facts={}, address="/", once="1", at=NOON)


@pytest.mark.django_db(transaction=True)
def test_two_acts_at_once_tell_once():
    people = [factories.make_user() for _ in range(20)]

    assert sorted(together(lambda: write(*people), lambda: write(*reversed(people)))) == [0, 20]
    assert Message.objects.count() == 20


@pytest.mark.django_db
class TestChannels:
    def test_email_goes_to_those_who_gave_an_address(self):
        write(with_email(factories.make_user()), factories.make_user())

        delivery = Delivery.objects.get()
        assert (delivery.channel, delivery.state) == (Channel.EMAIL, DeliveryState.WAITING)

    def test_none_without_a_server(self, settings):
        settings.MAILERS = {}
        write(with_email(factories.make_user()))

        assert Message.objects.count() == 1
        assert not Delivery.objects.exists()

    def test_sms_is_for_urgent_kinds_and_those_with_a_phone(self, settings):
        settings.SMS_GATEWAY = "tests.backstage.test_relay.gateway"
        notices.register_notice("urgent", describe, is_urgent=True)
        users = factories.make_user(phone="13800138000"), factories.make_user()

        write(*users)
        assert not Delivery.objects.exists()
        write(*users, kind="urgent")

        delivery = Delivery.objects.get()
        assert (delivery.channel, delivery.message.recipient) == (Channel.SMS, users[0])


@pytest.mark.django_db
class TestWithdrawing:
    def test_takes_it_from_everybody_and_nothing_leaves(self):
        first, second = with_email(factories.make_user()), factories.make_user()
        write(first, second, once="1")
        write(first, once="2")

        assert withdraw_notices(kind=KIND, once="1", at=NOON) == 2
        assert withdraw_notices(kind=KIND, once="1", at=NOON) == 0

        assert [one.once for one in Message.objects.visible_to(first)] == ["2"]
        states = Delivery.objects.order_by("message__once").values_list("state", "problem")
        assert list(states) == [("given_up", "withdrawn"), ("waiting", "")]

    def test_what_was_taken_back_is_not_told_again(self):
        user = factories.make_user()
        write(user)
        withdraw_notices(kind=KIND, once="1", at=NOON)

        assert write(user) == 0


@pytest.mark.django_db
def test_a_kind_that_is_gone_still_reads():
    write(factories.make_user())
    message = Message.objects.get()
    assert describe_message(message).title == "Said: hello"

    del notices._kinds[KIND]

    assert describe_message(message).title


@pytest.mark.django_db
def test_old_messages_go_with_their_deliveries():
    user = with_email(factories.make_user())
    write(user, once="old")
    write(user, once="new", at=NOON + timedelta(days=1))

    sweep_messages(at=NOON + timedelta(days=KEEP_DAYS, hours=1))

    assert [one.once for one in Message.objects.all()] == ["new"]
    assert Delivery.objects.count() == 1
