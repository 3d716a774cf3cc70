"""Sign-in by phone or member number (staff: sign-in name) and a password."""

from typing import Any

from django.conf import settings
from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from accounts.models import User

# The sign-in backend, as sessions and settings name it.
BACKEND = "accounts.backends.PhoneOrNumberBackend"


class PhoneOrNumberBackend(BaseBackend):
    """Finds the account by the typed name; inactive and (outside a demo) demo accounts fail."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **_credentials: Any,
    ) -> User | None:
        if not username or password is None:
            return None
        user = User.objects.find_by_login(username)
        if user is None:
            # As slow as a wrong password, so that timing does not reveal who has an account.
            User().set_password(password)
            return None
        return user if user.check_password(password) and may_enter(user) else None

    def get_user(self, user_id: int) -> User | None:
        """The account of a session; disabling the account ends its sessions at once."""
        try:
            user = User.objects.get(pk=user_id)
        except User.DoesNotExist:
            return None
        return user if may_enter(user) else None


def may_enter(user: User) -> bool:
    """Whether the account may be used: it is active, and not a demo account outside a demo."""
    return user.is_active and (settings.DEMO or not user.is_demo)
