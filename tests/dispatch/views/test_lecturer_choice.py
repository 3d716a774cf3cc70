"""The preferred lecturer of a booking letter: who is not free on the days that it names."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from config.lib.periods import at_local, today
from tests import factories
from tests.browsers import browser_of
from tests.dispatch.world import BookingWorld

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
DOUBTFUL = '<optgroup label="Something speaks against it">'
NOT_FREE = '<optgroup label="Not free">'


@pytest.fixture
def world() -> BookingWorld:
    """赵敏 teaches elsewhere in the morning of next week."""
    world = BookingWorld()
    there = factories.make_school("120111005", "津门湖街道")
    world.day = today() + 7 * DAY
    factories.make_session(
        factories.make_class(there), starts_at=at_local(world.day, 9), instructor=world.lecturer
    )
    return world


def ask(world: BookingWorld, **changes: object) -> str:
    asked = {"school": world.school.pk, "preset": "pack", "day_1": world.day.isoformat()}
    reply = browser_of(world.clerk).get(reverse("dispatch:letter_lecturers"), asked | changes)
    assert reply.status_code == 200
    return reply.text


def test_who_is_taken_on_the_only_day_is_not_free_and_may_still_be_wished_for(world):
    why = ask(world).partition(NOT_FREE)[2]

    assert "赵敏" in why
    assert "another class" in why  # what another school holds is not named
    assert "基层治理培训班" not in why
    assert "disabled" not in why


def test_who_is_free_on_another_choice_may_come(world):
    options = ask(world, day_2=(world.day + DAY).isoformat())

    assert NOT_FREE not in options
    assert "赵敏" in options.partition(DOUBTFUL)[2]


def test_another_time_of_the_day_is_free(world):
    options = ask(world, begins_1="14:00")

    assert NOT_FREE not in options
    assert DOUBTFUL not in options


def test_without_a_day_nobody_is_called_free(world):
    for changes in ({"day_1": ""}, {"preset": ""}, {"begins_1": "23:30"}):
        assert "optgroup" not in ask(world, **changes)


def test_a_form_that_comes_back_says_it_without_script(world):
    form = {"school": world.school.pk, "preset": "pack", "day_1": world.day.isoformat()}

    page = browser_of(world.clerk).post(reverse("dispatch:write_letter"), form)

    assert page.status_code == 422
    assert "赵敏" in page.text.partition(NOT_FREE)[2]
