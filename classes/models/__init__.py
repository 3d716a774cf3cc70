from classes.models.materials import ClassMaterial
from classes.models.ratings import RatingAnswer, RatingGiven, RatingRound, RatingRule
from classes.models.rolls import Roll
from classes.models.rosters import Enrolment, WaitingListEntry
from classes.models.supervision import SupervisionDraft, SupervisionNote
from classes.models.timetable import CalendarFeed, ClassNotice, LeaveRequest

__all__ = [
    "CalendarFeed",
    "ClassMaterial",
    "ClassNotice",
    "Enrolment",
    "LeaveRequest",
    "RatingAnswer",
    "RatingGiven",
    "RatingRound",
    "RatingRule",
    "Roll",
    "SupervisionDraft",
    "SupervisionNote",
    "WaitingListEntry",
]
