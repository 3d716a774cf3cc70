"""Two officers at the same time: one decision, one letter, no number twice."""

from __future__ import annotations

import pytest
from django.utils import translation

from instructors.actions.nominations import appoint_nominee, decline_nomination
from instructors.errors import InstructorsError, LetterError
from instructors.models import AppointmentLetter, Instructor, Nomination
from tests import factories
from tests.connections import together
from tests.factories import (
    NOON,
    acting,
    make_department_officer,
    make_lecturer,
    make_letter,
    make_nomination,
)

pytestmark = pytest.mark.django_db(transaction=True)


def told(act) -> str:
    """What a refusal said; empty if the act was done."""
    try:
        with translation.override("en"):
            act()
    except InstructorsError as error:
        return str(error)
    return ""


@pytest.fixture
def school():
    return factories.make_school()


def test_a_nomination_is_decided_once(school):
    nomination = make_nomination(school, factories.make_clerk(school))
    one, other = make_department_officer(), make_department_officer()
    facts = {"nomination_id": nomination.pk, "at": NOON}

    answers = together(
        lambda: told(lambda: appoint_nominee(by=acting(one), **facts)),
        lambda: told(lambda: decline_nomination(by=acting(other), reason="名额已满", **facts)),
    )

    assert sorted(answers) == ["", "Somebody has decided on this nomination already."]
    decided = Nomination.objects.get()
    assert Instructor.objects.exists() == (decided.state == "appointed")


def test_a_lecturer_gets_one_letter(school):
    lecturer = make_lecturer(school)
    officers = make_department_officer(), make_department_officer()

    answers = together(
        *[lambda by=by: told(lambda: make_letter(lecturer, by=by)) for by in officers]
    )

    done, refused = sorted(answers)
    assert done == ""
    assert "hold a letter" in refused
    assert AppointmentLetter.objects.count() == 1


def test_numbers_of_the_year_stay_without_a_gap(school):
    lecturers = [make_lecturer(school, f"赵{place}") for place in range(6)]
    officer = make_department_officer()

    def issue(lecturer):
        try:
            make_letter(lecturer, by=officer)
        except LetterError as error:
            return str(error)
        return ""

    assert set(together(*[lambda one=one: issue(one) for one in lecturers])) == {""}
    numbers = AppointmentLetter.objects.values_list("number", flat=True)
    assert sorted(numbers) == [f"聘字〔2026〕第{serial:03}号" for serial in range(1, 7)]
