"""Workbooks that offices receive: what is written is read back, and text stays text."""

from __future__ import annotations

import zipfile
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from config.lib.periods import at_local
from config.lib.spreadsheet_reading import Table, read_table
from config.lib.spreadsheet_writing import Column, Kind, Marked, write_table

TEXTS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), min_size=1
).filter(lambda text: text == text.strip())


def written(rows: list[list[Any]], *columns: Column, **kwargs: Any) -> bytes:
    target = BytesIO()
    kwargs = {"title": "名册", "columns": columns, "rows": rows} | kwargs
    write_table(target, **kwargs)
    return target.getvalue()


def read(data: bytes) -> Table:
    return read_table(data, "a.xlsx")


def part(data: bytes, name: str) -> str:
    with zipfile.ZipFile(BytesIO(data)) as book:
        return book.read(name).decode()


@given(TEXTS)
def test_any_text_is_read_back_as_it_was_written(text):
    assert read(written([[text]], Column("A"))).rows[2] == [text]


def test_what_looks_like_something_else_is_text():
    texts = ["=1+1", "+86", "-1", "@SUM(A1)", "007", "120000197001010011", "http://x.cn", "1.5",
             "\tx", "𠮷·㐂", "TRUE", "2026-01-01", "{=1}"]  # fmt: skip
    data = written([[text] for text in texts], Column("A"))

    assert [row[0] for row in read(data).rows[2:]] == texts
    assert "<f>" not in part(data, "xl/worksheets/sheet1.xml")
    assert "hyperlink" not in part(data, "xl/worksheets/sheet1.xml")


def test_numbers_days_and_moments_keep_their_type():
    columns = [Column("n", Kind.NUMBER), Column("h", Kind.HOURS), Column("d", Kind.DATE),
               Column("m", Kind.MOMENT), Column("t")]  # fmt: skip
    row = [3, Decimal("32.25"), date(2026, 11, 24), at_local(date(2026, 11, 24), 9, 30), None]
    table = read(written([row, row], *columns))

    assert table.rows[1] == ["n", "h", "d", "m", "t"]
    assert table.rows[2] == [3, 32.25, date(2026, 11, 24), datetime(2026, 11, 24, 9, 30), None]


def test_a_day_in_a_column_of_text_stays_a_day_marked_or_not():
    day, moment = date(2021, 7, 1), datetime(2021, 7, 1, 8, 30)
    data = written([[day, moment, Marked(day, "late")]], *map(Column, "abc"))

    assert read(data).rows[2] == [day, moment, day]


def test_title_and_notes_stand_above_a_header_that_stays_and_repeats_on_paper():
    data = written([["x"]], Column("A"), notes=["党校：杨柳青镇党校", "导出：王芳"])
    sheet = part(data, "xl/worksheets/sheet1.xml")

    assert [row[0] for row in read(data).rows] == [
        "名册",
        "党校：杨柳青镇党校",
        "导出：王芳",
        "A",
        "x",
    ]
    assert 'ySplit="4"' in sheet
    assert "fitToWidth" in sheet or "fitToPage" in sheet
    assert "$4:$4" in part(data, "xl/workbook.xml")


def test_a_marked_cell_tells_its_reason_beside_it():
    data = written([["甲", Marked("123", "应为 18 位"), Marked(None, "不能为空")]],
                   Column("A"), Column("B"), Column("C"))  # fmt: skip

    comments = part(data, "xl/comments1.xml")
    assert read(data).rows[2][:2] == ["甲", "123"]
    assert 'ref="B3"' in comments
    assert 'ref="C3"' in comments
    assert "应为 18 位" in comments


def test_choices_are_offered_for_the_empty_rows_however_many_there_are():
    names = [f"第{n}党支部" for n in range(500)]
    data = written([], Column("A"), Column("B", choices=names), empty_rows=100)

    sheet = part(data, "xl/worksheets/sheet1.xml")
    assert 'sqref="B3:B102"' in sheet
    assert "$B$1:$B$500" in sheet
    assert 'state="hidden"' in part(data, "xl/workbook.xml")
    assert read(data).rows == [["名册", None], ["A", "B"]]


def test_rows_may_be_endless_and_are_not_kept():
    seen = 0

    def rows():
        nonlocal seen
        for seen in range(1, 5001):
            yield [str(seen)]

    assert len(read(written(rows(), Column("A"))).rows) == 5002
    assert seen == 5000


@given(st.text(max_size=60))
def test_whatever_a_sheet_is_to_be_called_the_file_is_read(name):
    data = written([["b"]], Column("a"), sheet_name=name)

    assert read(data).rows[1:] == [["a"], ["b"]]


def test_a_sheet_is_called_by_its_title_or_by_a_name_of_its_own():
    assert read(written([["b"]], Column("a"))).sheet == "名册"
    assert read(written([["b"]], Column("a"), sheet_name="问题行")).sheet == "问题行"
    assert read(written([["b"]], Column("a"), sheet_name="2026/07: [x]" + "长" * 40)).sheet == (
        "2026 07   x " + "长" * 19
    )
