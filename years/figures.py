"""The figures of the overviews: what each counts, its unit, and the list with its rows.

The pages and their exported files show the same figures in the same order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from config.lib.spreadsheet_writing import Kind
from hours.queries.requirements import COUNTED, Outcome


@dataclass(frozen=True)
class Figure:
    """One column: attribute `key` of a row of figures, as a number, credit hours or per cent.

    `page` is the list with the rows behind it, narrowed by `narrowed`; a share has no list, as it
    is computed from two other figures. With `of_year` the figure is of the whole year, even if the
    others are of a part of it. `warns` means that any value but zero needs attention.
    """

    key: str
    label: Any
    page: str = ""
    narrowed: tuple[tuple[str, str], ...] = ()
    kind: Kind = Kind.NUMBER
    of_year: bool = False
    warns: bool = False
    is_share: bool = False

    @property
    def is_hours(self) -> bool:
        return self.kind is Kind.HOURS and not self.is_share


def _hours(category: str, label: Any) -> Figure:
    return Figure(category, label, "years:entries", (("category", category),), Kind.HOURS)


def _members(key: str, label: Any, outcome: str, *more: tuple[str, str]) -> Figure:
    return Figure(key, label, "years:members", (("outcome", outcome), *more), of_year=True)


_STUDY = (
    Figure("person_times", _("Person-times"), "years:attendances"),
    Figure("members", _("Distinct members"), "years:attendees"),
    _hours("concentrated", _("Hours: concentrated training")),
    _hours("collective", _("Hours: collective study")),
    _hours("other", _("Hours: other study")),
    _members("counted", _("Members who owe hours"), COUNTED),
    _members("met", _("On target"), Outcome.MET),
)
_OUTCOMES = (
    Figure("share", _("Share on target (%)"), kind=Kind.HOURS, of_year=True, is_share=True),
    _members("exempt", _("Exempt"), Outcome.EXEMPT),
    _members("out", _("Not counted"), Outcome.OUT),
)

OF_SCHOOLS = (
    Figure("classes", _("Classes held"), "years:classes"),
    Figure("due", _("Rolls not submitted"), "rolls:sessions", (("due", "missing"),), warns=True),
    *_STUDY,
    *_OUTCOMES,
)
OF_ORGANISATIONS = (
    *_STUDY,
    _members("short", _("Not on target"), Outcome.SHORT, ("order", "organisation")),
    *_OUTCOMES,
)
