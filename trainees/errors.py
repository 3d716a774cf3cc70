"""What can go wrong, in words that a user may read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.lib.errors import PortalError

if TYPE_CHECKING:
    from datetime import datetime


class RollError(PortalError):
    """The roll can't be written as asked; nothing was written."""


class RollIncompleteError(RollError):
    """A submitted roll leaves nobody out: *not taken* is not *absent*."""

    def __init__(self, message: str, member_ids: list[int]) -> None:
        super().__init__(message)
        self.member_ids = member_ids


@dataclass(frozen=True)
class MarkConflict:
    """Two clerks marked one trainee differently."""

    member_id: int
    yours: str
    theirs: str
    marked_by: str
    marked_at: datetime


class RollConflictError(RollError):
    """Somebody else changed marks meanwhile; both values are shown, nothing was written."""

    def __init__(self, message: str, conflicts: list[MarkConflict]) -> None:
        super().__init__(message)
        self.conflicts = conflicts


class LedgerError(PortalError):
    """Hours can't be posted or reversed as asked; nothing was written."""


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


class SlipError(PortalError):
    """Slips can't be issued as asked; none was."""


class CardError(PortalError):
    """Member cards can't be issued or revoked as asked; nothing was written."""


class PaperError(PortalError):
    """A document can't be issued, shown or revoked as asked; nothing was written."""


class TooManyTriesError(PortalError):
    """Too many wrong codes came: the next one is looked at after `wait_seconds`."""

    def __init__(self, message: str, wait_seconds: int) -> None:
        super().__init__(message)
        self.wait_seconds = wait_seconds


class MemberFactError(PortalError):
    """A member's facts can't be changed as asked; nothing was written.

    `field` names the field of the form at which the message belongs.
    """

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class StudyError(PortalError):
    """A record of study can't be written, reviewed or withdrawn as asked; nothing was written.

    `field` names the field of the form at which the message belongs.
    """

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class DisputeError(PortalError):
    """A dispute can't be opened, answered or withdrawn as asked; nothing was written.

    `field` names the field of the form at which the message belongs; `dispute_id` is the dispute
    that stands in the way.
    """

    def __init__(
        self, message: str, field: str | None = None, *, dispute_id: int | None = None
    ) -> None:
        super().__init__(message)
        self.field = field
        self.dispute_id = dispute_id
