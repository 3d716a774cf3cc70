"""How an account stands on its way from the first entry to the first password, and what is next."""

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
    """What an administrator does next for an account."""

    text: str
    url: str


@dataclass(frozen=True)
class Onboarding:
    """An account with its granted roles and its open slip, as they stand at a moment."""

    user: User
    grants: list[Grant]
    slip_until: datetime | None
    at: datetime

    @property
    def is_of_staff(self) -> bool:
        """Whoever holds a granted role now or later, or is no member."""
        on = local_date(self.at)
        holds = any(not grant.is_over(on) for grant in self.grants)
        return holds or Role.MEMBER not in held_roles(self.user)

    @property
    def lacks_role(self) -> bool:
        """Whether the account opens nothing: no role granted now or later, and none by itself."""
        on = local_date(self.at)
        return not held_roles(self.user) and all(grant.is_over(on) for grant in self.grants)

    def next_step(self, by: User) -> NextStep | None:
        """The role, then the slip; nothing for a disabled account, a member's, or `by`'s own."""
        if not self.user.is_active or not self.is_of_staff or self.user.pk == by.pk:
            return None
        if self.lacks_role:
            return NextStep(_("Next: grant a role"), grant_address(self.user))
        if self.user.has_usable_password() or self.slip_until:
            return None
        return NextStep(_("Next: issue the slip"), slip_address(self.user))


def find_onboarding(user: User, at: datetime) -> Onboarding:
    """How the account stands at the moment `at`."""
    code = user.activation_codes.open_at(at).first()
    return Onboarding(user, list_grants(user), code.expires_at if code else None, at)


def grant_address(user: User) -> str:
    """Where a role is granted to the account."""
    return f"{address_of('new_grant')}?{urlencode({'user': user.username})}"


def slip_address(user: User) -> str:
    """Where a slip is issued for an account of staff."""
    return address_of("account_slip", user.pk)


def format_state(user: User, slip_until: datetime | None) -> str:
    """How an account stands, in words; also an active one may have an open slip."""
    if not user.is_active:
        return _("disabled")
    day = format_moment(slip_until) if slip_until else ""
    if user.has_usable_password():
        if not day:
            return _("active")
        return _("active; slip valid until %(day)s sets a new password") % {"day": day}
    return _("slip valid until %(day)s") % {"day": day} if day else _("not used yet, no slip")
