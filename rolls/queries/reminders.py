"""Reminders of rolls, and whom to ask for one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from classes.enums import RollState
from config.lib.dates import format_day
from config.lib.periods import local_date
from courses.models import Session
from rolls.models import RollReminder
from schools.queries.clerks import list_clerks


def find_latest_reminder(sessions: QuerySet[Session]) -> RollReminder | None:
    """The newest reminder of any of these sessions."""
    rows = RollReminder.objects.filter(session__in=sessions.order_by().values("pk"))
    return rows.select_related("sent_by").first()


def say_reminder(reminder: RollReminder) -> str:
    """Who reminded, and when."""
    return _("%(name)s asked for it on %(day)s.") % {
        "name": reminder.sent_by,
        "day": format_day(reminder.sent_on),
    }


def with_reminders(sessions: Iterable[Session], now: datetime, *, with_clerks: bool) -> None:
    """Give each session its latest `reminder`, and `clerks`: names and telephone, if it is due."""
    due = [session for session in sessions if _is_due(session, now) and not _is_guest(session)]
    latest: dict[int, RollReminder] = {}
    for row in RollReminder.objects.filter(session__in=due).select_related("sent_by"):
        latest.setdefault(row.session_id, row)
    schools = {session.training_class.school_id for session in due}
    clerks = list_clerks(schools, local_date(now)) if with_clerks else {}
    for session in due:
        reminder = latest.get(session.pk)
        session.reminder = say_reminder(reminder) if reminder else ""  # type: ignore[attr-defined]
        session.reminded_on = reminder and reminder.sent_on  # type: ignore[attr-defined]
        if with_clerks:
            school = session.training_class.school_id
            session.clerks = clerks.get(school, [])  # type: ignore[attr-defined]
            session.is_to_chase = True  # type: ignore[attr-defined]


def list_remindable(sessions: Iterable[Session], now: datetime) -> list[int]:
    """The keys of the sessions whose roll is due, taken by others, and not asked for today."""
    today = local_date(now)
    return [
        session.pk
        for session in sessions
        if _is_due(session, now)
        and not _is_guest(session)
        and not session.may_take  # type: ignore[attr-defined]
        and session.reminded_on != today  # type: ignore[attr-defined]
    ]


def _is_guest(session: Session) -> bool:
    """Whether the reader's school only joins the class, so that its roll is not their concern."""
    return getattr(session, "is_guest", False)


def _is_due(session: Session, now: datetime) -> bool:
    """As `deadlines.is_due`, for a row that was read with its roll."""
    roll = getattr(session, "roll", None)
    is_open = roll is None or roll.state == RollState.DRAFT
    return session.ends_at <= now and not session.is_called_off and is_open
