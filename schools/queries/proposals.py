"""Where an organisation that is only named may stand: level, higher organisation and code."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import count
from typing import Any

from django.db.models import QuerySet

from config.lib.names import name_key
from config.lib.periods import in_force
from config.lib.resident_ids import holds_resident_id
from schools.enums import STANDS_BELOW, OrganisationKind, TableField
from schools.imports.tables import level_words
from schools.models import Organisation, Placement

LONGEST_CODE = 20


@dataclass(frozen=True)
class Place:
    """Where a proposed organisation is to stand; `township_id` only directly below the top.

    `parent_proposal` is the name of a higher organisation that is proposed itself; then there is no
    `parent_id`.
    """

    name: str
    code: str
    kind: str
    parent_id: int | None
    township_id: int | None
    parent_proposal: str = ""


def parents_first(above: Mapping[int, int | None]) -> list[int]:
    """The keys of `above`, which has what stands above each, so that no one precedes its parent.

    In a circle, one does.
    """
    order: dict[int, None] = {}
    for first in above:
        path: list[int] = []
        key: int | None = first
        while key is not None and key in above and key not in order and key not in path:
            path.append(key)
            key = above[key]
        order |= dict.fromkeys(reversed(path))
    return list(order)


def level_of(name: str) -> OrganisationKind:
    """The level that a name says by its ending; else a branch."""
    return next((kind for ending, kind in _endings() if name.endswith(ending)), _BRANCH)


def list_founded(proposals: Any) -> QuerySet[Any]:
    """The ticked ones of a file's proposals, with what stands above them."""
    return proposals.filter(is_ticked=True).select_related("parent", "parent_proposal")


class HigherOrganisations:
    """The organisations that may stand above another from a day on."""

    def __init__(self, on: date) -> None:
        places = Placement.objects.filter(in_force(on), period__endswith=None)
        rows = places.exclude(organisation__kind=OrganisationKind.BRANCH)
        self._stems: list[tuple[str, Placement]] = []
        self._by_key: dict[str, list[Placement]] = defaultdict(list)
        self.top_code = ""
        for place in rows.select_related("organisation", "township"):
            organisation = place.organisation
            self._stems.append((_stem(organisation.name), place))
            for key in {organisation.code, name_key(organisation.name)}:
                self._by_key[key].append(place)
            if organisation.kind == OrganisationKind.DISTRICT_COMMITTEE:
                self.top_code = organisation.code
        self._codes = set(Organisation.objects.values_list("code", flat=True))

    def find(self, text: str) -> Placement | None:
        """The one with this code or name; None if there is none, or several have the name."""
        same = self._by_key.get(name_key(text), [])
        return same[0] if len(same) == 1 else None

    def suggest(self, name: str, kind: OrganisationKind) -> Placement | None:
        """The one whose name, without its level, begins `name` and is the longest to do so."""
        above = STANDS_BELOW[kind]
        fitting = [
            (len(stem), place)
            for stem, place in self._stems
            if stem and place.organisation.kind in above and name.startswith(stem)
        ]
        return max(fitting, key=lambda pair: pair[0])[1] if fitting else None

    def free_code(self, above: str, taken: Collection[str]) -> str:
        """The first free code that is the one `above` and two digits, or more once these are used.

        A code above that leaves no room for them is shortened. A code is never an ID number.
        """
        numbers = (f"{n:02}" for n in count(1))
        codes = (above[: LONGEST_CODE - len(digits)] + digits for digits in numbers)
        return next(
            code
            for code in codes
            if code not in self._codes and code not in taken and not holds_resident_id(code)
        )

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
