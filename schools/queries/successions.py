"""Mergers and splits in the history of an organisation or school."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.html import format_html

from schools.enums import SuccessionKind
from schools.models import Organisation, OrganisationSuccession, School, SchoolSuccession


@dataclass(frozen=True)
class Event:
    """A merger or split in a history; `address` is empty if the other party is not visible."""

    kind: str  # merged_into, took_up, gave_off, came_from
    on: date
    other: str
    address: str

    @property
    def link(self) -> str:
        """The name of the other party, linked if it is visible."""
        if not self.address:
            return self.other
        return format_html('<a href="{}">{}</a>', self.address, self.other)


def organisation_events(
    organisation: Organisation, in_sight: QuerySet, address_of: Callable[[Any], str]
) -> list[Event]:
    """The mergers and splits of an organisation, by day; uses two statements."""
    return _events(OrganisationSuccession.objects.all(), organisation, in_sight, address_of)


def school_events(
    school: School, in_sight: QuerySet, address_of: Callable[[Any], str]
) -> list[Event]:
    """The mergers and splits of a school, by day; uses two statements."""
    return _events(SchoolSuccession.objects.all(), school, in_sight, address_of)


def merged_into(events: list[Event]) -> Event | None:
    """The merger that ended it, if any."""
    return next((event for event in events if event.kind == "merged_into"), None)


def _events(
    rows: QuerySet,
    organisation: Organisation | School,
    in_sight: QuerySet,
    address_of: Callable[[Any], str],
) -> list[Event]:
    successions = list(
        rows.filter(Q(former=organisation.pk) | Q(successor=organisation.pk)).select_related(
            "former", "successor"
        )
    )
    others = [
        row.successor if row.former_id == organisation.pk else row.former for row in successions
    ]
    seen = set(in_sight.filter(pk__in=[other.pk for other in others]).values_list("pk", flat=True))
    return [
        Event(
            _kind(row.kind, is_former=row.former_id == organisation.pk),
            row.takes_effect_on,
            other.name,
            address_of(other) if other.pk in seen else "",
        )
        for row, other in zip(successions, others, strict=True)
    ]


def _kind(kind: str, *, is_former: bool) -> str:
    if kind == SuccessionKind.MERGER:
        return "merged_into" if is_former else "took_up"
    return "gave_off" if is_former else "came_from"
