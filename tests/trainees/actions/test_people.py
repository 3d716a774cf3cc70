"""Transfers, membership status, posts: one dated row ends, another begins; nothing else moves."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.enums import Role
from accounts.models import AuditEntry
from accounts.records import state_of
from accounts.roles import held_roles
from config.lib.periods import in_force, period, today
from schools.models import Organisation
from tests import factories
from tests.admin_pages import make_officer
from tests.browsers import browser_of
from tests.factories import NOON, START, make_leader, make_member, make_organisation
from tests.refusals import refused
from trainees.actions.people import (
    appoint_to_post,
    change_membership_status,
    correct_days,
    correct_member,
    correct_phone,
    end_exemption,
    end_post,
    grant_exemption,
    record_full_membership,
    transfer_member,
)
from trainees.enums import ExemptionCategory, MembershipStatus, PostKind
from trainees.errors import MemberFactError
from trainees.models import Exemption, Member, Membership, Post

DAY = date(2026, 3, 1)
YEAR = timedelta(days=365)
NEW_YEAR = date(2026, 1, 1)
EVE = date(2025, 12, 31)


class World:
    def __init__(self) -> None:
        self.school = factories.make_school()
        self.here = make_organisation(self.school)
        self.there = make_organisation(self.school, "第二党支部")
        self.member = make_member(self.here)
        self.by = factories.acting(make_officer(Role.ORGANISATION_DEPARTMENT))

    def transfer(self, day=DAY, to=None, member=None):
        return transfer_member(
            member_id=(member or self.member).pk,
            organisation=to or self.there,
            on=day,
            by=self.by,
            at=NOON,
        )

    def place_on(self, day):
        memberships = Membership.objects.filter(in_force(day), member=self.member)
        return [membership.organisation for membership in memberships]


@pytest.fixture
def world(db):
    return World()


class TestTransfer:
    def test_ends_one_membership_and_begins_another(self, world):
        world.transfer()

        assert world.place_on(DAY - timedelta(days=1)) == [world.here]
        assert world.place_on(DAY) == [world.there]
        entry = AuditEntry.objects.get(act="transfer_member")
        assert entry.before["organisation_id"] == world.here.pk
        assert entry.after["organisation_id"] == world.there.pk

    def test_tells_of_posts_in_the_same_order_each_time(self, world):
        """What a check page promised is compared with what is done then."""
        for kind in (PostKind.SECRETARY, PostKind.COMMITTEE_MEMBER):
            world.member.posts.create(organisation=world.here, kind=kind, period=period(START))

        kinds = [post.kind for post in world.transfer().posts]

        assert kinds == [PostKind.COMMITTEE_MEMBER, PostKind.SECRETARY]

    def test_keeps_the_membership_status(self, world):
        Membership.objects.update(membership_status=MembershipStatus.SUSPENDED)

        assert world.transfer().following.membership_status == MembershipStatus.SUSPENDED

    def test_lasts_as_long_as_the_one_it_follows(self, world):
        end = DAY + YEAR
        Membership.objects.update(period=period(START, end))
        later = make_organisation(world.school, "第三党支部")
        Membership.objects.create(member=world.member, organisation=later, period=period(end))

        world.transfer()

        assert world.place_on(end - timedelta(days=1)) == [world.there]
        assert world.place_on(end) == [later]

    @pytest.mark.parametrize(
        ("day", "field"), [(NEW_YEAR, "on"), (NEW_YEAR - timedelta(days=1), "on")]
    )
    def test_not_on_or_before_the_first_day(self, world, day, field):
        Membership.objects.update(period=period(NEW_YEAR))

        with refused(MemberFactError) as caught:
            world.transfer(day)
        assert caught.value.field == field

    def test_not_to_where_the_member_is(self, world):
        with refused(MemberFactError) as caught:
            world.transfer(to=world.here)
        assert caught.value.field == "organisation"

    def test_not_to_an_organisation_that_is_no_more(self, world):
        world.there.period = period(START, DAY)
        world.there.save()

        with refused(MemberFactError) as caught:
            world.transfer()
        assert caught.value.field == "organisation"
        Membership.objects.update(period=period(START, DAY))
        world.transfer(DAY - timedelta(days=1))

    def test_not_from_a_day_of_a_past_year(self, world):
        with refused(MemberFactError) as caught:
            world.transfer(EVE)
        assert caught.value.field == "on"
        world.transfer(NEW_YEAR)

    def test_not_to_an_organisation_that_will_end_before_the_membership(self, world):
        world.there.period = period(START, DAY + YEAR)
        world.there.save()

        with refused(MemberFactError) as caught:
            world.transfer()
        assert caught.value.field == "organisation"
        Membership.objects.update(period=period(START, DAY + YEAR))
        world.transfer()

    def test_not_to_an_organisation_that_was_closed_since_the_form_was_read(self, world):
        Organisation.objects.filter(pk=world.there.pk).update(period=period(START, DAY))

        with refused(MemberFactError):
            world.transfer()

    def test_ends_the_posts_held_in_the_organisation_that_is_left(self, world):
        leader = make_leader(world.here)
        Post.objects.create(
            member=leader, organisation=world.there, kind=PostKind.SECRETARY, period=period(START)
        )

        world.transfer(member=leader)

        left, kept = leader.posts.order_by("organisation__code")
        assert left.period == period(START, DAY)
        assert kept.period == period(START)

    def test_not_past_a_post_that_is_still_to_begin_there(self, world):
        Post.objects.create(
            member=world.member,
            organisation=world.here,
            kind=PostKind.SECRETARY,
            period=period(DAY),
        )

        with refused(MemberFactError):
            world.transfer()

    def test_ends_the_sessions_of_a_secretary(self, world):
        leader = make_leader(world.here)
        leader.user = factories.make_user()
        leader.save()
        client = browser_of(leader.user, None)
        assert client.get(reverse("trainees:slips")).status_code == 200

        world.transfer(today(), member=leader)

        assert client.get(reverse("trainees:slips")).status_code == 302
        client.force_login(
            Member.objects.get(pk=leader.pk).user, "accounts.backends.PhoneOrNumberBackend"
        )
        assert client.get(reverse("trainees:slips")).status_code == 403


class TestAnyTransfers(TestCase):
    """Whatever is asked for in whatever order, each day has its one membership."""

    @given(days=st.lists(st.integers(-10, 400), max_size=6))
    @hypothesis_settings(max_examples=25, deadline=None)
    def test_leave_no_gap_and_no_overlap(self, days):
        world = World()
        expected = {}
        for offset in days:
            day = NEW_YEAR + timedelta(days=offset)
            now = world.place_on(day)
            target = world.there if now == [world.here] else world.here
            try:
                world.transfer(day, to=target)
            except MemberFactError:
                continue
            expected[day] = target
        rows = list(Membership.objects.filter(member=world.member).order_by("period"))

        assert rows[0].period.lower == START
        assert rows[-1].period.upper is None
        assert [row.period.upper for row in rows[:-1]] == [row.period.lower for row in rows[1:]]
        assert {row.period.lower for row in rows[1:]} == set(expected)
        assert all(world.place_on(day) == [target] for day, target in expected.items())


class TestMembershipStatus:
    def change(self, world, status, day=DAY):
        return change_membership_status(
            member_id=world.member.pk,
            membership_status=status,
            on=day,
            by=world.by,
            at=NOON,
        )

    def test_changes_from_a_day_on_in_the_same_organisation(self, world):
        self.change(world, MembershipStatus.LOST_CONTACT)

        rows = Membership.objects.order_by("period").values_list(
            "membership_status", "organisation"
        )
        assert list(rows) == [("normal", world.here.pk), ("lost_contact", world.here.pk)]
        assert (
            AuditEntry.objects.get(act="change_membership_status").after["membership_status"]
            == "lost_contact"
        )

    def test_not_to_what_it_is(self, world):
        with refused(MemberFactError) as caught:
            self.change(world, MembershipStatus.NORMAL)
        assert caught.value.field == "membership_status"

    def test_not_from_a_day_of_a_past_year(self, world):
        with refused(MemberFactError) as caught:
            self.change(world, MembershipStatus.SUSPENDED, EVE)
        assert caught.value.field == "on"


class TestExemptions:
    def grant(self, world, days=None, category=ExemptionCategory.FRAIL):
        days = days or period(DAY)
        return grant_exemption(
            member_id=world.member.pk, category=category, days=days, by=world.by, at=NOON
        )

    def end(self, world, exemption, day):
        return end_exemption(
            member_id=world.member.pk,
            exemption_id=exemption.pk,
            on=day,
            by=world.by,
            at=NOON + timedelta(hours=1),
        )

    def test_hold_until_they_are_ended(self, world):
        exemption = self.grant(world)
        self.end(world, exemption, DAY + timedelta(days=30))

        stored = Exemption.objects.get()
        assert (stored.category, stored.period) == ("frail", period(DAY, DAY + timedelta(days=30)))
        assert stored.recorded_at == NOON + timedelta(hours=1)
        granted, ended = (
            AuditEntry.objects.get(act=act) for act in ("grant_exemption", "end_exemption")
        )
        assert granted.after["category"] == "frail"
        assert ended.before != ended.after

    def test_are_one_at_a_time(self, world):
        self.grant(world)

        with refused(MemberFactError) as caught:
            self.grant(world, period(DAY + timedelta(days=9)))
        assert caught.value.field == "on"

    def test_follow_each_other(self, world):
        self.grant(world, period(DAY, DAY + timedelta(days=9)))
        self.grant(world, period(DAY + timedelta(days=9)), ExemptionCategory.SERIOUS_ILLNESS)

        assert Exemption.objects.count() == 2

    @pytest.mark.parametrize("day", [EVE, START])
    def test_do_not_begin_or_end_in_a_past_year(self, world, day):
        with refused(MemberFactError) as caught:
            self.grant(world, period(day))
        assert caught.value.field == "on"

        exemption = factories.exempt(world.member)
        with refused(MemberFactError):
            self.end(world, exemption, day)

    def test_are_of_members_who_belong_somewhere(self, world):
        world.member.memberships.update(period=period(START, DAY))

        with refused(MemberFactError):
            self.grant(world)

    @pytest.mark.parametrize("days", [-1, 0])
    def test_end_after_they_began(self, world, days):
        exemption = self.grant(world)

        with refused(MemberFactError) as caught:
            self.end(world, exemption, DAY + timedelta(days=days))
        assert caught.value.field == "on"

    def test_do_not_end_twice(self, world):
        exemption = self.grant(world, period(DAY, DAY + timedelta(days=30)))

        with refused(MemberFactError):
            self.end(world, exemption, DAY + timedelta(days=30))
        self.end(world, exemption, DAY + timedelta(days=29))


class TestPosts:
    def appoint(self, world, day=DAY, kind=PostKind.SECRETARY):
        return appoint_to_post(
            member_id=world.member.pk,
            organisation=world.here,
            kind=kind,
            on=day,
            by=world.by,
            at=NOON,
        )

    def end(self, world, post, day):
        return end_post(member_id=world.member.pk, post_id=post.pk, on=day, by=world.by, at=NOON)

    def test_a_secretary_with_an_account_has_the_role_from_that_day_on(self, world):
        world.member.user = factories.make_user()
        world.member.save()
        assert held_roles(world.member.user) == {Role.MEMBER}

        post = self.appoint(world)

        del world.member.user._held_roles
        assert held_roles(world.member.user) == {Role.MEMBER, Role.BRANCH_SECRETARY}
        self.end(world, post, DAY + timedelta(days=1))
        del world.member.user._held_roles
        assert held_roles(world.member.user) == {Role.MEMBER}
        acts = AuditEntry.objects.values_list("act", flat=True)
        assert {"appoint_to_post", "end_post"} <= set(acts)

    @pytest.mark.parametrize("days", [-1, 0, 1])
    def test_not_twice_at_a_time(self, world, days):
        self.appoint(world)

        with refused(MemberFactError) as caught:
            self.appoint(world, DAY + timedelta(days=days))
        assert caught.value.field == "on"

    def test_but_again_after_its_end(self, world):
        post = self.appoint(world)
        end = DAY + timedelta(days=10)
        self.end(world, post, end)

        assert self.appoint(world, end).period == period(end)

    @pytest.mark.parametrize("days", [-1, 0])
    def test_ends_after_its_first_day(self, world, days):
        post = self.appoint(world)

        with refused(MemberFactError):
            self.end(world, post, DAY + timedelta(days=days))

    def test_ends_once(self, world):
        post = self.appoint(world)
        self.end(world, post, DAY + timedelta(days=10))

        with refused(MemberFactError):
            self.end(world, post, DAY + timedelta(days=10))
        self.end(world, post, DAY + timedelta(days=5))
        post.refresh_from_db()
        assert post.period == period(DAY, DAY + timedelta(days=5))

    def test_not_without_a_membership(self, world):
        Membership.objects.update(period=period(START, DAY))

        with refused(MemberFactError) as caught:
            self.appoint(world)
        assert caught.value.field == "on"

    def test_neither_begins_nor_ends_in_a_past_year(self, world):
        post = make_leader(world.here).posts.get()

        for act in (
            lambda: self.appoint(world, EVE),
            lambda: end_post(
                member_id=post.member_id, post_id=post.pk, on=EVE, by=world.by, at=NOON
            ),
        ):
            with refused(MemberFactError) as caught:
                act()
            assert caught.value.field == "on"

    def test_not_in_an_organisation_that_will_end_or_was_closed_meanwhile(self, world):
        for end in (DAY, DAY + YEAR):
            Organisation.objects.filter(pk=world.here.pk).update(period=period(START, end))

            with refused(MemberFactError) as caught:
                self.appoint(world)
            assert caught.value.field == "organisation"


class TestFullMembership:
    def record(self, world, on):
        record_full_membership(member_id=world.member.pk, on=on, by=world.by, at=NOON)

    @pytest.mark.parametrize("on", [date(1995, 7, 1), date(1996, 7, 1), date(2026, 5, 20)])
    def test_is_recorded_between_joining_and_today(self, world, on):
        self.record(world, on)

        world.member.refresh_from_db()
        assert world.member.full_member_on == on
        assert AuditEntry.objects.get(act="change_record").after == {
            "full_member_on": on.isoformat()
        }

    @pytest.mark.parametrize("on", [date(1995, 6, 30), date(2026, 5, 21)])
    def test_is_not_recorded_for_another_day(self, world, on):
        with refused(MemberFactError) as caught:
            self.record(world, on)
        assert caught.value.field == "on"

    def test_is_not_recorded_over_a_day_that_stands(self, world):
        """A member full for years would be taken for a new one; a correction names the old day."""
        self.record(world, date(2011, 7, 1))

        with refused(MemberFactError) as caught:
            self.record(world, DAY)
        assert caught.value.field == "on"
        assert "2011" in str(caught.value)
        world.member.refresh_from_db()
        assert world.member.full_member_on == date(2011, 7, 1)


class TestDaysOfJoining:
    def correct(self, world, *, seen=None, reason="按档案更正", **days):
        stored = Member.objects.get(pk=world.member.pk)
        return correct_days(
            member_id=stored.pk,
            seen=seen or state_of(stored, ["joined_on", "full_member_on"]),
            reason=reason,
            by=world.by,
            at=NOON,
            **{"joined_on": date(2010, 7, 1), "full_member_on": date(2011, 7, 1), **days},
        )

    def test_are_corrected_with_a_reason_that_the_trail_keeps(self, world):
        self.correct(world)

        entry = AuditEntry.objects.get(act="change_record")
        assert entry.before == {"joined_on": "1995-07-01", "full_member_on": None}
        assert entry.after == {
            "joined_on": "2010-07-01",
            "full_member_on": "2011-07-01",
            "reason": "按档案更正",
        }

    def test_may_be_unknown(self, world):
        assert self.correct(world, joined_on=None, full_member_on=None).joined_on is None

    @pytest.mark.parametrize(
        ("typed", "field"),
        [
            ({"joined_on": date(2026, 5, 21), "full_member_on": None}, "joined_on"),
            ({"full_member_on": date(2026, 5, 21)}, "full_member_on"),
            ({"joined_on": date(1900, 1, 1)}, "joined_on"),
            ({"full_member_on": date(2009, 1, 1)}, "__all__"),
            ({"joined_on": date(1995, 7, 1), "full_member_on": None}, "joined_on"),
            ({"reason": "  "}, "reason"),
            ({"seen": "other"}, "__all__"),
        ],
    )
    def test_are_possible_days(self, world, typed, field):
        with refused(MemberFactError) as caught:
            self.correct(world, **typed)
        assert caught.value.field == field


class TestCorrections:
    @pytest.fixture
    def member(self, world):
        world.member.phone = "13800000001"
        world.member.user = factories.make_user(phone="13800000001")
        world.member.save()
        return world.member

    def correct(self, world, member, name="张玮", phone="13800000002", seen=None):
        stored = Member.objects.get(pk=member.pk)
        seen = seen or state_of(stored, ["name", "phone"])
        return correct_member(member=stored, name=name, phone=phone, by=world.by, seen=seen)

    def test_name_and_what_follows_from_it(self, world, member):
        self.correct(world, member)

        member.refresh_from_db()
        assert (member.name, member.name_initials, member.phone) == ("张玮", "zw", "13800000002")
        entry = AuditEntry.objects.filter(act="change_record", object_type="trainees.member").get()
        assert entry.after["phone"] == "138****0002"

    def test_the_name_of_the_account_follows(self, world, member):
        self.correct(world, member)

        member.user.refresh_from_db()
        assert member.user.display_name == "张玮"

    def test_the_phone_to_sign_in_with_follows(self, world, member):
        self.correct(world, member)

        member.user.refresh_from_db()
        assert member.user.phone == "13800000002"

    @pytest.mark.parametrize("phone", ["", "13800000009"])
    def test_also_when_it_is_taken_away_but_not_from_another_account(self, world, member, phone):
        factories.make_user(phone="13800000009")

        self.correct(world, member, phone=phone)

        member.user.refresh_from_db()
        assert member.user.phone == (None if phone == "" else "13800000001")

    def test_a_phone_of_the_accounts_own_stays(self, world, member):
        member.user.phone = "13900000000"
        member.user.save()

        self.correct(world, member)

        member.user.refresh_from_db()
        assert member.user.phone == "13900000000"

    def test_not_over_what_somebody_else_has_changed_meanwhile(self, world, member):
        seen = state_of(Member.objects.get(pk=member.pk), ["name", "phone"])
        self.correct(world, member)

        with refused(MemberFactError):
            self.correct(world, member, name="张炜", seen=seen)

    def test_a_clerk_touches_the_phone_alone(self, world, member):
        stored = Member.objects.get(pk=member.pk)
        stored.name = "别人"

        correct_phone(
            member=stored, phone="13800000003", by=world.by, seen=state_of(member, ["phone"])
        )

        member.refresh_from_db()
        assert (member.name, member.phone) == ("张伟", "13800000003")
        assert (member.name_pinyin, member.name_initials) == ("zhang wei", "zw")
        assert member.user.display_name != "别人"
