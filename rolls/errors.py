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


class CardError(PortalError):
    """Member cards can't be issued or revoked as asked; nothing was written."""
