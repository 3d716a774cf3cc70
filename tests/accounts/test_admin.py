"""Accounts by the security administrator, privacy notices by the system administrator."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.urls import reverse
from django.utils import translation
from django.utils.timezone import now

from accounts.activation import issue_codes
from accounts.enums import Role
from accounts.models import AuditEntry, PrivacyNotice, User
from accounts.records import RecordError, save_notice
from backstage.tasklist import list_tasks
from config.lib.periods import period, today
from schools.models import RoleGrant
from tests import factories
from tests.admin_pages import (
    add,
    change,
    change_url,
    errors_of,
    filled,
    form_of,
    make_officer,
    page_url,
    signed_in,
)
from tests.refusals import refused


@pytest.fixture
def security(db):
    return make_officer(Role.SECURITY_ADMINISTRATOR)


@pytest.fixture
def client(security):
    return signed_in(security)


class TestPrivacyNotices:
    @pytest.fixture
    def system(self, db):
        return signed_in(make_officer(Role.SYSTEM_ADMINISTRATOR))

    def publish(self, client, day):
        return add(
            client,
            PrivacyNotice,
            text_chinese="内容",
            text_english="Text",
            published_on=day.isoformat(),
        )

    def test_a_new_version_follows_the_last(self, system):
        assert errors_of(self.publish(system, today())) == ""

        assert PrivacyNotice.objects.first().version == 2

    def test_none_is_published_in_the_past(self, system):
        response = self.publish(system, today() - timedelta(days=1))

        assert form_of(response).errors["published_on"]

    def test_what_was_published_stays(self, system):
        first = PrivacyNotice.objects.get()

        assert system.post(change_url(first), {"text_english": "x"}).status_code == 403
        first.text_english = "x"
        with refused(RecordError):
            save_notice(obj=first, by=factories.acting(None), on=today(), fields=["text_english"])

    def test_one_to_come_may_still_be_changed_or_withdrawn(self, system):
        self.publish(system, today() + timedelta(days=1))
        coming = PrivacyNotice.objects.get(version=2)

        assert errors_of(change(system, coming, text_english="Better")) == ""
        url = page_url(PrivacyNotice, "delete", coming.pk)
        assert system.post(url, {"post": "yes"}).status_code == 302
        assert PrivacyNotice.objects.count() == 1


class TestTheWayIn:
    """Account, role, slip: each step leads to the next, and the account's page knows them all."""

    @pytest.fixture
    def client(self, client):
        client.cookies["language"] = "en"
        return client

    def step(self, client, user) -> str:
        """Where the account's page says to go next."""
        step = client.get(change_url(user)).context["next_step"]
        return step.url if step else ""

    def test_from_the_account_to_the_role_to_the_slip_to_the_password(self, client):
        added = add(client, User, username="li.lei", display_name="李磊")
        user = User.objects.get(username="li.lei")
        assert added.url == change_url(user)

        page = client.get(added.url)
        grant_url = f"{page_url(RoleGrant, 'add')}?user=li.lei"
        assert "Next: grant a role" in page.text
        assert self.step(client, user) == grant_url

        form = form_of(client.get(grant_url))
        granted = client.post(grant_url, filled(form, role=Role.DISTRICT_SCHOOL))
        assert granted.url == change_url(user)
        page = client.get(granted.url)
        slip_url = reverse("trainees:account_slip", args=[user.pk])
        assert "Next: issue the slip" in page.text
        assert self.step(client, user) == slip_url

        batch = client.post(slip_url, {"idempotency_key": str(uuid4())})
        assert change_url(user) in client.get(batch.url).text
        page = client.get(change_url(user))
        assert self.step(client, user) == ""
        assert "Slip valid until" in page.text

        User.objects.filter(pk=user.pk).update(password=make_password("correct horse"))
        assert "sets a new password" in client.get(change_url(user)).text

    def test_the_page_names_roles_with_links_and_periods(self, client):
        user = make_officer(Role.SCHOOL_CLERK)
        grant = user.role_grants.get()

        page = client.get(change_url(user)).text

        assert change_url(grant) in page
        assert "school clerk" in page
        assert "since Tue 1 Jan 2019" in page

    def test_of_a_member_the_slip_is_issued_by_others(self, client):
        member = make_officer(Role.MEMBER)
        page = client.get(change_url(member))

        assert page.context["next_step"] is None
        assert reverse("trainees:account_slip", args=[member.pk]) not in page.text
        assert "branch secretary or school clerk issues the slip" in page.text

    @pytest.mark.parametrize("fields", [{"is_active": False}, {}])
    def test_nothing_comes_next_for_a_disabled_account_or_ones_own(self, client, security, fields):
        user = factories.make_user(**fields) if fields else security

        assert client.get(change_url(user)).context["next_step"] is None

    def test_the_list_says_how_each_stands_in_a_fixed_number_of_statements(
        self, client, django_assert_max_num_queries
    ):
        for _ in range(20):
            factories.make_user()
        url = page_url(User, "changelist")
        client.get(url)

        with django_assert_max_num_queries(12):
            page = client.get(url)
        assert "active" in page.text


