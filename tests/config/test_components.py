"""The parts of pages, and what holds for every template."""

import re

import pytest
from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.template import Context, Engine, Template
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation
from django.utils.translation import gettext_lazy

TEMPLATES = sorted((settings.BASE_DIR / "templates").rglob("*.html"))
FRONT_END = [*sorted((settings.BASE_DIR / "static").rglob("*.*")), *TEMPLATES]


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def render(name: str, address: str = "/", **context: object) -> str:
    return render_to_string(f"components/{name}.html", context, RequestFactory().get(address))


def names(paths):
    return [str(path.relative_to(settings.BASE_DIR)) for path in paths]


@pytest.mark.parametrize("path", TEMPLATES, ids=names(TEMPLATES))
def test_templates_fit_the_content_security_policy_and_hold_no_chinese(path):
    text = path.read_text(encoding="utf-8")

    assert not re.search(r"\sstyle=|<style|\son\w+=", text)
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert not re.search(r"[\u2e80-\u9fff\uff00-\uffef]", text)


@pytest.mark.parametrize("path", FRONT_END, ids=names(FRONT_END))
def test_no_page_names_another_host(path):
    hosts = re.findall(r"https?://([^/'\"\s)]+)", path.read_text(encoding="utf-8"))

    assert set(hosts) <= {"www.w3.org"}  # the namespace of SVG


@pytest.mark.parametrize("path", TEMPLATES, ids=names(TEMPLATES))
def test_templates_compile(path):
    Engine.get_default().get_template(str(path.relative_to(settings.BASE_DIR / "templates")))


def test_pagination_keeps_the_filters():
    page = Paginator(range(30), 10).get_page(2)

    html = render("pagination", "/?school=3&page=2", page_obj=page)

    assert 'href="?school=3&amp;page=1"' in html
    assert 'href="?school=3&amp;page=3"' in html
    assert "Page 2 of 3, 30 rows" in html


def test_filters_are_a_form_with_labels_that_can_be_cleared():
    class Filter(forms.Form):
        q = forms.CharField(label="Name", required=False)

    html = render("filters", "/members/?q=zw", filter_form=Filter({"q": "zw"}))

    assert re.search(r'<label class="form-label" for="id_q">\s*Name', html)
    assert 'value="zw"' in html
    assert 'href="/members/"' in html
    assert "Clear filter" not in render("filters", "/members/", filter_form=Filter())


def test_a_task_is_one_link_and_an_empty_list_says_what_to_do():
    task = {"label": "Submit 3 rolls", "url": "/rolls/", "due": "2 days late", "late": True}

    html = render("task_list", tasks=[task])
    empty = render(
        "task_list", tasks=[], empty_text="The next class is tomorrow.", empty_url="/c/",
        empty_action="See the classes",
    )  # fmt: skip

    assert html.count("<a ") == 1
    assert "state-warn" in html
    assert "Nothing is due." in empty
    assert '<a class="btn btn-secondary" href="/c/">See the classes</a>' in empty


class Report(forms.Form):
    title = forms.CharField(label="Title", help_text="As on the notice.")
    mode = forms.ChoiceField(label="Mode", choices=[("a", "On site")], widget=forms.RadioSelect)
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea)
    kind = forms.ChoiceField(label="Kind", choices=[("x", "X")])
    proof = forms.FileField(label="Proof", required=False)
    agreed = forms.BooleanField(label="Checked")

    def clean(self):
        raise forms.ValidationError("These do not fit together.")


def test_a_form_that_came_back_links_each_error_to_its_field():
    html = render("form", form=Report({"note": "kept"}), submit_label="Send the report")

    for anchor in ("#id_title", "#id_mode_0", "#id_agreed"):
        assert f'<a href="{anchor}">' in html
        assert f'id="{anchor[1:]}"' in html
    assert "<li>These do not fit together.</li>" in html
    assert "kept</textarea>" in html
    assert 'enctype="multipart/form-data"' in html


class Question(forms.Form):
    text = forms.CharField(label=gettext_lazy("On which day was it?"))


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_after_a_label_that_asks_no_colon_follows(language):
    with translation.override(language):
        html = render("form", form=Question({}), submit_label="Send")
        summary = html[html.index("error-summary") : html.index("</ul>")]
        mark = {"en": "it? This", "zh-hans": "？请填写"}[language]

    assert mark in " ".join(summary.split())


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_after_any_other_label_a_colon_does(language):
    with translation.override(language):
        html = render("form", form=Report({}), submit_label="Send")

    assert {"en": "Title: This", "zh-hans": "Title：请"}[language] in html


def test_help_and_error_stand_before_the_control_and_are_named_by_it():
    html = render("form", form=Report({}), submit_label="Send")

    order = ["</label>", 'id="id_title_helptext"', 'id="id_title_error"', 'name="title"']
    places = [html.index(part, html.index("div_id_title")) for part in order]
    assert places == sorted(places)
    assert 'aria-describedby="id_title_helptext id_title_error"' in html


def test_a_split_bar_carries_its_text_and_figures():
    template = Template('{% include "components/split_bar.html" %}')
    segment = {"label": "concentrated", "text": "14", "start": "0.00", "width": "43.75", "tone": 1}

    html = template.render(
        Context({"segments": [segment], "summary": "14 of 32", "rest_label": "to do"})
    )

    assert 'aria-label="14 of 32"' in html
    assert 'width="43.75%"' in html
    assert re.search(r"concentrated\s*</dt>", html)
