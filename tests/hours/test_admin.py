"""Rules and the ledger in the administration; the ledger is there to read."""

from __future__ import annotations

from datetime import date

import pytest

from accounts.enums import Role
from config.lib.periods import today
from hours.models import CreditEntry, CreditRule, RequirementRule
from rolls.actions.attendance import submit_roll
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
from tests.factories import NOON


@pytest.fixture
def client(db):
    browser = signed_in(make_officer(Role.ORGANISATION_DEPARTMENT))
    browser.cookies["language"] = "en"
    return browser


@pytest.fixture
def academic(db):
    return signed_in(make_officer(Role.DISTRICT_SCHOOL))


class TestRules:
    def test_a_stored_rule_keeps_its_hours(self, client):
        rule = RequirementRule.objects.get(group="every_member")

        assert errors_of(change(client, rule, hours="40", to_be_verified="on")) == ""

        rule.refresh_from_db()
        assert rule.hours == 32

    def test_a_version_on_which_past_years_rest_keeps_its_days(self, client):
        rule = RequirementRule.objects.get(group="every_member")
        settled = (f"{today().year - 1}-06-30", f"{today().year}-12-31")

        for last in settled:
            refused = change(client, rule, period=("2019-01-01", last))
            assert "period" in form_of(refused).errors

        rule.refresh_from_db()
        assert rule.period.upper is None

    def test_a_new_version_follows_the_open_one_and_is_numbered(self, client):
        rule = RequirementRule.objects.get(group="every_member")
        typed = {
            "group": "every_member",
            "hours": "40",
            "concentrated_trainings": 0,
            "source": "新规",
            "period": ("2027-01-01", ""),
        }

        assert errors_of(add(client, RequirementRule, **typed)) == ""

        assert RequirementRule.objects.get(group="every_member", hours=40).version == 2
        rule.refresh_from_db()
        assert rule.period.upper == date(2027, 1, 1)

    def test_the_mark_to_be_verified_can_be_taken_off(self, client):
        rule = RequirementRule.objects.get(group="leading_post", to_be_verified=True)

        assert errors_of(change(client, rule, to_be_verified=None)) == ""

        rule.refresh_from_db()
        assert not rule.to_be_verified

    @pytest.mark.parametrize("model", [RequirementRule, CreditRule])
    def test_rules_are_never_deleted(self, client, model):
        url = page_url(model, "delete", model.objects.first().pk)

        assert client.post(url, {"post": "yes"}).status_code == 403


class TestLedger:
    @pytest.fixture
    def world(self, db):
        world = factories.ClassWorld()
        submit_roll(
            session_id=world.session.pk,
            marks=world.marks("present"),
            seen={},
            by=world.by,
            at=NOON,
        )
        return world

    def test_an_entry_neither_changes_nor_goes_by_any_post(self, client, world):
        row = CreditEntry.objects.first()
        gone = page_url(CreditEntry, "delete", row.pk)

        assert client.get(change_url(row)).status_code == 200
        assert client.post(change_url(row), {}).status_code == 403
        assert client.post(gone, {"post": "yes"}).status_code == 403
        assert client.get(page_url(CreditEntry, "add")).status_code == 403
        assert CreditEntry.objects.filter(pk=row.pk).exists()

    def test_the_ledger_is_searched_by_member(self, academic, world):
        member = world.members[1]

        page = academic.get(page_url(CreditEntry, "changelist"), {"q": member.number})

        assert [entry.member for entry in page.context["cl"].result_list] == [member]

    def test_the_ledger_narrows_to_a_year(self, academic, world):
        url = page_url(CreditEntry, "changelist")

        assert academic.get(url, {"credit_year": "2026"}).context["cl"].result_count == 3
        assert academic.get(url, {"credit_year": "2025"}).context["cl"].result_count == 0
