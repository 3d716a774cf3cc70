"""Members of a class who are on the roster of another session at the same time.

`list_clashes` asks before a member joins, the others afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Exists
from django.utils.translation import gettext as _

from classes.models import Enrolment
from config.lib.dates import format_clock, format_day
from config.lib.rows import select_rows
from courses.models import Session
from courses.querysets import SessionQuerySet

# The first overlapping session of each member.
_OVERLAPS = """
SELECT DISTINCT ON (member.name_pinyin, member.id) member.name, class.title, other.held_on
FROM classes_enrolment mine
JOIN trainees_member member ON member.id = mine.member_id
JOIN courses_session own
     ON own.training_class_id = mine.training_class_id AND mine.sessions @> own.number::int
    AND own.called_off_at IS NULL
JOIN classes_enrolment elsewhere
     ON elsewhere.member_id = mine.member_id
    AND elsewhere.training_class_id <> mine.training_class_id
JOIN courses_session other
     ON other.training_class_id = elsewhere.training_class_id
    AND elsewhere.sessions @> other.number::int AND other.called_off_at IS NULL
    AND other.starts_at < own.ends_at AND other.ends_at > own.starts_at
JOIN courses_trainingclass class ON class.id = other.training_class_id
WHERE mine.training_class_id = %(class)s
  AND (%(members)s::bigint[] IS NULL OR mine.member_id = ANY(%(members)s))
  AND (%(session)s::bigint IS NULL OR own.id = %(session)s)
ORDER BY member.name_pinyin, member.id, other.starts_at
"""


@dataclass(frozen=True)
class Overlap:
    """A member is in another class while a session of this one is held."""

    name: str
    title: str
    held_on: date


def list_overlaps(training_class_id: int, member_ids: Iterable[int]) -> list[Overlap]:
    """Those of the given members of a class who are expected elsewhere at the same time."""
    return _list(training_class_id, members=list(member_ids))


def list_overlaps_of_session(session: Session) -> list[Overlap]:
    """Members on the roster of a session who are expected elsewhere while it is held."""
    return _list(session.training_class_id, session=session.pk)


@dataclass(frozen=True)
class Clash:
    """A member is on the roster of `own` while `other`, a session of a class ahead, is held."""

    own: Session
    other: Session


def list_clashes(member_id: int, sessions: Iterable[Session], now: datetime) -> dict[int, Clash]:
    """The first clash of each class of these sessions, by class. One statement."""
    clashes: dict[int, Clash] = {}
    mine = list(_sessions_of(member_id, now))
    for other in sorted(sessions, key=lambda session: session.starts_at):
        for own in mine:
            is_at_once = own.starts_at < other.ends_at and own.ends_at > other.starts_at
            if is_at_once and own.training_class_id != other.training_class_id:
                clashes.setdefault(other.training_class_id, Clash(own, other))
    return clashes


def find_clash(member_id: int, training_class_id: int, now: datetime) -> Clash | None:
    """The first clash of a class with what the member is in, before the member joins it."""
    sessions = Session.objects.to_be_held().filter(training_class=training_class_id)
    ahead = sessions.filter(ends_at__gt=now)
    return list_clashes(member_id, ahead, now).get(training_class_id)


def say_clash(clash: Clash) -> str:
    """When the two are at once, in a sentence to the member."""
    return _("On %(day)s from %(start)s to %(end)s you are in “%(title)s”.") % {
        "day": format_day(clash.own.held_on),
        "start": format_clock(clash.own.starts_at),
        "end": format_clock(clash.own.ends_at),
        "title": clash.own.training_class.title,
    }


def _sessions_of(member_id: int, now: datetime) -> SessionQuerySet:
    """The sessions that the member is expected at from now on, the first ones first."""
    on_roster = Enrolment.objects.of_outer_session().filter(member=member_id)
    rows = Session.objects.to_be_held().filter(Exists(on_roster), ends_at__gt=now)
    return rows.select_related("training_class").order_by("starts_at", "pk")


def _list(
    training_class_id: int, *, members: list[int] | None = None, session: int | None = None
) -> list[Overlap]:
    values: dict[str, Any] = {"class": training_class_id, "members": members, "session": session}
    return select_rows(Overlap, _OVERLAPS, values)
