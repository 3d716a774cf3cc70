"""Find formulas of a workbook that have no stored result.

Spreadsheet programs store a result with each formula, even if it is an empty text. Other programs
that write workbooks often do not, and the cell would look empty.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from enum import Enum
from io import BytesIO
from posixpath import join, normpath
from xml.etree.ElementTree import Element, fromstring, iterparse

_REFERENCE = re.compile(r"([A-Z]+)([0-9]+)")
_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


class Formula(Enum):
    """Stands in for the value of a cell."""

    WITHOUT_RESULT = ""

    def __str__(self) -> str:
        return self.value


def find_formulas(data: bytes, sheet: str) -> list[tuple[int, int]]:
    """Row and column, from 0, of the cells of a sheet that hold a formula and no result.

    `data` is an archive that `check_workbook` has checked: it has no DTD and is within the limits.
    """
    with zipfile.ZipFile(BytesIO(data)) as archive:
        part = part_of_sheet(archive, sheet)
        if part is None:
            return []
        with archive.open(part) as file:
            return list(_list_places(iterparse(file)))  # noqa: S314 - there is no DTD


def _list_places(events: Iterator[tuple[str, Element]]) -> Iterator[tuple[int, int]]:
    for _event, element in events:
        kind = _kind(element)
        if kind == "c":
            match = _REFERENCE.fullmatch(element.get("r", ""))
            if match and _lacks_result(element):
                yield int(match[2]) - 1, column_number(match[1]) - 1
        elif kind == "row":
            element.clear()


def _lacks_result(cell: Element) -> bool:
    """Whether a cell has a formula and no result; `t="str"` with a value tag is an empty text."""
    texts = {_kind(child): child.text for child in cell}
    if "f" not in texts or texts.get("v") or "is" in texts:
        return False
    return cell.get("t") != "str" or "v" not in texts


def part_of_sheet(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """The name of the archive part that holds the named sheet."""
    names = {name.lower(): name for name in archive.namelist()}  # calamine ignores case too
    parts = [names.get(name) for name in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels")]
    if None in parts:
        return None
    book, links = (fromstring(archive.read(str(part))) for part in parts)  # noqa: S314 - no DTD
    key = next((element.get(_ID) for element in book.iter() if _names(element, sheet)), None)
    target = next((link.get("Target") for link in links if link.get("Id") == key), None)
    name = normpath(join("/xl", target or "")).lstrip("/")
    return names.get(name.lower())


def _names(element: Element, sheet: str) -> bool:
    return _kind(element) == "sheet" and element.get("name") == sheet


def _kind(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def column_number(letters: str) -> int:
    """A → 1, Z → 26, AA → 27."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number
