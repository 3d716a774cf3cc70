from trainees.models.people import Exemption, Member, MemberMerge, Membership, Post
from trainees.models.register import RegisterHeader, RegisterImport, RegisterRow

__all__ = [
    "Exemption",
    "Member",
    "MemberMerge",
    "Membership",
    "Post",
    "RegisterHeader",
    "RegisterImport",
    "RegisterRow",
]
