"""What the database refuses about exceptions to anybody who writes past the portal."""

from __future__ import annotations

import pytest
from django.db import ProgrammingError

from funding.models import FeeRule, LimitRule
from tests.funding.actions.test_exceptions import decide, item
from tests.funding.test_guards import post, refusal_of, run
from tests.funding.vouchers import VoucherWorld

pytestmark = pytest.mark.django_db

ASK = """
INSERT INTO funding_exceptionrequest (commitment_id, limit_rule_id, most, reached, reason)
VALUES (%s, %s, 1, 2, 'x')
"""
DECIDE = """
INSERT INTO funding_exceptiondecision (request_id, outcome, reason, decided_at, decided_by_id)
VALUES (%s, 'granted', 'x', now(), %s)
"""
APPROVAL = post("('committed', -5), ('approved', 5)")
PAYMENT = post("('approved', -5), ('paid', 5)")


@pytest.fixture
def world() -> VoucherWorld:
    made = VoucherWorld()
    made.allocate(100_000, purpose="equipment")
    return made


@pytest.mark.parametrize("table", ["exceptionrequest", "exceptiondecision"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_exceptions_are_only_added(world, table, verb):
    with pytest.raises(ProgrammingError, match="permission denied"):
        run(verb.format(f"funding_{table}"))


def test_an_exception_is_from_a_rule_that_allows_it(world):
    commitment = world.commit(10)
    hours = LimitRule.objects.get(kind="half_day_hours")

    assert refusal_of(ASK, commitment.pk, hours.pk) == "exception_request_fits"
    assert refusal_of(ASK, commitment.pk, None) == "exception_request_fits"


def test_it_is_decided_after_the_check_by_another(world):
    commitment = item(world)
    asked = commitment.exception.pk
    assert refusal_of(DECIDE, asked, world.officer.pk) == "exception_decision_is_by_another"
    world.check(commitment)

    for user in (world.clerk, world.custodian):
        assert refusal_of(DECIDE, asked, user.pk) == "exception_decision_is_by_another"
    run(DECIDE, asked, world.officer.pk)


def test_nothing_is_approved_without_it_nor_by_who_granted_it(world):
    commitment = item(world)
    world.check(commitment)
    posted = commitment.transactions.get()
    approval = ("approval", world.approver.pk, posted.pk)
    assert refusal_of(APPROVAL, *approval) == "fund_approval_has_exception"
    decide(world, commitment)

    granted = ("approval", world.officer.pk, posted.pk)
    assert refusal_of(APPROVAL, *granted) == "fund_transaction_is_not_by_granter"
    world.approve(commitment)
    paid = ("payment", world.officer.pk, posted.pk)
    assert refusal_of(PAYMENT, *paid) == "fund_transaction_is_not_by_granter"


def test_nothing_is_approved_of_what_is_refused(world):
    commitment = item(world)
    world.check(commitment)
    decide(world, commitment, "refused")
    values = ("approval", world.approver.pk, commitment.transactions.get().pk)

    assert refusal_of(APPROVAL, *values) == "fund_approval_has_exception"


@pytest.mark.parametrize("use", ["venue_equipment", "lecturer_fee"])
def test_nor_of_what_is_beyond_its_rule_and_never_asked(world, use):
    """A rule that the clerk's statement did not look at."""
    if use == "lecturer_fee":
        world.session()
        commitment = world.fee(1)
        FeeRule.objects.filter(pk=commitment.fee_rule_id).update(ceiling=9)
    else:
        commitment = item(world, "10", reason="")
        LimitRule.objects.filter(kind="equipment_item").update(most=9)
    world.check(commitment)
    values = ("approval", world.approver.pk, commitment.transactions.get().pk)

    assert refusal_of(APPROVAL, *values) == "fund_approval_has_exception"
