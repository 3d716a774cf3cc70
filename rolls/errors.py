"""Errors of this app; their messages are shown to users."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.lib.errors import PortalError

if TYPE_CHECKING:
    from datetime import datetime


class RollError(PortalError):
    """The roll cannot be changed as requested; nothing was written."""


class RollIncompleteError(RollError):
    """A roll cannot be submitted while a trainee has no mark: *not taken* is not *absent*."""

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
    """Another clerk changed marks meanwhile; both values are shown, nothing was written."""

    def __init__(self, message: str, conflicts: list[MarkConflict]) -> None:
        super().__init__(message)
        self.conflicts = conflicts


class CardError(PortalError):
    """Member cards cannot be issued or revoked as requested; nothing was written."""
