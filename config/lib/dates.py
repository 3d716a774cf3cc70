"""Dates formatted for people, in the reader's language."""

from datetime import date, datetime
from functools import lru_cache

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _

from config.lib.periods import SHANGHAI, last_day

# Django's Chinese for the short weekdays is the long form; our catalogue overrides it.
SHORT_WEEKDAYS = (
    gettext_noop("Mon"),
    gettext_noop("Tue"),
    gettext_noop("Wed"),
    gettext_noop("Thu"),
    gettext_noop("Fri"),
    gettext_noop("Sat"),
    gettext_noop("Sun"),
)


def format_day(value: date) -> str:
    """A date with its weekday: Tue 24 Nov 2026. Chinese has its own order."""
    # Translators: a Django date format, e.g. Tue 24 Nov 2026
    return _write(value, _("D j M Y"), get_language())


def format_short_day(value: date) -> str:
    """A date with its weekday, where the year is known: Tue 24 Nov."""
    # Translators: a Django date format, e.g. Tue 24 Nov
    return _write(value, _("D j M"), get_language())


def format_month(value: date) -> str:
    """A month with its year: November 2026."""
    # Translators: a Django date format, e.g. November 2026
    return _write(value, _("F Y"), get_language())


def format_days(days: DateRange) -> str:
    """Days of one year from first to last: 1 July – 30 September."""
    # Translators: a Django date format, e.g. 1 July
    form, language = _("j F"), get_language()
    first, last = (_write(day, form, language) for day in (days.lower, last_day(days)))
    return _("%(first)s – %(last)s") % {"first": first, "last": last}


def format_clock(value: datetime) -> str:
    """The wall-clock time in Asia/Shanghai: 09:30."""
    return f"{value.astimezone(SHANGHAI):%H:%M}"


def format_moment(value: datetime) -> str:
    """Date and time in Asia/Shanghai, short: 24 Nov 2026 09:30. Chinese has its own order."""
    # Translators: a Django date format, e.g. 24 Nov 2026
    day = _write(value.astimezone(SHANGHAI).date(), _("j M Y"), get_language())
    return f"{day} {format_clock(value)}"


@lru_cache(maxsize=4096)
def _write(value: date, form: str, _language: str | None) -> str:
    """`value` in a date format, cached because pages show the same days again and again."""
    return date_format(value, form)
