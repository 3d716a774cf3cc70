"""Errors with messages that users may read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.lib.errors import PortalError

if TYPE_CHECKING:
    from datetime import datetime


class RosterError(PortalError):
    """The roster cannot be changed as requested; nothing was written. `field` is the form field."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class OrderConflict:
    """What somebody else stored meanwhile as `name`: `seat-7`, `pocket-7`, `group-7`, `monitor`."""

    name: str
    stored: object


class OrderConflictError(RosterError):
    """Somebody else arranged the same trainees meanwhile; nothing was written."""

    def __init__(
        self, message: str, conflicts: list[OrderConflict], changed_by: str, at: datetime | None
    ) -> None:
        super().__init__(message)
        self.conflicts = conflicts
        self.changed_by = changed_by
        self.at = at


class LeaveError(PortalError):
    """Leave cannot be requested or answered as requested; nothing was written.

    `field` names the form field that the message belongs to.
    """

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class SupervisionError(PortalError):
    """A supervision note cannot be saved or filed as requested; nothing was written.

    `field` names the form field that the message belongs to.
    """

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class RatingError(PortalError):
    """A class cannot be rated, or not again; nothing was written."""


class MaterialError(PortalError):
    """A class material cannot be added or removed as requested; nothing was written."""
