"""Marks from devices that were not applied, for a clerk to review."""

from __future__ import annotations

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from classes.models import Enrolment
from config.lib.dates import format_moment
from courses.models import Session
from rolls.enums import MarkOutcome
from rolls.models import Attendance, MarkReceipt
from rolls.queries.rolls import format_mark


def list_untaken_marks(session: Session) -> QuerySet[MarkReceipt]:
    """The marks of a session that a clerk still has to review, oldest first.

    Only the last mark per member and sender; marks that the roll now agrees with and dismissed
    marks are left out. Each has `current_status`, `attendance_id` and `is_on_roster`.
    """
    mark = Attendance.objects.filter(session=session, member=OuterRef("member"))
    later = MarkReceipt.objects.filter(
        session=session,
        member=OuterRef("member"),
        received_from=OuterRef("received_from"),
        pk__gt=OuterRef("pk"),
    )
    roster = Enrolment.objects.of_session(session).filter(member=OuterRef("member"))
    return (
        session.mark_receipts.exclude(outcome=MarkOutcome.APPLIED)
        .filter(~Exists(later), dismissal=None)
        .annotate(
            current_status=Subquery(mark.values("status")),
            attendance_id=Subquery(mark.values("pk")),
            is_on_roster=Exists(roster),
        )
        .filter(Q(current_status=None) | ~Q(current_status=F("status")))
        .select_related("member", "received_from")
        .order_by("pk")
    )


def say_why_untaken(receipt: MarkReceipt) -> str:
    """Why a mark was not applied, in the user's language."""
    if receipt.outcome == MarkOutcome.REFUSED:
        return receipt.get_refusal_display()
    return _("%(by)s said %(theirs)s at %(at)s.") % {
        "by": receipt.stood_by,
        "theirs": format_mark(receipt.stood),
        "at": format_moment(receipt.stood_at) if receipt.stood_at else "",
    }
