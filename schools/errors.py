"""What can go wrong, in words that a user may read."""

from django.core.exceptions import NON_FIELD_ERRORS


class SchoolsError(Exception):
    """The act was refused; its message may be shown to the person, at the form's `field`."""

    def __init__(self, message: str, field: str = NON_FIELD_ERRORS) -> None:
        super().__init__(message)
        self.field = field
