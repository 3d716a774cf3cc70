"""A select of lecturers: what each is called, who comes last, and why."""

from __future__ import annotations

from itertools import pairwise

import pytest
from django import forms
from django.utils import translation

from instructors.forms import InstructorField
from instructors.lecturer_choice import Remark, Standing, describe_lecturer, find_words
from instructors.models import Instructor

pytestmark = pytest.mark.django_db


def lecturer(name: str, **fields: str) -> Instructor:
    fields = {"corps": "professional", "employer": "区委党校"} | fields
    return Instructor.objects.create(name=name, **fields)


class LecturerForm(forms.Form):
    instructor = InstructorField(Instructor.objects.order_by("pk"), required=False)


def select(remarks: dict[int, Remark] | None, chosen: int | str = "") -> str:
    form = LecturerForm({"instructor": chosen})
    form.fields["instructor"].widget.remarks = remarks
    with translation.override("en"):
        return str(form["instructor"])


def test_each_is_named_with_corps_title_and_employer():
    with translation.override("en"):
        assert describe_lecturer(lecturer("赵敏")) == "赵敏 · professional corps · 区委党校"
        assert describe_lecturer(lecturer("孙立", corps="lead_study", title="professor")) == (
            "孙立 · lead-study corps · professor level · 区委党校"
        )


def test_is_found_by_initials_pinyin_and_corps():
    lecturer("赵敏")

    assert 'data-find="zm ~zhaomin ~professionalcorps' in select(None)
    with translation.override("zh-hans"):
        words = find_words(Instructor.objects.get())
    assert words == "zm ~zhaomin ~zyjst ~zhuanyejiangshituan"


def test_without_a_time_nobody_is_called_free():
    lecturer("赵敏")

    assert "optgroup" not in select(None)


def test_those_who_are_not_free_come_last_and_say_why():
    taken, doubtful, other, free = (lecturer(name) for name in ("钱一", "孙二", "李三", "周四"))

    html = select(
        {
            taken.pk: Remark(Standing.NOT_FREE, "Is on leave."),
            doubtful.pk: Remark(Standing.DOUBTFUL, "Does not usually teach then."),
            other.pk: Remark(Standing.OTHER_COURSES, ""),
        }
    )

    order = [
        *('value=""', '<optgroup label="Free at that time">', free.name),
        *('<optgroup label="Free, but not named for the course">', other.name),
        *('<optgroup label="Something speaks against it">', doubtful.name),
        *('<optgroup label="Not free">', taken.name),
    ]
    places = [html.index(text) for text in order]
    assert all(before < after for before, after in pairwise(places))
    assert "钱一 · professional corps · 区委党校: Is on leave.</option>" in html
    assert 'data-why="Is on leave."' in html
    assert html.count("data-why") == 2
    assert "disabled" not in html


def test_who_would_be_refused_cannot_be_chosen_unless_they_are():
    one, two = lecturer("钱一"), lecturer("孙二")
    taken = Remark(Standing.NOT_FREE, "Teaches elsewhere.", is_refused=True)

    html = select({one.pk: taken, two.pk: taken}, chosen=two.pk)

    with translation.override("en"):
        words = find_words(one)
    why = 'data-why="Teaches elsewhere." disabled>'
    assert f'<option value="{one.pk}" data-find="{words}" {why}' in html
    assert f'<option value="{two.pk}" selected ' in html
    assert html.count("disabled") == 1
