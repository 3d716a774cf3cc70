"""A table is read as it stands: types, places, characters; or refused with a reason."""

from __future__ import annotations

import random
import re
from contextlib import suppress
from datetime import date, datetime, time
from io import BytesIO

import pytest
import xlsxwriter
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from config.lib.spreadsheet_formulas import Formula
from config.lib.spreadsheet_reading import Limits, SpreadsheetError, read_table
from tests.config.lib.workbooks import (
    SHEET,
    TEXTS,
    archive,
    frame,
    shared_texts,
    sheet_xml,
    workbook,
)

OLE = bytes.fromhex("D0CF11E0A1B11AE1")
ROWS = [
    ["姓名", "公民身份号码", "备注"],
    ["𠮷田•阿依古丽", "11010519491231002X", "一句, 两句; 三句"],
    ["㐂\u3000", "000123", '他说"好"\n第二行'],
    ["=1+1", "+86 22", "-"],
    ["@某", "\t制表", None],
]


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def one_sheet(cells: str) -> bytes:
    return workbook(f'<row r="1">{cells}</row>')


def csv_text(delimiter: str = ",", line_end: str = "\r\n") -> str:
    def quoted(cell):
        return '"' + cell.replace('"', '""') + '"' if cell else ""

    return "".join(delimiter.join(map(quoted, row)) + line_end for row in ROWS)


def refusal(data: bytes, name: str = "register.xlsx", **limits: int) -> SpreadsheetError:
    with pytest.raises(SpreadsheetError) as caught:
        read_table(data, name, limits=Limits(**limits))
    return caught.value


class TestFormulas:
    """Only a formula of which the file holds no result is told from an empty cell."""

    CELLS = (
        '<row r="1"><c r="A1" t="str"><f>B9</f><v>张三</v></c><c r="B1"><f>C9</f></c>'
        '<c r="C1"><f>D9</f><v></v></c></row><row r="2"><c r="D2" t="s"><f>D9</f></c></row>'
    )

    def test_without_a_result_are_marked_wherever_they_stand(self):
        none = Formula.WITHOUT_RESULT

        assert read_table(workbook(self.CELLS), "名册.xlsx").rows == [
            ["张三", none, none, None],
            [None, None, None, none],
        ]

    def test_an_empty_text_is_a_result(self):
        cells = (
            '<row r="1"><c r="A1" t="str"><f>B9</f><v>张三</v></c>'
            '<c r="B1" t="str"><f>IF(1,"")</f><v></v></c><c r="C1" t="str"><f>D9</f></c></row>'
        )

        assert read_table(workbook(cells), "名册.xlsx").rows == [
            ["张三", None, Formula.WITHOUT_RESULT]
        ]

    def test_are_found_in_whichever_case_the_parts_are_named(self):
        parts = {"xl/worksheets/sheet1.xml": sheet_xml(self.CELLS), **frame("visible")}
        shouted = {
            re.sub("(workbook|sheet1)", lambda m: m[0].title(), k): v for k, v in parts.items()
        }

        rows = read_table(archive(shouted), "名册.xlsx").rows

        assert rows == read_table(workbook(self.CELLS), "名册.xlsx").rows

    def test_say_nothing_as_text(self):
        assert str(Formula.WITHOUT_RESULT) == ""


