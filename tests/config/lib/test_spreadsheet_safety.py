"""Uploads that would exhaust the server: refused after little work, in flat memory.

Each is read in a process of its own that may take only a little more memory than it has when the
upload arrives. That calamine by itself dies there shows that the limit, and the danger, are real.
Work is counted, in lines of Python and in bytes inflated, as seconds would depend on the machine.
"""

from __future__ import annotations

import random
import subprocess
import sys
import tracemalloc
import zipfile
from io import BytesIO

import pytest
from django.conf import settings
from django.utils import translation

from config.lib.spreadsheet_reading import Limits, SpreadsheetError, read_table
from config.lib.spreadsheet_safety import check_workbook
from tests.config.lib.workbooks import (
    SHEET,
    TEXTS,
    bomb,
    claim,
    claim_a_beginning,
    endless,
    frame,
    repeated_entries,
    shared_texts,
    sheet_xml,
    workbook,
)

NUMBER = '<row r="{row}"><c r="{cell}"><v>1</v></c></row>'
MEGABYTE = 1 << 20
# Lines of Python for a workbook, which is searched in large pieces, and for each row of a text.
MOST_LINES, MOST_LINES_A_ROW = 50_000, 15
HANGS_SECONDS = 120
PROGRAM = """
import io, resource, sys, zlib
import psutil
from django.conf import settings
from python_calamine import CalamineWorkbook
settings.configure(USE_I18N=False)
from config.lib.spreadsheet_reading import SpreadsheetError, read_table

def calamine(data, name):
    CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()

class Inflater:
    def __init__(self, *arguments):
        self.real = real_inflater(*arguments)
    def decompress(self, *arguments):
        global inflated
        piece = self.real.decompress(*arguments)
        inflated += len(piece)
        return piece
    def __getattr__(self, name):
        return getattr(self.real, name)

def count_line(*_where):
    global lines
    lines += 1

reader, path, name = sys.argv[1:]
data = open(path, "rb").read()
if sys.platform == "linux":
    most = psutil.Process().memory_info().vms + (64 << 20)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
inflated = lines = 0
real_inflater, zlib.decompressobj = zlib.decompressobj, Inflater
sys.monitoring.use_tool_id(sys.monitoring.PROFILER_ID, "lines")
sys.monitoring.register_callback(
    sys.monitoring.PROFILER_ID, sys.monitoring.events.LINE, count_line
)
sys.monitoring.set_events(sys.monitoring.PROFILER_ID, sys.monitoring.events.LINE)
try:
    {"portal": read_table, "calamine": calamine}[reader](data, name)
    status = "read"
except SpreadsheetError as error:
    status = error.status
sys.monitoring.set_events(sys.monitoring.PROFILER_ID, 0)
print(status, lines, inflated)
"""


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def two_corners() -> bytes:
    """Sixteen thousand million cells between the first and the last."""
    return workbook(NUMBER.format(row=1, cell="A1") + NUMBER.format(row=1048576, cell="XFD1048576"))


def multiplied_text() -> bytes:
    """One text of 30 kB in 200,000 cells: 6 GB."""
    cells = (
        f'<c r="{column}{row}" t="s"><v>0</v></c>'
        for row in range(1, 20_001)
        for column in "ABCDEFGHIJ"
    )
    return workbook(f"<row>{''.join(cells)}</row>", **{TEXTS: shared_texts("long " * 6000)})


def claimed_texts() -> bytes:
    """A header that promises four thousand million texts."""
    texts = shared_texts("one").replace(b"<sst ", b'<sst uniqueCount="4000000000" ')
    return workbook(NUMBER.format(row=1, cell="A1"), **{TEXTS: texts})


def nested() -> bytes:
    """A sheet that is itself a bomb, beside others of its kind."""
    inner = bomb(100)
    return workbook(inner, **{f"xl/worksheets/s{n}.xml": inner for n in range(50)})


def many_small_cells() -> bytes:
    """Three million cells in one place: no large area, but a large heap."""
    chance = random.Random(2019)
    cells = "".join(f'<c r="A1"><v>{chance.randrange(10)}</v></c>' for _ in range(30_000)).encode()
    start, end = sheet_xml('<row r="1">|</row>').split(b"|")
    return workbook(states=("visible",), **{SHEET: iter([start, *[cells] * 100, end])})


