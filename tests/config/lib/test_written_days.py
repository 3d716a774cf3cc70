"""A day is read as itself, whatever its form, or refused; never as another day."""

from __future__ import annotations

import re
from datetime import date, datetime
from io import BytesIO

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from config.lib.spreadsheet_reading import read_table
from config.lib.written_days import DayError, DayFault, Month, day_of_cell, day_of_text

DAYS = st.dates(date(1900, 1, 1), date(2099, 12, 31))
FORMS = [
    "{d:%Y-%m-%d}", "{d:%Y.%m.%d}", "{d:%Y/%m/%d}", "{d:%Y%m%d}", "{d:%Y年%m月%d日}",
    "{d.year}-{d.month}-{d.day}", "{d.year}.{d.month}.{d.day}", "{d.year}/{d.month}/{d.day}",
    "{d.year}年{d.month}月{d.day}日", "{d.year}年{d.month}月{d.day}号",
    "{d.year} 年 {d.month} 月 {d.day} 日", "{d.year}．{d.month}．{d.day}",
    "{d.year} {d.month} {d.day}", "{d.year}、{d.month}、{d.day}",
    "{d.year}－{d.month}－{d.day}", "{d.year}—{d.month}—{d.day}", "\u3000{d:%Y-%m-%d}",
    "{d.year}.{d.month}.{d.day}.",
]  # fmt: skip
TIMES = ["", " {t.hour}:{t.minute:02}", " {t:%H:%M:%S}", "T{t:%H:%M:%S.%f}", " 上午 {t:%I:%M}",
         " {t:%I:%M %p}", "  {t:%H:%M}"]  # fmt: skip
MONTH_FORMS = [
    "{d:%Y-%m}", "{d.year}/{d.month}", "{d.year}年{d.month}月", "{d:%Y%m}",
    "{d.year}/{d.month} 0:00", "{d.year} {d.month}", "{d.year}.{d.month:02}",
]  # fmt: skip
FORMATS = ["yyyy-mm-dd", "yyyy/m/d h:mm", 'yyyy"年"m"月"d"日"', "m/d/yy", "[$-804]yyyy/m/d;@"]
MONTH_FORMATS = [
    'yyyy"年"m"月"',
    "yyyy-mm",
    "yyyy.mm",
    '[$-804]yyyy"年"m"月";@',
    "mmm-yy",
    "yyyy\\-mm",
]


@given(DAYS, st.times(), st.sampled_from(FORMS), st.sampled_from(TIMES))
def test_any_day_in_any_form_reads_back_as_itself(day, at, form, clock):
    if form.endswith("."):
        clock = ""
    if "%Y%m%d" in form:
        clock = ""
    written = day_of_text(form.format(d=day) + clock.format(t=at))

    assert (written.day, written.is_month) == (day, False)


@given(DAYS, st.sampled_from(MONTH_FORMS))
def test_any_month_reads_back_as_itself(day, form):
    written = day_of_text(form.format(d=day))

    assert (written.day, written.is_month) == (day.replace(day=1), True)
    assert written.fits(day)


@given(st.text(st.sampled_from("0129-./ :年月日Tx"), max_size=20) | st.from_regex(
    r"\A(19|20)\d\d[-./ 年]\d{1,3}([-./ 月]\d{1,3})?[ 日T]?(\d{1,2}:\d\d(:\d\d)?)?\Z"
))  # fmt: skip
def test_whatever_is_read_has_the_numbers_of_the_text_in_their_order(text):
    try:
        written = day_of_text(text)
    except DayError:
        return
    numbers = [int(run) for run in re.findall(r"\d+", re.split(r"[ T日]?\d+:", text)[0])]
    said = [written.day.year, written.day.month, written.day.day][: 2 if written.is_month else 3]

    assert numbers[: len(said)] == said or "".join(re.findall(r"\d+", text)) in {
        f"{written.day:%Y%m%d}", f"{written.day:%Y%m}",
    }  # fmt: skip
    assert written.is_month or len(numbers) in {1, 3}


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2019/7/10 0:00", date(2019, 7, 10)),  # as a CSV holds a cell with date and time
        ("2019/7/10 0:00:00", date(2019, 7, 10)),
        ("2019-07-10 08:30", date(2019, 7, 10)),
        ("2019年7月10日8:30", date(2019, 7, 10)),
    ],
)
def test_a_time_takes_nothing_from_its_day(text, day):
    assert day_of_text(text).day == day


@pytest.mark.parametrize(
    "text",
    ["2019111", "2019 0:00", "95-7-1", "7/10/2019", "20190710 000", "2019-07-10Z",
     "2019-7-10 24:00", "2019-07-100:00", "2019-7-1-2", "19", "", "２０１９", "2019-07-10 (?)"],
)  # fmt: skip
def test_what_is_no_day_for_certain_is_refused(text):
    with pytest.raises(DayError) as error:
        day_of_text(text)
    assert error.value.fault is DayFault.NO_DATE


def test_a_month_that_may_have_lost_its_zero_is_refused():
    with pytest.raises(DayError) as error:
        day_of_text("2019.1")
    assert error.value.fault is DayFault.LOST_ZERO
    assert day_of_text("2019.01").day == day_of_text("2019年1月").day == date(2019, 1, 1)


def test_a_date_cell_of_no_likely_year_is_refused():
    with pytest.raises(DayError):
        day_of_cell(date(1899, 12, 31))


def sheet(cells: list[tuple[datetime, str | int]], **options) -> bytes:
    out = BytesIO()
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet()
        for row, (value, code) in enumerate(cells):
            sheet.write_datetime(row, 1, value, book.add_format({"num_format": code}))
    return out.getvalue()


@settings(max_examples=30)
@given(
    st.lists(st.tuples(st.datetimes(datetime(1904, 1, 2), datetime(2099, 12, 30)),
                       st.sampled_from([*FORMATS, *MONTH_FORMATS])), min_size=1, max_size=12),
    st.booleans(),
)  # fmt: skip
def test_date_cells_read_back_as_themselves_and_months_as_months(cells, is_1904):
    cells = [(value.replace(microsecond=0), code) for value, code in cells]
    rows = read_table(sheet(cells, date_1904=is_1904), "a.xlsx").rows

    for (value, code), (_empty, cell) in zip(cells, rows, strict=True):
        written = day_of_cell(cell)
        assert written.day == value.date()
        assert written.is_month is (code in MONTH_FORMATS and value.day == 1)


@pytest.mark.parametrize("number", [17, 27, 36, 50, 52, 57])
def test_a_month_in_a_format_that_the_file_does_not_write_is_one(number):
    (row,) = read_table(sheet([(datetime(2019, 7, 1), number)]), "a.xlsx").rows

    assert row == [None, Month(2019, 7, 1)]
    assert type(row[1]) is Month
