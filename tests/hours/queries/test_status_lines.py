"""What the status page says of the nightly check."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import translation

from backstage.status import Health
from hours.models import LedgerCheck
from hours.queries.status_lines import ledger_lines
from tests.factories import NOON

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("hours", "findings", "health"),
    [(8, 0, "WELL"), (25, 0, "WELL"), (27, 0, "WRONG"), (8, 3, "WRONG")],
)
def test_the_last_check_is_of_last_night_and_found_nothing(hours, findings, health):
    at = NOON - timedelta(hours=hours)
    LedgerCheck.objects.create(
        checked_at=at, entries=9, assessments=9, findings=findings, details={}
    )
    with translation.override("en"):
        [line] = ledger_lines(NOON)

    assert line.health == Health[health]
    assert bool(line.advice) == (line.health is not Health.WELL)
    assert ("3 findings" in line.seen) == (findings == 3)


def test_a_site_of_today_has_none_yet():
    [line] = ledger_lines(NOON)

    assert line.health == Health.WATCH
