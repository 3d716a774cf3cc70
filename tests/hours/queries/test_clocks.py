"""What new secretaries and new members owe within some months, and what meets it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.utils import translation

from config.lib.periods import at_local, last_day, period
from hours.models import RequirementRule
from hours.queries.clocks import ClockState, list_clocks
from tests import factories
from tests.evidence import TODAY, hold, study
from tests.hours.queries.test_requirements import hold_post, year_of
from trainees.enums import PostKind
from trainees.models import Member

pytestmark = pytest.mark.django_db

MAY = date(2026, 5, 20)


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def school():
    return factories.make_school()


@pytest.fixture
def branch(school):
    return factories.make_organisation(school)


@pytest.fixture
def member(branch):
    """Long since a full member, without a post: no clock runs."""
    return factories.make_member(branch)


def joined(member: Member, on: date, full: date | None = None) -> None:
    member.joined_on, member.full_member_on = on, full
    member.save()


def clocks(member: Member, on: date = TODAY) -> list[tuple]:
    """What the card says, which the page of that year says too."""
    listed = list_clocks(member.pk, on)
    assert year_of(member, on.year, on).clocks == listed
    return [(clock.group, clock.due, clock.state) for clock in listed]


def attend(member: Member, school, on: date, status: str = "present"):
    return hold(factories.make_class(school), {member: status}, on=on)


class TestANewSecretary:
    @pytest.fixture
    def secretary(self, member):
        hold_post(member, PostKind.SECRETARY, since=date(2026, 3, 10))
        return member

    def test_has_six_months_for_a_training(self, secretary):
        due = date(2026, 9, 11)

        assert clocks(secretary, date(2026, 3, 9)) == []
        assert clocks(secretary, date(2026, 3, 10)) == [
            ("new_secretary", due, ClockState.NOT_YET_DUE)
        ]
        assert clocks(secretary, date(2026, 9, 10))[0][2] == ClockState.NOT_YET_DUE
        assert clocks(secretary, date(2026, 9, 11))[0][2] == ClockState.SHORT

    @pytest.mark.parametrize(
        ("began", "last"),
        [
            (date(2025, 8, 27), date(2026, 2, 27)),
            (date(2025, 8, 28), date(2026, 2, 28)),
            (date(2025, 8, 29), date(2026, 2, 28)),
            (date(2025, 8, 31), date(2026, 2, 28)),
            (date(2023, 8, 31), date(2024, 2, 29)),
            (date(2026, 2, 28), date(2026, 8, 28)),
        ],
    )
    def test_has_until_the_day_of_that_number_or_the_end_of_the_month(
        self, member, school, began, last
    ):
        """Civil Code, art. 201 and 202: the day on which it begins is not counted."""
        hold_post(member, PostKind.SECRETARY, since=began)
        (clock,) = list_clocks(member.pk, last)
        assert (last_day(period(clock.began, clock.due)), clock.state) == (last, "not_yet_due")

        attend(member, school, last)
        (clock,) = list_clocks(member.pk, last)
        assert clock.met_on == last

    @pytest.mark.parametrize("day", [date(2026, 3, 10), date(2026, 9, 10)])
    def test_meets_it_from_the_first_day_to_the_last(self, secretary, school, day):
        attend(secretary, school, day)

        (clock,) = list_clocks(secretary.pk, TODAY)
        assert (clock.state, clock.met_on, clock.title) == (ClockState.MET, day, "基层治理培训班")
        assert "基层治理培训班" in clock.sentence

    @pytest.mark.parametrize("day", [date(2026, 3, 9), date(2026, 9, 11)])
    def test_does_not_meet_it_before_or_after(self, secretary, school, day):
        attend(secretary, school, day)

        assert clocks(secretary)[0][2] == ClockState.SHORT

    def test_does_not_meet_it_by_being_enrolled_or_by_study_in_the_branch(
        self, secretary, school, branch
    ):
        attend(secretary, school, MAY, "absent")
        study(branch, secretary, on=MAY, school=school)

        assert clocks(secretary)[0][2] == ClockState.SHORT

    def test_loses_it_again_with_the_hours(self, secretary, school):
        session = attend(secretary, school, MAY)
        factories.correct_mark(
            session.attendances.get(),
            "absent",
            by=factories.acting(school.role_grants.get().user),
            at=at_local(MAY, 20),
        )

        assert clocks(secretary)[0][2] == ClockState.SHORT

    def test_of_another_organisation_right_after_is_no_new_one(self, secretary, school):
        post = secretary.posts.get()
        post.period = period(date(2026, 3, 10), MAY)
        post.save()
        elsewhere = factories.make_organisation(school, "第二党支部")
        secretary.posts.create(organisation=elsewhere, kind="secretary", period=period(MAY))

        assert [due for _, due, _ in clocks(secretary)] == [date(2026, 9, 11)]

    def test_who_gave_up_the_post_in_time_owes_nothing_any_more(self, secretary):
        secretary.posts.update(period=period(date(2026, 3, 10), date(2026, 8, 1)))

        assert clocks(secretary, date(2026, 7, 31))[0][2] == ClockState.NOT_YET_DUE
        assert clocks(secretary, date(2026, 8, 1)) == []

    def test_may_have_the_clock_run_over_new_year(self, member):
        hold_post(member, PostKind.SECRETARY, since=date(2025, 10, 10))

        assert clocks(member, date(2025, 12, 31))[0][2] == ClockState.NOT_YET_DUE
        assert clocks(member)[0][2] == ClockState.SHORT
        assert clocks(member, date(2027, 1, 1)) == []

    def test_owes_as_many_trainings_as_the_rule_asks_for(self, secretary, school):
        RequirementRule.objects.filter(group="new_secretary").update(concentrated_trainings=2)
        attend(secretary, school, MAY)
        assert clocks(secretary)[0][2] == ClockState.SHORT

        attend(secretary, school, date(2026, 6, 20))
        (clock,) = list_clocks(secretary.pk, TODAY)
        assert clock.met_on == date(2026, 6, 20)

    def test_does_not_meet_it_by_less_than_half_a_day(self, secretary, school):
        lecture = factories.make_class(school)
        hold(lecture, {secretary: "present"}, on=MAY, hours="0.25")
        assert clocks(secretary)[0][2] == ClockState.SHORT

        hold(lecture, {secretary: "present"}, on=date(2026, 5, 21), hours="3.75")
        assert clocks(secretary)[0][2] == ClockState.MET

    def test_meets_it_by_half_a_day_to_which_he_came_late(self, secretary, school):
        attend(secretary, school, MAY, "late")

        assert clocks(secretary)[0][2] == ClockState.MET

    def test_meets_it_by_any_training_where_the_rule_sets_no_length(self, secretary, school):
        RequirementRule.objects.filter(group="new_secretary").update(training_hours=None)
        hold(factories.make_class(school), {secretary: "present"}, on=MAY, hours="0.25")

        assert clocks(secretary)[0][2] == ClockState.MET

    @pytest.mark.parametrize("kind", [PostKind.DEPUTY_SECRETARY, PostKind.AFFAIRS_WORKER])
    def test_is_no_other_post(self, member, kind):
        hold_post(member, kind, since=date(2026, 3, 10))

        assert clocks(member) == []


class TestANewMember:
    def test_on_probation_has_a_year(self, member):
        joined(member, date(2025, 12, 1))

        assert clocks(member) == [("probationary", date(2026, 12, 2), ClockState.NOT_YET_DUE)]

    def test_on_probation_has_as_long_as_it_lasts(self, member):
        joined(member, date(2025, 7, 1), full=date(2026, 1, 10))

        assert clocks(member) == [
            ("probationary", date(2026, 1, 10), ClockState.SHORT),
            ("new_full_member", date(2027, 1, 11), ClockState.NOT_YET_DUE),
        ]

    @pytest.mark.parametrize(
        ("joined_on", "full", "words"),
        [
            (date(2026, 3, 2), None, "during probation, by Tue 2 Mar 2027 unless it is extended"),
            (date(2025, 3, 2), None, "by Mon 2 Mar 2026; the end of probation is not on record"),
            (date(2025, 3, 2), date(2026, 9, 1), "probation, which ended on Mon 31 Aug 2026"),
        ],
    )
    def test_is_told_of_a_probation_of_more_than_twelve_months(
        self, member, joined_on, full, words
    ):
        joined(member, joined_on, full)

        assert words in list_clocks(member.pk, TODAY)[0].sentence

    def test_meets_an_extended_probation_until_its_end(self, member, school):
        joined(member, date(2025, 3, 2), date(2026, 9, 1))
        attend(member, school, date(2026, 8, 31))

        assert [state for _, _, state in clocks(member)] == [
            ClockState.MET,
            ClockState.NOT_YET_DUE,
        ]

    def test_who_is_a_full_member_owes_another_one_within_a_year(self, member, school):
        joined(member, date(2025, 7, 1), full=date(2026, 7, 1))
        attend(member, school, MAY)
        assert [state for _, _, state in clocks(member)] == [
            ClockState.MET,
            ClockState.NOT_YET_DUE,
        ]

        attend(member, school, date(2026, 8, 20))
        assert [state for _, _, state in clocks(member)] == [ClockState.MET, ClockState.MET]

    def test_of_long_ago_owes_nothing(self, member):
        assert clocks(member) == []


class TestTheRuleBehindIt:
    def test_is_that_of_the_day_on_which_the_clock_began(self, member):
        hold_post(member, PostKind.SECRETARY, since=date(2023, 12, 1))

        (clock,) = list_clocks(member.pk, date(2024, 2, 1))
        assert (clock.version, clock.to_be_verified) == (1, False)
        assert "2019—2023" in clock.source

    def test_is_to_be_verified_once_the_plan_has_ended(self, member):
        hold_post(member, PostKind.SECRETARY, since=date(2024, 1, 1))

        (clock,) = list_clocks(member.pk, date(2024, 2, 1))
        assert (clock.version, clock.to_be_verified) == (2, True)

    def test_says_how_long_a_training_is_at_least(self, member):
        hold_post(member, PostKind.SECRETARY, since=date(2026, 3, 10))
        assert [clock.training_hours for clock in list_clocks(member.pk, TODAY)] == [4]

        RequirementRule.objects.filter(group="new_secretary").update(training_hours="2.25")
        assert [clock.training_hours for clock in list_clocks(member.pk, TODAY)] == [
            Decimal("2.25")
        ]
