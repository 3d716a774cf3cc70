"""What can go wrong, in words that a user may read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.lib.errors import PortalError

if TYPE_CHECKING:
    from datetime import datetime


class RosterError(PortalError):
    """The roster can't be changed as asked; nothing was written. `field` says where to show it."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class OrderConflict:
    """What another stored of one `name` (`seat-7`, `pocket-7`, `group-7`, `monitor`) meanwhile."""

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
    """Leave can't be asked for or answered as asked; nothing was written.

    `field` names the field of the form at which the message belongs.
    """

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class SupervisionError(PortalError):
    """A supervision note can't be kept or filed as asked; nothing was written.

    `field` names the field of the form at which the message belongs.
    """

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class RatingError(PortalError):
    """A class can't be rated (again); nothing was written."""


class MaterialError(PortalError):
    """A material of a class can't be added or taken off as asked; nothing was written."""
