"""A member's year: every line with its why, corrected lines below the line that stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from decimal import Decimal

import pytest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from accounts.enums import Role
from accounts.models import AuditEntry
from accounts.roles import held_roles
from backstage.templatetags.render_cached import render_cached
from config.lib.periods import at_local, period
from hours.enums import CreditCategory
from hours.models import CreditEntry, RequirementRule
from hours.queries.ledger_check import list_findings
from rolls.actions.attendance import withdraw_roll
from rolls.models import Attendance
from studies.models import Study
from tests import factories
from tests.browsers import browser_of
from tests.evidence import TODAY, clerk_of, hold, study
from tests.factories import DAY, START, StudyWorld
from trainees.enums import MembershipStatus
from trainees.models import Member
from years.queries.hours import get_member_year, get_own_year

pytestmark = pytest.mark.django_db

MAY, JULY = date(2026, 5, 20), date(2026, 7, 1)


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


class OneMember:
    """A member with an account, at a school with a class."""

    def __init__(self) -> None:
        self.school = factories.make_school()
        self.clerk = clerk_of(self.school)
        self.clerk.display_name = "李建国"
        self.clerk.save()
        self.branch = factories.make_organisation(self.school)
        self.user = factories.make_user()
        self.member = factories.make_member(self.branch, user=self.user)
        self.training_class = factories.make_class(self.school)

    def attend(self, status: str = "present", on: date = MAY, **session):
        return hold(self.training_class, {self.member: status}, on=on, **session)

    def correct(self, status: str, reason: str = "点名册核对", hour: int = 18):
        factories.correct_mark(
            Attendance.objects.get(member=self.member),
            status,
            reason=reason,
            by=factories.acting(self.clerk),
            at=at_local(MAY, hour),
        )

    def year(self, year: int = 2026, on: date = TODAY):
        return get_own_year(self.user, year, on)

    @property
    def line(self):
        (line,) = self.year().lines
        return line


@pytest.fixture
def world():
    return OneMember()


class TestALine:
    def test_is_of_one_day_of_a_study_that_lasts_several(self, world):
        study(world.branch, world.member, on=MAY, school=world.school, days=2)

        second, first = world.year().lines
        assert (first.occurred_on, first.earlier) == (MAY, ())
        assert (second.occurred_on, second.earlier) == (MAY + timedelta(days=1), ())

    def test_says_where_the_study_was(self, world):
        world.attend()

        line = world.line
        assert (line.title, line.course, line.session_number) == ("基层治理培训班", "网格化治理", 1)
        assert (line.place, line.host) == ("党群服务中心", "杨柳青镇党校")
        assert (line.occurred_on, line.category) == (MAY, CreditCategory.CONCENTRATED)
        assert (line.recorded_by, line.status) == ("李建国", "present")
        assert line.passed_by is None

    def test_of_a_study_says_who_recorded_it_and_who_passed_it(self):
        world = StudyWorld()
        world.approve(world.record())
        member = world.member_with_account()

        (line,) = get_own_year(member.user, DAY.year, TODAY).lines

        assert (line.recorded_by, line.recorded_at) == (
            world.secretary.display_name,
            at_local(DAY, 21),
        )
        assert (line.passed_by, line.passed_at) == (world.clerk.display_name, at_local(DAY, 22))
        with translation.override("en"):
            text = render_cached("years/hours_line.html", line=line)
            by_nobody = render_cached("years/hours_line.html", line=replace(line, passed_by=None))
        assert f"Recorded by</dt><dd>{world.secretary.display_name}," in text
        assert f"Passed by</dt><dd>{world.clerk.display_name}," in text
        assert "Passed by" not in by_nobody

    def test_says_what_the_roll_said_when_it_was_assessed(self, world):
        world.attend("late")
        world.correct("present", hour=18)

        before = get_own_year(world.user, 2026, MAY, known_at=at_local(MAY, 17)).lines
        assert [line.status_label for line in before] == ["late"]
        assert world.line.status_label == "present"
        assert [line.status_label for line in world.line.earlier] == ["late"]

    def test_of_one_hour_speaks_of_one_hour(self, world):
        hold(world.training_class, {world.member: "present"}, on=MAY, hours="1")

        assert world.line.why == "The 1 credit hour counts (rule version 1)."

    def test_of_one_day_stand_in_the_order_of_their_time(self, world):
        evening = study(world.branch, world.member, on=MAY, school=world.school)
        Study.objects.filter(pk=evening.pk).update(starts_at=time(19))
        noon = study(world.branch, world.member, on=MAY, school=world.school, kind="branch_meeting")
        Study.objects.filter(pk=noon.pk).update(starts_at=time(12), topic="支部党员大会")
        world.attend(hour=15)

        titles = [line.title for line in world.year().lines]
        assert titles == ["主题党日", "基层治理培训班", "支部党员大会"]

    def test_without_a_place_names_the_host_alone(self, world):
        held = study(world.branch, world.member, on=MAY, school=world.school)
        Study.objects.filter(pk=held.pk).update(place="")

        shown = render_to_string("years/hours_line.html", {"line": world.line})
        assert f"<dd>{world.branch.name}</dd>" in shown

    def test_of_branch_study_says_so(self, world):
        study(world.branch, world.member, on=MAY, school=world.school, minutes=100)

        line = world.line
        assert (line.title, line.place, line.host) == ("主题党日", "党员活动室", world.branch.name)
        assert (line.study_kind_label, line.category_label) == (
            "themed Party day",
            "collective study",
        )
        assert (line.hours, line.status, line.course) == (Decimal("1.5"), None, None)

    @pytest.mark.parametrize(
        ("status", "hours", "short", "why"),
        [
            (
                "present",
                "4",
                "counted in full",
                "All 4 credit hours count (rule version 1).",
            ),
            (
                "late",
                "3.75",
                "came late",
                "Worth 4: 0.25 taken off for coming late. 3.75 count (rule version 1).",
            ),
            (
                "on_leave",
                "0",
                "on leave",
                "Worth 4: people on leave get none. 0 count (rule version 1).",
            ),
            (
                "absent",
                "0",
                "absent",
                "Worth 4: people who are absent get none. 0 count (rule version 1).",
            ),
        ],
    )
    def test_explains_what_a_mark_is_worth(self, world, status, hours, short, why):
        world.attend(status)

        line = world.line
        assert (line.hours, line.short_why, line.why) == (Decimal(hours), short, why)
        assert line.is_full is (status == "present")

    @pytest.mark.parametrize(
        ("status", "hours", "why"),
        [
            (
                "present",
                "2",
                "Worth 6: 4 taken off because no more than 8 count on one day. 2 count "
                "(rule version 1).",
            ),
            (
                "late",
                "2",
                "Worth 6: 0.25 taken off for coming late; 3.75 taken off because no more than 8 "
                "count on one day. 2 count (rule version 1).",
            ),
        ],
    )
    def test_explains_the_daily_cap(self, world, status, hours, why):
        world.attend(hours="6")
        world.attend(status, hours="6", hour=17)

        line = world.year().lines[0]
        beside = f"On that day also counts: {world.training_class.title} (6)."
        assert (line.hours, line.why) == (Decimal(hours), f"{why} {beside}")


class TestACorrection:
    def test_nests_below_the_line_that_stands(self, world):
        world.attend("absent")
        world.correct("late")

        line = world.line
        assert (line.version, line.status, line.hours) == (2, "late", Decimal("3.75"))
        (earlier,) = line.earlier
        assert (earlier.version, earlier.hours, earlier.own_reason) == (1, Decimal(0), "absent")
        assert (line.cause, line.reason, line.assessed_by) == ("corrected", "点名册核对", "李建国")
        assert line.assessed_at == at_local(MAY, 18)

    def test_of_a_correction_keeps_both_newest_first(self, world):
        world.attend("present")
        world.correct("absent", "误记", hour=18)
        world.correct("late", "核实", hour=19)

        line = world.line
        assert [old.version for old in line.earlier] == [2, 1]
        assert [new.reason for new, _old in line.changes] == ["核实", "误记"]
        assert [old.worth for old in line.earlier] == [Decimal(0), Decimal(4)]
        assert [old.hours for old in line.earlier] == [0, 0]
        assert all(old.earlier == () for old in line.earlier)

    def test_leaves_other_lines_of_the_day_alone(self, world):
        world.attend("present")
        study(world.branch, world.member, on=MAY, school=world.school, minutes=60)
        world.correct("late")

        lines = world.year().lines
        assert sorted((line.category, len(line.earlier)) for line in lines) == [
            ("collective", 0),
            ("concentrated", 1),
        ]

    def test_counts_only_what_stands(self, world):
        world.attend("present")
        world.correct("late")

        assert world.year().verdict.done == Decimal("3.75")
        assert not list_findings()


class TestAYear:
    def test_sums_lines_to_what_the_ledger_holds_in_every_category(self, world):
        world.attend("late")
        world.attend(on=date(2026, 6, 3), hours="2.5")
        world.attend("absent", on=date(2026, 6, 4))
        study(world.branch, world.member, on=date(2026, 6, 3), school=world.school, minutes=100)

        year = world.year()
        sums = {part.category: part.hours for part in year.sums}
        entries = CreditEntry.objects.filter(member=world.member)
        assert sums == {
            category: entries.filter(category=category).sum_hours() for category in sums
        }
        assert sums == {"concentrated": Decimal("6.25"), "collective": Decimal("1.5")}
        assert year.verdict.done == sum(sums.values()) == Decimal("7.75")

    def test_shows_every_category_even_without_hours(self, world):
        assert [(part.label, part.hours) for part in world.year().sums] == [
            ("concentrated training", Decimal(0)),
            ("collective study", Decimal(0)),
        ]

    def test_groups_lines_by_month_newest_first(self, world):
        for day in (date(2026, 4, 1), date(2026, 6, 3), date(2026, 6, 30)):
            world.attend(on=day)

        months = world.year().months
        assert [month for month, _ in months] == [date(2026, 6, 1), date(2026, 4, 1)]
        assert [line.occurred_on.day for line in months[0][1]] == [30, 3]

    def test_keeps_the_lines_of_a_roll_that_was_taken_back(self, world):
        session = world.attend(on=MAY)
        withdraw_roll(
            session_id=session.pk,
            reason="误报",
            by=factories.acting(world.clerk),
            at=at_local(MAY, 20),
        )

        year = world.year()

        assert year.verdict.done == 0
        (line,) = year.lines
        assert (line.hours, line.short_why, line.reason) == (0, "withdrawn", "误报")
        assert [(old.worth, old.hours) for _new, old in line.changes] == [(4, 0)]

    def test_holds_its_own_lines_only_and_offers_the_others(self, world):
        world.attend(on=date(2024, 5, 20))
        world.attend(on=MAY)

        assert [line.occurred_on for line in world.year(2024).lines] == [date(2024, 5, 20)]
        assert world.year().years == world.year(2024).years == (2026, 2025, 2024)

    def test_costs_two_statements_whatever_it_holds(self, world, django_assert_num_queries):
        for day in range(1, 6):
            world.attend(on=date(2026, 4, day))

        with django_assert_num_queries(2):
            assert len(world.year().lines) == 5

    def test_brings_the_roles_along(self, world, django_assert_num_queries):
        factories.grant(world.user, Role.SCHOOL_LEADER, world.school)
        world.year()

        with django_assert_num_queries(0):
            assert held_roles(world.user) == {Role.MEMBER, Role.SCHOOL_LEADER}


class TestTheSentence:
    def test_of_a_member_short_of_hours(self, world):
        world.attend()

        assert world.year().sentence == "32 credit hours owed this year, 4 done, 28 to go"

    def test_of_a_past_year_that_fell_short(self, world):
        world.attend(on=date(2025, 5, 20))

        assert world.year(2025).sentence == "32 credit hours owed in 2025, 4 done, 28 short"

    def test_of_a_target_that_is_met(self, world):
        for day in (1, 2, 3, 4):
            world.attend(on=date(2026, 4, day), hours="8")

        assert world.year().sentence == "32 credit hours owed in 2026, 32 done: target met"

    def test_of_the_exempt_names_a_category_and_no_diagnosis(self, world):
        factories.exempt(world.member, "serious_illness")

        assert world.year().sentence == "No credit hours owed in 2026 (serious illness); 0 done"

    def test_of_the_uncounted_names_the_membership_status(self, world):
        world.member.memberships.update(membership_status=MembershipStatus.LOST_CONTACT)

        assert world.year().sentence == "Not counted in 2026 (lost contact); 0 credit hours done"

    def test_without_a_membership_says_so(self, world):
        world.member.memberships.update(period=(date(2019, 1, 1), date(2020, 1, 1)))

        assert world.year().sentence == "No membership is on record for 2026."

    def test_without_a_rule_in_force_says_so(self, world):
        RequirementRule.objects.filter(group="every_member").update(
            period=period(date(2019, 1, 1), date(2026, 1, 1))
        )

        assert world.year().sentence == "No rule says what was owed in 2026."
        assert world.year(2025).sentence != "No rule says what was owed in 2025."


class TestSight:
    def test_ones_own_year_is_that_of_ones_account(self, world):
        assert world.year().member_id == world.member.pk

    def test_the_person_who_is_no_member_has_none(self, world):
        with pytest.raises(Member.DoesNotExist):
            get_own_year(world.clerk, 2026, TODAY)

    def test_a_clerk_sees_members_of_the_own_school(self, world):
        assert get_member_year(world.clerk, world.member.pk, 2026, TODAY).name == "张伟"

    def test_and_of_no_other(self, world):
        stranger = factories.make_clerk(factories.make_school("120111005", "津门湖街道"))

        with pytest.raises(Member.DoesNotExist):
            get_member_year(stranger, world.member.pk, 2026, TODAY)

    def test_every_year_that_a_members_page_offers_opens_for_its_reader(self, world):
        """For the clerk of the school that a member has moved to as well."""
        world.attend(on=date(2025, 5, 20))
        world.attend()
        there = factories.make_school("120111005", "津门湖街道")
        world.member.memberships.update(period=period(START, JULY))
        world.member.memberships.create(
            organisation=factories.make_organisation(there), period=period(JULY)
        )
        clerk = clerk_of(there)

        offered = get_member_year(clerk, world.member.pk, 2026, TODAY).years
        assert offered == (2026, 2025)
        for year in offered:
            assert get_member_year(clerk, world.member.pk, year, TODAY).year == year


class TestThePage:
    def test_shows_declarations_of_its_year_and_takes_them_while_it_can(self, world, on_that_day):
        for year, topic in ((2025, "去年网课"), (2026, "今年网课")):
            declared = Study.objects.create(
                organisation=world.branch,
                kind="online_study",
                topic=topic,
                place="学习平台",
                held_on=date(year, 5, 20),
                minutes=60,
                recorded_at=at_local(MAY, 20),
                recorded_by=world.user,
            )
            declared.participants.create(member=world.member, organisation=world.branch)
        browser, url = browser_of(world.user), reverse("years:my_hours")
        link = f'href="{reverse("studies:declare")}"'

        now, past = browser.get(url).text, browser.get(url, {"year": 2025}).text

        assert [word in now for word in ("今年网课", "去年网课", link)] == [True, False, True]
        assert [word in past for word in ("今年网课", "去年网课", link)] == [False, True, False]
        # Many are called alike: the day tells them apart.
        assert all(
            str(year) in page.split(topic)[1][:80]
            for year, topic, page in (
                (2025, "去年网课", past),
                (2026, "今年网课", now),
            )
        )

    def test_shows_open_declarations_of_a_row_that_was_merged_into_it_once(
        self, world, on_that_day
    ):
        merged = factories.make_member(world.branch)
        declared = Study.objects.create(
            organisation=world.branch,
            kind="online_study",
            topic="今年网课",
            place="学习平台",
            held_on=MAY,
            minutes=60,
            recorded_at=at_local(MAY, 20),
            recorded_by=world.clerk,
        )
        declared.participants.create(member=merged, organisation=world.branch)
        browser, url = browser_of(world.user), reverse("years:my_hours")
        page = reverse("studies:study", args=[declared.pk])
        assert page not in browser.get(url).text
        assert browser.get(page).status_code == 404

        Member.objects.filter(pk=merged.pk).update(merged_into=world.member, merged_year=2026)
        assert browser.get(url).text.count(page) == 1
        assert browser.get(page).status_code == 200
        declared.participants.create(member=world.member, organisation=world.branch)
        assert browser.get(url).text.count(page) == 1

    def test_of_the_exempt_says_that_months_before_are_not_owed(self, world, on_that_day):
        url, sentence = reverse("years:my_hours"), "also not for months before the exemption began"
        assert sentence not in browser_of(world.user).get(url).text

        factories.exempt(world.member)
        assert sentence in browser_of(world.user).get(url).text

    def test_takes_declarations_of_the_year_before_in_january(self, world):
        assert world.year(2025, date(2026, 1, 31)).takes_declarations
        assert not world.year(2025, date(2026, 2, 1)).takes_declarations

    def test_shows_the_own_year_with_its_rule(self, world, on_that_day):
        world.attend("late")

        page = browser_of(world.user).get(reverse("years:my_hours"))

        assert "32 credit hours owed this year, 3.75 done, 28.25 to go" in page.text
        assert "0.25 taken off for coming late" in page.text
        assert "version 1" in page.text
        assert not AuditEntry.objects.filter(act="look_up_hours").exists()

    @pytest.mark.parametrize("year", ["2018", "2027", "x", "²"])
    def test_knows_no_year_outside_the_network(self, world, on_that_day, year):
        page = browser_of(world.user).get(reverse("years:my_hours"), {"year": year})

        assert page.status_code == 404

    def test_of_another_member_leaves_a_trail_that_names_the_number_only(self, world, on_that_day):
        url = reverse("years:member_hours", args=[world.member.pk])
        assert browser_of(world.clerk).get(url, {"year": 2025}).status_code == 200

        entry = AuditEntry.objects.get(act="look_up_hours")
        assert (entry.actor, entry.object_id) == (world.clerk, str(world.member.pk))
        facts = {"year": 2025, "roles": ["school_clerk"]}
        assert (entry.object_label, entry.after) == (world.member.number, facts)
