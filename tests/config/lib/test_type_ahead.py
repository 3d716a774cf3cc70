"""Fields that are found by typing are plain fields, and say what else finds an option."""

from __future__ import annotations

import re

import pytest
from django import forms

from config.lib.period_forms import DayField, read_day
from config.lib.type_ahead import (
    TickList,
    TypeAhead,
    TypeAheadText,
    ask_again,
    pinyin_of,
    render_options,
    said_so_far,
)
from instructors.lecturer_choice import LecturerTicks
from instructors.models import Instructor
from tests import factories


class BranchForm(forms.Form):
    branch = forms.ChoiceField(
        choices=[("", "all"), ("1", "第一党支部"), ("2", "第二党支部")],
        widget=TypeAhead(words={"2": "dedzb 12011"}),
        required=False,
    )
    day = DayField(required=False)


def test_a_select_stays_a_select_and_says_what_finds_each_option():
    html = str(BranchForm({"branch": "2"})["branch"])

    assert re.search(r'<select name="branch" [^>]*data-type-ahead', html)
    assert '<option value="2" selected data-find="dedzb 12011">第二党支部</option>' in html
    assert '<option value="1">第一党支部</option>' in html
    assert "data-nothing=" in html


def test_its_script_comes_with_the_form():
    media = str(BranchForm().media)

    assert '<script src="/static/js/choose.js" type="module">' in media


def test_the_options_alone_are_those_of_the_select():
    options = render_options(BranchForm({"branch": "2"})["branch"])

    assert "<select" not in options
    assert options.count("<option") == 3
    assert '<option value="2" selected' in options


def test_a_select_asks_again_when_other_fields_change():
    form = BranchForm()
    ask_again(form.fields["branch"], "/asked/", ["day", "school"])

    html = str(form["branch"])

    assert 'hx-get="/asked/"' in html
    assert 'hx-trigger="change from:[name=day], change from:[name=school]"' in html
    assert 'hx-include="[name=day], [name=school]"' in html
    assert 'hx-target="this"' in html


def test_what_is_not_valid_yet_says_nothing():
    assert said_so_far(BranchForm({"branch": "2", "day": "2026-13-01"}), "day") is None
    assert said_so_far(BranchForm({"branch": "2", "day": ""}), "day") is None
    assert said_so_far(BranchForm({"branch": "2"}), "branch") == "2"
    assert said_so_far(BranchForm({"branch": "3"}), "branch") is None


def test_a_text_says_where_to_ask_and_for_which_day():
    widget = TypeAheadText(address="/asked/", day_field="on")

    html = widget.render("organisation", "第一")

    assert 'data-type-ahead="/asked/"' in html
    assert 'data-day="on"' in html
    assert 'value="第一"' in html
    assert "data-day" not in TypeAheadText(address="/asked/").render("organisation", "")


@pytest.mark.django_db
def test_boxes_to_tick_are_found_by_their_words_and_initials():
    lecturer = factories.make_lecturer(factories.make_school(), "赵敏")
    queryset = Instructor.objects.filter(pk=lecturer.pk)
    field = forms.ModelMultipleChoiceField(queryset, widget=LecturerTicks)

    html = field.widget.render("lecturers", [])

    assert 'data-find="赵敏 zm ~zhaomin ~' in html
    assert 'data-find="one "' in TickList(choices=[("1", "one")]).render("ticks", [])


def test_a_text_is_found_by_its_initials_and_its_pinyin():
    assert pinyin_of("网格化治理") == "wghzl ~wanggehuazhili"


def test_a_day_is_read_if_it_is_one_within_reach():
    assert str(read_day("2026-05-20")) == "2026-05-20"
    assert [read_day(text) for text in ("", "soon", "2026-02-30", "9999-01-01")] == [None] * 4
