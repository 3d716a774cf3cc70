"""Most years are read by the short statement; whatever it does not know is read by the whole one.

That both say the same is asserted for every year that the tests of requirements and clocks look at
(`test_requirements.year_of`).
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.lib.periods import at_local, period
from hours.enums import RequirementGroup
from hours.models import RequirementRule
from rolls.models import Attendance
from studies.enums import StudyState
from studies.models import Study, StudyParticipant
from tests import factories
from tests.evidence import TODAY, hold
from tests.factories import START
from tests.hours.queries.test_requirements import hold_post, year_of
from trainees.enums import PostKind
from trainees.models import Member
from years.queries.hours import get_own_year

pytestmark = pytest.mark.django_db

MARCH, MAY = date(2026, 3, 10), date(2026, 5, 20)
SHORT, WHOLE = 2, 3  # statements, that of the lines among them


class OneMember:
    """Long since a full member, with an account, of a branch with a class."""

    def __init__(self) -> None:
        self.school = factories.make_school()
        self.branch = factories.make_organisation(self.school)
        self.user = factories.make_user()
        self.member = factories.make_member(self.branch, user=self.user)

    def statements(self, on: date = TODAY) -> int:
        """How many the own year takes; the second time, when all of them are planned."""
        get_own_year(self.user, on.year, on)
        with CaptureQueriesContext(connection) as caught:
            get_own_year(self.user, on.year, on)
        return len(caught)

    def change(self, **facts) -> None:
        Member.objects.filter(pk=self.member.pk).update(**facts)

    def move(self) -> None:
        self.member.memberships.update(period=period(START, MARCH))
        self.member.memberships.create(
            organisation=factories.make_organisation(self.school), period=period(MARCH)
        )

    def hand_in(self, state: StudyState, member: Member, kind: str = "themed_day") -> None:
        study = Study.objects.create(
            organisation=self.branch,
            kind=kind,
            topic="主题党日",
            held_on=MAY,
            minutes=120,
            state=state,
            round=1,
            source=factories.make_source("study") if state == StudyState.APPROVED else None,
            recorded_at=at_local(MAY, 20),
            recorded_by=self.user,
        )
        StudyParticipant.objects.create(study=study, member=member, organisation=self.branch)

    def dispute(self) -> None:
        held = hold(factories.make_class(self.school), {self.member: "absent"}, on=MAY)
        factories.make_dispute(Attendance.objects.get(session=held))

    def merge_other(self) -> Member:
        """A row of the same person, given up this year."""
        other = factories.make_member(self.branch)
        Member.objects.filter(pk=other.pk).update(merged_into=self.member, merged_year=2026)
        return other


@pytest.fixture
def world() -> OneMember:
    return OneMember()


def ordinary(_world: OneMember) -> None:
    """Nothing but a membership."""


def in_a_class(world: OneMember) -> None:
    hold(factories.make_class(world.school), {world.member: "present"}, on=MAY)


def a_leading_post(world: OneMember) -> None:
    hold_post(world.member, PostKind.SECRETARY)
    in_a_class(world)


def exempt_all_year(world: OneMember) -> None:
    factories.exempt(world.member)


def approved_study(world: OneMember) -> None:
    world.hand_in(StudyState.APPROVED, world.member)


@pytest.mark.parametrize(
    "given", [ordinary, in_a_class, a_leading_post, exempt_all_year, approved_study]
)
def test_a_year_without_anything_special_is_read_by_the_short_statement(world, given):
    given(world)

    assert world.statements() == SHORT
    year_of(world.member)


def moved(world: OneMember) -> None:
    world.move()


def exempt_since_march(world: OneMember) -> None:
    exemption = factories.exempt(world.member)
    exemption.period = period(MARCH)
    exemption.save()


def a_post_since_march(world: OneMember) -> None:
    hold_post(world.member, PostKind.COMMITTEE_MEMBER, since=MARCH)


def secretary_since_last_autumn(world: OneMember) -> None:
    hold_post(world.member, PostKind.SECRETARY, since=date(2025, 9, 1))


def on_probation(world: OneMember) -> None:
    world.change(joined_on=date(2025, 6, 1))


def a_full_member_since_march(world: OneMember) -> None:
    world.change(joined_on=date(2025, 3, 10), full_member_on=MARCH)


def a_roll_that_is_not_submitted(world: OneMember) -> None:
    hold(factories.make_class(world.school), {world.member: "present"}, on=MAY, submitted=False)


def study_under_review(world: OneMember) -> None:
    world.hand_in(StudyState.SUBMITTED, world.member)


def an_open_declaration(world: OneMember) -> None:
    world.hand_in(StudyState.DRAFT, world.member, kind="online_study")


def study_of_a_merged_row(world: OneMember) -> None:
    world.hand_in(StudyState.SUBMITTED, world.merge_other())


def a_dispute(world: OneMember) -> None:
    world.dispute()


def two_trainings_owed(world: OneMember) -> None:
    RequirementRule.objects.filter(group=RequirementGroup.EVERY_MEMBER).update(
        concentrated_trainings=2
    )


def a_rule_since_july(world: OneMember) -> None:
    rule = RequirementRule.objects.get(group=RequirementGroup.EVERY_MEMBER)
    rule.period = period(rule.period.lower, date(2026, 7, 1))
    rule.save()
    RequirementRule.objects.create(
        group=rule.group, version=9, hours=48, source="修订", period=period(date(2026, 7, 1))
    )


def a_training_of_some_length_owed(world: OneMember) -> None:
    RequirementRule.objects.filter(group=RequirementGroup.EVERY_MEMBER).update(
        concentrated_trainings=1, training_hours=Decimal(4)
    )


@pytest.mark.parametrize(
    "given",
    [
        moved,
        exempt_since_march,
        a_post_since_march,
        secretary_since_last_autumn,
        on_probation,
        a_full_member_since_march,
        a_roll_that_is_not_submitted,
        study_under_review,
        an_open_declaration,
        study_of_a_merged_row,
        a_dispute,
        a_rule_since_july,
    ],
)
def test_a_year_with_something_special_is_read_by_the_whole_one(world, given):
    given(world)

    assert world.statements() == WHOLE
    year_of(world.member)


@pytest.mark.parametrize("given", [two_trainings_owed, a_training_of_some_length_owed])
def test_trainings_of_any_number_and_length_are_read_by_the_short_one(world, given):
    given(world)

    assert world.statements() == SHORT
    year_of(world.member)


def test_a_clock_that_ran_out_before_the_year_is_nothing_special(world):
    longest = max(
        RequirementRule.objects.exclude(within_months=None).values_list("within_months", flat=True)
    )
    began = date(2025 - longest // 12, 12, 31) - timedelta(days=longest % 12 * 31)
    world.change(joined_on=began, full_member_on=began)
    hold_post(world.member, PostKind.SECRETARY, since=began)

    assert world.statements() == SHORT
    year_of(world.member)
