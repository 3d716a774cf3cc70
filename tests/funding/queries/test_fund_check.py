"""`verify_funds` names what somebody who commands the database did to the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from config.lib.database_roles import as_owner, has_two_roles
from config.lib.periods import inclusive_period
from funding.actions.audits import AuditScope, open_audit
from funding.queries.fund_check import CHECKS
from tests.factories import DAY, NOON, acting
from tests.funding.world import DUES, FundWorld

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not has_two_roles(), reason="DATABASE_OWNER_URL is not set"),
]


@pytest.fixture
def world() -> Iterator[FundWorld]:
    made = FundWorld()
    made.allocate(500, channel=DUES, decision="部务会")
    made.pay(made.approved(100), 40)
    made.commit(50)
    scope = AuditScope("专项审计", (made.school,), ("fiscal",), inclusive_period(DAY, DAY), 1)
    open_audit(scope=scope, by=acting(made.auditor), at=NOON)
    return made


def tamper(*statements: str) -> None:
    """Write past every trigger and constraint that can be set aside."""
    with as_owner() as owner, owner.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        try:
            for statement in statements:
                cursor.execute(statement)
        finally:
            cursor.execute("SET session_replication_role = DEFAULT")


def check() -> tuple[set[str], str]:
    """The checks that failed, and what the command prints."""
    output = StringIO()
    try:
        call_command("verify_funds", stdout=output)
        code = 0
    except CommandError as error:
        code = error.returncode
    text = output.getvalue()
    failed = {name for name in CHECKS if f"BAD  {name}" in text}
    assert code == bool(failed)
    assert text.endswith("no findings\n") == (not failed)
    return failed, text


def named(part: str) -> str:
    (name,) = [check for check in CHECKS if part in check]
    return name


def test_an_honest_ledger_has_no_findings(world):
    failed, text = check()

    assert failed == set()
    assert "6 transactions" in text


@pytest.mark.parametrize(
    ("statement", "parts"),
    [
        (
            "UPDATE funding_fundleg SET amount = amount + 1 WHERE stage = 'paid'",
            {"add up to zero", "every balance", "are linked"},
        ),
        (
            "UPDATE funding_fundleg SET balance = balance + 1 WHERE stage = 'paid'",
            {"every balance"},
        ),
        ("DELETE FROM funding_fundleg WHERE stage = 'paid'", {"add up to zero"}),
        ("UPDATE funding_fundleg SET channel = 'dues' WHERE stage = 'paid'", {"every leg is of"}),
        (
            "UPDATE funding_fundtransaction SET reason = 'x' WHERE kind = 'payment'",
            {"are linked"},
        ),
        ("DELETE FROM funding_fundtransaction WHERE kind = 'approval'", {"are linked"}),
        (
            "UPDATE funding_fundtransaction SET kind = 'carry_over', allocation_id = NULL, "
            "reason = 'x' WHERE kind = 'allocation'",
            {"every carry-over"},
        ),
        ("UPDATE funding_allocation SET amount = amount + 1", {"every allocation"}),
        (
            "UPDATE funding_commitment SET amount = amount + 1",
            {"every commitment is reserved"},
        ),
        (
            "UPDATE funding_commitment SET year = 2025 WHERE amount = 50",
            {"every commitment is reserved", "of its year"},
        ),
        ("UPDATE funding_commitment SET use = 'venue'", {"a use that its rule"}),
        (
            "UPDATE funding_fundtransaction t SET posted_by_id = requested_by_id "
            "FROM funding_commitment c WHERE c.id = t.commitment_id AND t.kind = 'payment'",
            {"nobody approves", "are linked"},
        ),
        ("DELETE FROM funding_earmarkcheck", {"nobody approves"}),
        (
            "UPDATE funding_specialaudit SET population_sum = population_sum + 1",
            {"keeps the population"},
        ),
        ("DELETE FROM funding_auditedfund", {"keeps the population"}),
        (
            "UPDATE funding_specialaudit SET opened_by_id = "
            "(SELECT checked_by_id FROM funding_earmarkcheck LIMIT 1)",
            {"nobody audits"},
        ),
    ],
)
def test_what_was_tampered_with_is_named(world, statement, parts):
    tamper(statement)

    failed, _text = check()

    assert {named(part) for part in parts} <= failed


def test_every_check_is_a_statement_that_the_database_knows(world):
    with connection.cursor() as cursor:
        for statement in CHECKS.values():
            cursor.execute(statement)
            assert cursor.fetchall() == []