class TestCells:
    def test_keep_their_type(self):
        out = BytesIO()
        with xlsxwriter.Workbook(out) as book:
            sheet = book.add_worksheet("名册")
            day = book.add_format({"num_format": "yyyy-mm-dd"})
            sheet.write_row(0, 0, ["text", 24, 23.5, True])
            sheet.write_datetime(0, 4, datetime(1999, 10, 1), day)
            sheet.write_datetime(0, 5, datetime(1999, 10, 1, 9, 30), day)
            sheet.write_datetime(0, 6, time(9, 30), day)
            sheet.write_string(0, 7, "2019")

        table = read_table(out.getvalue(), "a.xlsx")

        assert table.sheet == "名册"
        (row,) = table.rows
        moment = datetime(1999, 10, 1, 9, 30)
        assert row == ["text", 24, 23.5, True, date(1999, 10, 1), moment, time(9, 30), "2019"]
        assert [type(cell) for cell in row] == [str, float, float, bool, date, datetime, time, str]

    def test_an_id_number_stored_as_a_number_stays_one(self):
        table = read_table(one_sheet('<c r="A1"><v>110105194912310021</v></c>'), "a.xlsx")

        assert isinstance(table.rows[0][0], float)

    @pytest.mark.parametrize(
        "text", ["=1+1", "+86", "-", "@a", "\ttab", "0012", "http://a", "a\nb"]
    )
    def test_a_text_stays_as_it_is(self, text):
        cell = f'<c r="A1" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'

        assert read_table(one_sheet(cell), "a.xlsx").rows == [[text]]

    def test_a_formula_gives_the_value_that_was_saved_with_it(self):
        cells = (
            '<c r="A1"><f>1+1</f><v>2</v></c><c r="B1" t="str"><f>A2</f><v>=x</v></c>'
            '<c r="C1" t="e"><f>1/0</f><v>#DIV/0!</v></c><c r="D1"><v>1</v></c>'
        )
        assert read_table(one_sheet(cells), "a.xlsx").rows == [[2, "=x", None, 1]]

    def test_a_shared_text_is_found(self):
        upload = workbook(
            '<row><c r="A1" t="s"><v>1</v></c></row>', **{TEXTS: shared_texts("a", "乙")}
        )

        assert read_table(upload, "a.xlsx").rows == [["乙"]]


class TestPlaces:
    def test_rows_and_columns_count_as_in_the_spreadsheet_program(self):
        table = read_table(workbook('<row r="3"><c r="B3"><v>7</v></c></row>'), "a.xlsx")

        assert table.rows == [[None, None], [None, None], [None, 7]]
        assert table.width == 2

    def test_what_is_empty_at_the_end_is_dropped(self):
        cells = '<c r="A1"><v>1</v></c><c r="C1" t="str"><v></v></c>'
        upload = workbook(f'<row>{cells}</row><row><c r="B9" s="0"><v></v></c></row>')

        assert read_table(upload, "a.xlsx").rows == [[1]]

    @pytest.mark.parametrize("blank", ['<c r="XFD1048576" s="1"/>', '<c r="XFD1048576" s="1" />'])
    def test_a_border_in_the_last_corner_does_no_harm(self, blank):
        upload = workbook(f'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576">{blank}</row>')

        assert read_table(upload, "a.xlsx").rows == [[1]]

    def test_elements_may_carry_a_prefix(self):
        main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        part = (
            f'<x:worksheet xmlns:x="{main}"><x:sheetData><x:row r="2"><x:c r="B2" t="str"><x:v>y'
            '</x:v></x:c><x:c r="C2"/></x:row></x:sheetData></x:worksheet>'
        )
        assert read_table(workbook(part.encode()), "a.xlsx").rows == [[None, None], [None, "y"]]

    def test_the_first_visible_sheet_that_holds_anything_is_read(self):
        rows = [f'<row><c r="A1" t="str"><v>{text}</v></c></row>' for text in ("hidden", "b", "c")]
        states = ("hidden", "visible", "visible", "visible")
        table = read_table(workbook(rows[0], "", *rows[1:], states=states), "a.xlsx")

        assert (table.sheet, table.rows) == ("Sheet 3", [["b"]])

    def test_a_sheet_beyond_the_limits_does_no_harm_after_the_one_that_is_read(self):
        large = '<row><c r="A9"><v>1</v></c></row>'
        small = '<row><c r="A1"><v>1</v></c></row>'

        table = read_table(workbook(small, large), "a.xlsx", limits=Limits(rows=8))
        assert table.rows == [[1]]
        assert refusal(workbook("", large, small), rows=8).status == 413


class TestMergedCells:
    def table(self, *merged: str, rows: int = 3) -> bytes:
        cells = "".join(
            f'<row r="{n}"><c r="A{n}" t="str"><v>{"x" if n == 1 else ""}</v></c>'
            f'<c r="B{n}"><v>{n}</v></c></row>'
            for n in range(1, rows + 1)
        )
        refs = "".join(f'<mergeCell ref="{ref}"/>' for ref in merged)
        plain = sheet_xml(cells).decode()
        return workbook(
            plain.replace("</sheetData>", f"</sheetData><mergeCells>{refs}</mergeCells>").encode()
        )

    def test_within_a_column_hold_one_value(self):
        assert read_table(self.table("A1:A2"), "a.xlsx").rows == [["x", 1], ["x", 2], [None, 3]]

    def test_across_columns_stay_as_they_are(self):
        assert read_table(self.table("A1:B3"), "a.xlsx").rows == [["x", 1], [None, 2], [None, 3]]

    def test_beyond_the_table_do_no_harm(self):
        rows = read_table(self.table("A1:A1048576", "D5:D9", "C1:C2"), "a.xlsx").rows
        assert rows == [["x", 1], ["x", 2], ["x", 3]]

    def test_that_overlap_endlessly_are_refused(self):
        upload = self.table(*["A1:A1048576"] * 50)

        assert refusal(upload, cells=100).status == 413
        assert read_table(upload, "a.xlsx").rows[2] == ["x", 3]


