"""A founding table is found below its titles and read cell by cell; nothing is guessed."""

from __future__ import annotations

import io

import pytest
import xlsxwriter

from backstage.imports.reasons import CellError
from config.lib.spreadsheet_writing import Column, Kind, write_table
from schools.enums import OrganisationKind, TableField, TableKind
from schools.errors import SchoolsError
from schools.imports.tables import (
    NEEDED,
    OPTIONAL,
    header_words,
    heading,
    level_words,
    open_table,
    read_code,
    read_codes,
    shorten_division,
)
from tests.schools.founding import make_table

HEADINGS = ["代码", "名称"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_every_encoding_of_the_register_is_read(encoding):
    table = make_table(
        TableKind.DIVISIONS, ["西青区区划"], HEADINGS, ["120111101", "杨柳青镇"], encoding=encoding
    )

    (line,) = table.lines()
    assert (line.row_number, line.code, line.name) == (3, "120111101", "杨柳青镇")


def test_the_public_tables_are_read_by_their_english_headings():
    table = make_table(
        TableKind.DIVISIONS,
        ["code", "name", "township_code", "in_seed_network"],
        ["120111101201", "一街村", "120111101", "1"],
    )

    assert table.unknown == []
    assert table.lines()[0].parent == "120111101"


def test_a_number_cell_of_a_workbook_is_a_code():
    target = io.BytesIO()
    columns = [Column("代码", Kind.NUMBER), Column("名称")]
    write_table(target, title="区划", columns=columns, rows=[[120111101, "杨柳青镇"]])

    table = open_table(TableKind.DIVISIONS, target.getvalue(), "a.xlsx")

    assert table.lines()[0].code == "120111101"


@pytest.mark.parametrize("cell", [1.5, 1e15, "12011110A", "1.2E+11", "1" * 21, True])
def test_what_is_no_code_is_refused(cell):
    with pytest.raises(CellError):
        read_code(cell)


@pytest.mark.parametrize(
    "cell", ["1201、1202", "1201，1202", "1201; 1202", "1201 1202 1201", "1201\n1202"]
)
def test_codes_in_one_cell_are_told_apart(cell):
    assert read_codes(cell) == ("1201", "1202")


def test_zeros_that_fill_up_a_code_are_left_off():
    codes = ["120111101201", "120111101000", "120111000000", "120111101"]

    assert [shorten_division(code) for code in codes] == [
        "120111101201", "120111101", "120111", "120111101",
    ]  # fmt: skip


def test_empty_rows_repeated_headings_and_notes_at_the_end_are_no_rows():
    table = make_table(
        TableKind.DIVISIONS,
        HEADINGS,
        ["120111101", "杨柳青镇"],
        ["", ""],
        HEADINGS,
        ["120111103", "张家窝镇"],
        ["注：共 2 个", ""],
    )

    assert [line.row_number for line in table.lines()] == [2, 5]


@pytest.mark.parametrize(
    ("row", "missing"),
    [
        (["120111103", "", "", ""], ["level", "name"]),
        (["１２０１１１１０３", "", "", ""], ["level", "name"]),
        (["", "张家窝镇党委", "", ""], ["code", "level"]),
        (["", "", "党委", ""], ["code", "name"]),
        (["", "", "", "120111"], ["code", "level", "name"]),
        (["12011l103", "", "", ""], ["code", "level", "name"]),
    ],
)
def test_last_rows_with_gaps_are_refused_as_those_in_the_middle(row, missing):
    headings = ["代码", "名称", "级别", "上级代码"]
    whole = ["120111101", "杨柳青镇党委", "党委", "120111"]
    below = ["注：共 2 个", "", "", ""]

    for rows in ([row, whole], [whole, row], [whole, row, below]):
        lines = make_table(TableKind.TREE, headings, *rows).lines()
        refused = [line for line in lines if line.is_refused]
        assert len(lines) == len(rows) - (below in rows)
        assert {f for line in refused for f, _reason, _values in line.problems} == {*missing}


def test_a_last_row_of_a_workbook_with_only_a_number_is_refused():
    target = io.BytesIO()
    columns = [Column("代码", Kind.NUMBER), Column("名称")]
    rows = [[120111101, "杨柳青镇"], [120111103, ""]]
    write_table(target, title="区划", columns=columns, rows=rows)

    whole, bare = open_table(TableKind.DIVISIONS, target.getvalue(), "a.xlsx").lines()

    assert not whole.is_refused
    assert [problem[:2] for problem in bare.problems] == [("name", "empty")]


@pytest.mark.parametrize(
    "note",
    [
        ["注：共 2 个", ""],
        ["以上为截至 2026 年 11 月的数据", ""],
        ["", "制表人：王安"],
        ["", "说明：不含社区"],
        ["", "2026年11月24日"],
        ["区委组织部", ""],
        ["合计", "2"],
        ["", "共计"],
    ],
)
def test_notes_below_the_rows_are_no_rows(note):
    table = make_table(TableKind.DIVISIONS, HEADINGS, ["120111101", "杨柳青镇"], note)

    assert [line.row_number for line in table.lines()] == [2]


def test_two_rows_with_one_code_are_both_refused():
    table = make_table(TableKind.DIVISIONS, HEADINGS, ["120111101", "甲"], ["120111101000", "乙"])

    assert all(line.is_refused for line in table.lines())


def test_cells_that_must_be_filled_are_refused_if_they_are_empty():
    table = make_table(
        TableKind.TREE,
        ["代码", "名称", "级别", "上级代码"],
        ["", "甲党委", "党委", "1"],
        ["12", "", "大党委", "1"],
    )

    reasons = [[problem[:2] for problem in line.problems] for line in table.lines()]
    assert reasons == [[("code", "empty")], [("level", "unknown_word"), ("name", "empty")]]


@pytest.mark.parametrize(
    ("row", "field"),
    [(["120111101", "11010519491231002X"], "name"), (["110105194912310037", "甲"], "code")],
)
def test_an_id_number_is_neither_name_nor_code(row, field, monkeypatch):
    """The trail refuses it, so it must not get that far."""
    monkeypatch.setattr("schools.imports.tables.holds_resident_id", lambda text: len(text) == 18)
    headings = ["代码", "名称", "级别", "上级代码"]
    table = make_table(TableKind.TREE, headings, [*row, "党支部", "1"])

    assert [problem[:2] for problem in table.lines()[0].problems] == [(field, "id_number")]


def test_a_table_without_its_columns_is_refused_with_their_names():
    with pytest.raises(SchoolsError, match="缺少：级别、上级代码"):
        make_table(TableKind.TREE, HEADINGS, ["1", "甲"])


def test_a_column_that_nobody_knows_is_named():
    table = make_table(
        TableKind.DIVISIONS, [*HEADINGS, "备注", "行号", "原因"], ["1", "甲", "", "", ""]
    )

    assert table.unknown == ["备注"]


@pytest.mark.parametrize("kind", TableKind)
def test_the_headings_of_the_templates_are_known(kind):
    for field in (*NEEDED[kind], *OPTIONAL[kind]):
        assert header_words()[kind][heading(kind, field)] == field


def test_every_level_has_words():
    assert set(level_words().by_field[TableField.LEVEL].values()) == {*OrganisationKind}
    assert level_words().read("党 总支", TableField.LEVEL) == OrganisationKind.GENERAL_BRANCH


def test_the_sheets_of_each_township_are_one_table():
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        for name, rows in (
            ("说明", [["填表说明"]]),
            ("杨柳青", [HEADINGS, ["120111101201", "一街村"], ["合计", "1"]]),
            ("李七庄", [["名称", "代码"], ["二街村", "120111101202"], ["三街村", "120111101202"]]),
        ):
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    table = open_table(TableKind.DIVISIONS, target.getvalue(), "a.xlsx")
    first, second, third = table.lines()

    assert (first.code, second.name) == ("120111101201", "二街村")
    assert (first.place, third.place) == ([2, "杨柳青"], [3, "李七庄"])
    assert third.problems == (("code", "same_in_rows", {"rows": [[2, "李七庄"]]}),)
    assert "未读取的工作表：说明" in table.sheets


def test_two_columns_of_one_meaning_are_refused():
    with pytest.raises(SchoolsError, match="多列含义相同：代码、代码。"):
        open_table(TableKind.DIVISIONS, "代码,名称,代码\n1,a,2".encode(), "a.csv")
