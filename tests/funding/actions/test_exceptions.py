"""A cost beyond a rule is refused, or waits until another person grants an exception."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import translation

from accounts.enums import Role
from accounts.models import AuditEntry
from config.lib.periods import period
from funding.actions.commitments import release_commitment
from funding.actions.exceptions import decide_exception
from funding.errors import FundError
from funding.models import Commitment, ExceptionDecision, FeeRule, LimitRule
from funding.queries.fund_check import list_fund_findings
from tests import factories
from tests.factories import DAY, MORNING, NOON, START, acting, grant
from tests.funding.vouchers import VoucherWorld
from tests.funding.world import DUES
from tests.refusals import refused

pytestmark = pytest.mark.django_db

WHY = "区委办公会〔2026〕3号决定，已询价"


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def world() -> VoucherWorld:
    made = VoucherWorld(amount=20_000)
    made.allocate(100_000, purpose="equipment")
    return made


def item(world: VoucherWorld, amount: str = "20000.01", reason: str = WHY, **fields) -> Commitment:
    cost = {"use": "venue_equipment", "subject": "多媒体讲台"}
    return world.commit(amount, reason=reason, **cost | fields)


def decide(world: VoucherWorld, commitment: Commitment, outcome: str = "granted", **fields):
    by = fields.pop("by", world.officer)
    facts = {"outcome": outcome, "reason": "确有需要"} | fields
    return decide_exception(commitment_id=commitment.pk, **facts, by=acting(by), at=NOON)


def state(commitment: Commitment) -> str:
    return Commitment.objects.with_stages().get(pk=commitment.pk).state


class TestAnException:
    def test_is_asked_for_decided_and_then_approved_by_another(self, world):
        commitment = item(world)
        assert state(commitment) == "to_check"
        world.check(commitment)
        assert state(commitment) == "to_decide"
        with refused(FundError, "has not decided"):
            world.approve(commitment)
        decide(world, commitment)
        assert state(commitment) == "to_approve"
        world.approve(commitment)

        assert list_fund_findings() == []
        asked = commitment.exception
        assert (asked.most, asked.reached, asked.reason) == (20000, Decimal("20000.01"), WHY)
        entry = AuditEntry.objects.get(act="decide_exception")
        assert entry.after["outcome"] == "granted"

    def test_that_is_refused_ends_in_a_release(self, world):
        commitment = item(world)
        world.check(commitment)
        decide(world, commitment, "refused")
        assert state(commitment) == "refused"
        with refused(FundError, "is refused"):
            world.approve(commitment)

        by = acting(world.clerk)
        release_commitment(commitment_id=commitment.pk, reason="未获批准", by=by, at=NOON)

        assert state(commitment) == "settled"

    def test_is_decided_once_after_the_check_and_with_a_reason(self, world):
        commitment = item(world)
        with refused(FundError, "custodian"):
            decide(world, commitment)
        world.check(commitment)
        with refused(FundError, "Say why") as caught:
            decide(world, commitment, reason=" ")
        assert caught.value.field == "reason"
        decide(world, commitment)
        with refused(FundError, "another step"):
            decide(world, commitment, "refused")
        with refused(FundError, "Nobody asked"):
            decide(world, world.commit(1))

    def test_needs_a_reason_and_a_breach(self, world):
        with refused(FundError, r"20,000\.01 yuan are more .*in force since") as caught:
            item(world, reason="")
        assert caught.value.field == "exception_reason"
        with refused(FundError, "needs no exception") as caught:
            item(world, "20000")
        assert caught.value.field == "exception_reason"
        assert item(world, "20000", reason="")

    def test_is_not_possible_where_the_rule_blocks(self, world):
        LimitRule.objects.filter(kind="equipment_item").update(on_breach="blocks")

        with refused(FundError, "more than") as caught:
            item(world)

        assert caught.value.field == "amount"

    def test_follows_the_rule_of_its_day(self, world):
        LimitRule.objects.filter(kind="equipment_item").update(period=period(START, DAY))
        assert item(world, reason="")

        new = {"most": 100, "on_breach": "exception", "source": "新规定", "period": period(DAY)}
        LimitRule.objects.create(kind="equipment_item", **new)

        assert item(world, "100.01").exception.limit_rule.source == "新规定"


class TestTwoPeople:
    def test_only_the_department_decides(self, world):
        commitment = item(world)
        world.check(commitment)
        for user in (world.clerk, world.custodian, world.approver, world.payer, world.auditor):
            with refused(PermissionDenied):
                decide(world, commitment, by=user)

    @pytest.mark.parametrize("who", ["clerk", "custodian"])
    def test_who_asked_or_checked_does_not_decide(self, world, who):
        commitment = item(world)
        world.check(commitment)
        user = getattr(world, who)
        grant(user, Role.ORGANISATION_DEPARTMENT)

        with refused(FundError, "Who asks"):
            decide(world, commitment, by=user)

    def test_nobody_decides_on_a_fee_of_their_own(self, world):
        FeeRule.objects.filter(title="none").update(on_breach="exception")
        world.lecturer.user = world.officer
        world.lecturer.save()
        world.session()
        fee = {"use": "lecturer_fee", "training_class": world.training_class}
        of = fee | {"instructor": world.lecturer, "fee_hours": Decimal(2)}
        commitment = world.commit("1000.01", reason=WHY, **of)
        world.check(commitment)

        with refused(FundError, "your own"):
            decide(world, commitment)
        decide(world, commitment, by=factories.make_department_officer())
        world.approve(commitment)

        assert list_fund_findings() == []

    @pytest.mark.parametrize("step", ["approve", "pay"])
    def test_who_granted_neither_approves_nor_pays(self, world, step):
        commitment = item(world)
        world.check(commitment)
        decide(world, commitment)
        if step == "pay":
            world.approve(commitment)
        role = {"approve": Role.APPROVER, "pay": Role.PAYER}[step]
        world.officer.role_grants.all().delete()
        grant(world.officer, role, world.school, channel="fiscal")

        with refused(FundError, "Who asks"):
            getattr(world, step)(commitment, *([1] if step == "pay" else []), by=world.officer)


class TestAClass:
    """Its costs in all keep 550 yuan for each person and day; lecturers are paid apart."""

    def test_adds_up_over_uses_and_channels(self, world):
        world.allocate(5_000, channel=DUES, decision="部务会")
        of = {"training_class": world.training_class}
        world.session()
        world.commit(300, use="lodging", **of)
        world.commit(200, channel=DUES, **of)

        with refused(FundError, r"550\.01 yuan are more than 550\.00 .* 1 people on 1 days"):
            world.commit("50.01", use="transport", **of)
        assert world.commit(50, use="transport", **of)

    def test_of_more_people_and_days_may_cost_more(self, world):
        world.session()
        world.session(starts_at=MORNING + timedelta(hours=7))
        world.session(starts_at=MORNING + timedelta(days=1))
        people = [factories.make_member(factories.make_organisation(world.school)) for _ in "12"]
        factories.enrol(world.training_class, *people)

        assert world.commit(550 * 3 * 2, training_class=world.training_class)
        with refused(FundError):
            world.commit("0.01", training_class=world.training_class)

    def test_counts_places_while_nobody_is_enrolled(self, world):
        empty = factories.make_class(world.school)
        empty.capacity = 20
        empty.save()

        assert world.commit(550 * 20, training_class=empty)
        with refused(FundError, "20 people"):
            world.commit(1, training_class=empty)

    def test_does_not_count_what_was_released_nor_its_lecturers(self, world):
        world.session()
        of = {"training_class": world.training_class}
        former = world.commit(550, **of)
        by = acting(world.clerk)
        release_commitment(commitment_id=former.pk, reason="取消", by=by, at=NOON)
        world.fee(4)

        assert world.commit(550, **of)

    def test_beyond_it_needs_an_exception(self, world):
        world.session()
        commitment = world.commit(600, training_class=world.training_class, reason=WHY)

        assert (commitment.exception.most, commitment.exception.reached) == (550, 600)
        assert commitment.exception.limit_rule.kind == "person_day"
        assert not ExceptionDecision.objects.exists()


class TestHalfDays:
    def test_another_rule_pays_other_hours_from_its_day(self, world):
        rules = LimitRule.objects.filter(kind="half_day_hours")
        rules.update(period=period(START, DAY))
        new = {"most": 3, "on_breach": "blocks", "source": "新规定", "period": period(DAY)}
        LimitRule.objects.create(kind="half_day_hours", **new)
        world.session(hours="4", starts_at=MORNING - timedelta(days=1))
        world.session(hours="4")

        with refused(FundError, "At most 7 hours"):
            world.fee("7.25")
        world.fee(7)

    def test_without_a_rule_all_hours_are_paid(self, world):
        LimitRule.objects.filter(kind="half_day_hours").delete()
        world.session(hours="6")

        assert world.fee(6)
