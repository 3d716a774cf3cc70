"""A session comes with its account, and ends at once when something is taken away from that."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.signals import template_rendered
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from accounts.middleware import SEEN
from accounts.models import BrowserSession
from accounts.records import save_account
from accounts.sessions import SessionStore, find_account
from accounts.tasks import sweep_sessions
from config.lib.periods import period, today
from instructors.models import Instructor
from instructors.records import save_instructor
from schools.models import RoleGrant
from schools.records import delete_role_grant, save_role_grant
from tests import factories
from tests.admin_pages import make_officer, signed_in
from tests.factories import START
from trainees.models import Post
from trainees.records import delete_post, save_post

HOME = reverse("home")


@pytest.fixture
def by(db):
    return factories.acting(make_officer(Role.SECURITY_ADMINISTRATOR))


def is_open(client: Client) -> bool:
    return client.get(HOME).status_code == 200


def test_a_role_that_is_ended(by):
    user = make_officer(Role.DISTRICT_SCHOOL)
    client = signed_in(user)
    assert is_open(client)
    grant = user.role_grants.get()
    grant.period = period(START, today())

    save_role_grant(obj=grant, by=by, fields=["period"])

    assert not is_open(client)


def test_a_role_that_is_deleted(by):
    user = factories.make_user()
    grant = factories.grant(user, Role.DISTRICT_SCHOOL, period=period(today()))
    client = signed_in(user)

    delete_role_grant(obj=grant, by=by)

    assert not is_open(client)


def test_a_new_role_ends_none(by):
    user = factories.make_user()
    client = signed_in(user)
    grant = RoleGrant(user=user, role=Role.DISTRICT_SCHOOL, period=period(today()))

    save_role_grant(obj=grant, by=by, fields=[])

    assert is_open(client)


def test_a_role_whose_last_day_is_over_is_gone_at_the_next_request(by):
    user = make_officer(Role.DISTRICT_SCHOOL)
    client = signed_in(user)
    assert client.get(reverse("years:overview")).status_code == 200

    user.role_grants.update(period=period(START, today() - timedelta(days=1)))

    assert client.get(reverse("years:overview")).status_code == 403


def test_a_disabled_account_stays_signed_out_when_it_is_enabled_again(by):
    user = factories.make_user()
    client = signed_in(user)
    for is_active in (False, True):
        user.is_active = is_active
        save_account(obj=user, by=by, fields=["is_active"])

    assert not is_open(client)


def test_a_lecturer_whose_account_is_taken_back(by):
    user = make_officer(Role.LECTURER)
    client = signed_in(user)
    lecturer = Instructor.objects.get(user=user)
    lecturer.title = "professor"
    save_instructor(obj=lecturer, by=by, fields=["title"])
    assert is_open(client)
    lecturer.user = None

    save_instructor(obj=lecturer, by=by, fields=["user"])

    assert not is_open(client)


@pytest.mark.parametrize("act", ["end", "delete"])
def test_a_post_as_secretary(by, act):
    user = make_officer(Role.BRANCH_SECRETARY)
    client = signed_in(user)
    post = user.member.posts.get()
    post.period = period(START, today())

    if act == "end":
        save_post(obj=post, by=by, at=timezone.now(), fields=["period"])
    else:
        Post.objects.filter(pk=post.pk).update(period=period(today()))
        delete_post(obj=post, by=by, at=timezone.now())

    assert not is_open(client)


def test_others_go_on(by):
    user, other = make_officer(Role.DISTRICT_SCHOOL), make_officer(Role.DISTRICT_SCHOOL)
    client = signed_in(other)
    grant = user.role_grants.get()
    grant.period = period(START, today())

    save_role_grant(obj=grant, by=by, fields=["period"])

    assert is_open(client)


def test_the_person_who_is_signed_out_by_others_learns_why(by):
    user = make_officer(Role.DISTRICT_SCHOOL)
    client = signed_in(user)
    client.cookies["language"] = "en"
    delete_role_grant(obj=user.role_grants.get(), by=by)

    page = client.get(HOME, follow=True)

    assert "Your rights or your password were changed" in page.text
    assert "were changed" not in client.get(HOME, follow=True).text


def test_a_stranger_is_told_nothing_of_rights(db):
    client = Client()
    client.cookies["language"] = "en"

    assert "were changed" not in client.get(HOME, follow=True).text


class TestTheEngine:
    def test_reads_a_session_with_its_account_by_one_statement(self, db):
        user = factories.make_user()
        client = signed_in(user)
        stored = SessionStore(client.session.session_key)

        with CaptureQueriesContext(connection) as caught:
            account = find_account(stored)

        assert account == user
        assert {name: getattr(account, name) for name in ("username", "session_epoch")} == {
            "username": user.username,
            "session_epoch": user.session_epoch,
        }
        assert len(caught) == 1

    def test_asks_nothing_more_for_the_person_of_a_request(self, db):
        client = signed_in(factories.make_user())
        client.get(HOME)

        with CaptureQueriesContext(connection) as caught:
            client.get(reverse("accounts:privacy"))

        assert not [query for query in caught if 'FROM "accounts_user"' in query["sql"]]

    def test_tells_whose_a_session_is_once_somebody_signed_in(self, db):
        user = factories.make_user()
        client = Client()
        session = client.session
        session["planted"] = True
        session.save()
        client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
        assert BrowserSession.objects.get().user is None

        client.force_login(user)

        assert BrowserSession.objects.get().user == user
        assert client.session.session_key != session.session_key
        assert client.session["planted"]
        client.logout()
        assert not BrowserSession.objects.filter(user=user).exists()

    def test_believes_the_signed_data_and_not_the_column(self, db):
        user, other = factories.make_user(), factories.make_user()
        client = signed_in(user)
        BrowserSession.objects.update(user=other)
        stored = SessionStore(client.session.session_key)

        assert find_account(stored) is None
        assert client.get(HOME).wsgi_request.user == user

    def test_a_way_to_sign_in_that_was_closed_opens_nothing(self, db, settings):
        client = signed_in(factories.make_user())
        settings.AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]

        assert not is_open(client)

    def test_a_session_whose_account_is_gone_is_nobodys(self, db):
        stored = signed_in(factories.make_user()).session
        stored["_auth_user_id"] = "999999"
        stored.cycle_key()

        assert find_account(SessionStore(stored.session_key)) is None

    def test_finds_nobody_in_a_session_without_a_row(self, db):
        stored = SessionStore("c" * 32)

        assert find_account(stored) is None
        assert stored.session_key is None

    def test_a_key_that_the_database_refuses_is_one_without_a_row(self, db):
        client = Client(headers={"cookie": f'{settings.SESSION_COOKIE_NAME}="\\000{"c" * 31}"'})

        page = client.get(reverse("accounts:sign_in"))

        assert page.status_code == 200
        assert page.cookies[settings.SESSION_COOKIE_NAME].value == ""

    def test_a_secret_that_was_replaced_ends_no_session(self, db, settings):
        user = factories.make_user()
        client = signed_in(user)
        settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
        settings.SECRET_KEY = "another secret, longer than fifty characters, of the tests"

        assert is_open(client)
        assert is_open(client)

    def test_one_that_ends_elsewhere_while_it_is_used_promises_nothing(self, db):
        """Its page says neither that nothing was changed, nor does the session come back."""
        client = signed_in(factories.make_user())
        assert SEEN not in client.session  # so the first page stores it

        def sign_out(**_kwargs) -> None:
            BrowserSession.objects.all().delete()

        template_rendered.connect(sign_out)
        try:
            page = client.get(HOME)
        finally:
            template_rendered.disconnect(sign_out)

        assert page.status_code == 400
        assert "您已退出登录" in page.text
        assert "数据没有变动" not in page.text
        assert not BrowserSession.objects.exists()

    def test_expired_sessions_are_swept_and_open_ones_stay(self, db):
        stale, fresh = signed_in(factories.make_user()), signed_in(factories.make_user())
        BrowserSession.objects.filter(pk=stale.session.session_key).update(
            expire_date=timezone.now() - timedelta(seconds=1)
        )
        assert not is_open(stale)
        assert is_open(fresh)

        sweep_sessions()

        assert [row.pk for row in BrowserSession.objects.all()] == [fresh.session.session_key]
