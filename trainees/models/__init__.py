from trainees.models.cards import MemberCard
from trainees.models.disputes import Dispute, DisputeEntry
from trainees.models.documents import DocumentRevocation, IssuedDocument
from trainees.models.door import DoorRule
from trainees.models.ledger import Assessment, CreditEntry, LedgerCheck
from trainees.models.materials import ClassMaterial
from trainees.models.people import Exemption, Member, MemberMerge, Membership, Post
from trainees.models.ratings import RatingAnswer, RatingGiven, RatingRound, RatingRule
from trainees.models.register import RegisterHeader, RegisterImport, RegisterRow
from trainees.models.rolls import (
    Attendance,
    AttendanceCorrection,
    Enrolment,
    MarkDismissal,
    MarkReceipt,
    Roll,
    RollReopening,
    WaitingListEntry,
)
from trainees.models.rules import CreditRule, CreditStep, RequirementRule
from trainees.models.session_papers import SessionFile, WalkIn
from trainees.models.sources import Source
from trainees.models.studies import (
    Study,
    StudyFile,
    StudyParticipant,
    StudyParticipantCorrection,
    StudyReview,
    StudySubmission,
)
from trainees.models.supervision import SupervisionDraft, SupervisionNote
from trainees.models.timetable import CalendarFeed, ClassNotice, LeaveRequest

__all__ = [
    "Assessment",
    "Attendance",
    "AttendanceCorrection",
    "CalendarFeed",
    "ClassMaterial",
    "ClassNotice",
    "CreditEntry",
    "CreditRule",
    "CreditStep",
    "Dispute",
    "DisputeEntry",
    "DocumentRevocation",
    "DoorRule",
    "Enrolment",
    "Exemption",
    "IssuedDocument",
    "LeaveRequest",
    "LedgerCheck",
    "MarkDismissal",
    "MarkReceipt",
    "Member",
    "MemberCard",
    "MemberMerge",
    "Membership",
    "Post",
    "RatingAnswer",
    "RatingGiven",
    "RatingRound",
    "RatingRule",
    "RegisterHeader",
    "RegisterImport",
    "RegisterRow",
    "RequirementRule",
    "Roll",
    "RollReopening",
    "SessionFile",
    "Source",
    "Study",
    "StudyFile",
    "StudyParticipant",
    "StudyParticipantCorrection",
    "StudyReview",
    "StudySubmission",
    "SupervisionDraft",
    "SupervisionNote",
    "WaitingListEntry",
    "WalkIn",
]
