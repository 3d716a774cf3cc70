"""What is owed by those for whom something changes within the year: a twelfth for each whole month.

Each is asked for three times: from the member's page, from the list of all, and from a recount that
goes through the days of each month.
"""

from __future__ import annotations

from calendar import isleap, monthrange
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.lib.hours import ZERO
from config.lib.periods import at_local, inclusive_period, period
from hours.models import RequirementRule
from hours.queries.requirements import Outcome
from tests import factories
from tests.evidence import TODAY, hold, study
from tests.factories import START
from tests.hours.queries.test_requirements import hold_post, line_of, verdict_of, year_of
from tests.properties import examples
from trainees.enums import LEADING_POSTS, MembershipStatus, PostKind
from trainees.models import Exemption, Member, Membership, Post

pytestmark = pytest.mark.django_db


@pytest.fixture
def school():
    return factories.make_school()


@pytest.fixture
def branch(school):
    return factories.make_organisation(school)


@pytest.fixture
def member(branch):
    return factories.make_member(branch)


def owed_by(member: Member, year: int = 2026) -> Decimal:
    """What both say, which is what the recount says."""
    owed = verdict_of(member, year).owed
    assert owed == recount(member, year)
    return owed


def recount(member: Member, year: int) -> Decimal:
    """The rule in plain words: month by month, day by day, at the rate of each month's rules."""

    def inside(rows, day: date) -> bool:
        return any(day in row.period for row in rows)

    every, leading = (
        list(RequirementRule.objects.filter(group=group))
        for group in ("every_member", "leading_post")
    )

    def hours_of(rules, day: date) -> Decimal | None:
        return next((rule.hours for rule in rules if day in rule.period), None)

    normal = list(member.memberships.filter(membership_status=MembershipStatus.NORMAL))
    exempt = list(member.exemptions.all())
    led = list(member.posts.filter(kind__in=LEADING_POSTS))
    rates, reserve = [], []
    for month in range(1, 13):
        days = [date(year, month, day) for day in range(1, monthrange(year, month)[1] + 1)]
        rate = hours_of(every, days[0]) or Decimal(0)
        if all(inside(led, day) for day in days):
            rate = hours_of(leading, days[0]) or rate
        if all(inside(normal, day) for day in days):
            reserve.append(rate)
            if not any(inside(exempt, day) for day in days):
                rates.append(rate)
    if not rates and reserve:
        rates = [max(reserve)]
    if len(rates) == 12 and len(set(rates)) == 1:
        return rates[0]
    halves = (sum(rates, Decimal(0)) / 12 * 2).quantize(Decimal(1), ROUND_HALF_UP)
    return halves / 2


def is_exempt_throughout(member: Member, year: int) -> bool:
    """Whether an exemption holds on each day of the year on which the member belonged."""
    normal = list(member.memberships.filter(membership_status=MembershipStatus.NORMAL))
    exempt = list(member.exemptions.all())
    days = (date(year, 1, 1) + timedelta(days=n) for n in range(366 if isleap(year) else 365))
    there = [day for day in days if any(day in row.period for row in normal)]
    return bool(there) and all(any(day in row.period for row in exempt) for day in there)


def belongs(member: Member, *days: DateRange, status: str = "normal") -> None:
    organisation = member.memberships.first().organisation
    member.memberships.all().delete()
    for days_there in days:
        Membership.objects.create(
            member=member,
            organisation=organisation,
            period=days_there,
            membership_status=status,
        )


