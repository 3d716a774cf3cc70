"""Whether the person of a session gave a code of their second factor."""

from datetime import datetime, timedelta

from django.conf import settings
from django.http import HttpRequest

from accounts.enums import STAFF_ROLES
from accounts.roles import holds_any

# A change of the factor itself asks for a code that is no older.
FRESH_MINUTES = 10
# Session key: the account that gave a code, and when.
_GIVEN = "second_factor"


def is_code_missing(request: HttpRequest) -> bool:
    """Whether this person must give a code before anything else."""
    if not settings.SECOND_FACTOR or not request.user.is_authenticated:
        return False
    return not is_code_given(request) and holds_any(request.user, *STAFF_ROLES)


def is_code_given(request: HttpRequest, *, since: datetime | None = None) -> bool:
    """Whether the person gave a code in this session, by default at any time of it."""
    given = request.session.get(_GIVEN)
    if given is None or given["user"] != request.user.pk:
        return False
    return since is None or datetime.fromisoformat(given["at"]) >= since


def is_code_fresh(request: HttpRequest, at: datetime) -> bool:
    """Whether the person gave a code just now, so that they may change the factor itself."""
    return is_code_given(request, since=at - timedelta(minutes=FRESH_MINUTES))


def note_code(request: HttpRequest, at: datetime) -> None:
    """Note in the session, which gets a new key, that the person gave a code."""
    request.session.cycle_key()
    request.session[_GIVEN] = {"user": request.user.pk, "at": at.isoformat()}
