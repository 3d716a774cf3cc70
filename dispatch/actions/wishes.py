"""What is asked of a letter before the desk has it: its days, and the checks that need no desk."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from django.core.exceptions import NON_FIELD_ERRORS
from django.utils.translation import gettext as _

from config.lib.dates import format_day
from courses.models import Course, PresetSession, Venue
from dispatch.checks import Code
from dispatch.errors import BookingError
from dispatch.models import BookingLetter
from dispatch.queries.candidates import check_letter
from schools.models import School


def why_not(
    day: date, *, school: School, preset: str, venue: Venue | None, courses: Sequence[Course | None]
) -> str:
    """Why a class of this format cannot begin on the day: what is missing on which day; else "".

    Every session of the format counts; they take the courses in turn, of which None is a wish. One
    statement.
    """
    days = PresetSession.objects.filter(preset=preset).order_by("number")
    for index, number in enumerate(days.values_list("day", flat=True)):
        on = day + timedelta(days=number - 1)
        facts = {"day": format_day(on)}
        if on not in school.period:
            return _("%(school)s does not exist on %(day)s.") % (facts | {"school": school.name})
        if venue is not None and on not in venue.period:
            return _("%(venue)s is not open on %(day)s.") % (facts | {"venue": venue.name})
        course = courses[index % len(courses)] if courses else None
        if course is not None and on not in course.period:
            text = _("The course “%(course)s” is not offered on %(day)s.")
            return text % (facts | {"course": course.title})
    return ""


def weigh_request(letter: BookingLetter, on: date) -> list[str]:
    """What the desk would be warned of, in words, if the stored letter were submitted on `on`.

    Raises BookingError for what the desk could not override, at the field that it is about.
    """
    findings = check_letter(letter, on)
    blocks = [finding for finding in findings if finding.is_block]
    if blocks:
        text = " ".join(finding.text for finding in blocks)
        raise BookingError(text, _FIELDS.get(blocks[0].code, NON_FIELD_ERRORS))
    return [finding.text for finding in findings]


# Where the form of a letter shows what blocks it.
_FIELDS = {Code.VENUE_FULL: "headcount"}
