from rolls.models.cards import MemberCard
from rolls.models.door import DoorRule
from rolls.models.reminders import RollReminder
from rolls.models.rolls import (
    Attendance,
    AttendanceCorrection,
    MarkDismissal,
    MarkReceipt,
    RollReopening,
)
from rolls.models.session_papers import SessionFile, WalkIn
from rolls.models.totals import AttendanceTotal

__all__ = [
    "Attendance",
    "AttendanceCorrection",
    "AttendanceTotal",
    "DoorRule",
    "MarkDismissal",
    "MarkReceipt",
    "MemberCard",
    "RollReminder",
    "RollReopening",
    "SessionFile",
    "WalkIn",
]
