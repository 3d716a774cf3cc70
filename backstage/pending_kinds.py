"""Kinds of acts that wait for a second person; each app registers its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import date, datetime

    from django.utils.functional import Promise

    from accounts.models import User
    from accounts.origin import Actor


@dataclass(frozen=True)
class PendingKind:
    """A kind of act: what it is called, what it would do, who decides, and how it is done.

    `describe` tells in sentences what the act gives. `decides` says whether a user who is neither
    the proposer nor the one who gains may decide on it, on a day. `carry_out` does it.
    """

    key: str
    label: str | Promise
    describe: Callable[[Any], list[str]]
    decides: Callable[[User, Any, date], bool]
    carry_out: Callable[[Any, Actor, datetime], object]


_kinds: dict[str, PendingKind] = {}


def register_pending_kind(kind: PendingKind) -> None:
    """Add a kind; called once per kind, at start-up."""
    _kinds[kind.key] = kind


def label_of(key: str) -> str:
    """The name of a kind; the stored word for one that is no longer registered."""
    return str(_kinds[key].label) if key in _kinds else key


def pending_kind(act: Any) -> PendingKind:
    """The kind of a `backstage.models.PendingAct`."""
    return _kinds[act.kind]
