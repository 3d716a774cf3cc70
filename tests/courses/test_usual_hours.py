"""What a session is usually worth by its time, by the rows of the presets."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from config.lib.periods import at_local
from courses.models import PresetSession
from courses.usual_hours import find_usual_hours

pytestmark = pytest.mark.django_db
DAY = date(2026, 5, 20)


@pytest.mark.parametrize(
    ("hour", "minute", "minutes", "usual"),
    [
        (9, 0, 15, "0.25"),
        (9, 0, 60, "0.25"),
        (19, 0, 120, "2"),
        (9, 0, 180, "4"),
        (8, 30, 210, "4"),
        (13, 30, 210, "4"),
        (8, 30, 270, "4"),  # until one o'clock it is a morning
        (9, 0, 480, "8"),
        (8, 0, 750, "10"),  # morning, afternoon and two hours of the evening
        (23, 0, 120, "2"),
    ],
)
def test_it_follows_from_length_and_half_days(hour, minute, minutes, usual):
    begins = at_local(DAY, hour, minute)

    assert find_usual_hours(begins, begins + timedelta(minutes=minutes)) == Decimal(usual)


def test_the_district_decides_by_the_presets():
    begins = at_local(DAY, 9)
    PresetSession.objects.filter(preset="pack").update(hours=5)

    assert find_usual_hours(begins, begins + timedelta(minutes=210)) == 5

    PresetSession.objects.all().delete()
    assert find_usual_hours(begins, begins + timedelta(minutes=210)) is None
