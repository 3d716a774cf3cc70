"""What a class costs follows its plan; what was delivered is paid, and the rest is released."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from accounts.enums import ActorChannel
from accounts.models import AuditEntry
from accounts.origin import Actor
from classes.actions.calling_off import call_off_class, call_off_session
from classes.actions.enrolments import change_class
from config.lib.periods import calendar_year
from courses.records import save_session
from dispatch.actions.letters import confirm_letter
from funding.actions.commitments import release_commitment
from funding.errors import FundError
from funding.models import Commitment, CostRate, DeliveredCause
from funding.queries.class_money import explain, list_classes_without_money
from funding.queries.fund_check import list_fund_findings
from funding.queries.tasks import fund_tasks
from schools.models import School
from tests import factories
from tests.dispatch.world import LATER, BookingWorld
from tests.factories import NOON, acting
from tests.funding.class_world import BEFORE, CostWorld, set_rate
from tests.funding.world import FundWorld
from tests.refusals import refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> CostWorld:
    return CostWorld()


@pytest.fixture
def planned(world) -> CostWorld:
    world.plan()
    return world


def release(world: CostWorld, made: Commitment) -> None:
    by = acting(world.approver)
    release_commitment(commitment_id=made.pk, reason="讲师不取酬", by=by, at=NOON)


class TestAPlannedClass:
    def test_reserves_what_it_costs(self, planned):
        fee, meals = planned.reserved(), planned.reserved("meals")

        assert (fee.units, fee.unit_price, fee.amount) == (8, 100, 800)
        assert (fee.instructor, fee.fee_hours) == (planned.lecturer, 8)
        assert (meals.units, meals.unit_price, meals.amount) == (10, 20, 200)
        assert {fee.requested_by, meals.requested_by} == {planned.clerk}
        assert planned.holds()["available"] == 0
        assert planned.states() == {"lecturer_fee": "reserved", "meals": "reserved"}

    def test_pays_four_hours_of_a_half_day_and_the_ceiling_at_most(self, world):
        CostRate.objects.filter(use="lecturer_fee").update(amount=600)
        world.allocate(5000)
        world.session(starts_at=BEFORE.replace(hour=0), hours="6")
        world.tell_planned(acting(world.clerk))

        assert (world.reserved().units, world.reserved().unit_price) == (4, 500)

    def test_is_planned_without_money_too(self, world):
        world.commit(900)
        world.plan()

        assert world.states() == {"lecturer_fee": "missing", "meals": "missing"}
        assert explain(world.costs()["lecturer_fee"]).startswith("申请 800.00")
        (task,) = fund_tasks(world.clerk, NOON)
        assert task.url.endswith("/funds/classes/")

    def test_is_asked_for_in_one_act_once_there_is_money(self, world):
        world.commit(900)
        world.plan()
        with refused(FundError):
            world.ask("lecturer_fee", "meals")
        world.allocate(900)
        world.ask("lecturer_fee", "meals")

        assert world.states() == {"lecturer_fee": "reserved", "meals": "reserved"}
        assert fund_tasks(world.clerk, NOON) == []
        with refused(FundError):
            world.ask("meals")

    def test_may_be_paid_from_the_other_channel(self, world):
        world.commit(1000)
        world.plan()
        world.allocate(1000, channel="dues", decision="部务会")
        world.ask("meals", channel="dues")

        assert world.reserved("meals").channel == "dues"

    def test_beyond_a_limit_waits_for_the_reason_of_an_exception(self, world):
        CostRate.objects.filter(use="meals").update(amount=600)
        world.allocate(9000)
        world.plan()

        assert world.states() == {"lecturer_fee": "reserved", "meals": "missing"}
        assert explain(world.costs()["meals"]).startswith(
            "达到 6,000.00 元，超过允许的 5,500.00 元"
        )
        with refused(FundError):
            world.ask("meals")
        world.ask("meals", exception_reason="食堂停业，经部务会研究")
        assert world.reserved("meals").exception.most == 5500, "of its ten places"

    def test_within_all_limits_needs_no_reason(self, world):
        world.commit(900)
        world.plan()
        world.allocate(900)
        with refused(FundError) as refusal:
            world.ask("lecturer_fee", "meals", exception_reason="以防万一")
        assert refusal.value.field == "exception_reason"

    def test_is_asked_for_by_the_clerk_of_the_school_that_holds_it(self, planned):
        other = factories.make_school("120111009", "外校")
        with pytest.raises(PermissionDenied):
            planned.ask("meals", by=factories.make_clerk(other))

    def test_reserves_nothing_where_no_person_acts(self, world):
        world.tell_planned(Actor(None, ActorChannel.COMMAND))
        world.plan(by=None)
        assert Commitment.objects.count() == 2

    def test_without_rates_costs_nothing(self, world):
        CostRate.objects.all().delete()
        world.plan()

        assert world.costs() == {}
        assert list_classes_without_money(School.objects.all(), NOON.date()) == []

    def test_pays_for_hired_places_and_trips(self, world):
        set_rate("venue", 30)
        set_rate("transport", 50)
        world.plan()
        session = world.sessions[0]
        world.training_class.mode = "outreach"
        world.training_class.save()
        session.training_class.mode = "outreach"
        session.venue, session.place = None, "村史馆"
        world.allocate(1000)
        save_session(obj=session, by=acting(world.clerk), at=BEFORE, fields=["venue", "place"])

        assert world.reserved("venue").amount == 30
        assert world.reserved("transport").amount == 50

    def test_online_costs_its_lecturer_alone(self, world):
        world.training_class.mode = "online"
        world.training_class.save()
        world.plan()

        assert set(world.costs()) == {"lecturer_fee"}


def test_a_booking_that_is_confirmed_reserves_once_by_who_confirms():
    booking = BookingWorld()
    world = FundWorld(school=booking.school)
    set_rate("lecturer_fee", 100, "none")
    for engagement in booking.propose_evenings():
        booking.accept(engagement)
    letter = confirm_letter(letter_id=engagement.letter_id, by=acting(booking.clerk), at=LATER)

    fee = Commitment.objects.get()
    assert fee.training_class == letter.training_class
    assert (fee.units, fee.requested_by) == (4, booking.clerk)
    assert world.holds()["committed"] == 400


class TestAChangedClass:
    def test_that_is_called_off_gives_its_money_back(self, planned):
        by = acting(planned.clerk)
        call_off_class(training_class_id=planned.training_class.pk, reason="停电", by=by, at=BEFORE)

        assert planned.holds()["available"] == 1000
        assert planned.costs() == {}
        entry = AuditEntry.objects.filter(act="withdraw_commitment").first()
        assert entry.actor == planned.clerk

    def test_with_one_session_less_needs_less(self, planned):
        session = planned.sessions[1]
        by = acting(planned.clerk)
        call_off_session(session_id=session.pk, reason="停电", by=by, at=BEFORE)

        assert planned.reserved().amount == 400
        assert set(planned.costs()) == {"lecturer_fee"}
        assert planned.holds()["available"] == 600

    def test_with_another_lecturer_reserves_for_that_one(self, planned):
        other = factories.make_lecturer(planned.school, name="韩雪")
        for session in planned.sessions:
            planned.substitute(session, other)
        planned.substitute(planned.sessions[0], planned.lecturer)

        held = {
            cost.instructor: cost.commitment.amount
            for cost in planned.costs().values()
            if cost.instructor
        }
        assert held[other] == 400
        assert planned.holds()["committed"] == 1000
        assert list_fund_findings() == []

    def test_with_fewer_places_needs_fewer_meals(self, planned):
        training_class = planned.training_class
        training_class.capacity = 4
        change_class(obj=training_class, by=acting(planned.clerk), at=BEFORE, fields=["capacity"])

        assert planned.reserved("meals").amount == 80

    def test_that_needs_more_than_there_is_keeps_what_it_has(self, planned):
        training_class = planned.training_class
        training_class.capacity = 11
        change_class(obj=training_class, by=acting(planned.clerk), at=BEFORE, fields=["capacity"])

        assert planned.states()["meals"] == "differs"
        assert planned.reserved("meals").amount == 200
        planned.allocate(20)
        planned.ask("meals")
        assert planned.reserved("meals").amount == 220
        assert planned.states()["meals"] == "reserved"

    def test_keeps_what_is_approved_and_lists_it(self, planned):
        planned.approve_all()
        by = acting(planned.clerk)
        call_off_session(session_id=planned.sessions[1].pk, reason="停电", by=by, at=BEFORE)

        assert planned.states() == {"lecturer_fee": "differs", "meals": "differs"}
        assert planned.holds()["approved"] == 1000
        assert "已审批" in explain(planned.costs()["meals"])
        with refused(FundError):
            planned.ask("meals")

    def test_leaves_alone_what_somebody_gave_back(self, planned):
        release(planned, planned.reserved())
        planned.tell_planned(acting(planned.clerk))

        assert planned.states()["lecturer_fee"] == "given_up"
        planned.ask("lecturer_fee")
        assert planned.states()["lecturer_fee"] == "reserved"


class TestWhatIsAskedForByHand:
    def test_is_nothing_that_the_class_causes(self, planned):
        planned.allocate(500)
        with refused(FundError):
            planned.commit(20, training_class=planned.training_class)
        assert planned.commit(20, training_class=planned.training_class, use="materials")

    def test_is_no_class_of_another_school(self, planned):
        other = factories.make_school("120111009", "外校")
        planned.allocate(500)
        with refused(FundError):
            planned.commit(20, training_class=factories.make_class(other), use="materials")

    def test_stands_where_it_was_before_the_rates(self, world):
        CostRate.objects.all().delete()
        by_hand = world.commit(50, training_class=world.training_class)
        set_rate("meals", 20)
        world.plan()

        assert world.states() == {"meals": "by_hand"}
        assert world.reserved("meals") == by_hand


class TestWhatWasDelivered:
    @pytest.fixture
    def approved(self, planned) -> CostWorld:
        planned.approve_all()
        return planned

    def test_is_nothing_before_the_roll(self, approved):
        with refused(FundError):
            approved.pay(approved.reserved("meals"), 20)

    def test_is_all_that_is_paid(self, approved):
        approved.take_rolls()
        meals = approved.reserved("meals")
        with refused(FundError):
            approved.pay(meals, "20.01")
        approved.pay(meals, 15)
        approved.pay(meals, 5)
        with refused(FundError):
            approved.pay(meals, "0.01")
        approved.pay(approved.reserved(), 800)

        assert sorted(DeliveredCause.objects.values_list("units", flat=True)) == [1, 1, 8]
        assert list_fund_findings() == []

    def test_leaves_out_who_was_absent(self, approved):
        approved.take_rolls(status="absent")
        with refused(FundError):
            approved.pay(approved.reserved("meals"), "0.01")

    def test_releases_the_rest_in_one_act(self, approved):
        with refused(FundError):
            approved.settle()
        approved.take_rolls()
        assert approved.costs()["meals"].difference == -180
        approved.settle()

        assert approved.holds() == {"available": 180, "committed": 0, "approved": 820, "paid": 0}
        approved.pay(approved.reserved("meals"), 20)
        assert approved.states() == {"lecturer_fee": "reserved", "meals": "closed"}
        with refused(FundError):
            approved.settle()

    def test_is_settled_before_the_approval_too(self, planned):
        planned.take_rolls()
        planned.settle(by=planned.clerk)

        assert planned.holds()["committed"] == 820
        assert planned.states()["meals"] == "reserved"

    def test_is_settled_by_those_who_may_release(self, approved):
        approved.take_rolls()
        for user in (approved.clerk, approved.payer):
            with pytest.raises(PermissionDenied):
                approved.settle(by=user)

    def test_does_not_depend_on_rates_of_later(self, approved):
        approved.take_rolls()
        CostRate.objects.filter(use="meals").update(amount=5, period=calendar_year(2027))

        approved.pay(approved.reserved("meals"), 20)
        assert approved.costs()["meals"].delivered_amount == Decimal(20)
