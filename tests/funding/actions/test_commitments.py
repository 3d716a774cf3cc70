"""The life of a cost, and that no step is taken by who took another."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import translation

from accounts.enums import MONEY_ROLES, Role
from accounts.models import AuditEntry
from config.lib.periods import day_before, local_date, period
from funding.actions.commitments import release_commitment
from funding.actions.reversals import reverse_transaction
from funding.errors import FundError
from funding.models import Commitment, UseRule
from funding.queries.fund_check import list_fund_findings
from schools.models import RoleGrant
from tests import factories
from tests.factories import NOON, START, acting, grant
from tests.funding.world import DUES, FISCAL, FundWorld
from tests.refusals import refused
from trainees.models import Member

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def world() -> FundWorld:
    return FundWorld()


def release(world: FundWorld, commitment: Commitment, by) -> None:
    release_commitment(commitment_id=commitment.pk, reason="取消", by=acting(by), at=NOON)


def reverse(posted, by) -> None:
    reverse_transaction(transaction_id=posted.pk, reason="误付", by=acting(by), at=NOON)


def state(commitment: Commitment) -> str:
    return Commitment.objects.with_stages().get(pk=commitment.pk).state


class TestTheLife:
    def test_goes_from_the_request_to_payments_in_parts(self, world):
        commitment = world.commit(100)
        assert world.holds() == {"available": 900, "committed": 100, "approved": 0, "paid": 0}
        assert state(commitment) == "to_check"
        world.check(commitment)
        assert state(commitment) == "to_approve"
        world.approve(commitment)
        assert state(commitment) == "to_pay"
        world.pay(commitment, "33.33")
        assert world.holds() == {
            "available": 900,
            "committed": 0,
            "approved": Decimal("66.67"),
            "paid": Decimal("33.33"),
        }
        world.pay(commitment, "66.67")
        assert state(commitment) == "settled"

        assert list_fund_findings() == []
        acts = AuditEntry.objects.exclude(act="allocate_funds").order_by("pk")
        assert list(acts.values_list("act", flat=True)) == [
            "commit_funds",
            "check_commitment",
            "approve_commitment",
            "pay_commitment",
            "pay_commitment",
        ]

    def test_nobody_asks_for_more_than_is_available(self, world):
        world.commit(900)

        with refused(FundError, match=r"100\.00 yuan are available") as caught:
            world.commit("100.01")

        assert caught.value.field == "amount"
        assert Commitment.objects.count() == 1

    def test_the_custodian_looks_before_the_approver(self, world):
        with refused(FundError, match="custodian"):
            world.approve(world.commit())

    def test_no_step_is_taken_twice(self, world):
        commitment = world.commit()
        world.check(commitment)
        with refused(FundError):
            world.check(commitment)
        world.approve(commitment)
        with refused(FundError):
            world.approve(commitment)
        with refused(FundError):
            world.pay(commitment, "100.01")
        with refused(FundError):
            world.pay(commitment, 0)

    def test_what_is_not_paid_is_released(self, world):
        commitment = world.approved(100)
        world.pay(commitment, 40)

        with refused(PermissionDenied):
            release(world, commitment, world.clerk)
        release(world, commitment, world.approver)

        assert world.holds() == {"available": 960, "committed": 0, "approved": 0, "paid": 40}
        with refused(FundError):
            release(world, commitment, world.approver)
        assert list_fund_findings() == []

    @pytest.mark.parametrize("who", ["clerk", "custodian", "approver"])
    def test_what_is_not_approved_is_released_by_who_asked_or_looks_on(self, world, who):
        commitment = world.commit()

        release(world, commitment, getattr(world, who))

        assert world.holds()["available"] == 1000


class TestAReversal:
    def test_of_a_payment_gives_it_back_to_what_is_approved(self, world):
        commitment = world.approved(100)
        payment = world.pay(commitment, 100)

        reverse(payment, world.payer)

        assert world.holds()["approved"] == 100
        assert list_fund_findings() == []
        with refused(FundError, match="already"):
            reverse(payment, world.payer)

    def test_of_an_approval_waits_for_its_payments(self, world):
        commitment = world.approved(100)
        world.approved(100)
        approval = commitment.transactions.get(kind="approval")
        payment = world.pay(commitment, 40)
        with refused(FundError, match="payments"):
            reverse(approval, world.approver)

        reverse(payment, world.payer)
        reverse(approval, world.approver)

        assert state(commitment) == "to_approve"
        assert list_fund_findings() == []

    def test_of_an_allocation_needs_its_money(self, world):
        commitment = world.commit(1)
        allocation = world.allocation.transactions.get()
        with refused(FundError):
            reverse(allocation, world.officer)

        release(world, commitment, world.clerk)
        reverse(allocation, world.officer)

        assert world.holds()["available"] == 0
        assert list_fund_findings() == []

    def test_is_by_who_may_take_the_step(self, world):
        commitment = world.approved(100)
        payment = world.pay(commitment, 100)
        for user in (world.clerk, world.custodian, world.approver, world.auditor, world.officer):
            with refused(PermissionDenied):
                reverse(payment, user)
        with refused(PermissionDenied):
            reverse(commitment.transactions.get(kind="commitment"), world.clerk)


class TestRules:
    def test_a_channel_pays_for_permitted_uses_alone(self, world):
        world.allocate(100, purpose="running")
        assert world.commit(10, use="running_costs").purpose == "running"

        with refused(FundError, match="dues supplement") as caught:
            world.commit(10, channel=DUES, use="running_costs")

        assert caught.value.field == "use"

    def test_a_rule_that_ended_permits_nothing_more(self, world):
        rule = UseRule.objects.get(channel=FISCAL, use="meals")
        rule.period = period(START, local_date(NOON))
        rule.save()

        with refused(FundError) as caught:
            world.commit(10)

        assert caught.value.field == "use"

    @pytest.mark.parametrize(
        ("title", "ceiling"), [("none", 500), ("professor", 1000), ("academician", 1500)]
    )
    def test_a_fee_keeps_the_ceiling_of_the_title(self, world, title, ceiling):
        world.allocate(9000)
        lecturer = factories.make_lecturer(world.school, title=title)
        fee = {"use": "lecturer_fee", "instructor": lecturer, "fee_hours": Decimal("1.5")}
        most = Decimal(ceiling) * Decimal("1.5")

        made = world.commit(str(most), **fee)
        with refused(FundError, match="an hour") as caught:
            world.commit(str(most + Decimal("0.01")), **fee)

        assert made.fee_rule.ceiling == ceiling
        assert caught.value.field == "amount"

    @pytest.mark.parametrize("missing", ["instructor", "fee_hours"])
    def test_a_fee_names_lecturer_and_hours(self, world, missing):
        fee = {
            "use": "lecturer_fee",
            "instructor": factories.make_lecturer(world.school),
            "fee_hours": Decimal(2),
        }
        with refused(FundError) as caught:
            world.commit(10, **fee | {missing: None})

        assert caught.value.field == missing


class TestTwoPeople:
    """Roles change over time; who took a step stays who took it."""

    def now(self, world, user, role) -> None:
        """From today the person holds another role of money."""
        on = local_date(NOON)
        RoleGrant.objects.filter(user=user).update(period=period(START, day_before(on)))
        grant(user, role, world.school, channel=FISCAL, period=period(on))

    def test_who_asks_does_not_check_approve_or_pay(self, world):
        commitment = world.commit()
        self.now(world, world.clerk, Role.CUSTODIAN)
        with refused(FundError, match="Who asks"):
            world.check(commitment, world.clerk)
        world.check(commitment)
        now_held = RoleGrant.objects.filter(user=world.clerk, role__in=MONEY_ROLES)
        now_held.update(role=Role.APPROVER)
        with refused(FundError, match="Who asks"):
            world.approve(commitment, world.clerk)
        world.approve(commitment)
        RoleGrant.objects.filter(user=world.clerk, role=Role.APPROVER).update(role=Role.PAYER)
        with refused(FundError, match="Who asks"):
            world.pay(commitment, 1, world.clerk)

    def test_who_checks_does_not_approve(self, world):
        commitment = world.commit()
        world.check(commitment)
        self.now(world, world.custodian, Role.APPROVER)

        with refused(FundError, match="Who asks"):
            world.approve(commitment, world.custodian)

    def test_who_approves_does_not_pay(self, world):
        commitment = world.approved()
        self.now(world, world.approver, Role.PAYER)

        with refused(FundError, match="Who asks"):
            world.pay(commitment, 1, world.approver)

    def test_nor_does_anybody_under_a_second_account(self, world):
        """The same member row tells that the approver's account is the clerk's."""
        branch = factories.make_organisation(world.school)
        member = factories.make_member(branch, user=world.clerk, phone="13800138000")
        world.approver.display_name, world.approver.phone = member.name, member.phone
        world.approver.save(update_fields=["display_name", "phone"])
        assert Member.objects.get(user=world.clerk)
        commitment = world.commit()
        world.check(commitment)

        with refused(FundError, match="Who asks"):
            world.approve(commitment)

    @pytest.mark.parametrize("step", ["check", "approve", "pay"])
    def test_nobody_handles_a_fee_of_their_own(self, world, step):
        user = {"check": world.custodian, "approve": world.approver, "pay": world.payer}[step]
        commitment = world.commit(
            100,
            use="lecturer_fee",
            instructor=factories.make_lecturer(world.school, user=user),
            fee_hours=Decimal(2),
        )
        if step != "check":
            world.check(commitment)
        if step == "pay":
            world.approve(commitment)

        with refused(FundError, match="your own"):
            getattr(world, step)(commitment, *([1] if step == "pay" else []))


class TestScope:
    def test_a_role_is_for_one_channel_of_one_school(self, world):
        commitment = world.commit()
        neighbour = factories.make_school("120111005", "津门湖街道")
        elsewhere = world.person(Role.CUSTODIAN, school=neighbour)
        of_dues = world.person(Role.CUSTODIAN, DUES)
        for user in (elsewhere, of_dues, world.clerk, world.officer, world.auditor):
            with refused(PermissionDenied):
                world.check(commitment, user)
        with refused(PermissionDenied):
            world.commit(1, by=factories.make_clerk(neighbour))

    def test_a_role_without_a_school_is_for_all_money(self, world):
        commitment = world.commit()
        everywhere = factories.make_user()
        grant(everywhere, Role.CUSTODIAN)

        world.check(commitment, everywhere)

        assert state(commitment) == "to_approve"
