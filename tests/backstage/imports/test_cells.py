"""Cells of any uploaded table: a value that is certain, or a reason in words."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from stdnum.cn import ric

from backstage.imports import cells
from backstage.imports.reasons import CellError

BODY = "12000019700101" + "001"
GOOD = BODY + ric.calc_check_digit(BODY + "0")
WITH_X = next(
    body + "X"
    for body in (f"12000019700101{n:03}" for n in range(1, 999))
    if ric.calc_check_digit(body + "0") == "X"
)


class TestResidentId:
    @pytest.mark.parametrize("text", [GOOD, f" {GOOD} ", f"'{GOOD}", GOOD[:6] + " " + GOOD[6:]])
    def test_a_right_one_is_taken_however_it_is_spaced(self, text):
        assert cells.read_resident_id(text) == GOOD

    def test_a_small_x_is_a_large_one(self):
        assert cells.read_resident_id(WITH_X.lower()) == WITH_X

    @pytest.mark.parametrize("cell", [1.2000019700101001e17, 120000, float(GOOD[:15])])
    def test_a_number_cell_is_refused_and_never_repaired(self, cell):
        with pytest.raises(CellError, match="数值单元格"):
            cells.read_resident_id(cell)

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("1.2E+17", "曾是数值"),
            (GOOD[:15], "此处为 15 位"),
            (GOOD[:-1] + ("0" if GOOD[-1] != "0" else "1"), "校验码不符"),
            (GOOD[:10] + "13" + GOOD[12:], "校验码不符"),
            ("A" * 18, "17 位数字"),
        ],
    )
    def test_the_reason_says_what_is_wrong(self, text, reason):
        with pytest.raises(CellError, match=reason):
            cells.read_resident_id(text)


class TestDay:
    @pytest.mark.parametrize(
        "cell",
        ["1995-07-01", "1995.7.1", "1995/07/01", "19950701", 19950701.0, "1995年7月1日",
         "1995 年 7 月 1 日", "1995-07-01 00:00:00", "1995.07", "1995年7月", "１９９５-07-01",
         date(1995, 7, 1), datetime(1995, 7, 1, 0, 0), "1995/7/1 0:00", "1995/07 0:00"],
    )  # fmt: skip
    def test_days_as_offices_write_them(self, cell):
        assert cells.read_day(cell).day == date(1995, 7, 1)

    def test_a_month_alone_fits_any_day_of_it(self):
        written = cells.read_day("1995.7")

        assert written.fits(date(1995, 7, 15))
        assert not written.fits(date(1995, 8, 1))
        assert not written.fits(None)
        assert not cells.read_day("1995-07-01").fits(date(1995, 7, 15))

    @pytest.mark.parametrize(
        "cell",
        ["去年", "1995-13-01", "1995-02-30", 34881.0, "95-7-1", "1995111", "34881", True, "1995.1",
         date(1899, 12, 31)],
    )  # fmt: skip
    def test_what_is_no_day_is_refused(self, cell):
        with pytest.raises(CellError):
            cells.read_day(cell)
