"""Errors of this app; their messages are shown to users."""

from __future__ import annotations

from config.lib.errors import PortalError


class PaperError(PortalError):
    """A document cannot be issued, shown or revoked as requested; nothing was written."""


class TooManyTriesError(PortalError):
    """Too many wrong codes were tried; the next try is allowed after `wait_seconds`."""

    def __init__(self, message: str, wait_seconds: int) -> None:
        super().__init__(message)
        self.wait_seconds = wait_seconds
