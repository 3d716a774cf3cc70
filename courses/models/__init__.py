"""The models of this app, by subject."""

from courses.models.classes import (
    MOST_HOURS,
    WITHIN_A_DAY,
    Equipment,
    JoiningSchool,
    PresetSession,
    Programme,
    Session,
    TrainingClass,
    Venue,
)
from courses.models.menu import (
    MOST_TIMES,
    Course,
    CourseMaterial,
    Module,
    PlannedCourse,
    StrandShare,
    since_first_year,
)

__all__ = [
    "MOST_HOURS",
    "MOST_TIMES",
    "WITHIN_A_DAY",
    "Course",
    "CourseMaterial",
    "Equipment",
    "JoiningSchool",
    "Module",
    "PlannedCourse",
    "PresetSession",
    "Programme",
    "Session",
    "StrandShare",
    "TrainingClass",
    "Venue",
    "since_first_year",
]
