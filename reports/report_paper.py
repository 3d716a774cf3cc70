"""The annual report on paper: the data of its template, in the active language."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from config.lib.dates import format_moment
from config.lib.hours import format_hours
from reports.queries.annual import DIMENSIONS, AnnualReport, Standing
from reports.report_exports import DELIVERY_COLUMNS, STANDING_COLUMNS
from reports.report_lists import STANDING_BY

# The template of `templates/documents/`.
TEMPLATE = "annual_report"


def title_of(report: AnnualReport) -> str:
    """What the report is called on page and paper: the year, and the school if it is of one."""
    if len(report.schools) == 1:
        words = {"year": report.year, "school": report.schools[0].name}
        return _("Annual report %(year)s of %(school)s") % words
    return _("Annual report %(year)s") % {"year": report.year}


def state_of(report: AnnualReport) -> str:
    """Whether the report is frozen, and since when."""
    if report.run and report.run.computed_at:
        return _("Frozen at %(at)s by run %(number)s, which closed the year.") % {
            "at": format_moment(report.run.computed_at),
            "number": report.run.number,
        }
    return _("As of %(at)s; the year is not closed.") % {"at": format_moment(report.now)}


def list_remarks() -> list[str]:
    """How the figures are counted."""
    return [
        _(
            "Sessions that were held, at the school of their class. Person-times are marks present"
            " and late of submitted rolls; hours posted are those of these rolls."
        ),
        _(
            "A class counts in each line in which one of its sessions is, a session at each task"
            " that its course serves, and a member who attended in two lines at each; in the total"
            " they count once."
        ),
        _(
            "The audience is the one that a class is meant for; of members, the one by their posts"
            " on the day of judgement."
        ),
    ]


def write_paper(report: AnnualReport) -> dict[str, Any]:
    """The data of the template."""
    total = report.total
    tables = []
    for dimension in DIMENSIONS:
        rows = [[line.label, *_cells(line, DELIVERY_COLUMNS)] for line in report.lines(dimension)]
        tables.append(
            {
                "heading": _heading(dimension.label),
                "columns": _heads(dimension.label, DELIVERY_COLUMNS),
                "rows": [*rows, [total.label, *_cells(total, DELIVERY_COLUMNS)]],
            }
        )
    for dimension in DIMENSIONS:
        if dimension.name in STANDING_BY:
            lines = report.standing_lines(dimension.name)
            rows = [[line.label, *_cells(line.standing, STANDING_COLUMNS)] for line in lines]
            whole: Standing = report.standing
            tables.append(
                {
                    "heading": _("Members by %(what)s") % {"what": dimension.label},
                    "columns": _heads(dimension.label, STANDING_COLUMNS),
                    "rows": [*rows, [total.label, *_cells(whole, STANDING_COLUMNS)]],
                }
            )
    return {
        "lang": (get_language() or "zh").partition("-")[0],
        "heading": title_of(report),
        "state": state_of(report),
        "tables": tables,
        "remarks": list_remarks(),
    }


def _heading(label: Any) -> str:
    return _("By %(what)s") % {"what": label}


def _heads(label: Any, columns: Any) -> list[str]:
    return [capfirst(str(label)), *(capfirst(str(head)) for _name, head, _kind in columns)]


def _cells(row: Any, columns: Any) -> list[str]:
    return [format_figure(getattr(row, name)) for name, _label, _kind in columns]


def format_figure(figure: Any) -> str:
    """A number with thousands separators, hours without trailing zeros, nothing as a dash."""
    if figure is None:
        return "–"
    if isinstance(figure, Decimal):
        whole, point, rest = format_hours(figure).partition(".")
        return f"{int(whole):,}{point}{rest}"
    return f"{figure:,}"
