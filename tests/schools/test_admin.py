"""Roles are granted by another, never to oneself; the network is edited, not overwritten."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.enums import DERIVED_ROLES, CodeEnd, Role
from accounts.models import ActivationCode, AuditEntry, SlipBatch
from accounts.records import RecordError
from config.lib.periods import last_day, period, today
from schools.models import District, Organisation, RoleGrant, School
from schools.records import save_role_grant
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

DAY = "2026-01-01"


@pytest.fixture
def security(db):
    return make_officer(Role.SECURITY_ADMINISTRATOR)


@pytest.fixture
def client(security):
    return signed_in(security)


@pytest.fixture
def office(db):
    return signed_in(make_officer(Role.ORGANISATION_DEPARTMENT))


def grant_in_admin(client, user, role, school="", days=(DAY, "")):
    return add(client, RoleGrant, user=user.username, role=role, school=school, period=days)


class TestRoleGrants:
    def test_a_role_is_granted_with_its_entry(self, client):
        user, school = factories.make_user(), factories.make_school()

        response = grant_in_admin(client, user, Role.SCHOOL_CLERK, school.pk)

        assert errors_of(response) == ""
        grant = RoleGrant.objects.get(user=user)
        assert grant.period == period(date(2026, 1, 1))
        entry = AuditEntry.objects.get(act="add_record")
        assert (entry.object_type, entry.school_code) == ("schools.rolegrant", school.code)

    def test_offers_no_window_onto_lists_that_would_refuse_the_person(self, client):
        page = client.get(reverse("admin:schools_rolegrant_add")).text

        assert reverse("admin:accounts_user_changelist") in page
        assert reverse("admin:schools_organisation_changelist") not in page

    def test_says_that_a_slip_printed_before_no_longer_works(self, client):
        user = factories.make_user(display_name="刘娜")
        role = Role.DISTRICT_SCHOOL
        client.cookies["language"] = "en"
        says = "The slip that was issued to 刘娜 before no longer works"

        grant_in_admin(client, user, role, days=(DAY, "2026-03-01"))
        assert says not in client.get(change_url(user)).text
        ActivationCode.objects.create(
            user=user,
            batch=SlipBatch.objects.create(key=uuid4(), issued_at=timezone.now(), issued_by=user),
            code_fingerprint="0",
            code_encrypted="x",
            expires_at=timezone.now() + timedelta(days=1),
        )
        grant_in_admin(client, user, role, days=("2026-03-02", ""))

        assert says in client.get(change_url(user)).text
        assert ActivationCode.objects.get().ended_by == CodeEnd.NEW_ROLE

    def test_nobody_grants_a_role_to_himself(self, client, security):
        response = grant_in_admin(client, security, Role.ORGANISATION_DEPARTMENT)

        assert form_of(response).errors["user"]
        assert RoleGrant.objects.filter(user=security).count() == 1

    def test_nor_lengthens_his_own(self, client, security):
        grant = security.role_grants.get()

        response = change(client, grant, period=("2018-01-01", ""))

        assert errors_of(response)
        grant.refresh_from_db()
        assert grant.period.lower == factories.START

    def test_nor_past_the_form(self, security):
        grant = RoleGrant(user=security, role=Role.DISTRICT_SCHOOL, period=period(date(2026, 1, 1)))

        with refused(RecordError):
            save_role_grant(obj=grant, by=factories.acting(security), fields=[])

    def test_three_administrators_are_three_people(self, client):
        user = make_officer(Role.AUDIT_ADMINISTRATOR)

        response = grant_in_admin(client, user, Role.SYSTEM_ADMINISTRATOR)

        assert form_of(response).errors["role"]
        assert RoleGrant.objects.filter(user=user).count() == 1

    def test_and_so_are_the_four_of_money(self, client):
        user = make_officer(Role.CUSTODIAN)
        school = School.objects.get()

        response = add(
            client,
            RoleGrant,
            user=user.username,
            role=Role.PAYER,
            school=school.pk,
            channel="dues",
            period=(DAY, ""),
        )

        assert form_of(response).errors["role"]

    def test_one_custodian_may_keep_both_channels_and_the_district(self, client):
        user = make_officer(Role.CUSTODIAN)
        for scope in ({"school": School.objects.get().pk, "channel": "dues"}, {}):
            response = add(
                client,
                RoleGrant,
                user=user.username,
                role=Role.CUSTODIAN,
                period=(DAY, ""),
                **scope,
            )
            assert errors_of(response) == ""

    def test_a_commissioner_is_one_of_an_organisation(self, client):
        user = factories.make_user()
        organisation = factories.make_organisation(factories.make_school())
        assert errors_of(grant_in_admin(client, user, Role.ORGANISATION_COMMISSIONER))

        response = add(
            client,
            RoleGrant,
            user=user.username,
            role=Role.ORGANISATION_COMMISSIONER,
            organisation=organisation.code,
            period=(DAY, ""),
        )

        assert errors_of(response) == ""
        assert user.role_grants.get().organisation == organisation

    def test_but_one_may_follow_the_other(self, client):
        user = make_officer(Role.AUDIT_ADMINISTRATOR)
        user.role_grants.update(period=period(date(2019, 1, 1), date(2026, 1, 1)))

        assert errors_of(grant_in_admin(client, user, Role.SYSTEM_ADMINISTRATOR)) == ""

    def test_a_school_role_needs_its_school(self, client):
        assert errors_of(grant_in_admin(client, factories.make_user(), Role.SCHOOL_CLERK))

    @pytest.mark.parametrize(
        ("role", "scope", "fields"),
        [
            (Role.SCHOOL_CLERK, {}, {"school"}),
            (Role.SCHOOL_LEADER, {"channel": "dues"}, {"school", "channel"}),
            (Role.ORGANISATION_COMMISSIONER, {}, {"organisation"}),
            (Role.ORGANISATION_COMMISSIONER, {"organisation": "nothing"}, {"organisation"}),
            (Role.ORGANISATION_COMMISSIONER, {"school": "own"}, {"organisation", "school"}),
            (Role.PAYER, {"school": "own"}, {"channel"}),
            (Role.PAYER, {"channel": "dues"}, {"school"}),
            (Role.DISTRICT_SCHOOL, {"school": "own", "organisation": "own"}, None),
            (Role.SYSTEM_ADMINISTRATOR, {"channel": "dues"}, {"channel"}),
        ],
    )
    def test_what_a_role_lacks_or_has_too_much_is_said_at_its_field(
        self, client, role, scope, fields
    ):
        school = factories.make_school()
        scope_of_school = {
            "school": school.pk,
            "organisation": factories.make_organisation(school).code,
        }
        typed = {
            name: scope_of_school[name] if value == "own" else value
            for name, value in scope.items()
        }
        user = factories.make_user()

        form = form_of(
            add(client, RoleGrant, user=user.username, role=role, period=(DAY, ""), **typed)
        )

        assert set(form.errors) == (fields or set(scope))
        assert all(len(messages) == 1 for messages in form.errors.values())

    def test_begins_today_unless_another_day_is_typed(self, client):
        user = factories.make_user()

        add(client, RoleGrant, user=user.username, role=Role.DISTRICT_SCHOOL)

        assert user.role_grants.get().period == period(today())

    def test_the_same_role_twice_at_a_time_is_refused(self, client):
        user = make_officer(Role.DISTRICT_SCHOOL)

        assert errors_of(grant_in_admin(client, user, Role.DISTRICT_SCHOOL))

    def test_to_be_a_member_is_not_on_offer(self, client):
        form = form_of(client.get(page_url(RoleGrant, "add")))

        assert not set(DERIVED_ROLES) & set(dict(form.fields["role"].choices))

    def test_an_unknown_name_is_said_to_be(self, client):
        response = add(
            client, RoleGrant, user="nobody", role=Role.DISTRICT_SCHOOL, period=(DAY, "")
        )

        assert "nobody" in errors_of(response)

    def test_a_role_ends_by_its_last_day(self, client):
        grant = make_officer(Role.DISTRICT_SCHOOL).role_grants.get()
        yesterday = today() - timedelta(days=1)

        assert errors_of(change(client, grant, period=("2019-01-01", yesterday.isoformat()))) == ""

        grant.refresh_from_db()
        assert last_day(grant.period) == yesterday
        assert set(form_of(client.get(change_url(grant))).fields) == {"period", "seen"}

    def test_history_is_not_deleted_but_a_slip_is(self, client):
        old = make_officer(Role.DISTRICT_SCHOOL).role_grants.get()
        new = factories.grant(factories.make_user(), Role.DISTRICT_SCHOOL, period=period(today()))

        for grant, status in ((old, 403), (new, 302)):
            url = page_url(RoleGrant, "delete", grant.pk)
            assert client.post(url, {"post": "yes"}).status_code == status

        assert list(RoleGrant.objects.filter(pk__in=[old.pk, new.pk])) == [old]

    def test_ones_own_grant_is_not_deleted(self, client, security):
        grant = security.role_grants.get()
        RoleGrant.objects.filter(pk=grant.pk).update(period=period(today()))

        response = client.post(page_url(RoleGrant, "delete", grant.pk), {"post": "yes"})

        assert response.status_code == 403


class TestNetwork:
    def test_an_organisation_is_looked_up_here_and_edited_on_its_own_pages(self, office):
        branch = factories.make_organisation(factories.make_school())

        assert office.post(change_url(branch), {"name": "x"}).status_code == 403
        assert office.get(page_url(Organisation, "add")).status_code == 403

    def test_the_lookup_window_hands_over_the_code(self, office):
        factories.make_organisation(factories.make_school())
        url = page_url(type(factories.make_organisation(School.objects.get())), "changelist")

        page = office.get(url, {"_popup": "1", "_to_field": "code"})

        assert page.status_code == 200
        assert 'data-popup-opener="120111"' in page.content.decode()
        assert office.get(url, {"_popup": "1", "_to_field": "name"}).status_code == 400

    def test_the_district_is_one(self, db):
        system = signed_in(make_officer(Role.SYSTEM_ADMINISTRATOR))
        district = District.objects.create(code="120111", name="西青区")

        assert system.get(page_url(District, "add")).status_code == 403
        assert errors_of(change(system, district, name="西青")) == ""