class TestWhoJoins:
    def test_in_march_owes_from_the_first_whole_month(self, member):
        belongs(member, period(date(2026, 3, 10)))

        assert owed_by(member) == Decimal(24)

    def test_on_the_first_owes_for_that_month_too(self, member):
        belongs(member, period(date(2026, 3, 1)))

        assert owed_by(member) == Decimal("26.5")

    def test_in_the_last_weeks_owes_nothing_and_has_reached_it(self, member):
        belongs(member, period(date(2026, 11, 3)))
        assert owed_by(member) == Decimal("2.5")

        Membership.objects.update(period=period(date(2026, 11, 20)))
        Exemption.objects.create(
            member=member,
            category="frail",
            period=inclusive_period(date(2026, 12, 5), date(2026, 12, 6)),
        )
        assert owed_by(member) == Decimal("2.5")

        Exemption.objects.all().delete()
        Membership.objects.update(period=period(date(2026, 12, 2)))
        verdict = verdict_of(member, 2026, date(2026, 12, 31))
        assert (verdict.owed, verdict.outcome) == (ZERO, Outcome.MET)

    def test_owes_the_whole_next_year(self, member):
        belongs(member, period(date(2025, 3, 10)))

        assert owed_by(member, 2025) == Decimal(24)
        assert owed_by(member, 2026) == Decimal(32)


class TestWhoTakesOrLeavesAPost:
    def test_a_secretary_from_10_march_owes_50(self, member):
        hold_post(member, PostKind.SECRETARY, since=date(2026, 3, 10))

        assert owed_by(member) == Decimal(50)

    def test_a_secretary_until_june_owes_44(self, member):
        hold_post(member, PostKind.SECRETARY, until=date(2026, 7, 1))

        assert owed_by(member) == Decimal(44)

    def test_two_posts_that_follow_each_other_are_one(self, member):
        hold_post(member, PostKind.SECRETARY, until=date(2026, 5, 20))
        hold_post(member, PostKind.COMMITTEE_MEMBER, since=date(2026, 5, 20))

        assert owed_by(member) == Decimal(56)

    def test_a_gap_between_them_costs_its_months(self, member):
        hold_post(member, PostKind.SECRETARY, until=date(2026, 5, 20))
        hold_post(member, PostKind.SECRETARY, since=date(2026, 6, 2))

        assert owed_by(member) == Decimal(52)

    def test_a_post_that_is_known_to_begin_later_counts_already(self, member):
        hold_post(member, PostKind.SECRETARY, since=date(2026, 12, 1))

        assert owed_by(member) == Decimal(34)

    def test_an_affairs_worker_changes_nothing(self, member):
        hold_post(member, PostKind.AFFAIRS_WORKER, since=date(2026, 3, 10))

        assert owed_by(member) == Decimal(32)
        assert year_of(member).parts == []

    def test_who_only_moved_is_told_nothing_of_parts_of_the_year(self, member, school):
        belongs(member, period(START, date(2026, 7, 1)))
        other = factories.make_organisation(school, "第二党支部")
        member.memberships.create(organisation=other, period=period(date(2026, 7, 1)))

        assert owed_by(member) == Decimal(32)
        assert year_of(member).parts == []

    def test_the_page_names_both_rules_with_their_months(self, member):
        hold_post(member, PostKind.SECRETARY, since=date(2026, 3, 10))

        parts = [(p.months, p.group, p.version, p.rate) for p in year_of(member).parts]
        assert parts == [(9, "leading_post", 2, 56), (3, "every_member", 1, 32)]


