"""What a migration makes of rules that a district has used, changed, or never touched."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from importlib import import_module

import pytest
from django.apps import apps

from config.lib.periods import in_force, period
from hours.models import Assessment, CreditRule, RequirementRule
from hours.queries.ledger_check import list_findings
from studies.enums import StudyKind
from studies.queries.studies import find_worth
from tests import factories
from tests.evidence import study
from tests.factories import DAY, START

pytestmark = pytest.mark.django_db

MIGRATION = import_module("hours.migrations.0005_online_study_rule")
HALF_A_DAY = import_module("hours.migrations.0006_training_is_half_a_day")
OLD_STEPS = {1: Decimal("0.25"), 16: Decimal("0.5"), 30: Decimal(1)}


def old_rule(minutes_per_hour: int = 60, **fields) -> CreditRule:
    """The rule of online study as it was before."""
    rule = CreditRule.objects.get(category="online")
    for name, value in {"minutes_per_hour": minutes_per_hour, "piece_cap": None, **fields}.items():
        setattr(rule, name, value)
    rule.save()
    return rule


def old_worth(minutes: int, minutes_per_hour: int = 60) -> Decimal:
    """What it said: the minutes, or the step that is reached if that is more."""
    reached = [hours for first, hours in OLD_STEPS.items() if first <= minutes]
    return max(Decimal(minutes * 4 // minutes_per_hour) / 4, *reached)


def worths(on: date) -> dict[int, Decimal | None]:
    return {n: find_worth(StudyKind.ONLINE_STUDY, n, on) for n in range(5, 481)}


class TestTheRuleOfOnlineStudy:
    def test_never_used_is_put_right_itself(self):
        old_rule()

        MIGRATION.put_right(apps, None)

        rule = CreditRule.objects.get(category="online")
        assert (rule.version, rule.period, rule.piece_cap) == (1, period(START), 1)
        assert find_worth(StudyKind.ONLINE_STUDY, 480, DAY) == 1

    def test_used_keeps_its_past_and_is_followed(self):
        school = factories.make_school()
        branch = factories.make_organisation(school)
        member = factories.make_member(branch)
        old_rule()
        study(branch, member, on=DAY, school=school, minutes=30, kind="online_study")
        Assessment.objects.get()
        before = list_findings()

        MIGRATION.put_right(apps, None)

        assert list_findings() == before == []
        assert worths(DAY) == {n: old_worth(n) for n in range(5, 481)}
        after = date(DAY.year, DAY.month, DAY.day + 1)
        assert find_worth(StudyKind.ONLINE_STUDY, 480, after) == 1
        follower = CreditRule.objects.get(in_force(after), category="online")
        assert (follower.version, follower.evidence_required) == (2, True)

        MIGRATION.go_back(apps, None)
        assert CreditRule.objects.get(category="online").period == period(START)

    @pytest.mark.parametrize("minutes_per_hour", [45, 50, 60])
    def test_changed_by_the_district_means_what_it_meant(self, minutes_per_hour):
        old_rule(minutes_per_hour, source="本区修订")

        MIGRATION.put_right(apps, None)

        expected = {n: old_worth(n, minutes_per_hour) for n in range(5, 481)}
        assert worths(DAY) == expected
        assert CreditRule.objects.filter(category="online").count() == 1

    def test_goes_back_and_forward(self):
        MIGRATION.go_back(apps, None)
        assert CreditRule.objects.get(category="online").minutes_per_hour == 60
        MIGRATION.put_right(apps, None)
        assert find_worth(StudyKind.ONLINE_STUDY, 480, DAY) == 1


class TestTheTrainingOfAYear:
    """A new site has it from the first day; what was judged by the former rule stays."""

    def rules(self) -> list[tuple]:
        rules = RequirementRule.objects.filter(group="leading_post").order_by("version")
        return list(rules.values_list("version", "period", "training_hours"))

    def test_is_half_a_day_on_a_new_site(self):
        assert self.rules()[1] == (2, period(date(2024, 1, 1)), 4)

        HALF_A_DAY.go_back(apps, None)
        assert self.rules()[1] == (2, period(date(2024, 1, 1)), None)
        HALF_A_DAY.ask_for_half_a_day(apps, None)
        assert self.rules()[1] == (2, period(date(2024, 1, 1)), 4)

    def test_is_a_version_of_its_own_where_hours_were_assessed(self):
        HALF_A_DAY.go_back(apps, None)
        school = factories.make_school()
        branch = factories.make_organisation(school)
        study(branch, factories.make_member(branch), on=DAY, school=school)

        HALF_A_DAY.ask_for_half_a_day(apps, None)

        assert self.rules()[1:] == [
            (2, period(date(2024, 1, 1), date(2026, 1, 1)), None),
            (3, period(date(2026, 1, 1)), 4),
        ]
        HALF_A_DAY.go_back(apps, None)
        assert self.rules()[1:] == [(2, period(date(2024, 1, 1)), None)]

    def test_stays_as_the_district_has_it(self):
        RequirementRule.objects.filter(group="leading_post", version=2).update(training_hours=2)

        HALF_A_DAY.ask_for_half_a_day(apps, None)

        assert self.rules()[1][2] == 2
