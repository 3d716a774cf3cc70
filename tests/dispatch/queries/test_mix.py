"""What a letter does to the mix of its school's year."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from courses.enums import Strand
from courses.mix import Verdict
from courses.models import Module
from dispatch.actions.letters import Item
from dispatch.queries.mix import Wanted, asked_by, list_mix_changes, wanted_by
from tests import factories
from tests.dispatch.world import BookingWorld

pytestmark = pytest.mark.django_db

BEGINS = date(2026, 6, 2)


@pytest.fixture
def world() -> BookingWorld:
    return BookingWorld()


def changes(world: BookingWorld, *wanted: Wanted):
    return list_mix_changes(world.school.pk, wanted, begins=BEGINS, today=BEGINS)


def test_adds_the_letter_to_what_the_school_plans(world):
    training_class = factories.make_class(world.school)
    factories.make_session(training_class, course=world.course)
    practice = world.make_course("P-01", Strand.PRACTICE)

    [change] = changes(world, Wanted(practice.module_id, Strand.PRACTICE, Decimal(4)))

    assert change.before.hours[Strand.THEORY] == 4
    assert change.before.hours[Strand.PRACTICE] == 0
    assert change.after.share(Strand.PRACTICE) == 50


def test_counts_neither_another_school_nor_what_was_called_off(world):
    elsewhere = factories.make_school("120111005", "津门湖街道")
    factories.make_session(factories.make_class(elsewhere), course=world.course)

    [change] = changes(world, Wanted(world.course.module_id, Strand.THEORY, Decimal(4)))

    assert change.before.verdict is Verdict.NONE
    assert change.after.verdict is Verdict.OUTSIDE


def test_shows_only_modules_that_are_wanted(world):
    assert changes(world) == []


def test_courses_and_wishes_take_the_sessions_of_the_format_in_turn(world):
    module = Module.objects.get(code="governance")
    wish = Item(wish="一堂调解课", module=module, strand=Strand.PRACTICE)
    letter = world.write(preset="evening", items=[Item(course=world.course), wish])

    wanted = wanted_by(asked_by(letter.items.select_related("course", "module")), letter.preset)

    # The course is worth four hours by itself, and two in an evening.
    assert [(row.strand, row.hours) for row in wanted] == [
        (Strand.THEORY, Decimal(2)),
        (Strand.PRACTICE, Decimal(2)),
    ]


def test_one_course_takes_all_sessions_as_the_desk_schedules_it(world):
    letter = world.submit(preset="intensive")
    asked = asked_by(letter.items.select_related("course", "module"))
    before = wanted_by(asked, letter.preset)

    world.schedule(letter)

    scheduled = letter.engagements.live().values_list("course__strand", "hours")
    assert [(row.strand, row.hours) for row in before] == list(scheduled.order_by("number"))


def test_costs_the_same_for_one_course_and_for_six(world, django_assert_num_queries):
    courses = [world.make_course(f"M-{number}", Strand.PRACTICE) for number in range(6)]
    for some in (courses[:1], courses):
        wanted = [Wanted(c.module_id, Strand.PRACTICE, c.hours) for c in some]
        with django_assert_num_queries(3):
            changes(world, *wanted)