class TestWhatIsDue:
    """The list of accounts narrows to what the home page says is due."""

    def listed(self, client, due) -> set[str]:
        page = client.get(page_url(User, "changelist"), {"account_due": due})
        return {user.username for user in page.context["cl"].result_list}

    def unused(self, username, role=None) -> User:
        user = factories.make_user(username)
        user.set_unusable_password()
        user.save()
        if role:
            factories.grant(user, role)
        return user

    def issue(self, user, by, at=None):
        return issue_codes(users=[user], key=uuid4(), by=factories.acting(by), at=at or now())

    def test_by_account(self, client, security):
        self.unused("bare")
        self.unused("officer", Role.DISTRICT_SCHOOL)
        waiting = self.unused("waiting", Role.DISTRICT_SCHOOL)
        late = self.unused("late", Role.DISTRICT_SCHOOL)
        factories.make_user("gone", is_active=False)
        self.issue(waiting, security)
        self.issue(late, security, now() - timedelta(days=settings.ACTIVATION_DAYS - 3))
        member = make_officer(Role.MEMBER)
        lecturer = make_officer(Role.LECTURER)
        former = make_officer(Role.DISTRICT_SCHOOL, username="former")
        former.role_grants.update(period=period(factories.START, today()))

        assert self.listed(client, "no_role") == {"bare", "former"}
        assert self.listed(client, "no_slip") == {"officer"}
        assert self.listed(client, "slip_ends") == {"late"}
        everybody = self.listed(client, "")
        assert {member.username, lecturer.username} <= everybody

    def test_the_home_page_leads_there_with_the_same_number(self, client, security):
        self.unused("bare")
        for name in ("one", "two"):
            self.unused(name, Role.DISTRICT_SCHOOL)
        with translation.override("en"):
            tasks = list_tasks(security, now())

        due = {task.url: task.label for task in tasks if not task.is_lookup}
        url = page_url(User, "changelist")
        assert due == {
            f"{url}?account_due=no_role": "Grant a role to 1 account without one",
            f"{url}?account_due=no_slip": "Issue slips for 2 accounts that nobody has used yet",
        }
        for address in due:
            assert client.get(address).status_code == 200


class TestAccounts:
    def test_a_new_account_has_no_usable_password(self, client):
        response = add(client, User, username="li.lei", display_name="李磊", phone="13812345678")

        assert errors_of(response) == ""
        user = User.objects.get(username="li.lei")
        assert not user.has_usable_password()
        assert user.is_active
        entry = AuditEntry.objects.get(act="add_record")
        assert (entry.channel, entry.after["phone"]) == ("admin", "138****5678")

    def test_no_form_touches_a_password(self, client):
        user = factories.make_user()

        for url in (page_url(User, "add"), change_url(user)):
            assert "password" not in form_of(client.get(url)).fields

    def test_an_account_without_phone_stands_beside_another(self, client):
        for name in ("li.lei", "han.mei"):
            assert errors_of(add(client, User, username=name, display_name=name)) == ""

    def test_a_disabled_account_is_out_at_once(self, client):
        user = make_officer(Role.ORGANISATION_DEPARTMENT)
        theirs = signed_in(user)
        assert theirs.get("/admin/").status_code == 200

        assert errors_of(change(client, user, is_active=None)) == ""

        assert theirs.get("/admin/").status_code == 302

    def test_nobody_disables_himself(self, client, security):
        response = change(client, security, is_active=None)

        assert errors_of(response)
        security.refresh_from_db()
        assert security.is_active

    def test_an_id_number_is_refused_in_any_field(self, client):
        response = add(client, User, username="li.lei", display_name="11010519491231002X")

        assert errors_of(response)
        assert not User.objects.filter(username="li.lei").exists()

    def test_accounts_are_never_deleted(self, client):
        user = factories.make_user()

        assert client.post(page_url(User, "delete", user.pk), {"post": "yes"}).status_code == 403
        assert User.objects.filter(pk=user.pk).exists()

    def test_lists_show_phones_masked(self, client):
        factories.make_user(phone="13812345678")

        page = client.get(page_url(User, "changelist")).content.decode()

        assert "138****5678" in page
        assert "13812345678" not in page
