"""What is written is read back the same, looks like a list, and costs no memory by the row."""

from __future__ import annotations

import re
import tracemalloc
import zipfile
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.utils.translation import gettext_lazy
from hypothesis import example, given
from hypothesis import strategies as st

from config.lib import spreadsheet_writing
from config.lib.spreadsheet_reading import SpreadsheetError, Table, read_table
from config.lib.spreadsheet_writing import Column, Kind, Marked, write_table

NAME = Column("姓名")
NEVER = "\ufffe\uffff"  # these two are no characters, and no XML may hold them


def write(columns, rows, title="名册", **options) -> bytes:
    out = BytesIO()
    write_table(out, title=title, columns=columns, rows=rows, **options)
    return out.getvalue()


def write_and_read(columns, rows, **options) -> Table:
    return read_table(write(columns, rows, **options), "list.xlsx")


def part(data: bytes, name: str) -> str:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return archive.read(name).decode()


def sheet_part(data: bytes, number: int = 1) -> str:
    return part(data, f"xl/worksheets/sheet{number}.xml")


class TestText:
    @pytest.mark.parametrize(
        "text",
        [
            "11010519491231002X",
            "110105194912310021",
            "000123",
            "1.50",
            "=1+1",
            "{=1+1}",
            "+86",
            "-",
            "@某",
            "\t制表",
            "http://example.org/",
            "internal:Sheet1!A1",
            "mailto:a@example.org",
            "2019-10-01",
            "TRUE",
            " 前后 ",
            "第一行\n第二行",
            "<r>a & b</r>",
            "_x0041_",
            "𠮷㐂•\u3000",
        ],
    )
    def test_stays_exactly_as_it_is(self, text):
        data = write([NAME], [[text]])

        assert read_table(data, "a.xlsx").rows == [["姓名"], [text]]
        assert "<f>" not in sheet_part(data)
        assert "hyperlink" not in sheet_part(data)

    @example("_x000D_")
    @example("\r\n")
    @example("\x00\x1b")
    @given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters=NEVER), min_size=1))
    def test_is_read_back_whatever_it_says(self, text):
        assert write_and_read([NAME], [[text]]).rows == [["姓名"], [text]]

    def test_columns_of_text_take_other_values_in_their_words(self):
        rows = [[110105], [Decimal("1.50")], [gettext_lazy("Save")], [None], [""], ["x"]]

        cells = [row[0] for row in write_and_read([NAME], rows).rows[1:]]
        assert cells == ["110105", "1.50", str(gettext_lazy("Save")), None, None, "x"]


class TestKinds:
    COLUMNS = [
        Column("序号", Kind.WHOLE),
        Column("学时", Kind.HOURS),
        Column("日期", Kind.DATE),
        Column("时刻", Kind.MOMENT),
    ]

    def test_are_read_back_with_their_type(self):
        moment = datetime(2019, 10, 1, 9, 30)
        row = [7, Decimal("23.25"), date(2019, 10, 1), moment]

        assert write_and_read(self.COLUMNS, [row]).rows[1] == row

    def test_a_moment_is_written_in_local_time(self):
        midnight = datetime(2018, 12, 31, 16, 0, 30, tzinfo=UTC)

        assert write_and_read([Column("时刻", Kind.MOMENT)], [[midnight]]).rows[1] == [
            datetime(2019, 1, 1, 0, 0, 30)
        ]

    def test_are_shown_in_their_format(self):
        styles = part(write(self.COLUMNS, []), "xl/styles.xml")

        for number_format in ("yyyy-mm-dd", "yyyy-mm-dd hh:mm"):
            assert f'formatCode="{number_format}"' in styles
        assert {"1", "2", "49"} <= set(re.findall(r'numFmtId="(\d+)"', styles))  # 0, 0.00, @

    def test_as_read_keeps_the_type_of_each_cell(self):
        cells = ["0012", 12.5, True, date(2019, 1, 2), datetime(2019, 1, 2, 3, 4, 5)]
        cells += [time(3, 4, 5), timedelta(days=1, hours=2), 1.1010519491231e17, None, "=1"]
        rows = write_and_read([Column("a", Kind.AS_READ)], [[cell] for cell in cells]).rows

        assert [row[0] for row in rows[1:]] == cells
        assert [type(row[0]) for row in rows[1:]] == [type(cell) for cell in cells]

    def test_what_is_read_is_written_back_the_same(self):
        first = write_and_read(self.COLUMNS, [[1, 2.5, date(2019, 1, 2), datetime(2019, 1, 2, 3)]])
        header, *rows = first.rows
        again = write_and_read([Column(text, Kind.AS_READ) for text in header], rows)

        assert again.rows == first.rows


