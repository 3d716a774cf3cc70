"""Valid rows of lecturers, as `rows.VALID` has them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.db.models import Model

from classes.models import CalendarFeed
from config.lib.periods import period
from instructors.models import (
    AppointmentLetter,
    AvailabilityException,
    Instructor,
    IssuedLetter,
    LecturerLeave,
    LetterRule,
    Nomination,
    WeeklySlot,
)
from tests.factories import DAY, MORNING, NOON

FIRST_HALF = period(date(2026, 1, 1), date(2026, 7, 1))

# `w` is the world of `rows`.
LECTURERS: dict[type[Model], Callable[[Any], dict[str, Any]]] = {
    Instructor: lambda w: {"name": "赵讲师", "corps": "professional", "employer": "区委党校"},
    Nomination: lambda w: {
        "school": w.school,
        "name": "孙立",
        "employer": "二街村",
        "reasons": "连续三年主持村民议事会",
        "nominated_at": MORNING,
        "nominated_by": w.user,
    },
    AppointmentLetter: lambda w: {
        "number": "聘2026-001",
        "instructor": w.instructor,
        "period": FIRST_HALF,
        "signed_on": DAY,
    },
    WeeklySlot: lambda w: {
        "instructor": w.instructor,
        "weekday": 1,
        "part": "morning",
        "period": FIRST_HALF,
    },
    LecturerLeave: lambda w: {
        "instructor": w.instructor,
        "kind": "duty",
        "period": FIRST_HALF,
    },
    AvailabilityException: lambda w: {
        "instructor": w.instructor,
        "day": DAY,
        "part": "morning",
        "is_free": False,
    },
    CalendarFeed: lambda w: {
        "instructor": w.instructor,
        "token_hash": "0" * 64,
        "made_at": NOON,
    },
    LetterRule: lambda w: {
        "number_form": "聘字〔{year}〕第{serial}号",
        "term_years": 3,
        "warning_days": 60,
        "source": "本区规定",
        "period": period(date(2017, 1, 1), date(2018, 1, 1)),
    },
    IssuedLetter: lambda w: {
        "letter": w.letter,
        "version": 1,
        "code_fingerprint": "first",
        "facts": {},
        "file": w.stored_file,
        "file_hash": "0" * 64,
        "sheets": w.stored_file,
        "issued_at": NOON,
        "issued_by": w.user,
        "digest": "0" * 64,
    },
}
