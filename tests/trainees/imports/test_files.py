"""What an office gets back: its refused rows with reasons, and a template it can fill in."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date, datetime
from typing import Any

import pytest
from django.utils import translation

from config.lib.spreadsheet_reading import read_table
from config.lib.spreadsheet_writing import Column, Kind, write_table
from tests.factories import DAY, NOON
from tests.trainees.actions.test_register import HEADERS, Office, counts, problems, resident_id
from trainees.actions import register as actions
from trainees.enums import RegisterField
from trainees.imports.cells import offered_words_of, read_word
from trainees.imports.columns import find_header, missing_fields
from trainees.imports.files import write_error_file, write_template

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    return Office()


def test_refused_rows_come_back_with_the_reasons_at_their_cells(office):
    register = office.upload(
        office.row("甲", 1),
        office.row("=1+1", 3, 手机号="12345", 所在党支部="没有的支部"),
    )
    data = write_error_file(register)
    table = read_table(data, "a.xlsx")

    assert table.rows[2] == [*HEADERS, "行号", "原因"]
    assert table.rows[3][:4] == ["没有的支部", "=1+1", resident_id(3), "12345"]
    assert table.rows[3][-2] == "3"
    assert "手机号：" in table.rows[3][-1]
    assert "。；" not in table.rows[3][-1]
    assert len(table.rows) == 4
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        assert "手机" in book.read("xl/comments1.xml").decode()


def test_the_file_of_refused_rows_is_uploaded_as_it_is_once_corrected(office):
    register = office.upload(office.row("乙", 3, 手机号="12345"))
    table = read_table(write_error_file(register), "a.xlsx")
    fixed = [cell if cell != "12345" else "13800138000" for cell in table.rows[3]]
    text = "\n".join(",".join(str(cell or "") for cell in row) for row in [table.rows[2], fixed])
    again = actions.start_import(
        data=text.encode(), file_name="b.csv", media_type="x", as_of=DAY, by=office.by, at=NOON
    )

    assert counts(office.work(again)) == {"new": 1}


def workbook(*rows: list[Any]) -> bytes:
    """A register whose date of joining stands in true date cells."""
    target = io.BytesIO()
    columns = [Column(text, Kind.DATE if text == "入党时间" else Kind.TEXT) for text in HEADERS]
    write_table(target, title="名册", columns=columns, rows=rows)
    return target.getvalue()


def upload(office: Office, data: bytes):
    register = actions.start_import(
        data=data, file_name="a.xlsx", media_type="x", as_of=DAY, by=office.by, at=NOON
    )
    return office.work(register)


@pytest.mark.parametrize("joined", [date(2021, 7, 1), datetime(2021, 7, 1, 8, 30)])
def test_the_file_of_refused_rows_says_what_the_register_said(office, joined):
    """Also where a cell holds a true date, be it the wrong one."""
    register = upload(
        office,
        workbook(
            office.row("乙", 3, 手机号="12345", 入党时间=joined),
            office.row("丙", 5, 入党时间=date(2099, 1, 1)),
        ),
    )
    again = upload(office, write_error_file(register))

    headers = [text for text, _field in again.headers]
    assert read_table(write_error_file(again), "a.xlsx").rows[2] == headers
    assert [problem[1:] for problem in problems(again)] == [
        problem[1:] for problem in problems(register)
    ]
    assert [problem[1] for problem in problems(again)] == ["手机号", "入党日期"]


def test_once_the_marked_cell_is_corrected_the_day_beside_it_is_read(office):
    wrong = office.row("乙", 3, 手机号="12345", 入党时间=date(2021, 7, 1))
    table = read_table(write_error_file(upload(office, workbook(wrong))), "a.xlsx")
    fixed = [cell if cell != "12345" else "13800138000" for cell in table.rows[3]]
    register = upload(office, workbook(fixed[: len(HEADERS)]))

    assert fixed[HEADERS.index("入党时间")] == date(2021, 7, 1)
    assert counts(register) == {"new": 1}
    assert register.rows.get().joined_on == date(2021, 7, 1)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_template_is_understood_in_each_language(office, language):
    with translation.override(language):
        table = read_table(write_template(DAY), "a.xlsx")
    header = find_header(table.rows, {})

    assert missing_fields(header) == []
    assert header.unknown == []
    assert set(header.columns) == set(RegisterField) - {
        RegisterField.NUMBER, RegisterField.BIRTH_DATE, RegisterField.IGNORED, RegisterField.UPPER,
    }  # fmt: skip


def test_the_template_offers_branches_and_words(office):
    with zipfile.ZipFile(io.BytesIO(write_template(DAY))) as book:
        texts = book.read("xl/sharedStrings.xml" if "xl/sharedStrings.xml" in book.namelist()
                          else "xl/worksheets/sheet2.xml").decode()  # fmt: skip
        sheet = book.read("xl/worksheets/sheet1.xml").decode()

    assert office.first.name in texts
    assert "停止党籍" in texts
    ranges = re.findall(r'<dataValidation [^>]*sqref="[A-Z]+(\d+):[A-Z]+(\d+)"', sheet)
    assert len(ranges) == 4
    assert all(int(last) - int(first) + 1 >= 40_000 for first, last in ranges)


def test_one_word_is_offered_for_each_value_and_all_of_them_are_known():
    assert offered_words_of(RegisterField.SEX) == ["男", "女"]
    assert offered_words_of(RegisterField.MEMBERSHIP_STATUS) == ["正常", "停止党籍", "失联"]
    for field in (RegisterField.MEMBERSHIP_STATUS, RegisterField.POST):
        values = [read_word(word, field) for word in offered_words_of(field)]
        assert len(values) == len(set(values))
    assert read_word("预备党员", RegisterField.MEMBERSHIP_STATUS) == "normal"
