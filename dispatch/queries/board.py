"""The board of the dispatch desk: a week by lecturer or by school."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from django.db.models import Exists, OuterRef

from config.lib.periods import at_local, local_date
from config.lib.weeks import DAYS, list_days, weeks_from
from courses.models import Session
from dispatch.enums import LOST_STATES, LetterStage
from dispatch.models import Engagement
from dispatch.querysets import EngagementQuerySet


class BoardBy(StrEnum):
    """Whose week a line of the board is."""

    LECTURER = "lecturer"
    SCHOOL = "school"


@dataclass(frozen=True)
class BoardItem:
    """A session of a class, or an engagement that is no session yet.

    `engagement` is missing for classes that were planned without a booking letter. Where the last
    lecturer declined or did not answer, it is theirs, and `lecturer` is empty.
    """

    starts_at: datetime
    ends_at: datetime
    course: str
    school: str
    lecturer: str
    engagement: Engagement | None
    training_class_id: int | None

    @property
    def needs_lecturer(self) -> bool:
        """Whether the desk has to find a lecturer."""
        return self.engagement is not None and not self.lecturer

    @property
    def is_lost(self) -> bool:
        """Whether the last lecturer declined or did not answer."""
        return self.engagement is not None and self.engagement.state in LOST_STATES


@dataclass
class BoardLine:
    """A lecturer or a school with the items of each day of the week from `monday` on."""

    monday: date
    label: str = ""
    days: list[list[BoardItem]] = field(default_factory=lambda: [[] for _ in range(DAYS)])

    @property
    def week(self) -> list[tuple[date, list[BoardItem]]]:
        """Each day with its items."""
        return list(zip(list_days(self.monday), self.days, strict=True))


def list_board(monday: date, by: BoardBy) -> list[BoardLine]:
    """The week from `monday` on; what needs a lecturer stands first. Four statements."""
    lines: Mapping[tuple[bool, str, int], BoardLine] = defaultdict(lambda: BoardLine(monday))
    for key, item in _items(monday, by):
        name = item.lecturer if by is BoardBy.LECTURER else item.school
        line = lines[bool(name), name, key]
        line.label = name
        line.days[(local_date(item.starts_at) - monday).days].append(item)
    for line in lines.values():
        for items in line.days:
            items.sort(key=lambda item: (not item.needs_lecturer, item.starts_at, item.course))
    return [lines[key] for key in sorted(lines)]


def _items(monday: date, by: BoardBy) -> Iterator[tuple[int, BoardItem]]:
    """The items of the week, each with the key of its line: namesakes have lines of their own."""
    begins, ends = at_local(monday, 0), at_local(weeks_from(monday, 1), 0)
    within = {"starts_at__gte": begins, "starts_at__lt": ends}
    booked = Engagement.objects.live().filter(**within)
    lost = _lost().filter(session=None, letter__stage=LetterStage.SCHEDULED, **within)
    rows = (booked | lost).select_related("letter__school", "course", "instructor", "session")
    for row in rows:
        has_lecturer = row.is_live and row.instructor is not None
        item = BoardItem(
            row.starts_at,
            row.ends_at,
            row.course.title,
            row.letter.school.name,
            row.instructor.name if has_lecturer else "",
            row,
            row.session.training_class_id if row.session else None,
        )
        lecturer_id = row.instructor_id if has_lecturer else None
        own = lecturer_id if by is BoardBy.LECTURER else row.letter.school_id
        yield own or 0, item
    live = Engagement.objects.live().filter(session__isnull=False)
    others = Session.objects.to_be_held().filter(**within).exclude(pk__in=live.values("session"))
    last = {row.session_id: row for row in _lost().filter(session__in=others)}
    for session in others.select_related("training_class__school", "course", "instructor"):
        school = session.training_class.school
        item = BoardItem(
            session.starts_at,
            session.ends_at,
            session.course.title,
            school.name,
            session.instructor.name if session.instructor else "",
            last.get(session.pk) if session.instructor is None else None,
            session.training_class_id,
        )
        own = session.instructor_id if by is BoardBy.LECTURER else school.pk
        yield own or 0, item


def _lost() -> EngagementQuerySet:
    """Engagements that were declined or not answered, and have no other in their place."""
    later = Engagement.objects.filter(
        letter=OuterRef("letter"), number=OuterRef("number"), pk__gt=OuterRef("pk")
    )
    rows = Engagement.objects.filter(~Exists(later), state__in=LOST_STATES)
    return rows.select_related("letter__school", "course", "instructor", "session")
