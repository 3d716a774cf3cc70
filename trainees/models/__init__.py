from trainees.models.departures import Departure
from trainees.models.people import Exemption, Member, MemberMerge, Membership, Post
from trainees.models.register import RegisterHeader, RegisterImport, RegisterRow

__all__ = [
    "Departure",
    "Exemption",
    "Member",
    "MemberMerge",
    "Membership",
    "Post",
    "RegisterHeader",
    "RegisterImport",
    "RegisterRow",
]
