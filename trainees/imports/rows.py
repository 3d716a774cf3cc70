"""Rows of a register as an office wrote them, by cell: values, or reasons for refusal."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from operator import attrgetter
from types import MappingProxyType
from typing import Any

from backstage.imports.cells import is_empty, read_day, read_resident_id
from backstage.imports.notes import is_note, without_last_notes
from backstage.imports.reasons import CellError, CellReason, Problem, RowPlace
from backstage.imports.repeated import list_repeated, refuse_repeated
from config.lib.encryption import fingerprint
from config.lib.resident_ids import birth_date_of, sex_of
from config.lib.spreadsheet_formulas import Formula
from config.lib.written_days import WrittenDay
from schools.organisation_finder import (
    UNKNOWN_NAMES,
    OrganisationFinder,
    organisation_text,
    proposable_name,
)
from trainees.enums import RegisterField
from trainees.imports import cells
from trainees.imports.columns import Header
from trainees.imports.reasons import Reason

F = RegisterField
# Trailing rows with fewer than two of these are notes of the office.
_TELLING = (F.ORGANISATION, F.NAME, F.RESIDENT_ID, F.NUMBER)
# The columns in which an office writes sums and signatures.
_NAMING = (F.ORGANISATION, F.NAME)


@dataclass(slots=True)
class RegisterLine:
    """What one row says about a member; an empty or absent value means no information.

    An `organisation_id` below zero is the key of a proposed organisation, negated.
    `resident_id` is in clear and never leaves memory; its `fingerprint` finds the member. `months`
    names the days with only a month written. `place` is what people call the row.
    """

    row_number: int
    place: RowPlace = 0
    organisation_id: int | None = None
    name: str = ""
    resident_id: str = ""
    fingerprint: str = ""
    number: str = ""
    sex: str = ""
    birth_date: date | None = None
    phone: str = ""
    joined_on: date | None = None
    full_member_on: date | None = None
    months: frozenset[str] = frozenset()
    membership_status: str = ""
    post: str = ""
    # The organisation above, as the file says; and a name that no organisation has.
    upper: str = ""
    unknown_organisation: str = ""
    problems: tuple[Problem, ...] = ()

    def refuse(self, field: RegisterField, reason: str, **values: Any) -> None:
        """Add a problem with the cell of a field."""
        self.problems += ((field.value, str(reason), values),)

    def written_day(self, field: RegisterField) -> WrittenDay | None:
        """A day as written in the row; None if it has none."""
        day = getattr(self, field.value)
        return WrittenDay(day, field.value in self.months) if day else None


def _take_name(line: RegisterLine, cell: Any) -> None:
    line.name = cells.read_name(cell)


def _take_resident_id(line: RegisterLine, cell: Any) -> None:
    line.resident_id = read_resident_id(cell)
    line.fingerprint = fingerprint(line.resident_id)


def _take_number(line: RegisterLine, cell: Any) -> None:
    line.number = cells.read_number(cell)


def _take_phone(line: RegisterLine, cell: Any) -> None:
    line.phone = cells.read_phone(cell)


def _take_day(line: RegisterLine, cell: Any, *, name: str) -> None:
    written = read_day(cell)
    setattr(line, name, written.day)
    if written.is_month:
        line.months |= {name}


def _take_upper(line: RegisterLine, cell: Any) -> None:
    line.upper = organisation_text(cell)


def _take_word(line: RegisterLine, cell: Any, *, field: RegisterField, name: str) -> None:
    setattr(line, name, cells.read_word(cell, field))


# The function that reads a cell of each field into the line. Each raises CellError.
_TAKERS: dict[RegisterField, Callable[[RegisterLine, Any], None]] = {
    F.NAME: _take_name,
    F.RESIDENT_ID: _take_resident_id,
    F.NUMBER: _take_number,
    F.PHONE: _take_phone,
    F.UPPER: _take_upper,
    **{
        field: partial(_take_day, name=field.value)
        for field in (F.BIRTH_DATE, F.JOINED_ON, F.FULL_MEMBER_ON)
    },
    **{
        field: partial(_take_word, field=field, name=field.value)
        for field in (F.SEX, F.MEMBERSHIP_STATUS, F.POST)
    },
}


class LineReader:
    """Turns rows of a table into lines, by its header."""

    def __init__(
        self,
        header: Header,
        organisations: OrganisationFinder,
        as_of: date,
        proposed: Mapping[str, int] = MappingProxyType({}),
        place_of: Callable[[int], RowPlace] = int,
    ) -> None:
        """`proposed` has the keys of the organisations that are founded with the import.

        `place_of` leads from a row's number to its place in the file.
        """
        self.header = header
        self._place_of = place_of
        self._proposed = proposed
        self.columns = header.columns
        self._telling = [self.columns[f] for f in _NAMING if f in self.columns]
        self._organisations = organisations
        self._as_of = as_of
        takers = _TAKERS | {F.ORGANISATION: self._take_organisation}
        # Field, place and reader of each column; looked up once, not for each of 38,000 rows.
        self._columns = [
            (field, place, takers[field])
            for field, place in self.columns.items()
            if field in takers
        ]

    def list_rows(self, rows: Sequence[tuple[int, Sequence[Any]]]) -> list[tuple[int, Sequence]]:
        """Rows about members: without empty rows, repeated headers, notes and sums."""
        kept = [
            (number, row)
            for number, row in rows
            if not all(map(is_empty, row))
            and not self.header.is_repeated_by(row)
            and not is_note(row, self._telling)
        ]
        return without_last_notes(kept, self._place_of, lambda row: self._tells(row) < 2)

    def _tells(self, row: Sequence[Any]) -> int:
        return sum(not is_empty(self._cell(row, field)) for field in _TELLING)

    def _cell(self, row: Sequence[Any], field: RegisterField) -> Any:
        place = self.columns.get(field)
        return row[place] if place is not None and place < len(row) else None

    def read(self, number: int, row: Sequence[Any]) -> RegisterLine:
        """One row as a line, with all its problems."""
        line = RegisterLine(number, self._place_of(number))
        said = set()
        for field, place, take in self._columns:
            cell = row[place] if place < len(row) else None
            if is_empty(cell):
                continue
            said.add(field)
            if cell is Formula.WITHOUT_RESULT:
                line.refuse(field, CellReason.FORMULA)
                continue
            try:
                take(line, cell)
            except CellError as error:
                line.refuse(field, error.reason, **error.values)
        self._check(line, said)
        return line

    def _take_organisation(self, line: RegisterLine, cell: Any) -> None:
        try:
            line.organisation_id = self._organisations.find(cell)
        except CellError as error:
            if error.reason not in UNKNOWN_NAMES:
                raise
            name = line.unknown_organisation = proposable_name(cell)
            if name not in self._proposed:
                raise
            line.organisation_id = -self._proposed[name]

    def _check(self, line: RegisterLine, said: set[RegisterField]) -> None:
        """Checks that need the whole row; `said` names the fields that are not empty."""
        for field in (F.ORGANISATION, F.NAME):
            if field not in said:
                line.refuse(field, CellReason.EMPTY)
        if not said & {F.RESIDENT_ID, F.NUMBER}:
            line.refuse(F.RESIDENT_ID, CellReason.EMPTY)
        if line.resident_id:
            self._check_against_id(line)
        if line.joined_on and line.joined_on > self._as_of:
            line.refuse(F.JOINED_ON, Reason.AFTER_REGISTER)
        elif line.joined_on and line.birth_date and line.joined_on <= line.birth_date:
            line.refuse(F.JOINED_ON, Reason.BEFORE_BIRTH)
        if line.full_member_on and line.full_member_on > self._as_of:
            line.refuse(F.FULL_MEMBER_ON, Reason.AFTER_REGISTER)
        elif line.joined_on and line.full_member_on and line.full_member_on < line.joined_on:
            line.refuse(F.FULL_MEMBER_ON, Reason.BEFORE_JOINING)

    @staticmethod
    def _check_against_id(line: RegisterLine) -> None:
        """The ID number includes sex and date of birth (GB 11643); other columns must agree."""
        born = birth_date_of(line.resident_id)
        sex = sex_of(line.resident_id)
        written = line.written_day(F.BIRTH_DATE)
        if written and not written.fits(born):
            line.refuse(F.BIRTH_DATE, Reason.ID_BIRTH_DATE)
        if line.sex and line.sex != sex:
            line.refuse(F.SEX, Reason.ID_OTHERWISE)
        line.birth_date, line.sex = born, sex
        line.months -= {F.BIRTH_DATE.value}


def mark_duplicates(lines: Sequence[RegisterLine]) -> None:
    """Refuse all rows that share an ID number or a member number: none is guessed to be right."""
    for field, key in ((F.RESIDENT_ID, "fingerprint"), (F.NUMBER, "number")):
        for _value, same in list_repeated(lines, attrgetter(key)):
            refuse_repeated(same, field)