class TestTheSheet:
    def test_says_how_many_rows_it_holds(self):
        rows = iter([["甲"], ["乙"]])

        assert write_table(BytesIO(), title="名册", columns=[NAME], rows=rows) == 2

    def test_is_written_to_a_path_too(self, tmp_path):
        path = tmp_path / "list.xlsx"
        write_table(str(path), title="名册", columns=[NAME], rows=[["甲"]])

        assert read_table(path.read_bytes(), path.name).rows == [["姓名"], ["甲"]]

    def test_has_a_frozen_head_with_filters_below_the_note(self):
        data = write([NAME, Column("学时", Kind.HOURS)], [["甲", 1]], note="第一\n第二")
        sheet = sheet_part(data)

        assert read_table(data, "a.xlsx").rows[:3] == [
            ["第一", None],
            ["第二", None],
            ["姓名", "学时"],
        ]
        assert '<pane ySplit="3" topLeftCell="A4"' in sheet
        assert '<autoFilter ref="A3:B4"/>' in sheet

    def test_prints_on_a4_with_its_head_on_every_page(self):
        data = write([NAME], [["甲"]], title="A&B", note="第一")
        sheet = sheet_part(data)

        assert '<pageSetup paperSize="9" fitToHeight="0" orientation="landscape"/>' in sheet
        assert '<pageSetUpPr fitToPage="1"/>' in sheet
        assert "<oddHeader>&amp;CA&amp;&amp;B</oddHeader>" in sheet
        assert "<oddFooter>&amp;C&amp;P / &amp;N</oddFooter>" in sheet
        assert 'Print_Titles" localSheetId="0">\'A&amp;B\'!$2:$2<' in part(data, "xl/workbook.xml")

    @pytest.mark.parametrize(
        ("title", "name"),
        [
            ("2019/2020 [全部]: 'x'?*\\", "2019 2020  全部   'x"),
            ("字" * 40, "字" * 31),
            ("'", "1"),
            ("", "1"),
        ],
    )
    def test_takes_a_name_that_spreadsheet_programs_allow(self, title, name):
        assert write_and_read([NAME], [["甲"]], title=title).sheet == name

    def test_a_row_of_another_length_is_a_mistake_of_the_caller(self):
        with pytest.raises(ValueError, match="zip"):
            write([NAME], [["甲", "乙"]])

    def test_refuses_more_rows_than_fit(self, monkeypatch):
        monkeypatch.setattr(spreadsheet_writing, "_LAST_ROW", 3)

        assert len(write_and_read([NAME], [["甲"]] * 3).rows) == 4
        with pytest.raises(SpreadsheetError) as caught:
            write([NAME], [["甲"]] * 4)
        assert caught.value.status == 413

    def test_leaves_nothing_in_the_folder_for_temporary_files(self, tmp_path, monkeypatch):
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

        def rows():
            yield ["甲"]
            assert list(tmp_path.iterdir())
            raise LookupError

        with pytest.raises(LookupError):
            write([NAME], rows())
        assert list(tmp_path.iterdir()) == []

    def test_memory_does_not_grow_with_the_rows(self, tmp_path):
        columns = [NAME] * 5

        def peak(count: int) -> int:
            rows = ([f"{number}-{column}" for column in range(5)] for number in range(count))
            tracemalloc.start()
            try:
                write_table(str(tmp_path / "a.xlsx"), title="名册", columns=columns, rows=rows)
                return tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()

        assert peak(20_000) - peak(2_000) < 1 << 20


