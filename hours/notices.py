"""What this app tells members: what was answered to a dispute of theirs."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext as _

from backstage.notices import Facts, NoticeText, register_notice, write_notices
from config.lib.dates import format_day
from config.lib.pages import address_of
from hours.enums import DisputeStep, DisputeVerdict
from hours.models import DisputeEntry

_DISPUTE = "dispute_answered"


def register_notices() -> None:
    """Register the kind."""
    register_notice(_DISPUTE, _describe)


def tell_of_answer(entry: DisputeEntry, *, at: datetime) -> int:
    """Tell the member what the school answered, or the department decided.

    The explanation is read on the page of the dispute.
    """
    dispute = entry.dispute
    return write_notices(
        kind=_DISPUTE,
        to=[dispute.member.user],
        facts={
            "occurred_on": dispute.occurred_on.isoformat(),
            "step": entry.step,
            "verdict": entry.verdict,
        },
        address=address_of("dispute", dispute.pk),
        once=f"{dispute.pk} {entry.step}",
        at=at,
    )


def _describe(facts: Facts) -> NoticeText:
    title = {
        DisputeStep.ANSWERED: _("Your dispute about %(day)s was answered: %(verdict)s"),
        DisputeStep.DECIDED: _("Your appeal about %(day)s was decided: %(verdict)s"),
    }[DisputeStep(facts["step"])]
    words = {
        "day": format_day(date.fromisoformat(facts["occurred_on"])),
        "verdict": DisputeVerdict(facts["verdict"]).label,
    }
    return NoticeText(title % words)
