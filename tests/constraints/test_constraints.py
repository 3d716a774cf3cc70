"""What the database forbids: every named constraint, with the smallest change that breaks it.

Each case first shows that the database accepts the original row, so the refusal is caused by the
change alone. All rows are written with the application's role.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import Model

from config.lib.database_roles import as_owner, has_two_roles
from hours.models import Assessment, CreditEntry
from tests.constraints.cases import CASES as MOST_CASES
from tests.constraints.cases_of_audits import AUDIT_CASES
from tests.constraints.cases_of_balances import BALANCE_CASES
from tests.constraints.cases_of_funding import FUND_CASES
from tests.constraints.cases_of_reconciliations import RECONCILIATION_CASES
from tests.constraints.cases_of_statements import STATEMENT_CASES
from tests.constraints.rows import (
    World,
    assessment,
    member,
    resolved,
    reversal,
)
from tests.factories import DAY
from trainees.models import Member

OUR_MODELS = [
    model
    for app in apps.get_app_configs()
    if app.path == str(settings.BASE_DIR / app.name)
    for model in app.get_models()
]
NAMED = {constraint.name for model in OUR_MODELS for constraint in model._meta.constraints}

CASES = (
    MOST_CASES | BALANCE_CASES | RECONCILIATION_CASES | STATEMENT_CASES | FUND_CASES | AUDIT_CASES
)
OUT_OF_REACH = {
    "member_number_is_no_id_number",
    # The database counts by itself, so only two at once meet (`tests/funding/test_at_once.py`).
    "fund_transaction_number_once",
    "fund_leg_position_once",
}


def refusal_of(model: type[Model], fields: dict[str, Any]) -> str | None:
    """The name of the constraint that refuses a row; None if the database accepts the row.

    In both cases the row is rolled back.
    """
    try:
        with transaction.atomic():
            model.objects.create(**fields)
            transaction.set_rollback(True)
    except IntegrityError as error:
        return error.__cause__.diag.constraint_name
    return None


def test_every_named_constraint_has_its_case():
    assert CASES.keys() | OUT_OF_REACH == NAMED
    assert not CASES.keys() & OUT_OF_REACH


@pytest.mark.django_db
@pytest.mark.parametrize("name", CASES)
def test_the_database_refuses_what_breaks(name):
    case, world = CASES[name], World()
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone()[0] == settings.DATABASES["default"]["USER"]
    assert name in {constraint.name for constraint in case.model._meta.constraints}
    case.before(world)
    accepted, refused = case.accepted_fields(world), case.refused_fields(world)

    if accepted is not None:
        assert refusal_of(case.model, accepted) is None
    assert refusal_of(case.model, refused) == name


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not has_two_roles(), reason="DATABASE_OWNER_URL is not set")
def test_a_member_number_is_no_id_number_however_wide_its_column():
    with as_owner() as owner, transaction.atomic():
        with owner.cursor() as cursor:
            cursor.execute("ALTER TABLE trainees_member ALTER COLUMN number TYPE varchar(18)")
        wide = member(World()) | {"number": "700000000000000001"[:17]}

        assert refusal_of(Member, wide) is None
        broken = wide | {"number": "11010519491231002X"}
        assert refusal_of(Member, broken) == "member_number_is_no_id_number"
        transaction.set_rollback(True)


@pytest.mark.django_db
class TestAReversal:
    """`credit_entry_reversal_fits` is a trigger, since a check cannot read another row."""

    @pytest.mark.parametrize(
        ("column", "value"),
        [
            ("hours", Decimal("-3.75")),
            ("member", lambda w: w.other_member),
            ("school", lambda w: w.other_school),
            ("organisation", lambda w: w.other_organisation),
            ("category", "collective"),
            ("credit_year", DAY.year - 1),
            ("occurred_on", DAY - timedelta(days=1)),
            (
                "assessment",
                lambda w: Assessment.objects.create(
                    **assessment(w) | {"version": 2, "cause": "reassessed"}
                ),
            ),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_is_the_exact_negative_of_its_entry(self, column, value):
        world = World()
        fields = reversal(world)
        broken = fields | resolved({column: value}, world)

        assert refusal_of(CreditEntry, fields) is None
        assert refusal_of(CreditEntry, broken) == "credit_entry_reversal_fits"

    def test_is_not_reversed_in_turn(self):
        world = World()
        first = CreditEntry.objects.create(**reversal(world))
        again = reversal(world) | {"reverses": first, "hours": -first.hours, "source_key": "again"}

        assert refusal_of(CreditEntry, again) == "credit_entry_reversal_fits"

    def test_reverses_an_entry_that_exists(self):
        fields = reversal(World())
        missing = fields | {"reverses": None, "reverses_id": 10**9}

        assert refusal_of(CreditEntry, missing) == "credit_entry_reversal_fits"
