"""The table of organisations: a tree, whose rows stand in any order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from backstage.imports.repeated import refuse_repeated
from config.lib.dated_rows import from_day_on
from config.lib.periods import first_day
from schools.enums import STANDS_BELOW, LineKind, OrganisationKind, TableField
from schools.imports.reasons import FoundingReason as Reason
from schools.imports.tables import Line
from schools.models import Organisation, Placement, Township, Village

F = TableField
TOP = OrganisationKind.DISTRICT_COMMITTEE


@dataclass(frozen=True)
class Place:
    """Where a new organisation stands: below a code, in a township; the top below nothing."""

    parent: str = ""
    township: Township | None = None
    village: Village | None = None


@dataclass(frozen=True)
class _Upper:
    """What an organisation that has others below it tells them; stored, or a new row."""

    name: str
    level: OrganisationKind
    township: Township | None
    since: date | None = None  # of a stored place that begins after the founding


def compare_tree(lines: Sequence[Line], on: date) -> dict[int, Place]:
    """Mark the rows; returns the place of each new organisation, by row number.

    The township is inherited; directly below the district committee each row names it. A row at
    the level of the district committee founds the top of the tree, if there is none.
    """
    return _Tree(lines, on).compare()


class _Tree:
    """The stored tree, and the rows that are to grow on it."""

    def __init__(self, lines: Sequence[Line], on: date) -> None:
        self._lines = lines
        self._on = on
        self._rows = {line.code: line for line in lines if line.code}
        self._townships = {township.code: township for township in Township.objects.all()}
        self._villages = {
            village.code: village for village in Village.objects.select_related("township")
        }
        self._codes = set(Organisation.objects.values_list("code", flat=True))
        places = Placement.objects.filter(from_day_on(on), period__endswith=None).select_related(
            "organisation", "parent", "township", "village"
        )
        self._stored = {place.organisation.code: place for place in places}
        self._top = next((p.organisation for p in places if p.parent_id is None), None)
        self._places: dict[int, Place] = {}

    def compare(self) -> dict[int, Place]:
        tops = [line for line in self._lines if line.level == TOP]
        for line in self._lines:
            if not line.is_refused and line.code in self._codes:
                self._compare_stored(line)
        for line in tops:
            self._check_top(line)
        if self._top is None and len(tops) > 1:
            refuse_repeated(tops, F.LEVEL)
        founded = (line.row_number for line in tops if line.kind is LineKind.NEW)
        self._places |= dict.fromkeys(founded, Place())
        self._grow()
        for line in self._lines:
            if line.kind is LineKind.NEW and line.row_number not in self._places:
                reason, values = self._break_above(line)
                line.refuse(F.PARENT, reason, **values)
        new = {line.row_number for line in self._lines if line.kind is LineKind.NEW}
        return {number: place for number, place in self._places.items() if number in new}

    def _compare_stored(self, line: Line) -> None:
        place = self._stored.get(line.code)
        if place is None:
            line.refuse(F.CODE, Reason.ORGANISATION_CLOSED)
            return
        if place.organisation.name != line.name:
            line.refuse(F.NAME, Reason.OTHER_NAME_STORED, name=place.organisation.name)
        if place.organisation.kind != line.level:
            level = place.organisation.get_kind_display()
            line.refuse(F.LEVEL, Reason.OTHER_LEVEL_STORED, level=level)
        if (place.parent.code if place.parent else "") != line.parent:
            names = {
                "name": place.parent.name if place.parent else "–",
                "code": place.parent.code if place.parent else "–",
            }
            line.refuse(F.PARENT, Reason.OTHER_PARENT_STORED, **names)
        if line.townships and [place.township and place.township.code] != [*line.townships]:
            name = str(place.township or "–")
            line.refuse(F.TOWNSHIPS, Reason.OTHER_TOWNSHIP_STORED, township=name)
        if line.village and (place.village is None or place.village.code != line.village):
            line.refuse(F.VILLAGE, Reason.OTHER_VILLAGE_STORED, village=str(place.village or "–"))
        if not line.is_refused:
            line.kind = LineKind.PRESENT

    def _check_top(self, line: Line) -> None:
        if line.kind is not LineKind.NEW:
            return
        for field in (F.PARENT, F.TOWNSHIPS, F.VILLAGE):
            if getattr(line, field.value):
                line.refuse(field, Reason.ROOT_STANDS_ALONE)
        if self._top is not None:
            line.refuse(F.LEVEL, Reason.ROOT_THERE, name=self._top.name)

    def _grow(self) -> None:
        """Place the rows from the top downwards, whatever their order in the file."""
        below: dict[str, list[Line]] = defaultdict(list)
        for line in self._lines:
            if line.kind is LineKind.NEW and line.level != TOP:
                below[line.parent].append(line)
        level = [
            (code, self._upper_of(place)) for code, place in self._stored.items() if code in below
        ]
        level += [
            (line.code, _Upper(line.name, TOP, None))
            for line in self._lines
            if line.row_number in self._places
        ]
        while level:
            lower = []
            for code, upper in level:
                for line in below.pop(code, ()):
                    place = self._place(line, upper)
                    self._places[line.row_number] = place
                    if not line.is_refused:
                        kind = OrganisationKind(line.level)
                        lower.append((line.code, _Upper(line.name, kind, place.township)))
            level = lower

    def _upper_of(self, place: Placement) -> _Upper:
        organisation, since = place.organisation, first_day(place.period)
        kind = OrganisationKind(organisation.kind)
        return _Upper(organisation.name, kind, place.township, since if since > self._on else None)

    def _place(self, line: Line, upper: _Upper) -> Place:
        """The place of a row below `upper`; refuses the row if it cannot stand there."""
        level = OrganisationKind(line.level)
        if upper.level not in STANDS_BELOW[level]:
            labels = {"level": str(level.label), "upper": str(upper.level.label)}
            line.refuse(F.LEVEL, Reason.LEVEL_MISFIT, **labels)
        if upper.since is not None:
            day = upper.since.isoformat()
            line.refuse(F.PARENT, Reason.PARENT_LATER, name=upper.name, day=day)
        township = self._township(line, upper)
        return Place(line.parent, township, self._village(line, township))

    def _township(self, line: Line, upper: _Upper) -> Township | None:
        unknown = [code for code in line.townships if code not in self._townships]
        named = [self._townships[code] for code in line.townships if code not in unknown]
        if unknown:
            line.refuse(F.TOWNSHIPS, Reason.UNKNOWN_TOWNSHIP, code=unknown[0])
        elif len(named) > 1:
            line.refuse(F.TOWNSHIPS, Reason.ONE_TOWNSHIP)
        elif named and upper.township not in {None, *named}:
            line.refuse(F.TOWNSHIPS, Reason.TOWNSHIP_OF_PARENT, township=str(upper.township))
        elif not named and upper.township is None:
            line.refuse(F.TOWNSHIPS, Reason.NEEDS_TOWNSHIP)
        return upper.township or next(iter(named), None)

    def _village(self, line: Line, township: Township | None) -> Village | None:
        village = self._villages.get(line.village)
        if line.village and village is None:
            line.refuse(F.VILLAGE, Reason.UNKNOWN_VILLAGE, code=line.village)
        elif village is not None and township is not None and village.township != township:
            names = {"village": village.name, "township": township.name}
            line.refuse(F.VILLAGE, Reason.VILLAGE_ELSEWHERE, **names)
        return village

    def _break_above(self, line: Line) -> tuple[str, dict[str, Any]]:
        """Why a row hangs on nothing, as a reason with its values: followed upwards."""
        if not line.parent:
            return Reason.NO_PARENT, {"top": str(TOP.label)}
        upper = self._rows.get(line.parent)
        if upper is None:
            is_closed = line.parent in self._codes
            return (Reason.ORGANISATION_CLOSED if is_closed else Reason.UNKNOWN_PARENT), {}
        row: Line | None = upper
        passed: set[int] = set()
        while row is not None and row.row_number not in passed:
            if row is line:
                return Reason.IN_A_CIRCLE, {}
            passed.add(row.row_number)
            row = self._rows.get(row.parent)
        return Reason.ROW_ABOVE_REFUSED, {"row": upper.place}
