"""The grid of branches and months says who has not held the themed day, and opens the records."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from schools.models import Organisation
from studies.enums import StudyKind, StudyState
from studies.models import Study
from studies.queries.themed_days import months_due, with_days
from tests import factories
from tests.factories import NOON
from tests.quotas.world import QuotaWorld

pytestmark = pytest.mark.django_db


def record(branch: Organisation, state: StudyState, w: QuotaWorld) -> None:
    Study.objects.create(
        organisation=branch,
        kind=StudyKind.THEMED_DAY,
        topic="重温入党誓词",
        place="党员活动室",
        held_on=date(2026, 5, 6),
        minutes=120,
        state=state,
        round=0 if state == StudyState.DRAFT else 1,
        recorded_at=NOON,
        recorded_by=w.clerk,
    )


def test_the_grid_says_who_has_not_held_it(django_assert_num_queries):
    w = QuotaWorld()
    first, second = (factories.make_organisation(w.school, name) for name in ("甲支部", "乙支部"))
    record(first, StudyState.SUBMITTED, w)
    record(second, StudyState.DRAFT, w)

    with django_assert_num_queries(1):
        lines = with_days([first, second], 2026)
    assert [line.days[4] for line in lines] == [1, 0]

    client = Client()
    client.force_login(w.clerk)
    address = reverse("studies:themed_days")
    page = client.get(address, {"year": 2026, "without_day": 5}).context
    assert [branch for branch, _cells in page["rows"]] == [second]
    everybody = client.get(address, {"year": 2026}).context
    for branch, count in ((first, 1), (second, 0)):
        cells = dict(everybody["rows"])[branch]
        rows = client.get(cells[4][2]).context["page_obj"]
        assert (rows.paginator.count, cells[4][1]) == (count, count)


def test_months_to_come_are_not_due():
    assert months_due(2026, date(2026, 5, 1)) == 5
    assert months_due(2025, date(2026, 5, 1)) == 12
    assert months_due(2027, date(2026, 5, 1)) == 0
