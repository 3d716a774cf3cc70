"""Who owes how many hours, and by which version of which rule.

Each verdict is asked for twice, from the member's page and from the list of members: they must
never differ.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.enums import Role
from config.lib.hours import ZERO
from config.lib.periods import period
from hours.models import CreditEntry, RequirementRule
from hours.queries.members import MemberLine, MemberLines
from hours.queries.requirements import Outcome, Verdict, judge
from schools.models import School, SchoolArea
from tests import factories
from tests.evidence import TODAY, hold, study
from tests.factories import START
from trainees.enums import MembershipStatus, PostKind
from trainees.models import Member, Post
from years.queries.hours import MemberYear, get_member_year, get_own_year

pytestmark = pytest.mark.django_db

JULY = date(2026, 7, 1)


@pytest.fixture
def school():
    return factories.make_school()


@pytest.fixture
def branch(school):
    return factories.make_organisation(school)


@pytest.fixture
def member(branch):
    return factories.make_member(branch)


def year_of(member: Member, year: int = TODAY.year, on: date = TODAY) -> MemberYear:
    """A member's year as an officer of the district sees it, which the member sees as well."""
    officer = factories.make_user()
    factories.grant(officer, Role.DISTRICT_SCHOOL)
    member_year = get_member_year(officer, member.pk, year, on)
    account = Member.objects.get(pk=member.pk).user
    if account is None:
        account = factories.make_user()
        Member.objects.filter(pk=member.pk).update(user=account)
    assert get_own_year(account, year, on) == member_year
    return member_year


def line_of(member: Member, year: int = TODAY.year, on: date = TODAY) -> MemberLine | None:
    """The line of a member in the list of all schools."""
    schools = list(School.objects.values_list("pk", flat=True))
    lines = MemberLines(school_ids=schools, year=year, on=on, text=member.number)
    return next(iter(lines[0 : len(lines)]), None)


def verdict_of(member: Member, year: int = TODAY.year, on: date = TODAY) -> Verdict | None:
    on_page, in_list = year_of(member, year, on).verdict, line_of(member, year, on)
    assert on_page == (in_list and in_list.verdict)
    return on_page


def owed_by(member: Member, year: int = TODAY.year) -> Decimal:
    return verdict_of(member, year).owed


def hold_post(member: Member, kind: PostKind, since: date = START, until: date | None = None):
    organisation = member.memberships.first().organisation
    return Post.objects.create(
        member=member, organisation=organisation, kind=kind, period=period(since, until)
    )


class TestWhatIsOwed:
    def test_an_ordinary_member_owes_32_hours(self, member):
        assert owed_by(member) == Decimal(32)

    @pytest.mark.parametrize(
        "kind", [PostKind.SECRETARY, PostKind.DEPUTY_SECRETARY, PostKind.COMMITTEE_MEMBER]
    )
    def test_secretaries_and_committee_members_owe_56(self, member, kind):
        hold_post(member, kind)

        assert owed_by(member) == Decimal(56)

    def test_an_affairs_worker_owes_32_like_any_member(self, member):
        hold_post(member, PostKind.AFFAIRS_WORKER)

        assert owed_by(member) == Decimal(32)

    def test_two_posts_are_owed_once(self, member, school):
        hold_post(member, PostKind.SECRETARY)
        hold_post(member, PostKind.AFFAIRS_WORKER)
        elsewhere = factories.make_organisation(school, "第二党支部")
        Post.objects.create(
            member=member,
            organisation=elsewhere,
            kind=PostKind.COMMITTEE_MEMBER,
            period=period(START),
        )

        assert owed_by(member) == Decimal(56)
        assert len(MemberLines(school_ids=[school.pk], year=2026, on=TODAY)) == 1

    def test_a_post_that_ended_last_year_is_owed_no_more(self, member):
        hold_post(member, PostKind.SECRETARY, until=date(2026, 1, 1))

        assert owed_by(member) == Decimal(32)

    def test_a_post_of_next_year_is_not_owed_yet(self, member):
        hold_post(member, PostKind.SECRETARY, since=date(2027, 1, 1))

        assert owed_by(member) == Decimal(32)

    def test_the_exempt_owe_nothing(self, member):
        factories.exempt(member)

        assert verdict_of(member) == Verdict(Outcome.EXEMPT, ZERO, ZERO)

    def test_even_a_secretary_may_be_exempt(self, member):
        hold_post(member, PostKind.SECRETARY)
        factories.exempt(member, "serious_illness")

        assert verdict_of(member).outcome == Outcome.EXEMPT

    def test_an_exemption_that_has_ended_exempts_no_more(self, member):
        exemption = factories.exempt(member)
        exemption.period = period(START, date(2026, 1, 1))
        exemption.save()

        assert owed_by(member) == Decimal(32)

    @pytest.mark.parametrize(
        "membership_status", [MembershipStatus.SUSPENDED, MembershipStatus.LOST_CONTACT]
    )
    def test_the_suspended_and_the_lost_are_not_counted(self, branch, membership_status):
        member = factories.make_member(branch, membership_status=membership_status)

        assert verdict_of(member) == Verdict(Outcome.OUT, ZERO, ZERO)

    def test_not_counted_goes_before_exempt(self, branch):
        member = factories.make_member(branch, membership_status=MembershipStatus.SUSPENDED)
        factories.exempt(member)

        assert verdict_of(member).outcome == Outcome.OUT

    def test_the_person_who_belongs_to_no_organisation_has_no_verdict(self, branch):
        member = factories.make_member(branch, user=factories.make_user())
        member.memberships.update(period=period(START, date(2026, 1, 1)))

        assert get_own_year(member.user, TODAY.year, TODAY).verdict is None
        assert line_of(member) is None


