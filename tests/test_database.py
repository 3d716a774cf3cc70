"""What a test leaves behind for the next one: nothing."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.chain.checking import list_chain_findings
from config.lib.database_roles import has_two_roles
from hours.models import RequirementRule
from schools.models import Township
from tests import database
from tests.database import flush_tables, sweep_after_test


@pytest.mark.skipif(not has_two_roles(), reason="DATABASE_OWNER_URL is not set")
@pytest.mark.django_db(transaction=True)
def test_a_flush_puts_rules_back_under_their_seal():
    before = list(RequirementRule.objects.order_by("pk").values())
    RequirementRule.objects.update(to_be_verified=True)
    RequirementRule.objects.filter(pk=before[0]["id"]).delete()
    assert list(RequirementRule.objects.order_by("pk").values()) != before

    flush_tables()

    assert list(RequirementRule.objects.order_by("pk").values()) == before
    assert list_chain_findings(at=timezone.now()) == []


def _size_and_rows() -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_relation_size(oid), reltuples FROM pg_class WHERE relname = %s",
            [Township._meta.db_table],
        )
        return cursor.fetchone()


@pytest.mark.django_db(transaction=True)
def test_rows_that_were_rolled_back_are_swept_away(monkeypatch):
    monkeypatch.setattr(database, "SWEEP_EVERY", 1)
    townships = [Township(code=f"{n:09}", name=f"第{n}镇") for n in range(3000)]
    with transaction.atomic():
        Township.objects.bulk_create(townships)
        transaction.set_rollback(True)
    assert _size_and_rows()[0] > database.LARGE

    sweep_after_test()

    assert _size_and_rows() == (0, -1)
