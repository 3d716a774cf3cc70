"""What a study is worth, who may have been there, and whose hours stand for it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from config.lib.periods import period
from hours.models import Assessment, CreditRule
from hours.queries.ledger_check import list_findings
from studies.enums import StudyKind
from studies.models import Study
from studies.queries.studies import (
    find_guest,
    find_worth,
    format_members,
    list_candidates,
    list_participants,
    list_served,
    list_worths,
)
from tests import factories
from tests.evidence import study
from tests.factories import DAY, StudyWorld

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> StudyWorld:
    return StudyWorld()


@pytest.mark.parametrize(
    ("kind", "minutes", "hours"),
    [
        ("themed_day", 60, "1"),
        ("themed_day", 59, "0.75"),
        ("themed_day", 14, "0"),
        ("online_study", 15, "0.25"),
        ("online_study", 16, "0.5"),
        ("online_study", 30, "1"),
        ("online_study", 29, "0.5"),
        ("online_study", 90, "1"),
        ("online_study", 480, "1"),
    ],
)
def test_minutes_are_worth_what_the_rule_says_and_steps_come_first(kind, minutes, hours):
    assert find_worth(StudyKind(kind), minutes, DAY) == Decimal(hours)


@pytest.mark.parametrize(
    ("minutes", "hours"), [(14, "0"), (45, "0.75"), (60, "0.5"), (120, "0.5"), (240, "2"), (480, 2)]
)
def test_a_piece_is_worth_its_step_before_it_its_minutes_and_no_more_than_the_ceiling(
    world, minutes, hours
):
    rule = CreditRule.objects.get(category="collective")
    rule.steps.create(from_minutes=60, hours=Decimal("0.5"))
    rule.steps.create(from_minutes=200, hours=6)
    rule.piece_cap = 2
    rule.save()

    assert find_worth(StudyKind.THEMED_DAY, minutes, DAY) == Decimal(hours)
    member = factories.make_member(world.organisation)
    if Decimal(hours):
        study(world.organisation, member, on=DAY, school=world.school, minutes=minutes)
        assert Assessment.objects.get(member=member).gross_hours == Decimal(hours)
        assert not list_findings()


def test_several_lengths_cost_two_statements(django_assert_num_queries):
    with django_assert_num_queries(2):
        worths = list_worths(StudyKind.THEMED_DAY, [60, 90], DAY)
    assert worths == {60: 1, 90: Decimal("1.5")}


def test_without_a_rule_nothing_is_known():
    CreditRule.objects.filter(category="collective").delete()
    assert find_worth(StudyKind.THEMED_DAY, 60, DAY) is None
    assert list_worths(StudyKind.THEMED_DAY, [60], DAY) == {}


def test_candidates_are_the_members_of_that_day_and_then_the_guests(world):
    guest = factories.make_member(factories.make_organisation(world.school, "第二党支部"), "阿一")
    factories.exempt(world.members[0])
    gone = factories.make_member(world.organisation)
    gone.memberships.update(period=period(DAY.replace(year=2019), DAY))
    stranger = factories.make_member(guest.memberships.get().organisation)
    ticked = [gone.pk, stranger.pk]
    people = list_candidates(world.organisation, DAY, [guest.pk], ticked)

    # Three, the secretary, the guest; and the person who was ticked, and here on another day.
    assert len(people) == 6
    assert [person.is_guest for person in people] == [False] * 4 + [True, False]
    assert [person.member_id for person in people if person.is_absent] == [gone.pk]
    assert [person.member_id for person in people if person.is_exempt] == [world.members[0].pk]


def test_a_guest_belongs_somewhere_on_that_day(world):
    guest = world.members[0]
    assert find_guest(guest.number, guest.name, DAY) == guest
    assert find_guest(guest.number, f"{guest.name}一", DAY) is None
    guest.memberships.update(period=period(DAY.replace(year=2019), DAY))
    assert find_guest(guest.number, guest.name, DAY) is None


def test_each_records_for_those_served(world):
    below = factories.make_below(world.organisation)
    assert list(list_served(world.secretary, DAY)) == [world.organisation]
    assert set(list_served(world.commissioner, DAY)) == {world.organisation, below}
    assert list(list_served(world.clerk, DAY, below.code)) == [below]


def test_hours_stand_with_the_row_of_a_person_that_was_kept(world):
    """Both rows of one person were named; the hours are told once."""
    kept, given_up, _other = world.members
    given_up.merged_into, given_up.merged_year = kept, DAY.year
    given_up.save()
    study = world.record()
    world.approve(study)
    participants = {
        participant.member_id: participant for participant in list_participants(Study.objects.get())
    }

    assert (participants[kept.pk].hours, participants[kept.pk].is_repeated) == (2, False)
    assert (participants[given_up.pk].hours, participants[given_up.pk].is_repeated) == (None, True)

    alone = world.record(kind=StudyKind.PARTY_LESSON, members=[given_up])
    world.approve(alone)
    [participant] = list_participants(alone)
    assert (participant.holder_id, participant.hours, participant.is_repeated) == (
        kept.pk,
        2,
        False,
    )


def test_of_two_rows_that_were_given_up_for_one_the_first_tells_the_hours(world):
    kept, *given_up = world.members
    for member in given_up:
        member.merged_into, member.merged_year = kept, DAY.year
        member.save()
    study = world.record(members=given_up)
    world.approve(study)

    hours = [
        (participant.hours, participant.is_repeated) for participant in list_participants(study)
    ]
    assert hours == [(2, False), (None, True)]


def test_the_trail_keeps_numbers_of_members(world):
    first, second, _third = world.members
    assert first.number in format_members([first.pk, second.pk])
    assert format_members(["88000001"]) == "88000001"
