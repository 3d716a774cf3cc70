"""Registers as spreadsheet programs and offices leave them: each cell means what it showed."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest
import xlsxwriter

from tests.trainees.actions.test_register import HEADERS, Office, counts, problems
from trainees.enums import RowKind
from trainees.models import Member

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
