"""What the rows of a founding table mean for what is stored: new, there already, or refused.

A row that hangs on a refused one is refused as well, so that what is left out never leaves a gap.
Nothing is written here; `schools.actions.founding_tables` writes what is new.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from schools.enums import LineKind, TableKind
from schools.imports.divisions import compare_divisions
from schools.imports.network import compare_schools
from schools.imports.tables import FoundingTable, Line
from schools.imports.tree import compare_tree


@dataclass(frozen=True)
class Comparison:
    """The rows of a table, each with its kind. `about` has what belongs to the new rows.

    `about` is by row number: the township of a village, the townships of a school, the place of an
    organisation.
    """

    source: FoundingTable
    lines: Sequence[Line]
    about: Mapping[int, Any] = field(default_factory=dict)

    def of_kind(self, kind: LineKind) -> list[Line]:
        """The rows of one kind, in the order of the file."""
        return [line for line in self.lines if line.kind is kind]

    @property
    def counts(self) -> dict[LineKind, int]:
        """The number of rows of each kind, in the order in which they are checked."""
        return {kind: len(self.of_kind(kind)) for kind in LineKind}

    @property
    def digest(self) -> str:
        """A hash of what would be founded, and of what is refused."""
        parts = [
            (
                *(line.row_number, line.kind.value, line.problems),
                *(line.code, line.name, line.level, repr(self.about.get(line.row_number))),
            )
            for line in self.lines
        ]
        return hashlib.sha256(repr(parts).encode()).hexdigest()


type Comparer = Callable[[Sequence[Line], date], dict[int, Any]]

_COMPARERS: Mapping[TableKind, Comparer] = {
    TableKind.DIVISIONS: compare_divisions,
    TableKind.SCHOOLS: compare_schools,
    TableKind.TREE: compare_tree,
}


def compare(source: FoundingTable, on: date) -> Comparison:
    """Compare a table with what is stored, for a founding on the day `on`."""
    lines = source.lines()
    about = _COMPARERS[source.kind](lines, on)
    return Comparison(source, lines, about)
