"""The division table: townships and subdistricts of 9 digits, villages and communities of 12."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from backstage.imports.reasons import CellReason
from schools.enums import LineKind, TableField
from schools.imports.reasons import FoundingReason as Reason
from schools.imports.tables import Line
from schools.models import District, Township, Village

F = TableField
_DISTRICT, TOWNSHIP, VILLAGE = 6, 9, 12
_LONGEST_TOWNSHIP = 40


def compare_divisions(lines: Sequence[Line], _on: date) -> dict[int, str]:
    """Mark the rows; returns the code of the township of each new village, by row number.

    The township follows from the village's code; a column that says so must agree.
    """
    district = District.objects.first()
    names = dict(Township.objects.values_list("code", "name"))
    names |= dict(Village.objects.values_list("code", "name"))
    if district is not None:
        names[district.code] = district.name
    rows = {line.code: line for line in lines if len(line.code) == TOWNSHIP}
    for line in lines:
        if line.code:  # also in a row that is refused for its name
            _check_code(line, district)
    for line in lines:
        if not line.is_refused:
            _compare_name(line, names)
    belongs = {}
    for line in lines:
        if line.kind is LineKind.NEW and len(line.code) == VILLAGE:
            code = line.code[:TOWNSHIP]
            row = rows.get(code)
            if code not in names and row is None:
                line.refuse(F.CODE, Reason.UNKNOWN_TOWNSHIP, code=code)
            elif code not in names and row is not None and row.is_refused:
                line.refuse(F.CODE, Reason.ROW_ABOVE_REFUSED, row=row.place)
            belongs[line.row_number] = code
    return belongs


def _check_code(line: Line, district: District | None) -> None:
    length = len(line.code)
    if district is None or not line.code.startswith(district.code):
        code = district.code if district else "–"
        line.refuse(F.CODE, Reason.OTHER_DISTRICT, code=code)
        return
    if length not in {TOWNSHIP, VILLAGE} and line.code != district.code:
        line.refuse(F.CODE, Reason.DIVISION_DIGITS, n=length)
        return
    above = {VILLAGE: line.code[:TOWNSHIP], TOWNSHIP: district.code}.get(length, "")
    if line.parent and above and line.parent != above:
        line.refuse(F.PARENT, Reason.OTHER_DIVISION, code=above)
    if length == TOWNSHIP and len(line.name) > _LONGEST_TOWNSHIP:
        line.refuse(F.NAME, CellReason.TOO_LONG, n=_LONGEST_TOWNSHIP)


def _compare_name(line: Line, names: dict[str, str]) -> None:
    stored = names.get(line.code)
    if stored == line.name:
        line.kind = LineKind.PRESENT
    elif stored is not None:
        line.refuse(F.NAME, Reason.OTHER_NAME_STORED, name=stored)
