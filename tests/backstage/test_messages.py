"""A person's own messages: counted in the head, read on a page, marked by a form."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from accounts.chain.checking import list_chain_findings
from accounts.enums import ActorChannel
from accounts.models import AuditEntry
from accounts.origin import Actor
from backstage import notices
from backstage.messages import mark_all_read, mask_email, set_email
from backstage.models import EmailAddress, Message
from config.lib.paging import PAGE_SIZE
from tests import factories
from tests.backstage.test_notices import KIND, describe, with_email, write
from tests.browsers import browser_of
from tests.chains import explained
from tests.factories import NOON

pytestmark = pytest.mark.django_db
PAGE = "/messages/"


@pytest.fixture(autouse=True)
def _kind(monkeypatch):
    monkeypatch.setattr(notices, "_kinds", dict(notices._kinds))
    notices.register_notice(KIND, describe)


@pytest.fixture
def user():
    return factories.make_user()


@pytest.fixture
def browser(user):
    return browser_of(user)


def unread(user):
    return Message.objects.visible_to(user).unread().count()


class TestTheHead:
    def test_says_how_many_are_unread_and_costs_no_statement(self, user, browser):
        home = reverse("home")
        browser.get(home)
        with CaptureQueriesContext(connection) as without:
            page = browser.get(home).text
        assert "unread" not in page

        for once in ("1", "2", "3"):
            write(user, factories.make_user(), once=once)
        write(user, once="taken back")
        notices.withdraw_notices(kind=KIND, once="taken back", at=NOON)
        with CaptureQueriesContext(connection) as with_three:
            page = browser.get(home).text

        assert "3 unread" in page
        assert len(with_three) == len(without)

    def test_of_strangers_is_empty(self, client):
        assert "masthead-messages" not in client.get(reverse("accounts:sign_in")).text

    def test_asks_the_table_where_the_session_does_not_know(self, user, rf):
        from backstage.context_processors import portal

        write(user)
        request = rf.get("/")
        request.user, request.session = user, {}

        assert portal(request)["unread_messages"]() == 1


class TestThePage:
    def test_shows_unread_first_then_the_newest(self, user, browser):
        for day in range(4):
            write(user, once=str(day), at=NOON + timedelta(days=day), facts={"said": str(day)})
        Message.objects.filter(once__in=["1", "3"]).update(read_at=NOON + timedelta(days=9))

        lines = browser.get(PAGE).context["lines"]

        assert [line["words"].title[-1] for line in lines] == ["2", "0", "3", "1"]

    def test_has_pages_of_one_size_and_as_many_statements_for_a_full_one(self, user, browser):
        write(user, once="first")
        browser.get(PAGE)
        with CaptureQueriesContext(connection) as short:
            browser.get(PAGE)
        for number in range(PAGE_SIZE + 4):
            write(user, once=str(number))
        with CaptureQueriesContext(connection) as full:
            page = browser.get(PAGE)

        assert len(page.context["lines"]) == PAGE_SIZE
        assert len(browser.get(PAGE, {"page": 2}).context["lines"]) == 5
        assert len(full) == len(short)

    def test_is_read_in_the_language_of_the_reader(self, user, browser, monkeypatch):
        def in_words(facts):
            return notices.NoticeText(translation.get_language())

        notices.register_notice(KIND, in_words)
        write(user)
        titles = []
        for language in ("en", "zh-hans"):
            browser.post(reverse("set_language"), {"language": language})
            titles.append(browser.get(PAGE).context["lines"][0]["words"].title)

        assert titles == ["en", "zh-hans"]

    def test_says_so_when_there_is_none(self, browser):
        page = browser.get(PAGE)
        assert page.status_code == 200
        assert reverse("backstage:read_all_messages") not in page.text

    def test_shows_nothing_of_others(self, browser):
        write(factories.make_user())
        assert browser.get(PAGE).context["lines"] == []


class TestReading:
    def test_opening_marks_it_and_leads_on_and_the_first_time_stays(self, user, browser):
        write(user, once="1", address=reverse("backstage:jobs"))
        write(user, once="2")
        message = Message.objects.get(once="1")
        url = reverse("backstage:open_message", args=[message.pk])

        assert browser.get(url).status_code == 405
        assert unread(user) == 2
        assert browser.post(url).url == reverse("backstage:jobs")

        read_at = Message.objects.get(once="1").read_at
        assert read_at is not None
        assert unread(user) == 1
        browser.post(url)
        assert Message.objects.get(once="1").read_at == read_at

    def test_those_of_others_are_not_there(self, browser):
        other = factories.make_user()
        write(other)
        url = reverse("backstage:open_message", args=[Message.objects.get().pk])

        assert browser.post(url).status_code == 404
        assert unread(other) == 1

    def test_all_are_marked_but_those_written_meanwhile_and_of_others(self, user, browser):
        other = factories.make_user()
        for once in ("1", "2"):
            write(user, other, once=once)
        later = NOON + timedelta(minutes=1)
        write(user, once="later", at=later)

        assert mark_all_read(user, at=NOON) == 2
        assert (unread(user), unread(other)) == (1, 2)
        assert browser.post(reverse("backstage:read_all_messages")).url == PAGE
        assert (unread(user), unread(other)) == (0, 2)


class TestTheAddressForEmail:
    def test_is_set_changed_and_taken_back_with_a_masked_trail(self, user, browser):
        url = reverse("backstage:email")
        for address in ("zhang@example.cn", "zhang@example.cn", "wang@example.cn", ""):
            assert browser.post(url, {"address": address}).url == PAGE
        assert not EmailAddress.objects.exists()

        acts = AuditEntry.objects.filter(act="set_email", actor=user).order_by("pk")
        assert [(one.before["email"], one.after["email"]) for one in acts] == [
            ("", "z****@example.cn"),
            ("z****@example.cn", "w****@example.cn"),
            ("w****@example.cn", ""),
        ]

    def test_must_be_one(self, browser):
        assert browser.post(reverse("backstage:email"), {"address": "zhang"}).status_code == 422

    def test_the_page_shows_ones_own_alone(self, user, browser):
        with_email(user, "mine@example.cn")
        with_email(factories.make_user(), "other@example.cn")
        page = browser.get(reverse("backstage:email")).text
        assert "mine@example.cn" in page
        assert "other@example.cn" not in page

    def test_it_is_offered_only_where_e_mail_is_set_up(self, browser, settings):
        link = reverse("backstage:email")
        assert link in browser.get(PAGE).text
        settings.MAILERS = {}
        assert link not in browser.get(PAGE).text

    def test_the_system_has_none(self):
        with pytest.raises(PermissionDenied):
            set_email(address="x@example.cn", by=Actor(None, ActorChannel.TASK), at=timezone.now())

    @pytest.mark.django_db(transaction=True)
    def test_the_chain_explains_it_and_says_nothing_of_messages(self):
        with explained():
            user = factories.make_user()
        now, by = timezone.now(), factories.acting(user)
        for address in ("zhang@example.cn", "wang@example.cn", ""):
            set_email(address=address, by=by, at=now)
        write(user)
        mark_all_read(user, at=now)

        assert list_chain_findings(at=now) == []
        EmailAddress.objects.create(user=user, address="other@example.cn")
        named = [example for one in list_chain_findings(at=now) for example in one.examples]
        assert any(example.startswith("backstage_emailaddress") for example in named)

    def test_an_empty_one_is_masked_as_nothing(self):
        assert mask_email("") == ""
