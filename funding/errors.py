"""Errors with messages that users may read."""

from django.core.exceptions import NON_FIELD_ERRORS

from config.lib.errors import PortalError


class FundError(PortalError):
    """The action was refused; nothing was written. `field` is the form field."""

    def __init__(self, message: str, field: str = NON_FIELD_ERRORS) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
