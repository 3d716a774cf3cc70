"""The lines of a member's year, which 38,000 people open."""

from datetime import date
from functools import lru_cache

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from config.lib.dates import write_day
from trainees.queries.lines import Line

register = template.Library()


@register.simple_tag
def hours_line(line: Line) -> SafeString:
    """`trainees/hours_line.html`, kept once rendered.

    All who sat in a session with the same outcome have a line that reads alike. What is kept is
    found by all that the line says, so it is never out of date; about 1.5 kB each.
    """
    return _render(line, get_language())


@lru_cache(maxsize=8192)
def _render(line: Line, _language: str) -> SafeString:
    return render_to_string("trainees/hours_line.html", {"line": line})


@register.filter
def disputable_until(day: date) -> str:
    """That a line could be disputed up to a day, which is over: the same for most lines of one."""
    return _until(day, get_language())


@lru_cache(maxsize=1024)
def _until(day: date, _language: str) -> str:
    return gettext("This line could be disputed until %(day)s.") % {"day": write_day(day)}
