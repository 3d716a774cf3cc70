"""Members of a class who are on the roster of another session at the same time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from courses.models import Session

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


def _list(
    training_class_id: int, *, members: list[int] | None = None, session: int | None = None
) -> list[Overlap]:
    values: dict[str, Any] = {"class": training_class_id, "members": members, "session": session}
    with connection.cursor() as cursor:
        cursor.execute(_OVERLAPS, values)
        return [Overlap(*row) for row in cursor.fetchall()]
