"""Calendars as RFC 5545 wants them."""

from datetime import date

from config.lib.calendars import Event, escape_text, fold_line, write_calendar
from config.lib.periods import at_local

DAY = date(2026, 12, 1)


def unfolded(body: bytes) -> list[str]:
    return body.replace(b"\r\n ", b"").decode().split("\r\n")


def event(**changes):
    facts = {
        "uid": "session-1@xuetang",
        "starts_at": at_local(DAY, 8, 30),
        "ends_at": at_local(DAY, 11, 30),
        "summary": "基层治理培训班",
    }
    return Event(**facts | changes)


def test_times_are_written_in_utc():
    lines = unfolded(write_calendar("课表", [event()], at=at_local(DAY, 7)))

    assert "DTSTART:20261201T003000Z" in lines
    assert "DTEND:20261201T033000Z" in lines
    assert "DTSTAMP:20261130T230000Z" in lines


def test_a_calendar_is_well_formed():
    lines = unfolded(write_calendar("课表", [event(), event(uid="2")], at=at_local(DAY, 7)))

    assert (lines[0], lines[-2:]) == ("BEGIN:VCALENDAR", ["END:VCALENDAR", ""])
    assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") == 2
    assert {"VERSION:2.0", "X-WR-CALNAME:课表", "UID:2"} <= set(lines)


def test_a_place_with_signs_of_the_format_opens_no_other_line():
    body = write_calendar("课表", [event(location="a\r\nEND:VEVENT")], at=at_local(DAY, 7))

    assert unfolded(body).count("END:VEVENT") == 1


def test_text_is_escaped():
    assert escape_text("一楼, 东侧; C:\\\n二楼") == "一楼\\, 东侧\\; C:\\\\\\n二楼"


def test_long_lines_are_folded_at_75_octets_and_no_character_is_cut():
    line = "SUMMARY:" + "学" * 60

    folded = fold_line(line)

    parts = folded.split(b"\r\n")
    assert all(len(part) <= 75 for part in parts)
    assert all(part.decode().startswith(" ") for part in parts[1:])
    assert folded.replace(b"\r\n ", b"").decode() == line


def test_a_line_of_75_octets_stays_as_it_is():
    assert fold_line("a" * 75) == b"a" * 75
    assert fold_line("a" * 76) == b"a" * 75 + b"\r\n a"