class TestWhoIsAway:
    def test_exempt_for_half_a_year_owes_the_other_half(self, member):
        exemption = factories.exempt(member)
        exemption.period = period(date(2026, 1, 1), date(2026, 7, 1))
        exemption.save()

        assert owed_by(member) == Decimal(16)

    def test_exempt_on_the_day_owes_nothing(self, member):
        exemption = factories.exempt(member)
        exemption.period = period(date(2026, 7, 1))
        exemption.save()

        assert owed_by(member) == Decimal(16)
        assert verdict_of(member).outcome == Outcome.NOT_YET_DUE

    @pytest.mark.parametrize(
        ("first", "last", "owed"),
        [
            (date(2026, 12, 31), date(2026, 12, 31), "29.5"),
            (date(2026, 1, 1), date(2026, 12, 30), "2.5"),
            (date(2026, 1, 2), date(2027, 3, 1), "2.5"),
            (date(2025, 12, 1), date(2026, 12, 1), "2.5"),
        ],
    )
    def test_exempt_but_not_throughout_owes_something(self, member, first, last, owed):
        """Neither on the day of judgement alone nor on all days but that one."""
        member.exemptions.create(category="frail", period=inclusive_period(first, last))

        for on in (TODAY, date(2027, 1, 1)):
            assert verdict_of(member, 2026, on).owed == Decimal(owed)
        assert verdict_of(member, 2026, date(2027, 1, 1)).outcome == Outcome.SHORT
        assert owed_by(member) == Decimal(owed)

    def test_exempt_for_the_whole_year_owes_nothing(self, member):
        member.exemptions.create(
            category="frail", period=period(date(2026, 1, 1), date(2026, 5, 3))
        )
        member.exemptions.create(
            category="serious_illness", period=period(date(2026, 5, 3), date(2027, 1, 1))
        )

        assert verdict_of(member).outcome == Outcome.EXEMPT
        assert verdict_of(member, 2026, date(2027, 2, 1)).outcome == Outcome.EXEMPT

    def test_exempt_since_joining_owes_nothing(self, member):
        belongs(member, period(date(2026, 3, 10)))
        member.exemptions.create(category="frail", period=period(date(2026, 3, 10)))

        assert verdict_of(member).outcome == Outcome.EXEMPT

    def test_a_secretary_exempt_until_the_last_day_owes_a_month_of_the_post(self, member):
        hold_post(member, PostKind.SECRETARY)
        member.exemptions.create(
            category="frail", period=period(date(2026, 1, 1), date(2026, 12, 31))
        )

        assert owed_by(member) == Decimal("4.5")
        assert [(p.months, p.group) for p in year_of(member).parts] == [(1, "leading_post")]

    def test_exempt_on_one_day_does_not_owe_for_that_month(self, member):
        exemption = factories.exempt(member)
        exemption.period = inclusive_period(date(2026, 5, 5), date(2026, 5, 5))
        exemption.save()

        assert owed_by(member) == Decimal("29.5")

    def test_suspended_and_back_owes_for_the_months_in_between_nothing(self, member, branch):
        belongs(member, period(START, date(2026, 4, 15)), period(date(2026, 6, 1)))
        Membership.objects.create(
            member=member,
            organisation=branch,
            membership_status=MembershipStatus.SUSPENDED,
            period=period(date(2026, 4, 15), date(2026, 6, 1)),
        )

        assert owed_by(member) == Decimal("26.5")  # ten months


class TestATransfer:
    def test_in_mid_month_costs_no_month(self, member, branch, school):
        elsewhere = factories.make_organisation(school, "第二党支部")
        member.memberships.update(period=period(START, date(2026, 5, 12)))
        member.memberships.create(organisation=elsewhere, period=period(date(2026, 5, 12)))

        assert owed_by(member) == Decimal(32)

    def test_gives_the_very_hours_of_a_rule_in_quarters(self, member, school):
        close_rule_and_follow(hours="32.25")
        elsewhere = factories.make_organisation(school, "第二党支部")
        member.memberships.update(period=period(START, date(2026, 5, 12)))
        member.memberships.create(organisation=elsewhere, period=period(date(2026, 5, 12)))

        assert verdict_of(member).owed == Decimal("32.25")


def close_rule_and_follow(*, hours: str, **fields) -> RequirementRule:
    """A second version of the rule of every member, in force from 2026 on."""
    return follow(date(2026, 1, 1), hours=hours, **fields)


def follow(on: date, *, hours: str, **fields) -> RequirementRule:
    """A second version of the rule of every member, in force from the day `on`."""
    old = RequirementRule.objects.get(group="every_member")
    old.period = period(START, on)
    old.save()
    return RequirementRule.objects.create(
        group="every_member",
        version=2,
        hours=Decimal(hours),
        source="修订",
        period=period(on),
        **fields,
    )


