"""Which organisation an office means: by name or code, with the nearest names where none fits."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from datetime import date
from typing import Any

from config.lib.periods import in_force
from schools.models import Organisation
from trainees.imports.cells import CellError
from trainees.imports.reasons import Reason

SUGGESTIONS = 3
# Names that share less than this of their pairs of characters are not alike.
_LIKENESS = 0.25


class OrganisationFinder:
    """Organisations in force on a day, found by what an office writes; each text once."""

    def __init__(self, on: date) -> None:
        self._by_code: dict[str, int] = {}
        self._by_name: dict[str, list[tuple[int, str]]] = defaultdict(list)
        rows = Organisation.objects.filter(in_force(on)).values_list("id", "code", "name")
        for pk, code, name in rows:
            self._by_code[code] = pk
            self._by_name[_folded(name)].append((pk, code))
        self._names = [row[2] for row in rows]
        self._pairs = [_pairs_of(name) for name in self._names]
        self._known: dict[Any, int | CellError] = {}

    def find(self, cell: Any) -> int:
        """The id of the organisation that `cell` names. Raises CellError, suggesting others."""
        if cell not in self._known:
            try:
                self._known[cell] = self._look_up(cell)
            except CellError as error:
                self._known[cell] = error
        found = self._known[cell]
        if isinstance(found, CellError):
            raise found
        return found

    def _look_up(self, cell: Any) -> int:
        text = str(int(cell)) if isinstance(cell, float) and cell == int(cell) else str(cell)
        folded = _folded(text)
        if folded in self._by_code:
            return self._by_code[folded]
        same = self._by_name.get(folded, [])
        if len(same) == 1:
            return same[0][0]
        if same:
            raise CellError(Reason.SAME_NAME, codes=[code for _pk, code in same])
        near = self._nearest(text)
        if near:
            raise CellError(Reason.NEAREST_NAMES, names=near)
        raise CellError(Reason.NO_ORGANISATION)

    def _nearest(self, text: str) -> list[str]:
        """Names that share most pairs of neighbouring characters with `text`."""
        wanted = _pairs_of(text)
        alike = []
        for name, pairs in zip(self._names, self._pairs, strict=True):
            shared = len(wanted & pairs)
            if shared:
                alike.append((2 * shared / (len(wanted) + len(pairs)), name))
        alike.sort(key=lambda pair: (-pair[0], pair[1]))
        return [name for likeness, name in alike[:SUGGESTIONS] if likeness >= _LIKENESS]


def _folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def _pairs_of(text: str) -> set[str]:
    folded = _folded(text)
    return {folded[i : i + 2] for i in range(len(folded) - 1)}
