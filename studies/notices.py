"""What this app tells those who recorded a study or declared hours: what came of the review."""

from __future__ import annotations

from datetime import date, datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from backstage.notices import Facts, NoticeText, register_notice, write_notices
from config.lib.dates import format_day
from studies.enums import StudyState
from studies.models import Study

_REVIEWED = "study_reviewed"


def register_notices() -> None:
    """Register the kind."""
    register_notice(_REVIEWED, _describe)


def tell_of_review(study: Study, reason: str, *, at: datetime) -> int:
    """Tell the recorder that it was returned, approved or withdrawn; a step between is no news."""
    if study.state == StudyState.CHECKED:
        return 0
    return write_notices(
        kind=_REVIEWED,
        to=[study.recorded_by],
        facts={
            "topic": study.topic,
            "held_on": study.held_on.isoformat(),
            "state": study.state,
            "reason": reason,
        },
        address=reverse("studies:study", args=[study.pk]),
        once=f"{study.pk} {study.version}",
        at=at,
    )


def _describe(facts: Facts) -> NoticeText:
    title = {
        StudyState.DRAFT: _("%(topic)s (%(day)s) is returned to you"),
        StudyState.APPROVED: _("%(topic)s (%(day)s) is approved"),
        StudyState.WITHDRAWN: _("%(topic)s (%(day)s) is taken back, with its hours"),
    }[StudyState(facts["state"])]
    day = format_day(date.fromisoformat(facts["held_on"]))
    return NoticeText(title % {"topic": facts["topic"], "day": day}, facts["reason"])