class TestTheRuleSaysHow:
    def test_without_pro_rata_a_joiner_owes_the_full_hours(self, member):
        close_rule_and_follow(hours="32", pro_rata=False)
        belongs(member, period(date(2026, 9, 10)))

        assert verdict_of(member).owed == Decimal(32)
        assert year_of(member).parts == []

    def test_a_rule_from_july_binds_its_months(self, member):
        """A twelfth of 32 for six months, and of 48 for six."""
        follow(date(2026, 7, 1), hours="48")

        assert owed_by(member) == Decimal(40)
        assert [(p.months, p.version, p.rate) for p in year_of(member).parts] == [
            (6, 1, 32),
            (6, 2, 48),
        ]
        assert verdict_of(member, 2025).owed == Decimal(32)
        assert verdict_of(member, 2027).owed == Decimal(48)

    def test_a_rule_of_leading_posts_that_ends_in_june_binds_until_then(self, member):
        RequirementRule.objects.filter(group="leading_post", version=2).update(
            period=period(date(2024, 1, 1), date(2026, 7, 1))
        )
        hold_post(member, PostKind.SECRETARY)

        assert owed_by(member) == Decimal(44)

    def test_a_rule_from_the_middle_of_a_month_binds_from_the_next(self, member):
        follow(date(2026, 7, 15), hours="48")
        belongs(member, period(date(2026, 2, 1)))

        assert owed_by(member) == Decimal(36)  # 6 months of 32, 5 of 48

    def test_the_first_rule_of_a_district_binds_from_then_on(self, member):
        RequirementRule.objects.filter(group="every_member").update(period=period(date(2026, 7, 1)))

        assert owed_by(member) == Decimal(16)

    def test_each_year_by_its_own_version(self, member):
        close_rule_and_follow(hours="48")
        belongs(member, period(date(2025, 7, 1), date(2026, 7, 1)), period(date(2026, 7, 1)))

        assert verdict_of(member, 2025).owed == Decimal(16)
        assert verdict_of(member, 2026).owed == Decimal(48)

    def test_without_a_rule_for_leading_posts_their_months_count_like_all_others(self, member):
        RequirementRule.objects.filter(group="leading_post").delete()
        hold_post(member, PostKind.SECRETARY, since=date(2026, 3, 10))
        belongs(member, period(date(2026, 2, 1)))

        assert verdict_of(member).owed == Decimal("29.5")
        assert [(part.months, part.group) for part in year_of(member).parts] == [
            (11, "every_member")
        ]


