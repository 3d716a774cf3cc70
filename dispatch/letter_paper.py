"""A booking letter on paper: the data of `templates/documents/booking_letter.typ`."""

from __future__ import annotations

from typing import Any

from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from config.lib.dates import format_day
from config.lib.hours import format_hours
from dispatch.enums import LetterStage
from dispatch.models import BookingItem, BookingLetter, WishedDate
from dispatch.queries.letters import LetterPage
from schools.models import District


def write_paper(page: LetterPage, district: District | None) -> dict[str, Any]:
    """The letter in the active language, to the Party school of the `district`."""
    letter = page.letter
    day = date_format(letter.submitted_at or letter.written_at, "DATE_FORMAT")
    facts = [
        (_("Class"), letter.title),
        (_("Audience"), str(letter.get_audience_display())),
        (_("People expected"), str(letter.headcount)),
        (_("Format"), str(letter.get_preset_display())),
        (_("Mode"), str(letter.get_mode_display())),
        (_("Place"), letter.where),
        (_("Dates by preference"), _("; ").join(_date(wished) for wished in page.dates)),
        (_("Schools that join"), _(", ").join(page.joint)),
        (_("Preferred corps"), str(letter.get_preferred_corps_display())),
        (_("Preferred lecturer"), str(letter.preferred_instructor or "")),
        (_("Note"), letter.note),
    ]
    return {
        "lang": (get_language() or "zh").partition("-")[0],
        "heading": _heading(letter),
        "running": f"{letter.school.name} · {letter.number}",
        "address": _("To the Party school of %(district)s:") % {"district": district}
        if district
        else _("To the district Party school:"),
        "opening": _("Our school asks for the following courses and for lecturers to teach them."),
        "facts": [(label, words) for label, words in facts if words],
        "wanted": {
            "heading": _("What is wanted"),
            "columns": [_("No."), _("Course"), _("Module and strand"), _("Credit hours")],
            "rows": [_row(item) for item in page.items],
        },
        "closing": _("Please tell us lecturers and dates."),
        "signatures": [
            _("%(school)s (seal), %(day)s") % {"school": letter.school.name, "day": day},
            _("Received by the district"),
        ],
        "foot": letter.number,
    }


def _heading(letter: BookingLetter) -> str:
    """What the paper is; one that holds nothing says so."""
    if letter.stage not in {LetterStage.DRAFT, LetterStage.DECLINED, LetterStage.CANCELLED}:
        return _("Booking letter")
    return _("Booking letter (%(state)s)") % {"state": letter.get_stage_display()}


def _date(wished: WishedDate) -> str:
    """A wished day with its rank, and its time if one is named."""
    time = f" {wished.begins_at:%H:%M}" if wished.begins_at else ""
    return f"{wished.rank}. {format_day(wished.day)}{time}"


def _row(item: BookingItem) -> list[str]:
    """A line of the table: number, course or wish, module and strand, hours."""
    if item.course is not None:
        course = item.course
        kind = f"{course.module} · {course.get_strand_display()}"
        return [str(item.position), course.title, kind, format_hours(course.hours)]
    wish = _("A wish: %(wish)s") % {"wish": item.wish}
    return [str(item.position), wish, f"{item.module} · {item.get_strand_display()}", ""]
