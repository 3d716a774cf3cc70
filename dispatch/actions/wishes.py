"""Whether school, venue and courses of a letter are in force on the days that it wishes for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from django.utils.translation import gettext as _

from config.lib.dates import format_day
from courses.models import Course, PresetSession, Venue
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
