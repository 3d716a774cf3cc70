"""Where an organisation that is only named may stand: level, higher organisation and code."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import cache

from config.lib.names import name_key
from config.lib.periods import in_force
from schools.enums import STANDS_BELOW, OrganisationKind, TableField
from schools.imports.tables import level_words
from schools.models import Organisation, Placement

LONGEST_CODE = 20


@dataclass(frozen=True)
class Place:
    """Where a proposed organisation is to stand; `township_id` only directly below the top."""

    name: str
    code: str
    kind: str
    parent_id: int
    township_id: int | None


def level_of(name: str) -> OrganisationKind:
    """The level that a name says by its ending; else a branch."""
    return next((kind for ending, kind in _endings() if name.endswith(ending)), _BRANCH)


class HigherOrganisations:
    """The organisations that may stand above another from a day on."""

    def __init__(self, on: date) -> None:
        places = Placement.objects.filter(in_force(on), period__endswith=None)
        rows = places.exclude(organisation__kind=OrganisationKind.BRANCH)
        self.places = list(rows.select_related("organisation", "township"))
        self._codes = set(Organisation.objects.values_list("code", flat=True))

    def find(self, text: str) -> Placement | None:
        """The one with this code or name; None if there is none, or several have the name."""
        key = name_key(text)
        same = [
            place
            for place in self.places
            if place.organisation.code == key or name_key(place.organisation.name) == key
        ]
        return same[0] if len(same) == 1 else None

    def suggest(self, name: str, kind: OrganisationKind) -> Placement | None:
        """The one whose name, without its level, begins `name` and is the longest to do so."""
        above = [p for p in self.places if p.organisation.kind in STANDS_BELOW[kind]]
        stems = [(_stem(place.organisation.name), place) for place in above]
        fitting = [(len(stem), place) for stem, place in stems if stem and name.startswith(stem)]
        return max(fitting, key=lambda pair: pair[0])[1] if fitting else None

    def free_code(self, parent: Placement, taken: Collection[str]) -> str:
        """The first free code that is its parent's and two digits; empty if there is none."""
        codes = (f"{parent.organisation.code}{n:02}" for n in range(1, 100))
        free = (code for code in codes if code not in self._codes and code not in taken)
        code = next(free, "")
        return code if len(code) <= LONGEST_CODE else ""

    def is_taken(self, code: str) -> bool:
        """Whether an organisation of any time has this code."""
        return code in self._codes


def _stem(name: str) -> str:
    ending = next((ending for ending, _kind in _endings() if name.endswith(ending)), "")
    return name.removesuffix(ending)


@cache
def _endings() -> list[tuple[str, OrganisationKind]]:
    """The words for levels, which names end in, the longest first."""
    words = level_words().by_field[TableField.LEVEL.value]
    longest_first = sorted(words, key=len, reverse=True)
    return [(word, OrganisationKind(words[word])) for word in longest_first]


_BRANCH = OrganisationKind.BRANCH
