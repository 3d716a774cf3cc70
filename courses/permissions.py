"""What people may do with training classes."""

from datetime import date

from accounts.enums import Role
from accounts.models import User
from accounts.roles import holds_any
from schools.permissions import is_clerk_of


def plans_classes(user: User, school_id: int, on: date) -> bool:
    """Classes are set up by the school's clerk, and by the academic officer of the district."""
    return holds_any(user, Role.DISTRICT_SCHOOL) or is_clerk_of(user, school_id, on)
