"""Parts of pages and links of the menu come from the apps above, each to its place and by rank."""

from __future__ import annotations

import pytest
from django.template import Context, Template

from accounts.enums import Role
from backstage import menu, parts
from backstage.menu import MenuLink, links_for, register_link
from backstage.parts import Part, register_part

EMPTY = "components/empty.html"


@pytest.fixture(autouse=True)
def _nothing_registered(monkeypatch):
    monkeypatch.setattr(parts, "_parts", [])
    monkeypatch.setattr(menu, "_links", [])


def page(**context: object) -> str:
    return Template("{% load pages %}<main>{% parts 'card' %}</main>").render(Context(context))


class TestParts:
    def test_show_what_they_read_of_the_page_escaped(self):
        register_part(Part("card", EMPTY, lambda shown: {"title": shown["name"], "text": "more"}))

        assert "&lt;b&gt;" in page(name="<b>")

    def test_stand_in_their_place_only(self):
        register_part(Part("home", EMPTY, lambda _page: {"title": "elsewhere", "text": ""}))

        assert page() == "<main></main>"

    def test_with_nothing_to_show_are_left_out(self):
        register_part(Part("card", EMPTY, lambda _page: None))

        assert page() == "<main></main>"

    def test_leave_the_page_as_it_was(self):
        register_part(Part("card", EMPTY, lambda _page: {"title": "inner", "text": ""}))
        text = "{% load pages %}{% parts 'card' %}|{{ title }}"

        assert Template(text).render(Context({"title": "outer"})).endswith("|outer")

    def test_registered_twice_are_shown_once(self):
        part = Part("card", EMPTY, lambda _page: {"title": "once", "text": ""})
        register_part(part)
        register_part(part)

        assert page().count("once") == 1


class TestMenu:
    def test_shows_links_by_rank_to_those_who_hold_a_role(self):
        register_link(MenuLink("Later", "home", 20, frozenset({Role.MEMBER})))
        register_link(MenuLink("First", "home", 0))
        register_link(MenuLink("Others", "home", 10, frozenset({Role.LECTURER})))

        assert [link.label for link in links_for({Role.MEMBER})] == ["First", "Later"]
        assert [link.label for link in links_for(())] == ["First"]

    def test_holds_a_link_once(self):
        for _time in range(2):
            register_link(MenuLink("Home", "home", 0))

        assert len(links_for(())) == 1
