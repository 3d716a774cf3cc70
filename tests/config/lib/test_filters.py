"""Filters of lists: a value that is none narrows nothing, and the person is told so."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils import translation

from config.lib.filters import Filter, ListRequest, choose, day
from tests.factories import NOON

ACTS = {"made": "made it", "left": "left it"}


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def ask(**query: str) -> ListRequest:
    return ListRequest(None, query, NOON)


def act(**query: str) -> Filter:
    return choose(ask(**query), "act", "Act", ACTS, any_label="all acts")


class TestAChoice:
    def test_that_is_known_narrows_and_says_nothing_else(self):
        assert (act(act="left").value, act(act="left").note) == ("left", "")

    @pytest.mark.parametrize("query", [{}, {"act": ""}])
    def test_that_is_left_open_says_nothing(self, query):
        assert not act(**query).is_unread
        assert act(**query).note == ""

    def test_that_is_unknown_is_named_and_narrows_nothing(self):
        chosen = act(act="nonsense")

        assert (chosen.value, chosen.is_unread) == ("", True)
        assert chosen.note == "Act: “nonsense” could not be read. The list is not narrowed by it."

    def test_that_is_unknown_leaves_the_choice_of_the_page_and_says_which(self):
        years = {"2026": "2026", "2025": "2025"}
        chosen = choose(ask(year="abc"), "year", "Year", years, default="2026")

        assert (chosen.value, chosen.is_unread) == ("2026", True)
        assert chosen.note == "Year: “abc” is not a choice. Shown: 2026."


class TestADay:
    def test_that_is_a_day_says_nothing_else(self):
        chosen = day(ask(**{"from": "2026-11-24"}), "from", "From")

        assert (chosen.value, chosen.note) == (date(2026, 11, 24).isoformat(), "")

    @pytest.mark.parametrize("typed", ["abc", "2026-02-30", "0001-01-01"])
    def test_that_is_none_is_named_and_narrows_nothing(self, typed):
        chosen = day(ask(**{"from": typed}), "from", "From")

        assert (chosen.value, chosen.is_unread) == ("", True)
        assert typed in chosen.note

    def test_that_is_left_open_says_nothing(self):
        assert not day(ask(), "from", "From").is_unread


class TestAKey:
    @pytest.mark.parametrize("text", ["", "0x1", "-1", "²", "٣", "1" * 19])
    def test_that_is_none_is_nobodys(self, text):
        assert ask(row=text).key("row") == 0

    def test_that_is_one_is_read(self):
        assert ask(row="123456789012345678").key("row") == 123456789012345678
