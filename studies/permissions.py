"""What people may do with rolls and hours, asked by views, actions and templates."""

from accounts.enums import Role
from accounts.models import User
from accounts.roles import holds_any
from trainees.permissions import sees_schools

# Their schools take the last step of review of a study, and answer for it afterwards.
REVIEWING_SCHOOL_ROLES = frozenset({Role.SCHOOL_CLERK, Role.SCHOOL_LEADER})
REVIEWER_ROLES = REVIEWING_SCHOOL_ROLES | {Role.ORGANISATION_COMMISSIONER}
RECORDER_ROLES = frozenset(
    {Role.SCHOOL_CLERK, Role.ORGANISATION_COMMISSIONER, Role.BRANCH_SECRETARY}
)


def serves_organisations(user: User) -> bool:
    """Whether the person records the study of organisations: which, `organisations_served` says."""
    return holds_any(user, *RECORDER_ROLES)


def sees_studies(user: User) -> bool:
    """Whether there can be records of study in the person's sight: a member's own at least."""
    return sees_schools(user) or serves_organisations(user) or holds_any(user, Role.MEMBER)
