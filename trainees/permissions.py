"""What people may do with rolls and hours, asked by views, actions and templates."""

from datetime import date

from django.db import connection
from django.db.models import Q

from accounts.enums import DISTRICT_ROLES, SCHOOL_ROLES, Role
from accounts.models import User
from accounts.roles import holds_any
from config.lib.periods import today
from schools.models import School

# Their schools take the last step of review of a study, and answer for it afterwards.
REVIEWING_SCHOOL_ROLES = frozenset({Role.SCHOOL_CLERK, Role.SCHOOL_LEADER})
REVIEWER_ROLES = REVIEWING_SCHOOL_ROLES | {Role.ORGANISATION_COMMISSIONER}
RECORDER_ROLES = frozenset(
    {Role.SCHOOL_CLERK, Role.ORGANISATION_COMMISSIONER, Role.BRANCH_SECRETARY}
)

# The roles of account %(user)s on the day %(on)s: those granted, and those that follow from a
# membership, a post as secretary, or being a lecturer. The member page reads them along.
ROLES_IN_FORCE = """
SELECT role FROM schools_rolegrant WHERE user_id = %(user)s AND period @> %(on)s::date
UNION SELECT 'member' FROM trainees_member WHERE user_id = %(user)s
UNION SELECT 'branch_secretary' FROM trainees_post post
      JOIN trainees_member holder ON holder.id = post.member_id
      WHERE holder.user_id = %(user)s AND post.kind = 'secretary' AND post.period @> %(on)s::date
UNION SELECT 'lecturer' FROM instructors_instructor WHERE user_id = %(user)s
"""


def roles_in_force(user: User) -> frozenset[str]:
    """The roles of `user` today, granted and derived, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(ROLES_IN_FORCE, {"user": user.pk, "on": today()})
        return frozenset(role for (role,) in cursor.fetchall())


def sees_schools(user: User) -> bool:
    """Whether the person is of a school or of the district."""
    return holds_any(user, *SCHOOL_ROLES, *DISTRICT_ROLES)


def serves_organisations(user: User) -> bool:
    """Whether the person records the study of organisations: which, `organisations_served` says."""
    return holds_any(user, *RECORDER_ROLES)


def sees_studies(user: User) -> bool:
    """Whether there can be records of study in the person's sight: a member's own at least."""
    return sees_schools(user) or serves_organisations(user) or holds_any(user, Role.MEMBER)


def supervises(user: User) -> bool:
    """Teaching is supervised by the academic officers of the district school."""
    return holds_any(user, Role.DISTRICT_SCHOOL)


def answers_reopenings(user: User) -> bool:
    """Whether the person reopens closed rolls: the academic officer of the district school."""
    return holds_any(user, Role.DISTRICT_SCHOOL)


def takes_rolls(user: User, on: date, school: str = "training_class__school") -> Q:
    """The condition that `user` is a clerk, on the day `on`, of the school a row leads to, or of
    the one that took it over."""
    return Q(**{f"{school}__in": School.objects.kept_by(user, Role.SCHOOL_CLERK, on)})
