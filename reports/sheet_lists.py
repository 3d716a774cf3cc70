"""The statistics sheets of the portal itself, as lists and files: by school, and by member."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from backstage.exports import ExportColumn, ListExport
from config.lib.filters import Filter, Filters, ListRequest, choose, day
from config.lib.periods import inclusive_period
from config.lib.spreadsheet_writing import Kind
from config.lib.years import FIRST_YEAR
from quotas.queries.deliveries import read_delivered
from reports.queries.statistics import Days, MemberHoursLines, Statistics, source_of
from reports.report_exports import SESSIONS as REPORT_SESSIONS
from reports.report_lists import SessionRow, name_sessions
from reports.sheets.words import MEASURES, SOURCES
from schools.filters import school_filter
from schools.models import School
from schools.permissions import sees_schools

# The columns of the sheet: a measure, and the source that it is narrowed to, if any.
COLUMNS: tuple[tuple[str, str], ...] = (
    *((measure, source) for source in SOURCES for measure in ("classes", "person_times")),
    *((measure, "") for measure in MEASURES),
)


@dataclass(frozen=True)
class StatisticsRow:
    """One school, or all of them without a key, with a figure for each column."""

    key: str
    name: str
    figures: list[Decimal | int]


def day_filters(asked: ListRequest) -> Filters:
    """For the sheets: first and last day, by default this year so far, and the school."""
    first = _day(asked, "from", _now("From"), asked.today.replace(month=1, day=1))
    last = _day(asked, "to", _now("To"), asked.today)
    if last.value < first.value:
        note = _now("The last day is before the first.")
        last = replace(last, value=first.value, words=first.words, note=note, is_unread=True)
    return Filters([first, last, school_filter(asked)])


def _day(asked: ListRequest, name: str, label: str, default: date) -> Filter:
    found = day(asked, name, label)
    if found.value and date.fromisoformat(found.value).year >= FIRST_YEAR:
        return found
    standard = ListRequest(asked.user, {name: default.isoformat()}, asked.now)
    return replace(day(standard, name, label), note=found.note, is_unread=found.is_unread)


def days_of(filters: Filters) -> Days:
    """The chosen days."""
    first, last = (date.fromisoformat(filters.value(name)) for name in ("from", "to"))
    return Days(first, last)


def schools_of(asked: ListRequest, filters: Filters) -> list[School]:
    """The chosen school, or all that the user may see and that existed on one of the days."""
    days, chosen = days_of(filters), filters.value("school")
    schools = School.objects.visible_to(asked.user, asked.today)
    schools = schools.filter(
        areas__period__overlap=inclusive_period(days.first, days.last)
    ).distinct()
    return list((schools.filter(pk=chosen) if chosen else schools).order_by("code"))


def statistics_rows(asked: ListRequest, filters: Filters) -> list[StatisticsRow]:
    """A row for each school, and the total last if there are several."""
    schools = schools_of(asked, filters)
    found = Statistics(schools, days_of(filters), asked.now)

    def row(key: str, name: str) -> StatisticsRow:
        of_school = (("school", key),) if key else ()
        return StatisticsRow(
            key,
            name,
            [
                found.figure(measure, (*of_school, *((("source", source),) if source else ())))
                for measure, source in COLUMNS
            ],
        )

    rows = [row(str(school.pk), school.name) for school in schools]
    return [*rows, row("", _now("Total"))] if rows[1:] else rows


def session_filters(asked: ListRequest) -> Filters:
    """For the sessions behind a figure: the same, and the source."""
    sources = {value: str(label) for value, label in SOURCES.items()}
    source = choose(
        asked,
        "source",
        pgettext("of a session", "Source"),
        sources,
        any_label=_now("all sources"),
    )
    return Filters([*day_filters(asked).items, source])


def session_rows(asked: ListRequest, filters: Filters) -> list[SessionRow]:
    """The sessions of the days, the latest first."""
    days, source = days_of(filters), filters.value("source")
    keys = [school.pk for school in schools_of(asked, filters)]
    found = read_delivered(keys, days.first, days.last, asked.now)
    return name_sessions([one for one in reversed(found) if source in {"", source_of(one)}])


def member_rows(asked: ListRequest, filters: Filters) -> MemberHoursLines:
    """Every member of these schools with the hours of the days, those with none included."""
    return MemberHoursLines(schools_of(asked, filters), days_of(filters))


def head_of(measure: str, source: str) -> str:
    """The header of a column."""
    label = capfirst(str(MEASURES[measure]))
    words = {"label": capfirst(str(SOURCES[source])), "value": label} if source else {}
    return _now("%(label)s: %(value)s") % words if source else label


def _figure(place: int) -> Any:
    return lambda row: row.figures[place]


def _group_of(source: str) -> Callable[[Filters], str] | None:
    """The prefix of a column that is of one source."""
    return (lambda _filters: capfirst(str(SOURCES[source]))) if source else None


STATISTICS = ListExport(
    "statistics",
    _("Statistics by school"),
    "reports:statistics",
    sees_schools,
    day_filters,
    statistics_rows,
    (
        ExportColumn(_("School"), lambda row: row.name, width=24),
        *(
            ExportColumn(
                MEASURES[measure],
                _figure(place),
                Kind.HOURS if measure in {"taught", "hours"} else Kind.NUMBER,
                12,
                _group_of(source),
            )
            for place, (measure, source) in enumerate(COLUMNS)
        ),
    ),
)
SESSIONS = replace(
    REPORT_SESSIONS,
    name="statistics-sessions",
    title=_("Sessions of the statistics"),
    page="reports:statistics_sessions",
    filters=session_filters,
    rows=session_rows,
)
MEMBER_HOURS = ListExport(
    "statistics-members",
    _("Hours of members"),
    "reports:statistics_members",
    sees_schools,
    day_filters,
    member_rows,
    (
        ExportColumn(_("Name"), lambda row: row.name, width=14),
        ExportColumn(_("Member number"), lambda row: row.number, width=14),
        ExportColumn(_("Party organisation"), lambda row: row.organisation, width=32),
        ExportColumn(_("School"), lambda row: row.school, width=24),
        ExportColumn(_("Credit hours"), lambda row: row.hours, Kind.HOURS, 10),
        ExportColumn(_("Concentrated training"), lambda row: row.concentrated, Kind.HOURS, 10),
        ExportColumn(_("Collective study"), lambda row: row.collective, Kind.HOURS, 10),
        ExportColumn(_("Other study"), lambda row: row.other, Kind.HOURS, 10),
    ),
)
EXPORTS_OF_SHEETS = (STATISTICS, SESSIONS, MEMBER_HOURS)
