"""Errors of this app; their messages are shown to users."""

from __future__ import annotations

from config.lib.errors import PortalError


class SheetError(PortalError):
    """A layout cannot be kept, changed or filled in; nothing was written. `field` is the cause."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.field = field