class TestTrainings:
    """Leading posts owe one concentrated training besides their hours."""

    @pytest.fixture
    def secretary(self, member):
        hold_post(member, PostKind.SECRETARY)
        return member

    def study_enough(self, member, branch, school, hours: int = 56):
        for day in range(1, hours // 8 + 1):
            study(branch, member, on=date(2026, 2, day), school=school, minutes=480)

    def test_hours_alone_do_not_meet_it(self, secretary, branch, school):
        self.study_enough(secretary, branch, school)

        verdict = verdict_of(secretary)
        assert (verdict.left, verdict.trainings_left) == (ZERO, 1)
        assert verdict.outcome == Outcome.NOT_YET_DUE
        with translation.override("en"):
            assert "1 concentrated training is missing" in year_of(secretary).trainings_sentence

    def test_one_class_meets_it(self, secretary, branch, school):
        self.study_enough(secretary, branch, school)
        hold(factories.make_class(school), {secretary: "present"}, on=date(2026, 5, 20))

        assert verdict_of(secretary).outcome == Outcome.MET

    def test_a_class_from_which_one_was_absent_does_not(self, secretary, branch, school):
        self.study_enough(secretary, branch, school)
        hold(factories.make_class(school), {secretary: "absent"}, on=date(2026, 5, 20))

        assert verdict_of(secretary).trainings_left == 1

    def test_a_class_whose_hours_were_reversed_does_not(self, secretary, branch, school):
        self.study_enough(secretary, branch, school)
        session = hold(factories.make_class(school), {secretary: "present"}, on=date(2026, 5, 20))
        factories.correct_mark(
            session.attendances.get(),
            "absent",
            by=factories.acting(school.role_grants.get().user),
            at=at_local(TODAY, 10),
        )

        assert verdict_of(secretary).trainings_left == 1

    def test_a_class_shorter_than_the_rule_asks_for_does_not(self, secretary, branch, school):
        self.study_enough(secretary, branch, school)
        RequirementRule.objects.filter(group="leading_post").update(training_hours=4)
        training_class = factories.make_class(school)
        hold(training_class, {secretary: "present"}, on=date(2026, 5, 20), hours="0.25")
        assert verdict_of(secretary).trainings_left == 1
        assert year_of(secretary).rule_training_hours == 4

        hold(training_class, {secretary: "present"}, on=date(2026, 5, 21), hours="4")
        assert verdict_of(secretary).trainings_left == 0

    def test_two_days_of_one_class_are_one_training(self, secretary, school):
        RequirementRule.objects.filter(group="leading_post").update(concentrated_trainings=2)
        training_class = factories.make_class(school)
        hold(training_class, {secretary: "present"}, on=date(2026, 5, 20))
        hold(training_class, {secretary: "present"}, on=date(2026, 5, 21))
        assert verdict_of(secretary).trainings_left == 1

        hold(factories.make_class(school), {secretary: "present"}, on=date(2026, 6, 20))
        assert verdict_of(secretary).trainings_left == 0

    def test_is_not_owed_for_a_post_without_a_whole_month(self, member):
        hold_post(member, PostKind.SECRETARY, since=date(2026, 11, 2), until=date(2026, 12, 31))

        assert verdict_of(member).trainings_left == 0

    def test_of_a_class_elsewhere_counts_at_home(self, secretary, branch, school):
        """A mobile member owes at home and may be taught anywhere (Regulation art. 32)."""
        self.study_enough(secretary, branch, school)
        there = factories.make_school("120111005", "津门湖街道")
        hold(factories.make_class(there), {secretary: "present"}, on=date(2026, 5, 20))

        line = line_of(secretary)
        assert (line.school, line.verdict.outcome) == (school.name, Outcome.MET)
        assert line.verdict.done == Decimal(60)


days = st.dates(date(2025, 11, 1), date(2027, 2, 28))
cuts = st.lists(days, max_size=4, unique=True).map(sorted)


def spans(edges: list[date]) -> list[DateRange]:
    """Periods one after the other, the last of them open."""
    return [period(start, end) for start, end in pairwise([*edges, None])]


@given(
    moves=cuts,
    statuses=st.lists(st.sampled_from(MembershipStatus.values), min_size=5, max_size=5),
    exempt=cuts,
    posts=st.lists(st.tuples(st.sampled_from(PostKind.values), days, days), max_size=4),
)
@settings(
    max_examples=examples(40, deep=150),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_the_page_the_list_and_the_recount_agree(member, branch, moves, statuses, exempt, posts):
    for model in (Membership, Post, Exemption):
        model.objects.all().delete()
    for status, held in zip(statuses, spans([START, *moves]), strict=False):
        Membership.objects.create(
            member=member, organisation=branch, membership_status=status, period=held
        )
    for place, held in enumerate(spans(exempt)):
        if place % 2 == 0:
            Exemption.objects.create(member=member, category="frail", period=held)
    for kind, *ends in posts:
        first, last = sorted(ends)
        days_held = period(first, last + timedelta(days=1))
        if not member.posts.filter(kind=kind, period__overlap=days_held).exists():
            Post.objects.create(member=member, organisation=branch, kind=kind, period=days_held)

    verdict = verdict_of(member)
    if verdict.outcome in {Outcome.EXEMPT, Outcome.OUT}:
        assert verdict.owed == ZERO
        assert verdict.outcome == Outcome.OUT or is_exempt_throughout(member, 2026)
    else:
        assert not is_exempt_throughout(member, 2026)
        assert verdict.owed == recount(member, 2026)
