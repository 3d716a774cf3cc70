"""Accounts by the security administrator, privacy notices by the system administrator."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.enums import Role
from accounts.models import AuditEntry, PrivacyNotice, User
from accounts.records import RecordError, save_notice
from config.lib.periods import today
from tests import factories
from tests.admin_pages import (
    add,
    change,
    change_url,
    errors_of,
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
