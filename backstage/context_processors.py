"""What the frame of every page shows of the portal itself."""

from django.conf import settings
from django.http import HttpRequest

from config.lib.read_only import read_only


def portal(_request: HttpRequest) -> dict[str, object]:
    """The version in the foot, and the banner of the read-only mode."""
    return {"portal_version": settings.VERSION, "read_only": read_only()}
