"""Migrations of this app go back and forward on a filled database."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection

from tests.factories import NOON
from tests.trainees.actions.test_member_merges import LATER, Twice
from trainees.actions.member_merges import undo_merge


@pytest.mark.django_db(transaction=True)
def test_a_merge_that_was_taken_apart_gets_its_decision_back_from_the_trail():
    """It was once overwritten by whoever took the rows apart, and when, and why."""
    twice = Twice()
    merge, _ = twice.merge()
    apart_at = LATER + timedelta(days=1)
    undo_merge(merge_id=merge.pk, reason="两个人", by=twice.officers[0], at=apart_at)
    try:
        call_command("migrate", "trainees", "0051", verbosity=0)
        with connection.cursor() as cursor:
            cursor.execute("SELECT decided_at, answer FROM trainees_membermerge")
            assert cursor.fetchall() == [(apart_at, "两个人")]
    finally:
        call_command("migrate", verbosity=0)

    merge.refresh_from_db()
    assert (merge.proposed_at, merge.decided_at, merge.undone_at) == (NOON, LATER, apart_at)
    assert (merge.decided_by, merge.answer) == (twice.officers[1].user, "")
    assert (merge.undone_by, merge.undo_reason) == (twice.officers[0].user, "两个人")
