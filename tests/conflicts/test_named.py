"""What somebody did for themselves past the refusal is named by the check of the ledger."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from accounts import interests
from hours.queries.ledger_check import list_findings
from schools import records
from tests.conflicts import cases_of_audits, cases_of_years  # noqa: F401 - they enter their cases
from tests.conflicts.table import CASES, World

pytestmark = pytest.mark.django_db

# Cases that the database or another rule refuses as well.
STOPPED_BELOW = {
    "own_slip",  # officers have a role, and no list of theirs serves staff
    # two people, by constraints on claims, statements and reopenings
    "own_claim_accepted",
    "own_claim_asked_again",
    "own_signature_countersigned",
    "own_reopening_answered",
    # two people, by triggers on checks, decisions and transactions
    "own_exception_decided",
    "own_cost_checked",
    "own_cost_approved",
    "own_cost_paid",
    # by triggers on samples and reviews
    "own_payment_audited",
    "own_payment_found_at_fault",
    "own_answer_reviewed",
    "own_audit_closed",
    "oneself_nominated_as_lecturer",
    "oneself_appointed_as_lecturer",
    "own_nomination_declined",
    "own_role_of_an_administrator_proposed",
    "own_role_of_an_administrator_confirmed",
}
# Cases that no check names, and why.
NOT_NAMED = {
    "own_mark_in_a_draft": "A draft gives nothing; the mark is named once the roll is submitted.",
    "own_walk_in_unmatched": "The match is gone, and with it a gain.",
    "register_with_a_post_of_ones_own": "The order is no fact yet.",
    "register_with_a_transfer_of_ones_own": "As above.",
    "oneself_engaged_as_lecturer": "A draft gives nothing; the school and the plan follow.",
    "oneself_named_as_lecturer_of_a_class": "Teaching has no hours; a fee has its own two people.",
    "own_later_fact_noted": "A later fact is never counted.",
    "own_later_fact_taken_back": "As above.",
    "own_slip_refused": "What is refused gives nothing.",
    "oneself_as_lecturer": "A lecturer has no hours, relief or role before a letter.",
    "own_letter_of_appointment": "Letters are numbered, printed and signed outside the portal.",
    "own_letter_of_appointment_issued": "As above.",
    "own_letter_of_appointment_revoked": "As above.",
}


@pytest.fixture
def world() -> World:
    world = World()
    world.mine.user = world.me
    world.mine.save(update_fields=["user"])
    return world


@pytest.fixture
def unguarded(monkeypatch) -> None:
    """Nothing is known of who is who, so the rule refuses nothing."""
    for module in (interests, records):
        monkeypatch.setattr(module, "own_accounts", lambda user: frozenset())
    monkeypatch.setattr(interests, "_rows", [lambda user: ()])


@pytest.mark.parametrize("name", [name for name in CASES if name not in STOPPED_BELOW])
def test_an_act_for_oneself_is_named(world, unguarded, name):
    act = CASES[name].prepare(world)
    assert list_findings() == []

    with transaction.atomic():
        act(world.me)

    named = [finding.check for finding in list_findings()]
    assert all(check.startswith("nobody ") for check in named)
    assert bool(named) == (name not in NOT_NAMED), named


@pytest.mark.parametrize("name", sorted(STOPPED_BELOW))
def test_an_act_for_oneself_is_stopped_below(world, unguarded, name):
    with pytest.raises((IntegrityError, CASES[name].error)), transaction.atomic():
        CASES[name].prepare(world)(world.me)


@pytest.mark.parametrize("name", CASES)
def test_the_same_act_for_a_colleague_is_not_named(world, name):
    CASES[name].prepare(world)(world.other)

    assert list_findings() == []