class TestLimits:
    def table(self, rows: int, columns: int) -> str:
        return "\n".join([",".join(["x"] * columns)] * rows)

    @pytest.mark.parametrize(("rows", "columns"), [(5, 4), (10, 2), (1, 1)])
    def test_what_is_within_them_is_read(self, rows, columns):
        text = self.table(rows, columns)
        cells = "".join(
            f'<row r="{r}">'
            + "".join(f'<c r="{chr(65 + c)}{r}" t="str"><v>x</v></c>' for c in range(columns))
            + "</row>"
            for r in range(1, rows + 1)
        )
        limits = Limits(rows=10, columns=4, cells=20)
        expected = [["x"] * columns] * rows

        assert read_table(text.encode(), "a.csv", limits=limits).rows == expected
        assert read_table(workbook(cells), "a.xlsx", limits=limits).rows == expected

    @pytest.mark.parametrize(("rows", "columns"), [(11, 1), (1, 5), (6, 4)])
    def test_what_is_beyond_them_is_refused(self, rows, columns):
        limits = {"rows": 10, "columns": 4, "cells": 20}
        corner = f'<c r="{chr(64 + columns)}{rows}"><v>1</v></c>'
        first = '<c r="A1"><v>1</v></c>'

        for error in (
            refusal(self.table(rows, columns).encode(), "a.csv", **limits),
            refusal(workbook(f"<row>{first}</row><row>{corner}</row>"), **limits),
        ):
            assert error.status == 413
            assert "at most 10 rows, 4 columns and 20 cells" in str(error)

    def test_a_large_file_is_refused_whatever_it_is(self):
        error = refusal(b"x" * (2 << 20), "a.csv", size=1 << 20)

        assert (error.status, str(error)) == (413, "The file is larger than 1 MB.")


class TestDelimitedText:
    @pytest.mark.parametrize("delimiter", [",", "\t", ";"])
    @pytest.mark.parametrize(
        "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"]
    )
    def test_gives_the_same_rows_from_every_encoding(self, encoding, delimiter):
        mark = "\ufeff" if encoding in ("utf-16-le", "utf-16-be") else ""
        data = (mark + csv_text(delimiter)).encode(encoding)

        assert read_table(data, "a.csv").rows == ROWS

    def test_gives_the_same_rows_as_a_workbook(self):
        out = BytesIO()
        with xlsxwriter.Workbook(out) as book:
            sheet = book.add_worksheet()
            for number, row in enumerate(ROWS):
                for column, cell in enumerate(row):
                    if cell:
                        sheet.write_string(number, column, cell)

        assert (
            read_table(out.getvalue(), "a.xlsx").rows
            == read_table(csv_text().encode(), "a.csv").rows
        )

    @pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
    def test_ends_its_lines_in_any_way(self, line_end):
        assert read_table(csv_text(line_end=line_end).encode(), "a.csv").rows == ROWS

    @given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1))
    def test_keeps_every_character_in_gb18030(self, text):
        cells = ["\x80", text]  # the first of them is never UTF-8 by chance
        line = ",".join('"' + cell.replace('"', '""') + '"' for cell in cells)

        assert read_table(line.encode("gb18030"), "a.csv").rows == [cells]

    def test_counts_an_empty_line_and_pads_a_short_one(self):
        table = read_table("名册\n\na,b,c\nd\n,,\n".encode(), "a.csv")

        assert table.rows == [
            ["名册", None, None],
            [None, None, None],
            ["a", "b", "c"],
            ["d", None, None],
        ]

    def test_a_title_and_remarks_do_not_confuse_the_delimiter(self):
        text = "花名册; 2019; 全部\n姓名,备注\n甲,党员; 书记; 委员\n乙,群众; 见注\n"

        assert read_table(text.encode(), "a.csv").rows[1] == ["姓名", "备注"]

    def test_of_one_column_is_a_table_too(self):
        assert read_table(b"a\nb", "a.txt").rows == [["a"], ["b"]]

    @pytest.mark.parametrize("text", ['a,b\nc,"d', 'a,b\n"c"d,e', 'a\n"' + "x" * 200_000])
    def test_quotation_marks_astray_are_refused_with_their_row(self, text):
        assert "Row 2: a quotation mark" in str(refusal(text.encode(), "a.csv"))

    @pytest.mark.parametrize(
        "data", [b"\xff\xff\xff", b"\xef\xbb\xbf\xc3", b"\xff\xfea", "名".encode("gb18030")[:1]]
    )
    def test_that_cannot_be_decoded_is_refused(self, data):
        assert "characters of this text cannot be read" in str(refusal(data, "a.csv"))


