"""Registers as spreadsheet programs and offices leave them: each cell means what it showed."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest
import xlsxwriter

from accounts.models import AuditEntry
from backstage.imports.sheets import read_again
from config.lib.spreadsheet_reading import read_table
from tests.factories import NOON
from tests.trainees.actions.test_register import HEADERS, Office, counts, problems
from trainees.actions import register as actions
from trainees.enums import ImportState, RowKind
from trainees.imports.files import write_error_file
from trainees.models import Member, RegisterHeader
from trainees.queries.register import doubled_in_words, sample_columns, sheets_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    return Office()


def book(*sheets: tuple[str, list[list[Any]]], month_column: str = "") -> bytes:
    """A workbook of named sheets; dates stand in date cells, those of one column as months."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as workbook:
        day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        month = workbook.add_format({"num_format": 'yyyy"年"m"月"'})
        for name, rows in sheets:
            sheet = workbook.add_worksheet(name)
            for number, row in enumerate(rows):
                for place, cell in enumerate(row):
                    if isinstance(cell, date):
                        is_month = HEADERS[place] == month_column
                        sheet.write_datetime(number, place, cell, month if is_month else day)
                    elif cell is not None:
                        sheet.write(number, place, cell)
    return target.getvalue()


class TestDays:
    def test_a_day_with_its_time_in_a_csv_stays_that_day(self, office):
        register = office.upload(
            office.row("甲", 1, 入党时间="2019/7/10 0:00"),
            office.row("乙", 3, 入党时间="2019/10 0:00"),
            office.row("丙", 5, 入党时间="2019.1"),
        )
        new = register.rows.filter(kind=RowKind.NEW)

        assert [row.joined_on for row in new] == [date(2019, 7, 10), date(2019, 10, 1)]
        assert [problem[:2] for problem in problems(register)] == [(4, "入党日期")]

    def test_a_cell_that_shows_its_month_changes_no_day_within_it(self, office):
        for name, serial in (("甲", 1), ("乙", 3)):
            office.member(name, serial)
        Member.objects.update(joined_on=date(2019, 7, 10))
        rows = [
            office.row("甲", 1, 入党时间=date(2019, 7, 1)),
            office.row("乙", 3, 入党时间=date(2019, 8, 1)),
        ]
        months = office.upload_file(book(("名册", [HEADERS, *rows]), month_column="入党时间"))

        assert counts(months) == {"changed": 1, "unchanged": 1}
        assert counts(office.upload_file(book(("名册", [HEADERS, *rows])))) == {"changed": 2}


