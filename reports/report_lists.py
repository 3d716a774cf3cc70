"""The lists of the annual report: its figures in rows, and the sessions and members behind them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from config.lib.filters import Filters, ListRequest
from courses.models import Session
from quotas.queries.deliveries import Delivered
from reports.queries.annual import (
    DIMENSIONS,
    AnnualReport,
    DeliveryLine,
    Standing,
    count_times,
    narrow,
    read_report,
)
from trainees.models import Member

# The dimensions by which the report also says how members stand.
STANDING_BY = ("school", "audience")


@dataclass(frozen=True)
class ReportRow:
    """A line of the report as a row: its table, its label, and what it has of both figures."""

    table: str
    label: str
    delivery: DeliveryLine | None
    standing: Standing | None


@dataclass(frozen=True)
class SessionRow:
    """A session that was held, with its row for names."""

    delivered: Delivered
    session: Session

    @property
    def hours(self) -> Decimal:
        return self.delivered.hours


@dataclass(frozen=True)
class AttendeeRow:
    """A member behind the figures, and how often they attended."""

    member: Member
    times: int


def report_rows(asked: ListRequest, filters: Filters) -> list[ReportRow]:
    """All tables of the report, one below the other; the total is the last row."""
    return rows_of(read_report(asked, filters))


def rows_of(report: AnnualReport) -> list[ReportRow]:
    """The same of a report that was read."""
    rows = []
    for dimension in DIMENSIONS:
        lines = {line.key: line for line in report.lines(dimension)}
        standings = (
            {line.key: line.standing for line in report.standing_lines(dimension.name)}
            if dimension.name in STANDING_BY
            else {}
        )
        rows += [
            ReportRow(str(dimension.label), label, lines.get(key), standings.get(key))
            for key, label in report.labels[dimension.name].items()
            if key in lines or key in standings
        ]
    total = report.total
    return [*rows, ReportRow(total.label, "", total, report.standing)]


def report_sessions(asked: ListRequest, filters: Filters) -> list[SessionRow]:
    """The sessions behind a figure of the report, the latest first. Two statements of rows."""
    return name_sessions(narrow(read_report(asked, filters), filters))


def name_sessions(delivered: list[Delivered]) -> list[SessionRow]:
    """These sessions with their rows for names, in their order. One statement."""
    rows = Session.objects.select_related("training_class__school", "course", "instructor")
    found = rows.in_bulk([one.session_id for one in delivered])
    return [SessionRow(one, found[one.session_id]) for one in delivered]


def report_members(asked: ListRequest, filters: Filters) -> list[AttendeeRow]:
    """The distinct members behind a figure of the report, by name: persons are not ranked."""
    times = count_times(narrow(read_report(asked, filters), filters))
    members = Member.objects.filter(pk__in=list(times)).order_by("name_pinyin", "pk")
    return [AttendeeRow(member, times[member.pk]) for member in members]
