"""What this app tells members: notices of their classes, and answers to requests for leave."""

from __future__ import annotations

from datetime import date, datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from backstage.notices import (
    Facts,
    NoticeText,
    register_notice,
    withdraw_notices,
    write_notices,
)
from classes.enums import LeaveAnswer
from classes.models import ClassNotice, Enrolment, LeaveRequest
from config.lib.dates import format_day

_CLASS_NOTICE, _LEAVE = "class_notice", "leave_answered"


def register_notices() -> None:
    """Register the kinds. A class may be moved or called off by a notice, so those are urgent."""
    register_notice(_CLASS_NOTICE, _describe_class_notice, is_urgent=True)
    register_notice(_LEAVE, _describe_leave)


def tell_class(notice: ClassNotice) -> int:
    """Tell the members on the roster of a class what a notice says; return how many."""
    roster = Enrolment.objects.known_to(notice.training_class)
    return write_notices(
        kind=_CLASS_NOTICE,
        to=User.objects.filter(member__in=roster.values("member")),
        facts={"class": notice.training_class.title, "text": notice.text},
        address=reverse("classes:my_timetable"),
        once=str(notice.pk),
        at=notice.posted_at,
    )


def take_back(notice: ClassNotice, *, at: datetime) -> int:
    """A notice that is taken down is a message no longer."""
    return withdraw_notices(kind=_CLASS_NOTICE, once=str(notice.pk), at=at)


def tell_of_leave(leave: LeaveRequest, *, at: datetime) -> int:
    """Tell the member what was answered to their request."""
    return write_notices(
        kind=_LEAVE,
        to=[leave.member.user],
        facts={
            "session": str(leave.session),
            "held_on": leave.session.held_on.isoformat(),
            "answer": leave.answer,
            "word": leave.word,
        },
        address=f"{reverse('classes:my_timetable')}#session-{leave.session_id}",
        once=str(leave.pk),
        at=at,
    )


def _describe_class_notice(facts: Facts) -> NoticeText:
    return NoticeText(_("Notice of the class %(name)s") % {"name": facts["class"]}, facts["text"])


def _describe_leave(facts: Facts) -> NoticeText:
    if facts["answer"] == LeaveAnswer.ACCEPTED:
        title = _("You are on leave from %(session)s (%(day)s)")
    else:
        title = _("Leave from %(session)s (%(day)s) is refused")
    day = format_day(date.fromisoformat(facts["held_on"]))
    return NoticeText(title % {"session": facts["session"], "day": day}, facts["word"])