class TestSheets:
    def test_a_sheet_for_each_branch_is_read_and_a_cover_is_named(self, office):
        second = [HEADERS[1], HEADERS[0], "备注二", *HEADERS[2:]]
        row = office.row("乙", 3, office.second)
        register = office.upload_file(
            book(
                ("封面", [["党员名册"], ["杨柳青镇", "2026"]]),
                ("第一党支部", [["名册"], HEADERS, office.row("甲", 1)]),
                ("第二党支部", [second, [row[1], row[0], "注", *row[2:]]]),
                ("说明", [["填表说明"]]),
            )
        )

        assert counts(register) == {"new": 2}
        assert [row.organisation for row in register.rows.all()] == [office.first, office.second]
        assert [row.place for row in register.rows.all()] == [
            "3（第一党支部）",
            "2（第二党支部）",
        ]
        assert sheets_of(register) == (
            "已读取的工作表：第一党支部、第二党支部。"
            "未读取的工作表：封面（没有所需的列）、说明（没有所需的列）。"
        )
        assert register.headers[-1] == ["备注二", None]
        office.apply(register)
        entry = AuditEntry.objects.filter(act="import_member").latest("pk")
        assert entry.after["row"] == "2（第二党支部）"

    def test_what_is_wrong_is_said_with_its_sheet_and_comes_back_in_one_file(self, office):
        one, other = office.row("甲", 1), office.row("乙", 1, office.second, 手机号="12")
        register = office.upload_file(book(("一", [HEADERS, one]), ("二", [HEADERS, other])))
        same = problems(register)

        assert [reason for _row, _column, reason in same if "相同" in reason] == [
            "与第 2（二） 行相同。",
            "与第 2（一） 行相同。",
        ]
        table = read_table(write_error_file(register), "a.xlsx")
        assert [row[:3] for row in table.rows[3:]] == [one[:3], other[:3]]
        assert [row[-2] for row in table.rows[3:]] == ["2（一）", "2（二）"]

    def test_one_sheet_is_not_spoken_of_and_keeps_its_row_numbers(self, office):
        register = office.upload_file(book(("名册", [HEADERS, office.row("甲", 1)])))

        assert sheets_of(register) == ""
        assert register.rows.get().place == 2

    def test_a_hidden_register_is_named_and_not_read(self, office):
        rows = [HEADERS, office.row("甲", 1)]
        target = io.BytesIO()
        with xlsxwriter.Workbook(target) as workbook:
            for name in ("名册", "去年", "选项"):
                sheet = workbook.add_worksheet(name)
                for number, row in enumerate(rows if name != "选项" else [["男"], ["女"]]):
                    sheet.write_row(number, 0, row)
                if name != "名册":
                    sheet.hide()
        register = office.upload_file(target.getvalue())

        assert counts(register) == {"new": 1}
        assert "未读取的工作表：去年（已隐藏）。" in sheets_of(register)

    def test_without_any_header_the_likeliest_sheet_is_explained(self, office):
        strange = ["谁", "证件", "部门"]
        register = office.upload_file(book(("封面", [["名册", "2026"]]), ("一", [strange])))

        assert register.state == ImportState.UNMAPPED
        assert [text for text, _field in register.headers] == strange

    def test_an_import_from_before_is_read_by_its_first_sheet(self, office):
        data = book(("名册", [HEADERS, office.row("甲", 1)]), ("二", [["x"]]))

        assert read_again(data, "a.xlsx", []).rows[0] == HEADERS


class TestTwoColumnsOfOneMeaning:
    HEADERS = [*HEADERS, "联系电话"]

    @pytest.fixture
    def register(self, office):
        rows = [[*office.row(name, n), ""] for name, n in (("甲", 1), ("乙", 3))]
        return office.upload_file(book(("名册", [self.HEADERS, *rows])))

    def test_are_asked_about_with_a_sample_of_both(self, register):
        phone = HEADERS.index("手机号")

        assert register.state == ImportState.UNMAPPED
        assert "手机号、联系电话" in doubled_in_words(register)
        assert sample_columns(register) == {phone: ["138****8000"], len(HEADERS): []}

    def test_one_is_chosen_for_this_file_alone(self, office, register):
        chosen = {
            str(HEADERS.index("手机号")): ["手机号", "phone"],
            str(len(HEADERS)): ["联系电话", "ignored"],
        }
        explained = actions.explain_columns(
            register_id=register.pk, fields={}, chosen=chosen, by=office.by, at=NOON
        )
        read = office.work(explained)

        assert counts(read) == {"new": 2}
        assert {row.phone for row in read.rows.all()} == {"13800138000"}
        assert not RegisterHeader.objects.exists()
        alone = office.upload(
            [*office.row("丙", 5)], headers=["联系电话" if h == "手机号" else h for h in HEADERS]
        )
        assert alone.rows.filter(kind=RowKind.NEW).get().phone == "13800138000"

    def test_two_names_of_branches_move_nobody(self, office):
        office.member("甲", 1)
        row = [*office.row("甲", 1), office.second.name]
        register = office.upload(row, headers=[*HEADERS, "党组织名称"])

        assert register.state == ImportState.UNMAPPED
        assert not register.rows.exists()


