"""Figures and dates in the reader's language."""

from datetime import date, datetime
from decimal import Decimal

from django import template
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.safestring import SafeString

from backstage.templatetags.render_cached import render_cached
from config.lib.dates import (
    format_clock,
    format_day,
    format_moment,
    format_month,
    format_short_day,
)
from config.lib.hours import format_hours, grammatical_number
from config.lib.period_forms import describe_period
from config.lib.telephones import format_telephone

register = template.Library()


@register.filter
def hours(value: Decimal) -> str:
    """Credit hours without trailing zeros, with thousands separators: 1,234.5."""
    whole, dot, fraction = format_hours(value).partition(".")
    sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    return f"{sign}{int(digits):,}{dot}{fraction}"


@register.filter
def grammatical(value: Decimal) -> int:
    """For `blocktranslate count`: 1 for exactly one credit hour, 2 for anything else."""
    return grammatical_number(value)


@register.filter
def number(value: int) -> str:
    """A count with thousands separators: 38,000."""
    return f"{value:,}"


@register.filter
def telephone(value: str) -> str:
    """A telephone number with its extension in words."""
    return format_telephone(value)


@register.filter
def day(value: date) -> str:
    """A date with its weekday, in the reader's order."""
    return format_day(value)


@register.filter
def short_day(value: date) -> str:
    """A date with its weekday and without its year, in the reader's order."""
    return format_short_day(value)


@register.filter
def month(value: date) -> str:
    """A month with its year, in the reader's order."""
    return format_month(value)


@register.filter
def period(value: DateRange) -> str:
    """A period with its first and last day, in the reader's language."""
    return describe_period(value)


@register.filter
def clock(value: datetime) -> str:
    """The wall-clock time in Asia/Shanghai: 09:30."""
    return format_clock(value)


@register.filter
def moment(value: datetime) -> str:
    """Date and time in Asia/Shanghai, short, in the reader's order: 24 Nov 2026 09:30."""
    return format_moment(value)


@register.simple_tag
def icon(name: str) -> SafeString:
    """`components/icon.html`."""
    return render_cached("components/icon.html", name=name)


@register.simple_tag
def state(kind: str, word: str) -> SafeString:
    """`components/state.html`."""
    return render_cached("components/state.html", kind=kind, word=str(word))
