"""Rows that may be one person are found by comparing columns, not everybody with everybody."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.db import connection

from tests import factories
from tests.factories import DAY
from trainees.models import Member
from trainees.queries.duplicates import SUSPECTS_SHOWN, SUSPECTS_SQL, list_suspects

NAMESAKES = 120
BORN = date(1950, 1, 1)


def namesakes(count):
    """Members of one name, each with their own birth date and phone."""
    organisation = factories.make_organisation(factories.make_school())
    members = [factories.make_member(organisation, name="王 芳") for _ in range(count)]
    for number, member in enumerate(members):
        member.birth_date = BORN + timedelta(days=number)
        member.phone = f"1380000{number:04}"
    Member.objects.bulk_update(members, ["birth_date", "phone"])
    return members


@pytest.mark.django_db
def test_one_phone_or_one_birth_date_is_enough_and_each_pair_stands_once():
    first, second, third, fourth, _other = namesakes(5)
    Member.objects.filter(pk=second.pk).update(phone=first.phone, birth_date=first.birth_date)
    Member.objects.filter(pk=fourth.pk).update(phone=third.phone, name="王芳")

    assert [
        (pair.first, pair.other, pair.same_birth_date, pair.same_phone)
        for pair in list_suspects(DAY)
    ] == [(first, second, True, True), (third, fourth, False, True)]


@pytest.mark.django_db
def test_namesakes_are_not_compared_with_each_other_one_by_one():
    namesakes(NAMESAKES)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")  # so few rows would be compared anyhow
        cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF) {SUSPECTS_SQL}", {"limit": SUSPECTS_SHOWN})
        plan = "\n".join(line for (line,) in cursor.fetchall())

    compared = sum(map(int, re.findall(r"Removed by Join Filter: (\d+)", plan)))
    assert compared <= 4 * NAMESAKES, plan
