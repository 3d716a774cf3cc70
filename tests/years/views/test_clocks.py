"""Trainings owed within some months: their list, its file, and the task of those who can act."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse
from django.utils import translation

from accounts.enums import Role
from config.lib.periods import at_local, period
from hours.queries.clock_list import ClockLines
from hours.queries.clocks import list_clocks
from hours.queries.members import MemberLines
from tests import factories
from tests.browsers import browser_of
from tests.evidence import TODAY, hold
from trainees.enums import PostKind
from trainees.models import Member
from years.queries.tasks import list_clock_tasks

pytestmark = pytest.mark.django_db

SINCE = {"missed": date(2026, 2, 3), "open": date(2026, 9, 1), "met": date(2026, 3, 2)}
NOW = at_local(TODAY, 9)


class Secretaries:
    """One who missed the training, one whose time runs, one who was there; and a new member."""

    def __init__(self) -> None:
        self.school = factories.make_school()
        self.branch = factories.make_organisation(self.school)
        self.clerk = factories.make_clerk(self.school)
        self.office = factories.make_user()
        factories.grant(self.office, Role.ORGANISATION_DEPARTMENT)
        self.of: dict[str, Member] = {}
        for name, since in SINCE.items():
            self.of[name] = factories.make_member(self.branch)
            self.of[name].posts.create(
                organisation=self.branch, kind=PostKind.SECRETARY, period=period(since)
            )
        hold(factories.make_class(self.school), {self.of["met"]: "present"}, on=date(2026, 5, 6))
        self.new = factories.make_member(self.branch)
        Member.objects.filter(pk=self.new.pk).update(joined_on=date(2026, 1, 5))

    def lines(self, **chosen) -> ClockLines:
        return ClockLines(school_ids=[self.school.pk], year=TODAY.year, on=TODAY, **chosen)


@pytest.fixture
def world() -> Secretaries:
    return Secretaries()


class TestTheList:
    def test_says_of_each_what_the_card_says(self, world):
        lines = list(world.lines().iterator())

        assert [line.member_id for line in lines] == [
            world.of["missed"].pk,
            world.of["met"].pk,
            world.new.pk,
            world.of["open"].pk,
        ]
        for line in lines:
            (clock,) = list_clocks(line.member_id, TODAY)
            said = (clock.group, clock.began, clock.due, clock.met_on, clock.state)
            assert said == (line.group, line.began, line.due, line.met_on, line.state)

    @pytest.mark.parametrize(
        ("chosen", "names"),
        [
            ({"state": "short"}, ["missed"]),
            ({"state": "met"}, ["met"]),
            ({"group": "new_secretary", "state": "not_yet_due"}, ["open"]),
        ],
    )
    def test_is_narrowed(self, world, chosen, names):
        lines = world.lines(**chosen)

        assert [line.member_id for line in lines[0:9]] == [world.of[name].pk for name in names]
        assert len(lines) == len(names)

    def test_finds_a_member(self, world):
        number = world.of["met"].number

        assert [line.number for line in world.lines(text=number)[0:9]] == [number]

    def test_holds_no_other_school(self, world):
        other = factories.make_school("120111005", "津门湖街道")

        lines = ClockLines(school_ids=[other.pk], year=TODAY.year, on=TODAY)
        assert len(lines) == 0

    def test_leaves_out_who_left_the_denominators(self, world):
        world.of["missed"].memberships.update(membership_status="suspended")

        assert len(world.lines(state="short")) == 0

    def test_opens_for_staff(self, world):
        with translation.override("en"):
            page = browser_of(world.clerk, "en").get(
                reverse("years:clocks"), {"clock_state": "short", "year": TODAY.year}
            )

        assert page.status_code == 200
        assert world.of["missed"].number in page.text
        assert world.of["open"].number not in page.text

    def test_shows_what_was_missed_as_late_and_not_as_waiting(self, world):
        page = browser_of(world.clerk, "en").get(
            reverse("years:clocks"), {"clock_state": "short", "year": TODAY.year}
        )

        assert world.of["missed"].number in page.text
        assert page.text.count("state-warn") == 1
        assert "state-due" not in page.text


def test_the_file_of_members_counts_what_each_missed(world):
    lines = MemberLines(school_ids=[world.school.pk], year=TODAY.year, on=TODAY)

    missed = {line.member_id: line.missed for line in lines.iterator()}
    assert missed == {
        world.of["missed"].pk: 1,
        world.of["open"].pk: 0,
        world.of["met"].pk: 0,
        world.new.pk: 0,
    }


class TestTheTask:
    def test_is_for_clerks_and_the_department(self, world):
        with translation.override("en"):
            for user in (world.clerk, world.office):
                (task,) = list_clock_tasks(user, NOW)
                assert task.label.startswith("Make up for 1 training")
                assert task.url.endswith("?clock_state=short")

    def test_is_not_there_without_one_missed(self, world):
        world.of["missed"].posts.all().delete()

        assert list_clock_tasks(world.clerk, NOW) == []

    def test_is_not_for_others(self, world):
        assert list_clock_tasks(factories.make_user(), NOW) == []
        other = factories.make_school("120111005", "津门湖街道")
        assert list_clock_tasks(factories.make_clerk(other), NOW) == []
