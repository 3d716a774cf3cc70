"""The state of an account between creation and first password, and the next step."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from accounts.enums import Role
from accounts.models import User
from accounts.roles import Grant, held_roles, list_grants
from config.lib.dates import format_moment
from config.lib.pages import address_of
from config.lib.periods import local_date


@dataclass(frozen=True)
class NextStep:
    """The next step of an administrator for an account."""

    text: str
    url: str


@dataclass(frozen=True)
class Onboarding:
    """An account with its granted roles and its open slip at a given time."""

    user: User
    grants: list[Grant]
    slip_until: datetime | None
    at: datetime

    @property
    def is_of_staff(self) -> bool:
        """Whether the person holds a granted role now or later, or is no member."""
        on = local_date(self.at)
        holds = any(not grant.is_over(on) for grant in self.grants)
        return holds or Role.MEMBER not in held_roles(self.user)

    @property
    def lacks_role(self) -> bool:
        """Whether the account has no role at all: none granted now or later, and none derived."""
        on = local_date(self.at)
        return not held_roles(self.user) and all(grant.is_over(on) for grant in self.grants)

    def next_step(self, by: User) -> NextStep | None:
        """First the role, then the slip. None for a disabled account, a member's, or `by`'s own."""
        if not self.user.is_active or not self.is_of_staff or self.user.pk == by.pk:
            return None
        if self.lacks_role:
            return NextStep(_("Next: grant a role"), grant_address(self.user))
        if self.user.has_usable_password() or self.slip_until:
            return None
        return NextStep(_("Next: issue the slip"), slip_address(self.user))


def find_onboarding(user: User, at: datetime) -> Onboarding:
    """The state of the account at the moment `at`."""
    code = user.activation_codes.open_at(at).first()
    return Onboarding(user, list_grants(user), code.expires_at if code else None, at)


def grant_address(user: User) -> str:
    """The page to grant the account a role."""
    return f"{address_of('new_grant')}?{urlencode({'user': user.username})}"


def slip_address(user: User) -> str:
    """The page to issue a slip for a staff account."""
    return address_of("account_slip", user.pk)


def format_state(user: User, slip_until: datetime | None) -> str:
    """The state of an account in words; an active account may also have an open slip."""
    if not user.is_active:
        return _("disabled")
    day = format_moment(slip_until) if slip_until else ""
    if user.has_usable_password():
        if not day:
            return _("active")
        return _("active; slip valid until %(day)s sets a new password") % {"day": day}
    return _("slip valid until %(day)s") % {"day": day} if day else _("not used yet, no slip")
