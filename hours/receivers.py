"""Receivers for signals of lower apps."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.dispatch import receiver
from django.utils.translation import gettext as _

from accounts.models import User
from config.lib.hours import format_hours
from hours.actions.ledger import lock_evidence_tables
from hours.actions.merged_hours import move_hours, move_hours_back
from hours.models import CreditEntry
from trainees.actions.member_merges import Moved
from trainees.models import Member
from trainees.queries.duplicates import Cell, Compared
from trainees.signals import (
    member_leaving,
    members_compared,
    members_merged,
    members_merging,
    members_unmerged,
)


@receiver(members_merging, dispatch_uid="hours.hold_evidence")
def hold_evidence(**_kwargs: Any) -> None:
    """Every action on hours waits until the merge is done, because each begins with these locks."""
    lock_evidence_tables()


@receiver(members_merged, dispatch_uid="hours.move_hours_of_merged")
def move_hours_of_merged(
    kept: Member, given_up: Member, year: int, by: User, at: datetime, **_kwargs: Any
) -> Moved:
    """This year's hours move to the row that remains."""
    return move_hours(kept=kept, given_up=given_up, year=year, by=by, at=at)


@receiver(members_unmerged, dispatch_uid="hours.move_hours_of_unmerged")
def move_hours_of_unmerged(
    kept: Member, given_up: Member, year: int, by: User, at: datetime, **_kwargs: Any
) -> Moved:
    """The hours return to the row that has their evidence."""
    return move_hours_back(kept=kept, given_up=given_up, year=year, by=by, at=at)


@receiver(members_compared, dispatch_uid="hours.compare_hours")
def compare_hours(kept: Member, given_up: Member, on: date, **_kwargs: Any) -> list[Compared]:
    """The hours of both rows in the year of the day `on`."""
    hours_kept, hours_given_up = (
        Cell(format_hours(CreditEntry.objects.filter(member=row).in_year(on.year).sum_hours()))
        for row in (kept, given_up)
    )
    return [Compared(_("Credit hours in %(year)s") % {"year": on.year}, hours_kept, hours_given_up)]


@receiver(member_leaving, dispatch_uid="hours.tell_hours_after")
def tell_hours_after(member_id: int, on: date, **_kwargs: Any) -> list[str]:
    """Hours of days on which the member did not belong any more stay; they may be a mistake."""
    hours = CreditEntry.objects.filter(member=member_id, occurred_on__gte=on).sum_hours()
    if not hours:
        return []
    return [
        _("Mind: %(hours)s credit hours are of that day or later. They stay in the ledger.")
        % {"hours": format_hours(hours)}
    ]
