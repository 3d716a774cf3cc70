"""What people may do with study records, asked by views, actions and templates."""

from accounts.enums import Role
from accounts.models import User
from accounts.roles import holds_any
from schools.permissions import sees_schools

# Their schools take the last step of review of a study, and answer for it afterwards.
REVIEWING_SCHOOL_ROLES = frozenset({Role.SCHOOL_CLERK, Role.SCHOOL_LEADER})
REVIEWER_ROLES = REVIEWING_SCHOOL_ROLES | {Role.ORGANISATION_COMMISSIONER}
RECORDER_ROLES = frozenset(
    {Role.SCHOOL_CLERK, Role.ORGANISATION_COMMISSIONER, Role.BRANCH_SECRETARY}
)


def serves_organisations(user: User) -> bool:
    """Whether the user records study of organisations; `organisations_served` lists them."""
    return holds_any(user, *RECORDER_ROLES)


def sees_studies(user: User) -> bool:
    """Whether the user may see any records of study; members see at least their own."""
    return sees_schools(user) or serves_organisations(user) or holds_any(user, Role.MEMBER)
