"""Errors about classes, with messages for users."""

from django.core.exceptions import NON_FIELD_ERRORS

from config.lib.errors import PortalError


class CoursesError(PortalError):
    """The write was refused. `field` is where to show the message."""

    def __init__(self, message: str, field: str = NON_FIELD_ERRORS) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
