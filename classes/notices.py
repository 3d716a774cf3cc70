"""What this app tells members: notices of their classes, and answers to requests for leave."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from django.conf import settings
from django.urls import reverse
from django.utils import translation
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
from classes.models.notices import LONGEST_NOTICE
from config.lib.dates import format_day
from config.lib.periods import local_date
from courses.models import Session, TrainingClass
from schools.queries.clerks import list_clerk_accounts

_CLASS_NOTICE, _LEAVE, _JOINT = "class_notice", "leave_answered", "joint_class"


def register_notices() -> None:
    """Register the kinds. A class may be moved or called off by a notice, so those are urgent."""
    register_notice(_CLASS_NOTICE, _describe_class_notice, is_urgent=True)
    register_notice(_LEAVE, _describe_leave)
    register_notice(_JOINT, _describe_joint_class, is_urgent=True)


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


def say_called_off(sessions: list[Session], reason: str) -> str:
    """The text of the notice about a cancellation, in the language of the installation."""
    with translation.override(settings.LANGUAGE_CODE):
        days = _(", ").join(
            _("session %(number)d (%(day)s)")
            % {"number": session.number, "day": format_day(session.held_on)}
            for session in sessions
        )
        text = _("Called off: %(sessions)s. %(reason)s") % {"sessions": days, "reason": reason}
    return text[:LONGEST_NOTICE]


def tell_joining_schools(
    training_class: TrainingClass, text: str, *, at: datetime, to: Collection[int] | None = None
) -> int:
    """Tell the clerks of the schools that join a class what became of it, in words.

    `to` names schools; without it, all that join. Without a text it says days and courses of the
    sessions. Returns how many were told.
    """
    joining = training_class.joining_schools.values_list("school", flat=True)
    clerks = User.objects.none()
    for school_id in joining if to is None else to:
        clerks |= list_clerk_accounts(school_id, local_date(at))
    sessions = training_class.sessions.to_be_held().select_related("course").order_by("starts_at")
    return write_notices(
        kind=_JOINT,
        to=clerks.distinct(),
        facts={
            "class": training_class.title,
            "school": training_class.school.name,
            "text": text,
            "days": sorted({session.held_on.isoformat() for session in sessions}),
            "courses": list(dict.fromkeys(session.course.title for session in sessions)),
        },
        address=reverse("classes:training_class", args=[training_class.pk]),
        once=f"{training_class.pk} {at.isoformat()}",
        at=at,
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


def _describe_joint_class(facts: Facts) -> NoticeText:
    title = _("Joint class %(name)s of %(school)s")
    words = {"name": facts["class"], "school": facts["school"]}
    days = [format_day(date.fromisoformat(day)) for day in facts.get("days", ())]
    about = [_("; ").join(part) for part in (days, facts.get("courses", ())) if part]
    text = facts["text"] or " · ".join([*about, _("Your school joins it: choose trainees.")])
    return NoticeText(title % words, text)


def _describe_leave(facts: Facts) -> NoticeText:
    if facts["answer"] == LeaveAnswer.ACCEPTED:
        title = _("You are on leave from %(session)s (%(day)s)")
    else:
        title = _("Leave from %(session)s (%(day)s) is refused")
    day = format_day(date.fromisoformat(facts["held_on"]))
    return NoticeText(title % {"session": facts["session"], "day": day}, facts["word"])
