"""Members who leave: what ends on that day, who is judged after it, and taking it back."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from django.utils import translation

from accounts.activation import issue_codes
from accounts.enums import Role
from accounts.models import AuditEntry
from config.lib.periods import at_local, period
from rolls.actions.cards import issue_cards
from tests import factories
from tests.admin_pages import make_officer
from tests.factories import START, make_leader, make_member, make_organisation
from tests.refusals import refused
from trainees.actions.departures import record_departure, return_member, take_back_departure
from trainees.actions.people import transfer_member
from trainees.enums import DepartureKind, MembershipStatus, PostKind
from trainees.errors import MemberFactError
from trainees.models import Departure, Member, Membership, Post
from trainees.queries.trail import find_by_number
from years.queries.hours import get_year_of
from years.queries.overview import list_figures

pytestmark = pytest.mark.django_db

DAY = date(2026, 5, 4)
AT = at_local(date(2026, 6, 1), 10)


class World:
    def __init__(self) -> None:
        self.school = factories.make_school()
        self.here = make_organisation(self.school)
        self.member = make_leader(self.here)
        self.member.user = factories.make_user()
        self.member.save()
        self.exemption = factories.exempt(self.member)
        self.officer = make_officer(Role.ORGANISATION_DEPARTMENT)
        self.by = factories.acting(self.officer)

    def leave(self, member: Member | None = None, **changes):
        facts = {"kind": DepartureKind.DEATH, "on": DAY, "document": "", "by": self.by, "at": AT}
        return record_departure(member_id=(member or self.member).pk, **facts | changes)

    def take_back(self, departure: Departure, **changes):
        facts = {"reason": "登记错了人", "by": self.by, "at": AT}
        return take_back_departure(departure_id=departure.pk, **facts | changes)

    def entries_of_account(self) -> list:
        """What the trail says of the member's account, oldest first."""
        key = str(self.member.user.pk)
        entries = AuditEntry.objects.filter(object_type="accounts.user", object_id=key)
        return [*entries.order_by("pk").values_list("before", "after")]

    def facts(self) -> list:
        """All dated facts of the member, as they stand."""
        rows = (self.member.memberships, self.member.posts, self.member.exemptions)
        return [sorted(manager.values_list("pk", "period")) for manager in rows]


def refusal(act, *who, **facts) -> MemberFactError:
    """The error of an act that is refused, in English."""
    with translation.override("en"), refused(MemberFactError) as caught:
        act(*who, **facts)
    return caught.value


@pytest.fixture
def world() -> World:
    return World()


