"""A verdict of a past day says what the portal knew then, whatever was done since."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.enums import Role
from accounts.models import AuditEntry
from config.lib.periods import at_local, end_of_day, period
from hours.models import CreditEntry, RequirementRule
from hours.queries.requirements import Outcome
from tests import factories
from tests.browsers import browser_of
from tests.evidence import TODAY, clerk_of, hold, study
from tests.factories import START
from tests.properties import examples
from trainees.actions.people import appoint_to_post, change_membership_status, end_post
from trainees.enums import MembershipStatus, PostKind
from trainees.models import Exemption, Membership, Post
from years.queries.hours import MemberYear, get_own_year

pytestmark = pytest.mark.django_db

MAY = date(2026, 5, 20)
THEN = date(2026, 6, 1)
LATER = at_local(date(2026, 9, 1), 10)


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


class OneMember:
    """A member with an account, whose register has been known from the beginning."""

    def __init__(self) -> None:
        self.school = factories.make_school()
        self.branch = factories.make_organisation(self.school)
        self.member = factories.make_member(self.branch, user=factories.make_user())
        self.known_since_the_beginning(Membership)
        self.officer = factories.make_user()
        factories.grant(self.officer, Role.ORGANISATION_DEPARTMENT)
        self.by = factories.acting(self.officer)

    def known_since_the_beginning(self, *models) -> None:
        for model in models:
            model.objects.update(recorded_at=at_local(START, 9))

    def year(self, on: date = THEN, year: int = 2026) -> MemberYear:
        return get_own_year(self.member.user, year, on, known_at=end_of_day(on))

    def appoint(self, from_day: date, at: datetime) -> Post:
        return appoint_to_post(
            member_id=self.member.pk,
            organisation=self.branch,
            kind=PostKind.SECRETARY,
            on=from_day,
            by=self.by,
            at=at,
        )


@pytest.fixture
def world():
    return OneMember()


class TestWhatWasNotKnownYet:
    def test_is_a_post_that_was_recorded_later(self, world):
        before = world.year()
        world.appoint(date(2026, 3, 1), LATER)

        assert world.year() == before
        assert world.year(date(2026, 9, 1)).verdict.owed == Decimal(52)

    def test_is_the_end_of_a_post(self, world):
        post = world.appoint(date(2026, 1, 1), at_local(date(2026, 1, 1), 9))
        before = world.year()
        end_post(member_id=world.member.pk, post_id=post.pk, on=MAY, by=world.by, at=LATER)

        assert world.year() == before
        assert before.verdict.owed == Decimal(56)
        assert world.year(date(2026, 9, 1)).verdict.owed == Decimal(40)

    def test_is_another_membership_status(self, world):
        before = world.year()
        change_membership_status(
            member_id=world.member.pk,
            membership_status=MembershipStatus.SUSPENDED,
            on=MAY,
            by=world.by,
            at=LATER,
        )

        assert world.year() == before
        assert world.year(date(2026, 9, 1)).verdict.outcome == Outcome.OUT

    def test_is_an_exemption_that_was_recorded_later_or_deleted(self, world):
        exemption = factories.exempt(world.member)
        world.known_since_the_beginning(Exemption)
        before = world.year()
        assert before.verdict.outcome == Outcome.EXEMPT

        exemption.delete()
        assert world.year() == before
        assert world.year(TODAY + timedelta(days=400)).verdict.outcome != Outcome.EXEMPT

    def test_is_another_rule(self, world):
        before = world.year()
        old = RequirementRule.objects.get(group="every_member")
        old.period, old.recorded_at = period(START, date(2026, 1, 1)), LATER
        old.save()
        RequirementRule.objects.create(
            group="every_member",
            version=2,
            hours=40,
            source="修订",
            period=period(date(2026, 1, 1)),
            recorded_at=LATER,
        )

        assert world.year() == before
        assert (before.rule_version, world.year(date(2026, 9, 1)).rule_version) == (1, 2)

    def test_is_an_hour_that_was_posted_later(self, world):
        study(world.branch, world.member, on=MAY, school=world.school)
        before = world.year()
        study(world.branch, world.member, on=date(2026, 6, 2), school=world.school)

        assert world.year() == before
        assert before.verdict.done == Decimal(2)
        assert [line.occurred_on for line in before.lines] == [MAY]

    def test_is_a_correction(self, world):
        session = hold(factories.make_class(world.school), {world.member: "present"}, on=MAY)
        before = world.year()
        factories.correct_mark(
            session.attendances.get(),
            "absent",
            by=factories.acting(clerk_of(world.school)),
            at=LATER,
        )

        assert world.year().verdict == before.verdict
        assert [(line.worth, line.hours) for line in world.year().lines] == [(4, 4)]
        assert world.year().lines[0].changes == []
        assert world.year(date(2026, 9, 1)).verdict.done == 0


class TestTheDayOfTheVerdict:
    def test_of_today_is_what_the_page_says_without_one(self, world):
        world.appoint(date(2026, 3, 10), at_local(date(2026, 3, 10), 9))
        hold(factories.make_class(world.school), {world.member: "present"}, on=MAY)

        now, then = get_own_year(world.member.user, 2026, TODAY), world.year(TODAY)
        assert then.as_known_on == TODAY
        assert (now.verdict, now.parts, now.clocks) == (then.verdict, then.parts, then.clocks)
        assert now.lines == then.lines

    def test_before_the_register_was_kept_there_is_none(self, world):
        Membership.objects.update(recorded_at=LATER)

        # The row as it was recorded first has been known since the beginning.
        assert world.year().verdict is not None
        Membership.objects.all().delete()
        world.member.memberships.create(
            organisation=world.branch, period=period(START), recorded_at=LATER
        )
        assert (
            get_own_year(
                world.member.user, 2019, date(2018, 12, 31), known_at=end_of_day(date(2018, 12, 31))
            ).verdict
            is None
        )

    def test_of_a_past_year_was_short_once_it_was_over(self, world):
        assert world.year(date(2025, 12, 31), 2025).verdict.outcome == Outcome.NOT_YET_DUE
        assert world.year(date(2026, 1, 1), 2025).verdict.outcome == Outcome.SHORT


def test_the_ledger_of_a_moment_holds_what_was_posted_by_then(world):
    study(world.branch, world.member, on=MAY, school=world.school)
    posted_at = CreditEntry.objects.get().posted_at

    assert CreditEntry.objects.as_of(posted_at).sum_hours() == Decimal(2)
    assert CreditEntry.objects.as_of(posted_at - timedelta(seconds=1)).sum_hours() == 0


class TestThePage:
    @pytest.fixture
    def browser(self, world, on_that_day):
        world.appoint(date(2026, 3, 10), LATER)
        return browser_of(world.member.user)

    def test_shows_the_year_as_it_stood(self, browser):
        page = browser.get(reverse("years:my_hours"), {"on": "2026-06-01"})

        assert page.context["my"].verdict.owed == Decimal(32)
        assert "As the portal knew it at the end of" in page.text
        assert browser.get(reverse("years:my_hours")).context["my"].verdict.owed == Decimal(50)

    def test_is_todays_for_today(self, browser):
        page = browser.get(reverse("years:my_hours"), {"on": TODAY.isoformat()})

        assert page.context["my"].as_known_on is None

    @pytest.mark.parametrize("day", ["2026-11-25", "2018-12-31", "soon", "2026-02-30", "20260601x"])
    def test_says_of_any_other_day_that_it_is_none(self, browser, day):
        page = browser.get(reverse("years:my_hours"), {"on": day})

        assert f"“{day}” is no past day of the network" in page.text
        assert page.context["my"].as_known_on is None

    def test_has_no_later_year(self, browser):
        page = browser.get(reverse("years:my_hours"), {"on": "2025-06-01"})

        assert page.context["my"].year == 2025
        assert max(page.context["my"].years) == 2025
        later = {"on": "2025-06-01", "year": "2026"}
        assert browser.get(reverse("years:my_hours"), later).status_code == 404

    def test_of_a_member_is_noted_in_the_trail_with_its_day(self, world, browser):
        url = reverse("years:member_hours", args=[world.member.pk])
        page = browser_of(world.officer).get(url, {"on": "2026-06-01"})

        assert page.context["my"].verdict.owed == Decimal(32)
        entry = AuditEntry.objects.filter(act="look_up_hours").latest("pk")
        assert (entry.after["year"], entry.after["on"]) == (2026, "2026-06-01")


ACTS = (
    *("appoint", "end_post", "suspend", "end_exemption", "delete_exemption"),
    *("change_rule", "study"),
)


@given(acts=st.lists(st.sampled_from(ACTS), max_size=6), day=st.dates(MAY, date(2026, 8, 31)))
@settings(
    max_examples=examples(20, deep=60),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_a_past_verdict_never_changes(world, acts, day):
    def verdicts() -> list[MemberYear]:
        return [world.year(THEN), world.year(THEN, 2025), world.year(date(2025, 6, 1), 2025)]

    with transaction.atomic():  # each example in a world of its own
        factories.exempt(world.member)
        world.known_since_the_beginning(Exemption)
        before = verdicts()
        for step, act in enumerate(acts):
            do(world, act, day, LATER + timedelta(hours=step))
            assert verdicts() == before
        transaction.set_rollback(True)


def do(world: OneMember, act: str, day: date, at: datetime) -> None:
    """Change something that a verdict of the year rests on, by whatever way."""
    match act:
        case "appoint":
            Post.objects.filter(member=world.member).delete()
            Post.objects.create(
                member=world.member,
                organisation=world.branch,
                kind=PostKind.SECRETARY,
                period=period(day),
                recorded_at=at,
            )
        case "end_post":
            world.member.posts.update(period=period(date(2026, 2, 2), day))
        case "suspend":
            world.member.memberships.update(
                membership_status=MembershipStatus.SUSPENDED, recorded_at=at
            )
        case "end_exemption":
            world.member.exemptions.update(period=period(START, day), recorded_at=at)
        case "delete_exemption":
            world.member.exemptions.all().delete()
        case "change_rule":
            RequirementRule.objects.filter(group="every_member").update(hours=day.day)
        case "study":
            study(world.branch, world.member, on=date(2026, 9, at.hour), school=world.school)
