"""Errors with messages that users may read."""

from django.core.exceptions import NON_FIELD_ERRORS

from config.lib.errors import PortalError


class DispatchError(PortalError):
    """The action was refused; nothing was written. `field` is the form field."""

    def __init__(self, message: str, field: str = NON_FIELD_ERRORS) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class BookingError(DispatchError):
    """A booking letter cannot be written, sent or decided on as requested."""


class StaleError(BookingError):
    """Somebody else changed what the form was filled in for; the message says who and what."""


class EngagementError(DispatchError):
    """An engagement cannot be planned, proposed or answered as requested."""
