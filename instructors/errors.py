"""Errors with messages that users may read."""

from django.core.exceptions import NON_FIELD_ERRORS

from config.lib.errors import PortalError


class InstructorsError(PortalError):
    """The action was refused; nothing was written. `field` is the form field."""

    def __init__(self, message: str, field: str = NON_FIELD_ERRORS) -> None:
        super().__init__(message)
        self.field = field


class NominationError(InstructorsError):
    """A nomination cannot be made or decided on as requested."""


class LetterError(InstructorsError):
    """A letter of appointment cannot be issued, opened or revoked as requested."""


class AvailabilityError(InstructorsError):
    """The days of a lecturer cannot be entered as requested."""
