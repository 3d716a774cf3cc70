"""What the frame of every page shows of the portal itself."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from backstage.messages import count_unread
from backstage.own_jobs import list_in_head
from config.lib.read_only import read_only


def portal(request: HttpRequest) -> dict[str, object]:
    """The version in the foot, the read-only banner, the user's open jobs and unread messages."""

    def own_jobs() -> list[dict[str, Any]]:
        user = getattr(request, "user", None)
        return list_in_head(user, request.session) if user and user.is_authenticated else []

    def unread_messages() -> int:
        user = getattr(request, "user", None)
        return count_unread(user, request.session) if user and user.is_authenticated else 0

    return {
        "portal_version": settings.VERSION,
        "read_only": read_only(),
        # The template calls these if needed.
        "own_jobs": own_jobs,
        "unread_messages": unread_messages,
    }
