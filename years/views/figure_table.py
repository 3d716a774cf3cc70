"""The table of an overview: figures of schools or organisations, each with the way to its rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from config.lib.filters import Filters
from config.lib.year_filters import part_in_words
from years.figures import Figure


@dataclass(frozen=True)
class Cell:
    """One figure of a line, the address of its rows if it has any, and the group that it opens."""

    figure: Figure
    value: Any
    address: str
    group: str


@dataclass(frozen=True)
class Line:
    """The figures of one school or organisation, or their sum; `address` is what stands below."""

    name: str
    address: str
    cells: list[Cell]
    is_itself: bool = False


class FigureTable:
    """The figures of an overview in the columns that it has, narrowed by `filters`.

    `part` is the part of the year in words, empty for all of it: then the columns are in two
    groups, what is of the part and what is of the whole year.
    """

    def __init__(self, figures: tuple[Figure, ...], filters: Filters) -> None:
        self.figures = figures
        self.part = part_in_words(filters)
        self.lines: list[Line] = []
        self.total: Line | None = None
        self._lists = {one.page: reverse(one.page) for one in figures if one.page}
        self._year = filters.value("year")
        self._carried = [
            (name, filters.value(name)) for name in ("audience", "part") if filters.value(name)
        ]

    @property
    def groups(self) -> list[tuple[str, int]]:
        """The name of each group of columns, and how many there are."""
        if not self.part:
            return []
        of_year = sum(one.of_year for one in self.figures)
        return [(self.part, len(self.figures) - of_year), (_("Whole year"), of_year)]

    def line(
        self,
        row: Any,
        scope: Iterable[tuple[str, object]],
        *,
        address: str = "",
        is_itself: bool = False,
    ) -> Line:
        """The line of `row`; `scope` narrows the lists behind its figures to it.

        An organisation without those below it has no list of its own, so no figure opens.
        """
        cells = []
        group = None
        for figure in self.figures:
            opens = self._group_of(figure)
            rows = "" if is_itself else self._address_of(figure, scope)
            value = getattr(row, figure.key)
            cells.append(Cell(figure, value, rows, opens if opens != group else ""))
            group = opens
        return Line(row.name, address, cells, is_itself)

    def below(self, scope: Iterable[tuple[str, object]]) -> str:
        """The address of the overview of the organisations in `scope`."""
        query = [*scope, ("year", self._year), *self._carried]
        return f"{reverse('years:dashboard_organisations')}?{urlencode(query)}"

    def _group_of(self, figure: Figure) -> str:
        if not self.part:
            return ""
        return _("Whole year") if figure.of_year else self.part

    def _address_of(self, figure: Figure, scope: Iterable[tuple[str, object]]) -> str:
        if not figure.page:
            return ""
        carried = [one for one in self._carried if one[0] != "part" or not figure.of_year]
        query = [*scope, ("year", self._year), *figure.narrowed, *carried]
        return f"{self._lists[figure.page]}?{urlencode(query)}"
