from trainees.models.ledger import Assessment, CreditEntry, LedgerCheck
from trainees.models.people import Exemption, Member, Membership, Post
from trainees.models.register import RegisterHeader, RegisterImport, RegisterRow
from trainees.models.rolls import (
    Attendance,
    AttendanceCorrection,
    BranchStudy,
    Enrolment,
    Roll,
)
from trainees.models.rules import CreditRule, RequirementRule

__all__ = [
    "Assessment",
    "Attendance",
    "AttendanceCorrection",
    "BranchStudy",
    "CreditEntry",
    "CreditRule",
    "Enrolment",
    "Exemption",
    "LedgerCheck",
    "Member",
    "Membership",
    "Post",
    "RegisterHeader",
    "RegisterImport",
    "RegisterRow",
    "RequirementRule",
    "Roll",
]
