"""The roles of an account, and permissions that depend on them."""

from accounts.models import User
from config.lib.periods import today
from config.lib.rows import select_column

# The roles of account %(user)s on the day %(on)s: granted ones, and those that follow from a
# membership, a post as secretary, or being a lecturer. The member page includes this statement.
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
    return frozenset(select_column(ROLES_IN_FORCE, {"user": user.pk, "on": today()}))
