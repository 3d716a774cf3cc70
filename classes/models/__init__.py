from classes.models.calendar_feeds import CalendarFeed
from classes.models.leaves import LeaveRequest
from classes.models.materials import ClassMaterial
from classes.models.notices import ClassNotice
from classes.models.ratings import RatingAnswer, RatingGiven, RatingRound, RatingRule
from classes.models.rolls import Roll
from classes.models.rosters import Enrolment, WaitingListEntry
from classes.models.supervision import SupervisionDraft, SupervisionNote

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
