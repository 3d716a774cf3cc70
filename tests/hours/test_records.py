"""Rules as the administration stores them: hours keep the version by which they were assessed."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from accounts.enums import Role
from accounts.models import AuditEntry
from accounts.records import RecordError
from config.lib.periods import first_day, period
from hours.models import CreditRule, CreditStep, RequirementRule
from hours.records import delete_step, save_rule, save_step
from rolls.actions.attendance import submit_roll
from tests import factories
from tests.admin_pages import make_officer
from tests.factories import DAY, NOON, START, ClassWorld
from tests.refusals import refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer():
    return factories.acting(make_officer(Role.ORGANISATION_DEPARTMENT))


@pytest.fixture
def rule():
    """The rule of concentrated training, by which hours of `DAY` were assessed."""
    world = ClassWorld()
    submit_roll(
        session_id=world.session.pk, marks=world.marks("present"), seen={}, by=world.by, at=NOON
    )
    return CreditRule.objects.get(category="concentrated")


@pytest.mark.parametrize("last", [DAY, date(2026, 1, 1)])
def test_a_version_does_not_end_before_a_day_that_was_assessed_by_it(rule, officer, last):
    rule.period = period(START, last)

    with refused(RecordError) as caught:
        save_rule(obj=rule, by=officer, at=NOON, kind="category", fields=["period"])

    assert caught.value.field == "period"


def test_a_version_ends_after_the_last_day_that_was_assessed_by_it(rule, officer):
    rule.period = period(START, DAY + timedelta(days=1))

    assert save_rule(obj=rule, by=officer, at=NOON, kind="category", fields=["period"])


def test_steps_of_a_version_are_fixed_once_hours_were_assessed_by_it(rule, officer):
    step = CreditStep(rule=rule, from_minutes=30, hours=1)
    with refused(RecordError):
        save_step(obj=step, by=officer, fields=[])

    free = CreditStep.objects.filter(rule__category="online").first()
    delete_step(obj=free, by=officer)
    assert not CreditStep.objects.filter(pk=free.pk).exists()


class TestWhatIsOwed:
    @staticmethod
    def every_member():
        return RequirementRule.objects.get(group="every_member")

    @staticmethod
    def new_version(days, group="every_member", **fields):
        return RequirementRule(
            group=group, source="新规", period=days, **({"hours": Decimal(40)} | fields)
        )

    @staticmethod
    def save(rule, officer, fields=()):
        return save_rule(obj=rule, by=officer, at=NOON, kind="group", fields=fields)

    @pytest.mark.parametrize("end", [date(2025, 7, 1), date(2024, 1, 1), date(2025, 12, 31)])
    def test_a_version_keeps_the_days_of_years_that_are_over(self, officer, end):
        for group in ("every_member", "leading_post"):
            rule = RequirementRule.objects.filter(group=group).last()
            rule.period = period(first_of(rule), end if end > first_of(rule) else date(2024, 2, 1))

            with refused(RecordError) as caught:
                self.save(rule, officer, ["period"])

            assert caught.value.field == "period"

    def test_a_version_that_ended_in_a_year_that_is_over_is_not_prolonged(self, officer):
        rule = RequirementRule.objects.get(group="leading_post", version=1)
        for end in (date(2024, 2, 1), None):
            rule.period = period(first_of(rule), end)
            with refused(RecordError):
                self.save(rule, officer, ["period"])

    def test_no_version_is_added_to_years_that_are_over(self, officer):
        for days in (period(date(2018, 1, 1), date(2019, 1, 1)), period(date(2025, 12, 31))):
            with refused(RecordError) as caught:
                self.save(self.new_version(days), officer)
            assert caught.value.field == "period"

    @pytest.mark.parametrize("first", [date(2026, 1, 1), date(2026, 7, 1), date(2027, 1, 1)])
    def test_a_new_version_ends_the_open_one_on_the_day_before(self, officer, first):
        self.save(self.new_version(period(first)), officer)

        versions = RequirementRule.objects.filter(group="every_member")
        assert [(rule.version, rule.period) for rule in versions] == [
            (1, period(date(2019, 1, 1), first)),
            (2, period(first)),
        ]
        acts = AuditEntry.objects.filter(act__in=("add_record", "change_record"))
        assert acts.filter(actor=officer.user).count() == 2

    def test_a_new_version_does_not_reach_over_one_that_begins_later(self, officer):
        self.save(self.new_version(period(date(2027, 1, 1))), officer)

        with refused(RecordError):
            self.save(self.new_version(period(date(2026, 7, 1))), officer)

    def test_what_every_member_owes_does_not_end(self, officer):
        rule = self.every_member()
        rule.period = period(first_of(rule), date(2026, 7, 1))

        with refused(RecordError) as caught:
            self.save(rule, officer, ["period"])

        assert caught.value.field == "period"
        assert self.every_member().period.upper is None

    def test_no_day_is_left_between_two_versions(self, officer):
        self.save(self.new_version(period(date(2027, 1, 1))), officer)
        former = RequirementRule.objects.get(group="every_member", version=1)
        former.period = period(first_of(former), date(2026, 12, 1))

        with refused(RecordError):
            self.save(former, officer, ["period"])
        with refused(RecordError):
            self.save(self.new_version(period(date(2028, 1, 1), date(2029, 1, 1))), officer)

    def test_the_rule_for_leading_posts_may_end(self, officer):
        rule = RequirementRule.objects.get(group="leading_post", version=2)
        rule.period = period(first_of(rule), date(2026, 7, 1))

        assert self.save(rule, officer, ["period"])


def test_a_new_credit_rule_ends_the_open_one_after_what_was_assessed_by_it(rule, officer):
    def add(first):
        save_rule(
            obj=CreditRule(
                category=rule.category,
                daily_cap=6,
                late_deduction=0,
                source="新规",
                period=period(first),
            ),
            by=officer,
            at=NOON,
            kind="category",
            fields=(),
        )

    with refused(RecordError):
        add(DAY)
    add(DAY + timedelta(days=1))

    versions = CreditRule.objects.filter(category=rule.category)
    assert [rule.period for rule in versions] == [
        period(START, DAY + timedelta(days=1)),
        period(DAY + timedelta(days=1)),
    ]


def first_of(rule):
    return first_day(rule.period)
