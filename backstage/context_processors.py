"""What the frame of every page shows of the portal itself."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from backstage.own_jobs import list_in_head
from config.lib.read_only import read_only


def portal(request: HttpRequest) -> dict[str, object]:
    """The version in the foot, the banner of the read-only mode, and the user's open jobs."""

    def own_jobs() -> list[dict[str, Any]]:
        user = getattr(request, "user", None)
        return list_in_head(user, request.session) if user and user.is_authenticated else []

    return {
        "portal_version": settings.VERSION,
        "read_only": read_only(),
        "own_jobs": own_jobs,  # the template calls it if needed
    }