class TestADeparture:
    @pytest.mark.parametrize("kind", DepartureKind)
    def test_ends_membership_posts_and_exemptions_on_its_day(self, world, kind):
        world.leave(kind=kind, document="区组决〔2026〕7号")

        ended = period(START, DAY)
        assert [row[0][1] for row in world.facts()] == [ended] * 3
        departure = Departure.objects.get()
        assert (departure.kind, departure.left_on) == (kind, DAY)
        assert (departure.organisation, departure.recorded_by) == (world.here, world.officer)

    def test_is_in_the_trail_and_found_by_the_members_number(self, world):
        left = world.leave()

        entry = AuditEntry.objects.get(act="record_departure")
        assert entry.after["posts_ended"] == [left.posts[0].pk]
        assert find_by_number(world.member.number)[Departure] == [left.departure.pk]

    def test_removes_what_would_begin_later(self, world):
        there = make_organisation(world.school, "第二党支部")
        later = DAY + timedelta(days=10)
        transfer_member(member_id=world.member.pk, organisation=there, on=later, by=world.by, at=AT)

        world.leave()

        assert Membership.objects.get(member=world.member).period == period(START, DAY)

    def test_disables_the_account_and_ends_its_sessions(self, world):
        before = world.member.user.session_epoch
        assert world.leave().is_disabled

        world.member.user.refresh_from_db()
        assert not world.member.user.is_active
        assert world.member.user.session_epoch > before

    def test_is_in_the_trail_of_the_account_like_taking_it_back(self, world):
        departure = world.leave().departure
        assert world.entries_of_account() == [({"is_active": True}, {"is_active": False})]

        world.take_back(departure)

        assert world.entries_of_account()[1:] == [({"is_active": False}, {"is_active": True})]

    @pytest.mark.parametrize("role", [Role.SECURITY_ADMINISTRATOR, Role.SCHOOL_CLERK])
    def test_leaves_an_account_with_a_granted_role_to_the_security_administrator(self, world, role):
        factories.grant(
            world.member.user, role, world.school if role == Role.SCHOOL_CLERK else None
        )

        assert world.leave().keeps_account
        world.member.user.refresh_from_db()
        assert world.member.user.is_active

    def test_ends_sessions_and_slips_of_a_secretary_who_keeps_the_account(self, world):
        user = world.member.user
        factories.grant(user, Role.SCHOOL_CLERK, world.school)
        key = UUID("00000000-0000-4000-8000-000000000002")
        issue_codes(users=[user], key=key, by=world.by, at=AT)
        before = user.session_epoch

        (post,) = world.leave().posts

        user.refresh_from_db()
        assert user.is_active
        assert user.session_epoch > before
        assert user.activation_codes.get().ended_at is not None
        entry = AuditEntry.objects.get(act="end_post")
        assert entry.object_id == str(post.pk)
        assert entry.after == {"period": str(period(START, DAY))}

    def test_takes_off_rosters_to_come_and_ends_the_card(self, world):
        ahead, over = factories.make_class(world.school), factories.make_class(world.school)
        for training_class, day in ((ahead, 20), (over, 3)):
            factories.make_session(training_class, starts_at=at_local(date(2026, 6, day), 9))
            factories.enrol(training_class, world.member)
        over.sessions.update(starts_at=at_local(date(2026, 5, 3), 9), held_on=date(2026, 5, 3))
        key = "00000000-0000-4000-8000-000000000001"
        issue_cards(member_ids=[world.member.pk], key=key, by=world.by, at=AT)

        left = world.leave()

        assert not ahead.enrolments.lasting().exists()
        assert over.enrolments.lasting().exists()
        assert world.member.cards.get().ended_at == AT
        assert len(left.sentences) == 2

    @pytest.mark.parametrize(
        ("day", "part"),
        [
            (date(2025, 12, 31), "are settled"),
            (date(2026, 6, 2), "lies ahead"),
            (date(2026, 1, 1), ""),
        ],
    )
    def test_is_of_this_year_up_to_today(self, world, day, part):
        if part:
            assert part in str(refusal(world.leave, on=day))
            assert not Departure.objects.exists()
        else:
            assert world.leave(on=day).departure.left_on == day

    def test_is_of_somebody_who_belongs_there(self, world):
        world.leave()
        assert "no organisation" in str(refusal(world.leave))

        new = make_member(world.here)
        new.memberships.update(period=period(DAY))
        assert "begins on that very day" in str(refusal(world.leave, new))

    def test_is_never_recorded_by_oneself(self, world):
        by = factories.acting(world.member.user)

        assert "concerns yourself" in str(refusal(world.leave, by=by))


