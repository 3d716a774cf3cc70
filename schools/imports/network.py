"""The table of schools: each with the townships that it serves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from operator import attrgetter, itemgetter

from django.utils.translation import gettext as _

from backstage.imports.reasons import CellReason
from backstage.imports.repeated import list_repeated, refuse_repeated
from config.lib.dated_rows import from_day_on
from schools.enums import LineKind, TableField
from schools.imports.reasons import FoundingReason as Reason
from schools.imports.tables import Line
from schools.models import School, SchoolArea, Township

F = TableField


def compare_schools(lines: Sequence[Line], on: date) -> dict[int, list[Township]]:
    """Mark the rows; returns the townships of each new school, by row number.

    A new school takes no township from another one: that is a split, which has its own page.
    """
    schools = {school.code: school for school in School.objects.all()}
    names = {school.name: school.code for school in schools.values()}
    townships = {township.code: township for township in Township.objects.all()}
    areas = SchoolArea.objects.filter(from_day_on(on)).select_related("township", "school")
    serving = {area.township.code: area.school for area in areas}
    _refuse_shared(lines)
    for line in lines:
        if not line.is_refused and line.code in schools:
            _compare(line, schools[line.code], serving, townships)
    for line in lines:
        if line.kind is LineKind.NEW:
            _check(line, names, serving, townships)
        if line.code not in schools:
            _refuse_unknown(line, townships)
    return {
        line.row_number: [townships[code] for code in line.townships]
        for line in lines
        if line.kind is LineKind.NEW
    }


def _compare(
    line: Line, school: School, serving: dict[str, School], townships: dict[str, Township]
) -> None:
    if school.period.upper is not None:
        line.refuse(F.CODE, Reason.SCHOOL_CLOSED)
        return
    served = {code for code, other in serving.items() if other.code == school.code}
    if school.name != line.name:
        line.refuse(F.NAME, Reason.OTHER_NAME_STORED, name=school.name)
    if served != set(line.townships):
        stored = _(", ").join(townships[code].name for code in sorted(served)) or "–"
        line.refuse(F.TOWNSHIPS, Reason.OTHER_AREA_STORED, townships=stored)
    if not line.is_refused:
        line.kind = LineKind.PRESENT


def _check(
    line: Line,
    names: dict[str, str],
    serving: dict[str, School],
    townships: dict[str, Township],
) -> None:
    if line.name in names:
        line.refuse(F.NAME, Reason.SCHOOL_NAME_TAKEN, code=names[line.name])
    if not line.townships:
        line.refuse(F.TOWNSHIPS, CellReason.EMPTY)
    for code in line.townships:
        if code in serving:
            values = {"township": townships[code].name, "school": serving[code].name}
            line.refuse(F.TOWNSHIPS, Reason.SERVED_ALREADY, **values)


def _refuse_unknown(line: Line, townships: dict[str, Township]) -> None:
    """Name the townships that nobody knows, also in a row that is refused for something else."""
    for code in line.townships:
        if code not in townships:
            line.refuse(F.TOWNSHIPS, Reason.UNKNOWN_TOWNSHIP, code=code)


def _refuse_shared(lines: Sequence[Line]) -> None:
    """Refuse all rows that share a name or a township: none is guessed to be right."""
    for _name, same in list_repeated(lines, attrgetter("name")):
        refuse_repeated(same, F.NAME)
    named = ((code, line) for line in lines for code in line.townships)
    for _township, pairs in list_repeated(named, itemgetter(0)):
        refuse_repeated([line for _code, line in pairs], F.TOWNSHIPS)
