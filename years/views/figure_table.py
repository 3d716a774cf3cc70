"""The table of an overview: figures of schools or organisations, with links to their rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable
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
    """One figure of a line, the URL of its rows if any, and the column group it starts."""

    figure: Figure
    value: Any
    address: str
    group: str


@dataclass(frozen=True)
class Line:
    """The figures of a school or organisation, or their sum; `address` leads to the level below."""

    name: str
    address: str
    cells: list[Cell]
    is_itself: bool = False


class FigureTable:
    """The figures of an overview in columns, narrowed by `filters`.

    `part` is the part of the year in words, empty for the whole year. With a part, the columns are
    in two groups: figures of the part, and figures of the whole year.
    """

    def __init__(self, figures: tuple[Figure, ...], filters: Filters) -> None:
        self.figures = figures
        self.part = part_in_words(filters)
        self.lines: list[Line] = []
        self.total: Line | None = None
        self._lists = {figure.page: reverse(figure.page) for figure in figures if figure.page}
        self._year = filters.value("year")
        self._carried = [
            (name, filters.value(name)) for name in ("audience", "part") if filters.value(name)
        ]

    @property
    def groups(self) -> list[tuple[str, int]]:
        """The name of each column group, and its number of columns."""
        if not self.part:
            return []
        of_year = sum(figure.of_year for figure in self.figures)
        return [(self.part, len(self.figures) - of_year), (_("Whole year"), of_year)]

    def line(
        self,
        row: Any,
        scope: Iterable[tuple[str, object]],
        *,
        address: str = "",
        pages: Collection[str] | None = None,
        is_itself: bool = False,
    ) -> Line:
        """The line of `row`; `scope` narrows the lists behind its figures to this row.

        `pages` are the lists that can be narrowed so, by default all. A row for an organisation
        alone, without those below it, has no lists, so no links.
        """
        cells = []
        group = None
        for figure in self.figures:
            opens = self._group_of(figure)
            is_listed = not is_itself and (pages is None or figure.page in pages)
            rows = self._address_of(figure, scope) if is_listed else ""
            value = getattr(row, figure.key)
            cells.append(Cell(figure, value, rows, opens if opens != group else ""))
            group = opens
        return Line(row.name, address, cells, is_itself)

    def below(self, scope: Iterable[tuple[str, object]]) -> str:
        """The URL of the overview of the organisations in `scope`."""
        query = [*scope, ("year", self._year), *self._carried]
        return f"{reverse('years:overview_organisations')}?{urlencode(query)}"

    def _group_of(self, figure: Figure) -> str:
        if not self.part:
            return ""
        return _("Whole year") if figure.of_year else self.part

    def _address_of(self, figure: Figure, scope: Iterable[tuple[str, object]]) -> str:
        if not figure.page:
            return ""
        carried = [pair for pair in self._carried if pair[0] != "part" or not figure.of_year]
        query = [*scope, ("year", self._year), *figure.narrowed, *carried]
        return f"{self._lists[figure.page]}?{urlencode(query)}"
