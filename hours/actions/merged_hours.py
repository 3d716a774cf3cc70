"""Move this year's hours when two rows of one member are merged.

The hours are reversed at the row given up, posted at the row that remains, and assessed together
with the current hours there.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from config.lib.hours import format_hours
from hours.actions.ledger import Posted, claim_moved, post_hours
from hours.enums import AssessmentCause
from hours.models import Assessment, CreditEntry
from trainees.actions.member_merges import Moved
from trainees.models import Member


def move_hours(*, kept: Member, given_up: Member, year: int, by: User, at: datetime) -> Moved:
    """Move the hours since `year` from the row given up to the row that remains."""
    held = CreditEntry.objects.filter(member=given_up).in_year(year).sum_hours()
    posted = _move(giver=given_up, taker=kept, owner=given_up, year=year, by=by, at=at)
    facts = {"hours": format_hours(posted.hours), "year": year}
    return Moved(
        _audit_facts(posted),
        [
            _("%(hours)s credit hours of %(year)s move to the row that is kept.") % facts,
            *_not_added(held - posted.hours),
        ],
    )


def move_hours_back(*, kept: Member, given_up: Member, year: int, by: User, at: datetime) -> Moved:
    """Return the hours of its own evidence to the row that was given up."""
    posted = _move(giver=kept, taker=given_up, owner=given_up, year=year, by=by, at=at)
    other = _("%(name)s (%(number)s)") % {"name": given_up.name, "number": given_up.number}
    facts = {"hours": format_hours(posted.hours), "other": other}
    return Moved(_audit_facts(posted), [_("%(hours)s credit hours go back to %(other)s.") % facts])


def _move(
    *, giver: Member, taker: Member, owner: Member, year: int, by: User, at: datetime
) -> Posted:
    """Move the hours of the owner's evidence since `year` from one row to the other."""
    evidence = Assessment.objects.filter(member=giver, credit_year__gte=year)
    days = sorted(set(evidence.values_list("occurred_on", flat=True)))
    if not days:
        return Posted.nothing()
    return post_hours(
        claims=claim_moved(),
        values={"giver": giver.pk, "taker": taker.pk, "owner": owner.pk, "year": year},
        members=sorted([giver.pk, taker.pk]),
        days=days,
        cause=AssessmentCause.MERGED,
        may_be_nothing=True,
        by=by,
        at=at,
    )


def _audit_facts(posted: Posted) -> dict[str, Any]:
    return {"entries": posted.entries, "hours": str(posted.hours)}


def _not_added(hours: Decimal) -> list[str]:
    """A sentence that says why not all hours of the row given up move."""
    if hours <= 0:
        return []
    text = _(
        "%(hours)s credit hours of the row given up are not added: study that both rows were at "
        "counts once, and the limits of a day and of a year hold for both together."
    )
    return [text % {"hours": format_hours(hours)}]