class TestAFileOfErrors:
    COLUMNS = [
        Column("姓名", Kind.AS_READ),
        Column("身份证号", Kind.AS_READ),
        Column("原因", width=60),
    ]

    def errors(self) -> bytes:
        rows = [
            ["甲", Marked(1.1e17, "A number has lost its last digits."), "Column 2: a number"],
            [Marked(None, "Empty"), "11010519491231002X", "Column 1: empty"],
        ]
        return write(self.COLUMNS, rows)

    def test_keeps_the_cells_as_they_came(self):
        assert read_table(self.errors(), "a.xlsx").rows[1:] == [
            ["甲", 1.1e17, "Column 2: a number"],
            [None, "11010519491231002X", "Column 1: empty"],
        ]

    def test_fills_the_marked_cells_red_and_says_why(self):
        data = self.errors()
        red = re.search(r"<cellXfs.*</cellXfs>", part(data, "xl/styles.xml"))[0]
        filled = [n for n, xf in enumerate(re.findall(r"<xf [^>]*>", red)) if 'applyFill="1"' in xf]
        marked = [
            cell
            for cell, style in re.findall(r'<c r="(\w+)" s="(\d+)"', sheet_part(data))
            if int(style) in filled
        ]

        assert marked == ["B2", "A3"]
        assert 'rgb="FFFFC7CE"' in part(data, "xl/styles.xml")
        comments = part(data, "xl/comments1.xml")
        assert re.findall(r'<comment ref="(\w+)"', comments) == ["B2", "A3"]
        assert "A number has lost its last digits." in comments

    def test_fills_more_cells_than_it_comments(self, monkeypatch):
        monkeypatch.setattr(spreadsheet_writing, "_MOST_COMMENTS", 2)
        data = write([NAME], [[Marked("x", "why")]] * 5)

        assert part(data, "xl/comments1.xml").count("<comment ") == 2
        assert len(set(re.findall(r'<c r="A[2-6]" s="(\d+)"', sheet_part(data)))) == 1


class TestATemplate:
    BRANCHES = [f"第{number}党支部, 某村" for number in range(500)]
    COLUMNS = [
        NAME,
        Column("性别", choices=["男", "女"]),
        Column("入党日期", Kind.DATE),
        Column("所在党支部", choices=BRANCHES),
    ]

    def test_offers_lists_of_any_length_from_a_hidden_sheet(self):
        data = write(self.COLUMNS, [], title="模板")
        sheet = sheet_part(data)

        rules = re.findall(r'sqref="([^"]*)"><formula1>([^<]*)<', sheet)
        assert rules == [
            ("B2:B1048576", "_choices!$A$1:$A$2"),
            ("D2:D1048576", "_choices!$B$1:$B$500"),
        ]
        assert 'name="_choices" sheetId="2" state="hidden"' in part(data, "xl/workbook.xml")
        texts = re.findall(r'r="([AB]\d+)" t="inlineStr"><is><t>([^<]*)', sheet_part(data, 2))
        assert [text for cell, text in texts if cell.startswith("A")] == ["男", "女"]
        assert [text for cell, text in texts if cell.startswith("B")] == self.BRANCHES

    def test_gives_empty_cells_the_format_of_their_column(self):
        data = write(self.COLUMNS, [], title="模板")
        styles = re.findall(
            r'<xf numFmtId="(\d+)"', part(data, "xl/styles.xml").split("cellXfs")[1]
        )
        columns = re.findall(r'<col min="(.)" max="(.)" [^>]*style="(\d+)"', sheet_part(data))

        formats = [(first, last, styles[int(style)]) for first, last, style in columns]
        assert formats == [("1", "2", "49"), ("3", "3", "164"), ("4", "4", "49")]  # 49 is text

    def test_is_read_back_with_its_note_and_samples_only(self):
        sample = ["张三", "男", date(1999, 7, 1), self.BRANCHES[0]]
        table = write_and_read(self.COLUMNS, [sample], title="模板", note="每人一行")

        assert table.sheet == "模板"
        assert table.rows == [
            ["每人一行", None, None, None],
            ["姓名", "性别", "入党日期", "所在党支部"],
            sample,
        ]
