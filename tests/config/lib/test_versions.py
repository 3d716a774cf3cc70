"""What changed is kept: each former version of a row, with the time for which it was known."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from config.lib.database_roles import as_owner
from config.lib.periods import period
from config.lib.versions import AddToPast, as_known, versioned_models
from hours.models import RequirementRule
from tests import factories
from tests.factories import MORNING, NOON, START
from trainees.models import Exemption, Membership, Post

pytestmark = pytest.mark.django_db

ENDED = period(START, date(2026, 7, 1))


def known(at: datetime, *columns: str) -> list[tuple[Any, ...]]:
    """Exemptions as they were known at a moment."""
    with connection.cursor() as cursor:
        rows = as_known("trainees_exemption", columns, "%(at)s")
        cursor.execute(f"SELECT * FROM {rows} known", {"at": at})
        return cursor.fetchall()


@pytest.fixture
def exemption():
    branch = factories.make_organisation(factories.make_school())
    exemption = factories.exempt(factories.make_member(branch))
    Exemption.objects.update(recorded_at=MORNING)
    with connection.cursor() as cursor:  # what the fixture changed is no version of this test
        cursor.execute("SELECT max(known_until) FROM trainees_exemption_past")
        assert cursor.fetchone() == (MORNING,)
    exemption.refresh_from_db()
    return exemption


def change(exemption: Exemption, at: datetime | None = None) -> None:
    exemption.period = ENDED
    fields = ["period"]
    if at:
        exemption.recorded_at = at
        fields.append("recorded_at")
    exemption.save(update_fields=fields)


class TestAFormerVersion:
    def test_is_known_until_the_next_one_was_recorded(self, exemption):
        change(exemption, NOON)

        assert known(MORNING, "period") == [(period(START),)]
        assert known(NOON - timedelta(seconds=1), "period") == [(period(START),)]
        assert known(NOON, "period") == [(ENDED,)]

    def test_is_unknown_before_it_was_recorded(self, exemption):
        change(exemption, NOON)

        assert known(MORNING - timedelta(seconds=1), "period") == []

    def test_ends_at_the_moment_of_the_server_if_nobody_says_when(self, exemption):
        before = timezone.now()

        change(exemption)

        exemption.refresh_from_db()
        assert before - timedelta(seconds=1) < exemption.recorded_at
        assert known(before - timedelta(seconds=1), "period") == [(period(START),)]
        assert known(exemption.recorded_at, "period") == [(ENDED,)]

    def test_is_kept_of_every_change(self, exemption):
        change(exemption, NOON)
        exemption.category, exemption.recorded_at = "frail", NOON + timedelta(hours=1)
        exemption.save()

        assert known(MORNING, "category", "period") == [("elderly", period(START))]
        assert known(NOON, "category", "period") == [("elderly", ENDED)]
        assert known(NOON + timedelta(hours=2), "category", "period") == [("frail", ENDED)]

    def test_is_kept_of_a_row_that_is_deleted(self, exemption):
        before = timezone.now() - timedelta(seconds=1)

        exemption.delete()

        assert known(before, "category") == [("elderly",)]
        assert known(timezone.now() + timedelta(seconds=1), "category") == []

    def test_is_not_made_by_an_update_that_changes_nothing(self, exemption):
        exemption.save()

        exemption.refresh_from_db()
        assert exemption.recorded_at == MORNING

    def test_tells_when_the_row_was_first_recorded(self, exemption):
        change(exemption, NOON)

        assert exemption.first_recorded_at() == MORNING


@pytest.mark.parametrize("model", versioned_models(), ids=lambda m: m._meta.label)
def test_the_past_has_the_columns_of_its_table_in_their_order(model):
    """A migration that adds a field is followed by `AddToPast`."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT attrelid::regclass::text,
                   array_agg((attname, format_type(atttypid, atttypmod))::text ORDER BY attnum)
            FROM pg_attribute
            WHERE attrelid IN (%s::regclass, %s::regclass) AND attnum > 0 AND NOT attisdropped
            GROUP BY attrelid
            """,
            [model._meta.db_table, model.past_table()],
        )
        columns = dict(cursor.fetchall())
    known_until, *past = columns[model.past_table()]
    assert known_until == '(known_until,"timestamp with time zone")'
    assert past == columns[model._meta.db_table]


def test_every_dated_fact_that_a_verdict_reads_is_kept():
    assert set(versioned_models()) == {Membership, Post, Exemption, RequirementRule}


@pytest.mark.django_db(transaction=True)
def test_a_column_that_is_added_is_added_to_the_past():
    with as_owner() as owner, transaction.atomic(), owner.cursor() as cursor:
        cursor.execute("ALTER TABLE trainees_exemption ADD COLUMN note varchar(5)")
        cursor.execute(AddToPast("trainees_exemption", "note").sql)
        cursor.execute(
            "SELECT format_type(atttypid, atttypmod) FROM pg_attribute "
            "WHERE attrelid = 'trainees_exemption_past'::regclass AND attname = 'note'"
        )
        added = cursor.fetchone()
        transaction.set_rollback(True)
    assert added == ("character varying(5)",)