REFUSED = {
    "200 MB": (lambda: bytes(200 * MEGABYTE), 413),
    "300 MB in a small archive": (lambda: bomb(300), 413),
    "300 MB that are said to be 1 kB": (lambda: claim(bomb(300), SHEET, size=1024), 422),
    "300 MB of which a true beginning is said to be all": (
        lambda: claim_a_beginning(bomb(300), SHEET, size=1024),
        422,
    ),
    "150 MB just below the limit": (lambda: bomb(150), 413),
    "8 GB that are said to be 1 kB": (lambda: endless(8), 422),
    "hundreds of thousands of parts": (lambda: repeated_entries(300_000), 422),
    "archives in an archive": (nested, 413),
    "a cell in the last corner": (
        lambda: workbook(NUMBER.format(row=1048576, cell="XFD1048576")),
        413,
    ),
    "cells in two corners": (two_corners, 413),
    "a wide and a long one within the limits of each": (
        lambda: workbook(
            NUMBER.format(row=1, cell="A1") + NUMBER.format(row=99999, cell="GR99999")
        ),
        413,
    ),
    "three million cells in one place": (many_small_cells, 413),
    "one long text in very many cells": (multiplied_text, 413),
    "a claim of four thousand million texts": (claimed_texts, 422),
}


def read_in_a_narrow_room(
    data: bytes, tmp_path, reader: str, name: str = "register.xlsx"
) -> subprocess.CompletedProcess[str]:
    path = tmp_path / "upload"
    path.write_bytes(data)
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, reader, path, name],
        capture_output=True,
        text=True,
        check=False,
        cwd=settings.BASE_DIR,
        timeout=HANGS_SECONDS,
    )


@pytest.mark.parametrize(("upload", "status"), REFUSED.values(), ids=REFUSED)
def test_is_refused_after_little_work_and_in_flat_memory(upload, status, tmp_path):
    done = read_in_a_narrow_room(upload(), tmp_path, "portal")

    assert done.returncode == 0, done.stderr[-2000:]
    outcome, lines, inflated = done.stdout.split()
    assert outcome == str(status)
    assert 0 < int(lines) < MOST_LINES
    assert int(inflated) <= Limits().unpacked


