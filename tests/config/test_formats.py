"""Dates that Django writes by itself read as ours do."""

from __future__ import annotations

from datetime import date

from django.template import Context, Template
from django.utils import translation
from django.utils.formats import date_format, localize

from config.lib.dates import format_day, format_moment
from tests.factories import NOON

BIRTHDAY = date(1935, 6, 12)


def test_an_english_date_is_written_in_one_way():
    with translation.override("en"):
        assert date_format(BIRTHDAY) == localize(BIRTHDAY) == format_day(BIRTHDAY)
        assert Template("{{ day|date }}").render(Context({"day": BIRTHDAY})) == "Wed 12 Jun 1935"


def test_and_so_is_a_moment():
    with translation.override("en"):
        assert Template("{{ at|date:'DATETIME_FORMAT' }}").render(
            Context({"at": NOON})
        ) == format_moment(NOON)
