"""Pieces of pages that are rendered once for all who read the same."""

from __future__ import annotations

import gc
import weakref

import pytest
from django.template import Context, Template
from django.utils import translation
from django.utils.safestring import mark_safe

from backstage.templatetags.render_cached import render_cached
from tests import factories


def state(**inputs) -> str:
    return render_cached("components/state.html", **{"kind": "due", "word": "late", **inputs})


def test_a_piece_is_rendered_once_for_the_same_inputs():
    assert state() is state()


def test_other_inputs_are_another_piece():
    assert "late" in state()
    assert "early" in state(word="early")
    assert state(kind="ok") != state()


def test_each_language_has_its_own():
    with translation.override("zh-hans"):
        chinese = render_cached("frame/foot.html", is_signed_in=True)
    with translation.override("en"):
        english = render_cached("frame/foot.html", is_signed_in=True)

    assert "修改密码" in chinese
    assert "Change password" in english


def test_a_text_is_escaped_also_where_the_same_was_safe_before():
    text = "<b>late</b>"

    assert text in state(word=mark_safe(text))
    assert "&lt;b&gt;late&lt;/b&gt;" in state(word=text)


def test_inputs_that_are_looked_up_are_those_of_the_page():
    page = Template(
        "{% load render_cached %}{% for word in words %}"
        '{% render_cached "components/state.html" kind="due" word=word %}{% endfor %}'
    )

    text = page.render(Context({"words": ["one", "two"]}))

    assert text.index("one") < text.index("two")


@pytest.mark.django_db
def test_what_a_page_keeps_holds_on_to_no_request(client):
    """Neither a person nor a request stays behind in what is kept of the frame."""
    client.force_login(factories.make_user())
    page = client.get("/")
    assert 'class="navigation"' in page.text
    request = weakref.ref(page.wsgi_request)

    del page
    gc.collect()

    assert request() is None
