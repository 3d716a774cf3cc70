from trainees.models.departures import Departure
from trainees.models.people import Exemption, Member, MemberMerge, Membership, Post
from trainees.models.register import (
    ProposedOrganisation,
    RegisterHeader,
    RegisterImport,
    RegisterRow,
)

__all__ = [
    "Departure",
    "Exemption",
    "Member",
    "MemberMerge",
    "Membership",
    "Post",
    "ProposedOrganisation",
    "RegisterHeader",
    "RegisterImport",
    "RegisterRow",
]
