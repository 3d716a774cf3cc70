"""The network, its roles, and the years."""

from schools.models.network import (
    District,
    GuidanceNote,
    NameChange,
    Organisation,
    OrganisationSuccession,
    Placement,
    RoleGrant,
    School,
    SchoolArea,
    SchoolOfficer,
    SchoolSuccession,
    Succession,
    Township,
    Village,
    digits,
    validate_telephone,
)
from schools.models.years import YearEndRule, YearLock

__all__ = [
    "District",
    "GuidanceNote",
    "NameChange",
    "Organisation",
    "OrganisationSuccession",
    "Placement",
    "RoleGrant",
    "School",
    "SchoolArea",
    "SchoolOfficer",
    "SchoolSuccession",
    "Succession",
    "Township",
    "Village",
    "YearEndRule",
    "YearLock",
    "digits",
    "validate_telephone",
]
