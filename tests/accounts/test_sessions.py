"""Open sessions end at once when something is taken away: a role, the account, the password."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from accounts.records import save_account
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
    assert client.get(reverse("trainees:dashboard")).status_code == 200

    user.role_grants.update(period=period(START, today() - timedelta(days=1)))

    assert client.get(reverse("trainees:dashboard")).status_code == 403


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


def test_whoever_is_signed_out_by_others_learns_why(by):
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
