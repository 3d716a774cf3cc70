"""The rules of booking by their days, and the form by which the academic officer sets one."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone, translation

from accounts.enums import Role
from accounts.models import AuditEntry
from config.lib.periods import period, today
from dispatch.actions.rules import set_booking_rule
from dispatch.errors import BookingError
from dispatch.models import BookingRule
from dispatch.rule_forms import FIGURES
from tests import factories
from tests.refusals import refused
from tests.schools.views.test_schools import browser, send

pytestmark = pytest.mark.django_db
URL = "dispatch:booking_rules"


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture
def officer():
    user = factories.make_user()
    factories.grant(user, Role.DISTRICT_SCHOOL)
    return factories.acting(user)


def values(**changed) -> dict:
    """The figures of the rule that comes with the product, some of them changed."""
    rule = BookingRule.objects.order_by("period").first()
    return {name: getattr(rule, name) for name in (*FIGURES, "source")} | changed


def set_rule(officer, on=None, **changed):
    return set_booking_rule(
        values=values(**changed), on=on or today(), by=officer, at=timezone.now()
    )


class TestTheAct:
    def test_the_rule_holds_from_its_day_and_earlier_days_keep_theirs(self, officer):
        on = today() + timedelta(days=30)

        set_rule(officer, on, lead_days=10)

        before, after = BookingRule.objects.order_by("period")
        assert before.period.upper == on
        assert (after.lead_days, after.period) == (10, period(on))
        assert set(AuditEntry.objects.values_list("act", flat=True)) >= {
            "add_record", "change_record"
        }  # fmt: skip

    def test_a_rule_that_is_coming_is_replaced(self, officer):
        set_rule(officer, today() + timedelta(days=60), lead_days=10)
        set_rule(officer, today() + timedelta(days=30), lead_days=20)

        assert BookingRule.objects.latest("period").lead_days == 20
        assert BookingRule.objects.count() == 2

    def test_the_same_figures_change_nothing(self, officer):
        set_rule(officer)

        assert BookingRule.objects.count() == 1

    def test_days_that_are_over_keep_their_rule(self, officer):
        with refused(BookingError, "days that are over") as caught:
            set_rule(officer, date(2020, 1, 1), lead_days=10)

        assert caught.value.field == "on"

    def test_it_is_the_academic_officers(self):
        clerk = factories.make_clerk(factories.make_school())

        with refused(PermissionDenied):
            set_rule(factories.acting(clerk), lead_days=10)


class TestThePage:
    def test_lists_every_rule_with_all_its_figures(self, officer):
        set_rule(officer, today() + timedelta(days=30), lead_days=17)

        page = browser(Role.DISTRICT_SCHOOL).get(reverse(URL))

        coming, now = page.context["lines"]
        assert (coming.state[0], now.state[0]) == ("due", "ok")
        assert ("days from submission to the first wished day", "17") in coming.figures
        assert len(now.figures) == len(FIGURES)
        assert "coming" in page.content.decode()

    def test_sets_a_rule_and_says_so(self):
        client = browser(Role.DISTRICT_SCHOOL)

        reply = send(client, reverse(URL), lead_days="9")

        assert reply.status_code == 302
        assert BookingRule.objects.get(period__contains=today()).lead_days == 9
        assert "The rule of booking holds from" in client.get(reply.url).content.decode()

    @pytest.mark.parametrize(("name", "value"), [("answer_days", "0"), ("month_hours", "1.1")])
    def test_figures_that_no_rule_may_have_are_refused(self, name, value):
        reply = send(browser(Role.DISTRICT_SCHOOL), reverse(URL), **{name: value})

        assert reply.status_code == 422
        assert BookingRule.objects.count() == 1

    def test_it_is_the_academic_officers(self):
        school = factories.make_school()
        for role in (Role.SCHOOL_CLERK, Role.SCHOOL_LEADER):
            assert browser(role, school).get(reverse(URL)).status_code == 403
