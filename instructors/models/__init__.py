"""Lecturers with nominations and letters, and the days on which they can teach."""

from instructors.models.availability import AvailabilityException, LecturerLeave, WeeklySlot
from instructors.models.lecturers import (
    AppointmentLetter,
    Instructor,
    IssuedLetter,
    LetterRule,
    Nomination,
)

__all__ = [
    "AppointmentLetter",
    "AvailabilityException",
    "Instructor",
    "IssuedLetter",
    "LecturerLeave",
    "LetterRule",
    "Nomination",
    "WeeklySlot",
]
