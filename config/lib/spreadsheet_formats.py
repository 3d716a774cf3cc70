"""Find date cells of a workbook that show a year and a month, and no day.

A spreadsheet program stores the first day of a month that was typed without a day, so the value
alone does not tell whether that day was meant.
"""

from __future__ import annotations

import re
import zipfile
from html import unescape
from io import BytesIO

from config.lib.spreadsheet_formulas import column_number, part_of_sheet

_STYLES = "xl/styles.xml"
# Formats that are not written in the file, as Chinese programs show them (ECMA-376, 18.8.30).
_BUILT_IN = frozenset({b"17", b"27", b"36", b"50", b"52", b"57"})
_FORMAT = re.compile(rb"<(?:\w+:)?numFmt\s[^<>]*>")
_CELL_STYLES = re.compile(rb"<(?:\w+:)?cellXfs[\s>].*?</(?:\w+:)?cellXfs>", re.DOTALL)
_STYLE = re.compile(rb"<(?:\w+:)?xf[\s/>][^<>]*>?")
_NUMBER = re.compile(rb'\snumFmtId="(\d{1,9})"')
_CODE = re.compile(rb'\sformatCode="([^"]*)"')
# What a format shows as it stands, and marks of language or colour.
_LITERALS = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
_STYLED = re.compile(rb'<(?:\w+:)?c r="([A-Z]{1,3})(\d{1,7})"[^<>]*? s="(\d{1,9})"')
_PIECE = 1 << 18


def find_months(data: bytes, sheet: str) -> list[tuple[int, int]]:
    """Row and column, from 0, of the cells of a sheet whose format shows a month without a day.

    `data` is an archive that `check_workbook` has checked: it has no DTD and is within the limits.
    """
    with zipfile.ZipFile(BytesIO(data)) as archive:
        styles = _month_styles(archive)
        part = part_of_sheet(archive, sheet) if styles else None
        if part is None:
            return []
        places = []
        with archive.open(part) as file:
            rest = b""
            while piece := file.read(_PIECE):
                whole, bracket, tail = (rest + piece).rpartition(b"<")
                rest = bracket + tail
                places += [
                    (int(row) - 1, column_number(letters.decode()) - 1)
                    for letters, row, style in _STYLED.findall(whole)
                    if style in styles
                ]
        return places


def _month_styles(archive: zipfile.ZipFile) -> set[bytes]:
    """The numbers of the cell styles that show a month without a day.

    The part is searched as text, since a tree of its elements takes many times its size.
    """
    name = next((name for name in archive.namelist() if name.lower() == _STYLES), None)
    if name is None:
        return set()
    text = archive.read(name)
    written = {}
    for tag in _FORMAT.finditer(text):
        number, code = _NUMBER.search(tag[0]), _CODE.search(tag[0])
        if number and code:
            written[number[1]] = shows_month(unescape(code[1].decode(errors="replace")))
    months = {number for number in _BUILT_IN if number not in written}
    months |= {number for number, is_month in written.items() if is_month}
    cells = _CELL_STYLES.search(text)
    numbers = (_NUMBER.search(tag[0]) for tag in _STYLE.finditer(cells[0])) if cells else ()
    return {
        str(place).encode()
        for place, number in enumerate(numbers)
        if number and number[1] in months
    }


def shows_month(code: str) -> bool:
    """Whether a number format such as yyyy-mm shows a year and a month, and no day."""
    signs = set(_LITERALS.sub("", code).partition(";")[0].lower())
    return "m" in signs and bool(signs & {"y", "e"}) and not signs & {"d", "h", "s"}