class TestOtherFiles:
    @pytest.mark.parametrize("name", ["a.xlsx", "a.csv"])
    @pytest.mark.parametrize(
        "data",
        [
            b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
            b"%PDF-1.7 plain",
            b"\xff\xd8\xff\xe0\x00\x10JFIF",
            b"\x89PNG\r\n\x1a\n\x00\x00",
            b"<html><table><tr><td>1</td></tr></table></html>",
            b'<?xml version="1.0"?><Workbook/>',
            b"{\\rtf1 a}",
            OLE + "WordDocument".encode("utf-16-le"),
            archive({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<document/>"}),
        ],
        ids=["pdf", "plain pdf", "jpeg", "png", "html", "xml", "rtf", "doc", "docx"],
    )
    def test_are_refused_whatever_their_name(self, data, name):
        error = refusal(data, name)

        assert error.status == 422
        assert "not a spreadsheet" in str(error) or "cannot be read" in str(error)

    @pytest.mark.parametrize(
        "data",
        [
            OLE + "Workbook".encode("utf-16-le"),
            archive({"xl/workbook.bin": b"", "[Content_Types].xml": b""}),
            archive({"mimetype": b"application/vnd.oasis", "content.xml": b""}),
        ],
        ids=["xls", "xlsb", "ods"],
    )
    def test_other_spreadsheets_are_refused_with_the_way_out(self, data):
        assert "save it as .xlsx" in str(refusal(data))

    def test_an_encrypted_one_is_refused(self):
        assert "password" in str(refusal(OLE + "EncryptedPackage".encode("utf-16-le")))
        locked = bytearray(workbook('<row><c r="A1"><v>1</v></c></row>'))
        start = -1
        while (start := locked.find(b"PK\x01\x02", start + 1)) >= 0:
            locked[start + 8] |= 1
        assert "password" in str(refusal(bytes(locked)))

    def test_plain_text_is_a_table_only_by_its_name(self):
        assert "not a spreadsheet" in str(refusal(b"a,b", "a.xlsx"))

    @pytest.mark.parametrize("name", ["a.xlsx", "a.csv"])
    def test_an_empty_one_is_refused(self, name):
        refusal(b"", name)
        assert "holds no data" in str(refusal(b"", "a.csv"))
        assert "holds no data" in str(refusal(b"\n,,\n", "a.csv"))
        assert "holds no data" in str(refusal(workbook("", "<row/>")))

    def test_a_truncated_one_is_refused_wherever_it_ends(self):
        whole = workbook('<row><c r="A1"><v>1</v></c></row>')

        for end in range(4, len(whole)):
            assert "damaged" in str(refusal(whole[:end])), end

    def test_an_altered_one_is_read_or_refused_and_nothing_else(self):
        chance = random.Random(2019)
        whole = workbook('<row><c r="A1" t="s"><v>0</v></c></row>', **{TEXTS: shared_texts("a")})

        for _ in range(500):
            altered = bytearray(whole)
            for _ in range(3):
                altered[chance.randrange(4, len(whole))] = chance.randrange(256)
            with suppress(SpreadsheetError):  # and no other error
                read_table(bytes(altered), "a.xlsx")

    @pytest.mark.parametrize("missing", ["xl/_rels/workbook.xml.rels", SHEET])
    def test_one_that_lacks_a_part_is_refused(self, missing):
        parts = {**frame("visible"), SHEET: b"<worksheet><sheetData/></worksheet>"}
        del parts[missing]

        refusal(archive(parts))
