"""Receivers for signals of lower apps."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.dispatch import receiver
from django.utils.translation import gettext as _

from accounts.models import User
from config.lib.hours import format_hours
from hours.actions.ledger import lock_evidence_tables
from hours.actions.merged_facts import part_facts, unite_facts
from hours.actions.merged_hours import move_hours, move_hours_back
from hours.enums import CreditCategory
from hours.models import CreditEntry
from hours.queries.debts import find_debt, say_debts
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
    """Hours and dated facts of open years move to the row that remains, whose debt they change."""
    record = unite_facts(kept=kept, given_up=given_up, first=date(year, 1, 1), at=at)
    moved = move_hours(kept=kept, given_up=given_up, year=year, by=by, at=at)
    return replace(moved, record=record, sentences=[*moved.sentences, *say_debts(kept, year, at)])


@receiver(members_unmerged, dispatch_uid="hours.move_hours_of_unmerged")
def move_hours_of_unmerged(
    *,
    kept: Member,
    given_up: Member,
    year: int,
    moved: dict[str, Any],
    by: User,
    at: datetime,
    **_kwargs: Any,
) -> Moved:
    """Each row has its own facts of every day again, and the hours of its evidence."""
    part_facts(kept=kept, given_up=given_up, first=date(year, 1, 1), record=moved, at=at)
    back = move_hours_back(kept=kept, given_up=given_up, year=year, by=by, at=at)
    debts = [*say_debts(kept, year, at), *say_debts(given_up, year, at)]
    return replace(back, sentences=[*back.sentences, *debts])


@receiver(members_compared, dispatch_uid="hours.compare_hours")
def compare_hours(kept: Member, given_up: Member, on: date, **_kwargs: Any) -> list[Compared]:
    """The hours of both rows in the year of the day `on`: done, concentrated, and owed."""
    entries = [CreditEntry.objects.filter(member=row).in_year(on.year) for row in (kept, given_up)]
    done = [Cell(format_hours(of_row.sum_hours())) for of_row in entries]
    concentrated = [
        Cell(format_hours(of_row.filter(category=CreditCategory.CONCENTRATED).sum_hours()))
        for of_row in entries
    ]
    owed = [
        Cell("–" if debt is None else format_hours(debt.owed))
        for debt in (find_debt(row.pk, on.year, on) for row in (kept, given_up))
    ]
    facts = {"year": on.year}
    return [
        Compared(_("Credit hours in %(year)s") % facts, done[0], done[1]),
        Compared(_("Of these, concentrated training"), concentrated[0], concentrated[1]),
        Compared(_("Credit hours owed in %(year)s") % facts, owed[0], owed[1]),
    ]


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
