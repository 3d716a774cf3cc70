"""Tables of figures: the same lines on page and paper, so they agree to the fen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.text import capfirst

from funding.amounts import format_amount


@dataclass(frozen=True)
class Cell:
    """A figure in words, and the address of what is behind it; on paper without."""

    text: str
    address: str = ""


@dataclass(frozen=True)
class Line:
    """A line of a table: its name, the address of its own page, if any, and its figures."""

    name: str
    cells: list[Cell]
    address: str = ""


@dataclass(frozen=True)
class Table:
    """A table of figures. `label` heads its first column; the last `words` columns are no figures.

    `widths` are those on paper: parts of what is left, or 0 for as wide as needed.
    """

    title: str
    label: str
    heads: list[str]
    lines: list[Line]
    total: Line | None = None
    words: int = 0
    widths: tuple[int, ...] = ()

    @property
    def rows(self) -> list[tuple[Line, list[tuple[str, Cell, bool]]]]:
        """Each line with its cells: the head, the figure, and whether it is one."""
        return [(line, self._with_heads(line)) for line in self.lines]

    @property
    def foot(self) -> list[tuple[str, Cell, bool]]:
        """The cells of the total."""
        return self._with_heads(self.total) if self.total else []

    @property
    def columns(self) -> list[tuple[str, bool]]:
        """The heads after the first, and whether each is of figures."""
        figures = len(self.heads) - self.words
        return [(head, place < figures) for place, head in enumerate(self.heads)]

    def on_paper(self) -> dict[str, Any]:
        """The table for `templates/documents/fund_paper.typ`."""
        lines = [*self.lines, *([self.total] if self.total else [])]
        return {
            "heading": self.title,
            "columns": [capfirst(self.label), *(capfirst(head) for head in self.heads)],
            "figures": len(self.heads) - self.words,
            "widths": self.widths or [1, *(0 for _head in self.heads)],
            "rows": [[line.name, *(cell.text for cell in line.cells)] for line in lines],
            "has_total": self.total is not None,
        }

    def _with_heads(self, line: Line) -> list[tuple[str, Cell, bool]]:
        return [
            (head, cell, is_figure)
            for (head, is_figure), cell in zip(self.columns, line.cells, strict=True)
        ]


def yuan(amount: Decimal | None, address: str = "") -> Cell:
    """An amount; nothing as a dash. What is zero opens nothing."""
    if amount is None:
        return Cell("–")
    return Cell(format_amount(amount), address if amount else "")


def words(texts: Iterable[object]) -> list[Cell]:
    """Cells of words."""
    return [Cell(str(text)) for text in texts]
