"""Errors with messages that users may read."""

from collections.abc import Sequence

from django.core.exceptions import NON_FIELD_ERRORS

from backstage.confirmations import Blocker
from config.lib.errors import PortalError


class SchoolsError(PortalError):
    """The action was refused. The message may be shown to the user, at the form's `field`."""

    def __init__(self, message: str, field: str = NON_FIELD_ERRORS) -> None:
        super().__init__(message)
        self.field = field


class BlockedError(SchoolsError):
    """A school or organisation cannot close yet; `blockers` say what must be done first."""

    def __init__(self, message: str, blockers: Sequence[Blocker]) -> None:
        super().__init__(message)
        self.blockers = blockers