@pytest.mark.parametrize("piece", [b",", b";", b"\n", b"\n,", b'"', b'"",', b'"a\n', b"a;,\t"])
def test_delimiters_and_quotation_marks_without_end_are_refused_likewise(piece, tmp_path):
    done = read_in_a_narrow_room(piece * (19 * MEGABYTE // len(piece)), tmp_path, "portal", "a.csv")

    assert done.returncode == 0, done.stderr[-2000:]
    outcome, lines, _inflated = done.stdout.split()
    assert outcome in ("413", "422")
    assert 0 < int(lines) < MOST_LINES_A_ROW * Limits().rows


@pytest.mark.skipif(sys.platform != "linux", reason="no other system limits a process's memory")
@pytest.mark.parametrize(
    "upload", [lambda: bomb(300), two_corners, multiplied_text, claimed_texts, many_small_cells]
)
def test_would_end_the_process_without_the_check(upload, tmp_path):
    assert read_in_a_narrow_room(upload(), tmp_path, "calamine").returncode != 0


def test_a_lie_about_the_size_is_found_piece_by_piece():
    data = claim(bomb(300), SHEET, size=100 * MEGABYTE)
    tracemalloc.start()
    try:
        with pytest.raises(SpreadsheetError) as caught:
            read_table(data, "register.xlsx")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert caught.value.status == 422  # it was not refused for what it claims
    assert peak < 8 * MEGABYTE


class TestLongTextsInManyCells:
    """What they come to is summed exactly, so that a long remark here and there does no harm."""

    LIMITS = Limits(unpacked=280_000)

    def rows(self, *numbers: int) -> str:
        return "".join(
            f'<row r="{row}"><c r="A{row}" t="s"><v>{number}</v></c></row>'
            for row, number in enumerate(numbers, 1)
        )

    def test_are_read_if_only_short_ones_repeat(self):
        upload = workbook(self.rows(1, *[0] * 999), **{TEXTS: shared_texts("no", "lengthy" * 1000)})

        table = read_table(upload, "register.xlsx", limits=self.LIMITS)

        assert table.rows == [["lengthy" * 1000], *[["no"]] * 999]

    @pytest.mark.parametrize("prefix", ["", "x:"])
    def test_are_refused_if_they_repeat(self, prefix):
        texts = shared_texts("no", "lengthy" * 1000)
        texts = texts.replace(b"<si>", f"<{prefix}si>".encode())
        texts = texts.replace(b"</si>", f"</{prefix}si>".encode())
        upload = workbook(self.rows(*[1] * 41), **{TEXTS: texts})

        with pytest.raises(SpreadsheetError) as caught:
            read_table(upload, "register.xlsx", limits=self.LIMITS)
        assert caught.value.status == 413

    def test_are_not_hidden_behind_another_way_to_write_a_cell(self):
        rows = self.rows(*[1] * 41).replace("<v>", "<f>A1</f><v>")
        upload = workbook(rows, **{TEXTS: shared_texts("no", "lengthy" * 1000)})

        with pytest.raises(SpreadsheetError) as caught:
            read_table(upload, "register.xlsx", limits=self.LIMITS)
        assert caught.value.status == 413

    @pytest.mark.parametrize(
        "trick",
        [
            b"<!-- <si/> --><si><t>no</t></si>",
            b"<?a <si/>?><si><t>no</t></si>",
            b"<si>no<si/></si>",
        ],
        ids=["comment", "instruction", "nested"],
    )
    def test_are_not_hidden_by_what_shifts_their_numbers(self, trick):
        texts = shared_texts("no", "no", "lengthy" * 1000).replace(b"<si><t>no</t></si>", trick, 1)
        upload = workbook(self.rows(*[3] * 41), **{TEXTS: texts})

        with pytest.raises(SpreadsheetError, match="damaged"):
            read_table(upload, "register.xlsx", limits=self.LIMITS)

    def test_are_not_hidden_behind_another_value_of_the_cell(self):
        rows = self.rows(*[1] * 41).replace("<v>", "<v>0</v><v>")
        upload = workbook(rows, **{TEXTS: shared_texts("no", "lengthy" * 1000)})

        with pytest.raises(SpreadsheetError) as caught:
            read_table(upload, "register.xlsx", limits=self.LIMITS)
        assert caught.value.status == 413


@pytest.mark.parametrize(
    "cell",
    [
        "<c><v>1</v></c>",
        '<c r="A1" r="XFD1048576"><v>1</v></c>',
        '<c s="1" r="A1"><v>1</v></c>',
        "<c r='A1'><v>1</v></c>",
        '<c r="a1"><v>1</v></c>',
        '<c r="&#65;1"><v>1</v></c>',
        '<c r="A1" q=">"><v>1</v></c>',
        '<c r="ZZZZ1"><v>1</v></c>',
        '<c r="A0"><v>1</v></c>',
        '<x:c r="AAAA1"><v>1</v></x:c>',
        '<c\tr="A1"><v>1</v></c>',
        f'<c {" " * 70_000} r="A1"><v>1</v></c>',
    ],
)
def test_a_cell_whose_place_is_not_plain_is_refused(cell):
    upload = workbook(f'<row r="1">{cell}</row>')

    with pytest.raises(SpreadsheetError, match="damaged"):
        read_table(upload, "register.xlsx")


@pytest.mark.parametrize(
    "declaration",
    [
        "<!DOCTYPE worksheet>",
        '<!DOCTYPE worksheet [<!ENTITY a "b">]>',
        '<!doctype worksheet SYSTEM "file:///etc/passwd">',
    ],
)
@pytest.mark.parametrize("name", [SHEET, TEXTS, "xl/workbook.xml", "xl/styles.xml"])
def test_declarations_are_refused_in_every_part(declaration, name):
    part = f'<?xml version="1.0"?>{declaration}<worksheet><sheetData/></worksheet>'.encode()
    upload = workbook(NUMBER.format(row=1, cell="A1"), **{name: part})

    with pytest.raises(SpreadsheetError, match="damaged"):
        read_table(upload, "register.xlsx")


def test_a_part_in_another_encoding_is_refused():
    part = sheet_xml(NUMBER.format(row=1, cell="A1")).decode().replace("UTF-8", "UTF-16")

    with pytest.raises(SpreadsheetError, match="damaged"):
        read_table(workbook(part.encode("utf-16")), "register.xlsx")


@pytest.mark.parametrize("lie", [{"checksum": 0}, {"size": 10_000}, {"size": 100}, {"method": 0}])
def test_headers_that_say_something_else_are_not_believed(lie):
    upload = workbook(NUMBER.format(row=1, cell="A1"))

    with pytest.raises(SpreadsheetError, match="damaged"):
        check_workbook(claim(upload, SHEET, **lie), Limits())


def test_of_two_parts_with_one_name_neither_is_believed():
    first = sheet_xml(NUMBER.format(row=1, cell="A1"))
    upload = workbook(first, **{"xl/worksheets/SHEET1.xml": first})

    with pytest.raises(SpreadsheetError, match="damaged"):
        read_table(upload, "register.xlsx")


def archive_by(method: int) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", method) as target:
        for name, content in frame("visible").items():
            target.writestr(name, content)
        target.writestr(SHEET, sheet_xml(NUMBER.format(row=1, cell="A1")))
    return out.getvalue()


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_an_uncommon_compression_is_refused(method):
    with pytest.raises(SpreadsheetError, match="damaged"):
        read_table(archive_by(method), "register.xlsx")


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_common_one_is_read(method):
    assert read_table(archive_by(method), "register.xlsx").rows == [[1]]