class TestNames:
    WRITTEN = (
        "买买提·艾力",
        "买买提.艾力",
        "买买提．艾力",
        "买买提･艾力",
        "买买提 · 艾力",
        "买买提• 艾力",
    )

    def test_one_name_in_any_writing_renames_nobody(self, office):
        office.member("买买提·艾力", 1)
        office.member("张三", 3)
        for written in self.WRITTEN:
            register = office.upload(office.row(written, 1), office.row("张　三", 3))
            assert counts(register) == {"unchanged": 2}, written

    def test_a_name_stored_in_another_writing_stays_when_something_else_changes(self, office):
        member = office.member("买买提.艾力", 1)
        register = office.upload(office.row("买买提·艾力", 1, 手机号="13900139000"))
        assert [*register.rows.get().changes] == ["phone"]

        office.apply(register)
        member.refresh_from_db()
        assert (member.name, member.phone) == ("买买提.艾力", "13900139000")

    def test_a_new_name_is_stored_as_the_standard_writes_it(self, office):
        register = office.upload(office.row("买买提．艾力", 1), office.row("欧　阳　娜", 3))
        office.apply(register)

        assert [*Member.objects.order_by("pk").values_list("name", flat=True)] == [
            "买买提·艾力", "欧阳娜",
        ]  # fmt: skip

    def test_a_member_is_found_by_number_and_the_name_in_any_writing(self, office):
        member = office.member("买买提·艾力", 1)
        register = office.upload(
            [member.number, "买买提 . 艾力", office.first.name],
            headers=["党员编号", "姓名", "党支部"],
        )
        assert counts(register) == {"unchanged": 1}

    @pytest.mark.parametrize(
        "text",
        [*WRITTEN, "买买提艾力", "艾力", "提艾", "mmt·al", "mmt.al", "mmtal", "MMTAL", "mmta", "al",
         "ma", "ｍｍｔ", "买 买提"],
    )  # fmt: skip
    def test_search_finds_a_name_in_parts(self, office, text):
        member = office.member("买买提·艾力", 1)
        office.member("张伟", 3)

        assert [*Member.objects.named_like(text)] == [member]

    @pytest.mark.parametrize("text", ["·", ".", "  ", "l", "mtal", "%", "_"])
    def test_search_finds_nobody_by_what_is_no_name(self, office, text):
        office.member("张伟", 3)

        assert not Member.objects.named_like(text).exists()


class TestMergedCellsAndNotes:
    def test_a_merged_branch_stands_in_each_of_its_rows(self, office):
        rows = [office.row(name, n) for name, n in (("甲", 1), ("乙", 3), ("丙", 5))]
        target = io.BytesIO()
        with xlsxwriter.Workbook(target) as workbook:
            sheet = workbook.add_worksheet()
            sheet.merge_range(0, 0, 0, 5, "党员名册")
            sheet.write_row(1, 0, HEADERS)
            for number, row in enumerate(rows, start=2):
                sheet.write_row(number, 1, row[1:])
            sheet.merge_range(2, 0, 6, 0, office.first.name)
            sheet.write(6, 1, "小 计")
        register = office.upload_file(target.getvalue())

        assert counts(register) == {"new": 3}
        assert {row.organisation for row in register.rows.all()} == {office.first}

    def test_sums_and_signatures_are_no_members(self, office):
        blank = [""] * (len(HEADERS) - 2)
        register = office.upload(
            office.row("甲", 1),
            ["第一党支部小计", "1", *blank],
            ["小　计", "1 人", *blank],
            office.row("乙", 3, office.second),
            ["合计：2人", "2", *blank],
            ["共计2名党员", "其中女党员1名", *blank],
            ["制表人：张三", "审核人：李四", "2026年7月1日", *blank[1:]],
            ["审核人", "李四", *blank],
            ["", "单位负责人(签字)：", "日期", *blank[1:]],
        )

        assert counts(register) == {"new": 2}

    def test_notes_below_any_sheet_are_no_members(self, office):
        note = ["注：此表由支部填写"]
        sheets = (
            ("一", [HEADERS, office.row("甲", 1), note]),
            ("二", [HEADERS, office.row("乙", 3, office.second), note, ["一式两份"]]),
        )
        register = office.upload_file(book(*sheets))

        assert counts(register) == {"new": 2}

    def test_a_member_whose_name_is_a_word_of_a_note_stays_one(self, office):
        assert counts(office.upload(office.row("合计", 1))) == {"new": 1}
