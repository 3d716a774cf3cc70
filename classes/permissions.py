"""What people may do with rolls and hours, asked by views, actions and templates."""

from accounts.enums import Role
from accounts.models import User
from accounts.roles import holds_any


def supervises(user: User) -> bool:
    """Teaching is supervised by the academic officers of the district school."""
    return holds_any(user, Role.DISTRICT_SCHOOL)