class TestWhatIsDone:
    def test_is_met_with_the_last_quarter_of_an_hour(self, member, branch, school):
        for month in (1, 2, 3):
            study(branch, member, on=date(2026, month, 5), school=school, minutes=480)
        study(branch, member, on=date(2026, 4, 5), school=school, minutes=465)
        assert verdict_of(member) == Verdict(Outcome.NOT_YET_DUE, Decimal(32), Decimal("31.75"))

        study(branch, member, on=date(2026, 5, 5), school=school, minutes=15)
        assert verdict_of(member) == Verdict(Outcome.MET, Decimal(32), Decimal(32))

    def test_of_another_year_does_not_carry_over(self, member, branch, school):
        study(branch, member, on=date(2025, 12, 31), school=school, minutes=480)
        study(branch, member, on=date(2026, 1, 1), school=school, minutes=60)

        assert verdict_of(member, 2025).done == Decimal(8)
        assert verdict_of(member, 2026).done == Decimal(1)

    def test_by_the_exempt_and_the_uncounted_is_still_shown(self, branch, school):
        exempt = factories.make_member(branch)
        factories.exempt(exempt)
        lost = factories.make_member(branch, membership_status=MembershipStatus.LOST_CONTACT)
        study(branch, exempt, lost, on=date(2026, 4, 1), school=school, minutes=60)

        assert verdict_of(exempt) == Verdict(Outcome.EXEMPT, ZERO, Decimal(1))
        assert verdict_of(lost) == Verdict(Outcome.OUT, ZERO, Decimal(1))


class TestAPastYear:
    """Is judged as it stood on its last day, by the rules of that day."""

    def test_a_former_secretary_owed_56_then(self, member):
        hold_post(member, PostKind.SECRETARY, until=JULY)

        assert owed_by(member, 2025) == Decimal(56)
        assert owed_by(member, 2026) == Decimal(44)
        assert owed_by(member, 2027) == Decimal(32)

    def test_a_new_secretary_owed_32_then(self, member):
        hold_post(member, PostKind.SECRETARY, since=JULY)

        assert owed_by(member, 2025) == Decimal(32)
        assert owed_by(member, 2026) == Decimal(44)
        assert owed_by(member, 2027) == Decimal(56)

    def test_an_exemption_of_today_does_not_excuse_it(self, member):
        exemption = factories.exempt(member)
        exemption.period = period(JULY)
        exemption.save()

        assert verdict_of(member, 2025).outcome == Outcome.SHORT
        assert owed_by(member, 2026) == Decimal(16)
        assert verdict_of(member, 2027).outcome == Outcome.EXEMPT

    def test_the_person_who_joined_since_has_no_verdict_for_it(self, branch):
        member = factories.make_member(branch, user=factories.make_user())
        member.memberships.update(period=period(JULY))

        assert get_own_year(member.user, 2025, TODAY).verdict is None
        assert line_of(member, 2025) is None
        assert owed_by(member, 2026) == Decimal(16)

    def test_a_new_version_of_a_rule_leaves_it_as_it_was(self, member):
        old = RequirementRule.objects.get(group="every_member")
        old.period = period(START, date(2026, 1, 1))
        old.save()
        RequirementRule.objects.create(
            group="every_member",
            version=2,
            hours=Decimal(40),
            source="修订",
            period=period(date(2026, 1, 1)),
        )

        assert owed_by(member, 2025) == Decimal(32)
        assert year_of(member, 2025).rule_version == 1
        assert owed_by(member, 2026) == Decimal(40)
        assert year_of(member, 2026).rule_version == 2