class TestWhoHasLeft:
    def test_is_not_judged_and_counts_nowhere_from_that_day(self, world):
        other = make_member(world.here)
        (before,) = list_figures([world.school], 2026, AT)

        world.leave(other)

        (after,) = list_figures([world.school], 2026, AT)
        assert (before.counted, after.counted) == (1, 0)
        year = get_year_of(world.officer, other, 2026, AT.date())
        assert year.verdict is None
        assert (year.left_on, year.departure) == (DAY, DepartureKind.DEATH)
        assert "2026年5月4日" in year.sentence

    def test_is_judged_as_before_on_the_days_before(self, world):
        other = make_member(world.here)
        world.leave(other)

        assert get_year_of(world.officer, other, 2025, AT.date()).verdict.owed == 32
        (then,) = list_figures([world.school], 2026, at_local(DAY - timedelta(days=1), 12))
        assert then.counted == 1

    def test_is_seen_by_the_district_alone(self, world):
        world.leave()
        clerk = factories.make_clerk(world.school)

        assert not Member.objects.visible_to(world.officer, AT.date()).exists()
        assert Member.objects.on_record_for(world.officer, AT.date()).exists()
        assert not Member.objects.on_record_for(clerk, AT.date()).exists()
        assert Departure.objects.visible_to(clerk, AT.date()).exists()

    def test_may_come_back_with_the_account_that_was_disabled(self, world):
        world.leave(kind=DepartureKind.TRANSFER_OUT)
        back = date(2026, 5, 20)
        facts = {"organisation": world.here, "membership_status": MembershipStatus.NORMAL}

        return_member(member_id=world.member.pk, on=back, by=world.by, at=AT, **facts)

        assert [row.period for row in world.member.memberships.order_by("period")] == [
            period(START, DAY),
            period(back),
        ]
        world.member.user.refresh_from_db()
        assert world.member.user.is_active
        assert AuditEntry.objects.filter(act="return_member").exists()

    def test_comes_back_only_to_days_without_a_membership(self, world):
        facts = {"organisation": world.here, "membership_status": MembershipStatus.NORMAL}
        values = {"member_id": world.member.pk, "on": DAY, "by": world.by, "at": AT, **facts}

        assert "belongs to an organisation" in str(refusal(return_member, **values))


class TestTakingItBack:
    def test_restores_everything_as_it_was(self, world):
        before = world.facts()
        departure = world.leave().departure

        world.take_back(departure)

        assert world.facts() == before
        world.member.user.refresh_from_db()
        assert world.member.user.is_active
        departure.refresh_from_db()
        assert (departure.taken_back_by, departure.taken_back_at) == (world.officer, AT)
        assert AuditEntry.objects.get(act="take_back_departure").after["reason"] == "登记错了人"

    def test_restores_what_was_to_begin_later(self, world):
        there = make_organisation(world.school, "第二党支部")
        later = DAY + timedelta(days=10)
        transfer_member(member_id=world.member.pk, organisation=there, on=later, by=world.by, at=AT)
        departure = world.leave().departure

        world.take_back(departure)

        rows = world.member.memberships.order_by("period")
        assert [(row.organisation, row.period) for row in rows] == [
            (world.here, period(START, later)),
            (there, period(later)),
        ]

    def test_leaves_an_account_alone_that_was_disabled_before(self, world):
        type(world.member.user).objects.update(is_active=False)
        departure = world.leave().departure

        world.take_back(departure)

        world.member.user.refresh_from_db()
        assert not world.member.user.is_active

    def test_does_not_make_a_second_secretary(self, world):
        departure = world.leave().departure
        new = make_member(world.here, "王芳")
        Post.objects.create(
            member=new, organisation=world.here, kind=PostKind.SECRETARY, period=period(DAY)
        )

        with translation.override("en"):
            (why,) = world.take_back(departure).left_out

        assert "stays ended" in why
        assert "王芳" in why
        assert world.member.posts.get().period == period(START, DAY)

    def test_needs_a_reason_its_year_and_happens_once(self, world):
        departure = world.leave().departure

        assert refusal(world.take_back, departure, reason=" ").field == "reason"
        late = at_local(date(2027, 2, 2), 9)  # after the deadline of the year
        assert "are settled" in str(refusal(world.take_back, departure, at=late))
        world.take_back(departure)
        assert "meanwhile" in str(refusal(world.take_back, departure))

    def test_is_refused_once_the_member_belongs_again(self, world):
        departure = world.leave().departure
        facts = {"organisation": world.here, "membership_status": MembershipStatus.NORMAL}
        return_member(member_id=world.member.pk, on=AT.date(), by=world.by, at=AT, **facts)

        assert "again from" in str(refusal(world.take_back, departure))

    def test_is_refused_into_a_closed_organisation(self, world):
        departure = world.leave().departure
        world.here.period = period(START, date(2026, 5, 10))
        world.here.save()

        assert "closed" in str(refusal(world.take_back, departure))
        assert world.member.memberships.get().period == period(START, DAY)

    def test_allows_it_to_be_recorded_anew(self, world):
        world.take_back(world.leave().departure)

        again = world.leave(kind=DepartureKind.RESIGNATION).departure

        assert [*Departure.objects.standing()] == [again]