class TestARuleBehindAVerdict:
    def test_is_named_with_version_and_source(self, member):
        member_year = year_of(member)

        assert (member_year.rule_group, member_year.rule_version) == ("every_member", 1)
        assert "第二十条" in member_year.rule_source
        assert not member_year.rule_to_be_verified

    @pytest.mark.parametrize(
        ("year", "version", "to_be_verified"), [(2023, 1, False), (2024, 2, True)]
    )
    def test_of_the_plan_is_to_be_verified_once_the_plan_has_ended(
        self, member, year, version, to_be_verified
    ):
        hold_post(member, PostKind.SECRETARY)

        member_year = year_of(member, year)
        assert (member_year.rule_group, member_year.rule_version) == ("leading_post", version)
        assert member_year.rule_to_be_verified is to_be_verified
        assert "2019—2023" in member_year.rule_source

    def test_is_named_even_where_nothing_is_owed(self, member):
        factories.exempt(member)

        assert year_of(member).rule_version == 1


class TestATransfer:
    @pytest.fixture
    def there(self):
        return factories.make_school("120111005", "津门湖街道")

    @pytest.fixture
    def moved(self, member, branch, school, there):
        """A member who studied here in May, moved in July and studies there since."""
        here_class = factories.make_class(school)
        hold(here_class, {member: "present"}, on=date(2026, 5, 20), hours="6")
        hold(here_class, {member: "present"}, on=date(2025, 5, 20))
        new_branch = factories.make_organisation(there)
        member.memberships.update(period=period(START, JULY))
        member.memberships.create(organisation=new_branch, period=period(JULY))
        there_class = factories.make_class(there)
        there_class.enrolments.create(member=member, organisation=new_branch)
        hold(there_class, {member: "present"}, on=date(2026, 9, 20), hours="3")
        return member

    def test_leaves_entries_at_the_school_and_organisation_of_their_day(
        self, moved, school, there, branch
    ):
        entries = CreditEntry.objects.filter(member=moved).order_by("occurred_on")

        assert [(e.school, e.hours) for e in entries] == [
            (school, Decimal(4)),
            (school, Decimal(6)),
            (there, Decimal(3)),
        ]
        assert [e.organisation == branch for e in entries] == [True, True, False]

    def test_takes_the_verdict_along_with_all_hours_of_the_year(self, moved, there):
        assert verdict_of(moved).done == Decimal(9)
        assert year_of(moved).school == line_of(moved).school == there.name

    def test_leaves_the_past_year_where_it_was(self, moved, school):
        assert year_of(moved, 2025).school == line_of(moved, 2025).school == school.name
        assert verdict_of(moved, 2025).done == Decimal(4)

    def test_counts_nobody_twice(self, moved, school, there):
        assert len(MemberLines(school_ids=[school.pk, there.pk], year=2026, on=TODAY)) == 1
        assert len(MemberLines(school_ids=[school.pk], year=2026, on=TODAY)) == 0

    def test_of_a_township_to_another_school_moves_its_members_and_no_entry(
        self, member, branch, school, there
    ):
        hold(factories.make_class(school), {member: "present"}, on=date(2026, 5, 20))
        SchoolArea.objects.filter(school=school).update(period=period(START, JULY))
        SchoolArea.objects.create(
            school=there, township=branch.placements.get().township, period=period(JULY)
        )

        assert year_of(member).school == there.name
        assert year_of(member, 2025).school == school.name
        assert CreditEntry.objects.get().school == school


hours = st.integers(0, 400).map(lambda number: number * Decimal("0.25"))


@pytest.mark.parametrize("membership_status", MembershipStatus.values)
@given(
    owed=hours,
    done=hours,
    trainings=st.integers(0, 2),
    trained=st.integers(0, 2),
    exemption=st.sampled_from([None, "elderly", "frail"]),
    over=st.booleans(),
)
def test_a_verdict_follows_from_hours_trainings_exemption_and_membership_status(
    membership_status, owed, done, trainings, trained, exemption, over
):
    verdict = judge(
        owed=owed,
        done=done,
        trainings=trainings,
        trained=trained,
        exemption=exemption,
        membership_status=membership_status,
        is_over=over,
    )

    counted = membership_status == MembershipStatus.NORMAL and not exemption
    missing = Outcome.SHORT if over else Outcome.NOT_YET_DUE
    assert verdict.done == done
    assert verdict.owed == (owed if counted else ZERO)
    assert verdict.left == max(verdict.owed - done, ZERO)
    assert verdict.trainings_left == (max(trainings - trained, 0) if counted else 0)
    assert (verdict.outcome in (Outcome.MET, missing)) is counted
    assert (verdict.outcome == missing) is bool(verdict.left or verdict.trainings_left)
