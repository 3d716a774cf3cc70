"""The board of the dispatch desk: a week by lecturer or by school."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy, pgettext

from config.lib.periods import at_local, local_date
from config.lib.weeks import DAYS, list_days, weeks_from
from courses.models import Session
from dispatch.enums import LIVE_STATES, LOST_STATES, EngagementState, LetterStage
from dispatch.models import Engagement
from dispatch.queries.letters import token_of_session
from dispatch.querysets import EngagementQuerySet


class BoardBy(StrEnum):
    """Whose week a line of the board is."""

    LECTURER = "lecturer"
    SCHOOL = "school"


class BoardState(StrEnum):
    """How far the dispatch of a session is."""

    NEEDS = "needs"
    DRAFT = "draft"
    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    CLASS = "class"


BOARD_STATES = {
    BoardState.NEEDS: gettext_lazy("without a lecturer"),
    BoardState.DRAFT: gettext_lazy("in the draft of the plan"),
    BoardState.PROPOSED: gettext_lazy("waits for the lecturer"),
    BoardState.ACCEPTED: gettext_lazy("the lecturer accepted"),
    BoardState.CLASS: gettext_lazy("class without a booking letter"),
}


@dataclass(frozen=True)
class BoardFilter:
    """What of a week is shown: of a school, a corps and a state, by their keys; empty shows all.

    What needs a lecturer shows for each corps.
    """

    school: str = ""
    corps: str = ""
    state: str = ""

    def takes(self, item: BoardItem) -> bool:
        """Whether an item is shown."""
        return (
            self.school in {"", str(item.school_id)}
            and self.state in {"", item.board_state}
            and (self.corps in {"", item.corps} or item.needs_lecturer)
        )


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
    school_id: int
    lecturer: str
    corps: str
    engagement: Engagement | None
    training_class_id: int | None

    @property
    def board_state(self) -> BoardState:
        """How far its dispatch is."""
        if self.engagement is None:
            return BoardState.CLASS
        if self.needs_lecturer:
            return BoardState.NEEDS
        return BoardState(self.engagement.state)

    @property
    def word(self) -> str:
        """Its state in a short word; none for a class without a booking letter."""
        if self.engagement is None:
            return ""
        return {
            EngagementState.DRAFT: pgettext("of an engagement", "draft"),
            EngagementState.PROPOSED: pgettext("of an engagement", "waits"),
            EngagementState.ACCEPTED: pgettext("of an engagement", "accepted"),
            EngagementState.DECLINED: pgettext("of an engagement", "declined"),
            EngagementState.LAPSED: pgettext("of an engagement", "no answer"),
            EngagementState.WITHDRAWN: pgettext("of an engagement", "withdrawn"),
        }[EngagementState(self.engagement.state)]

    @property
    def value(self) -> str:
        """The key by which the form of the board names the session, with what stands for it."""
        if self.engagement is None:
            return ""
        row = self.engagement
        return f"{row.letter_id}:{row.number}:{token_of_session(row)}"

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
    lecturer_id: int = 0
    days: list[list[BoardItem]] = field(default_factory=lambda: [[] for _ in range(DAYS)])

    @property
    def week(self) -> list[tuple[date, list[BoardItem]]]:
        """Each day with its items."""
        return list(zip(list_days(self.monday), self.days, strict=True))


def list_board(monday: date, by: BoardBy, shown: BoardFilter | None = None) -> list[BoardLine]:
    """The week from `monday` on; what needs a lecturer stands first. Four statements."""
    shown = shown or BoardFilter()
    lines: Mapping[tuple[bool, str, int], BoardLine] = defaultdict(lambda: BoardLine(monday))
    for key, item in _items(monday, by):
        if not shown.takes(item):
            continue
        name = item.lecturer if by is BoardBy.LECTURER else item.school
        line = lines[bool(name), name, key]
        line.label = name
        line.lecturer_id = key if by is BoardBy.LECTURER else 0
        line.days[(local_date(item.starts_at) - monday).days].append(item)
    for line in lines.values():
        for items in line.days:
            items.sort(key=lambda item: (not item.needs_lecturer, item.starts_at, item.course))
    return [lines[key] for key in sorted(lines)]


def list_open_items(lines: Sequence[BoardLine], now: datetime) -> list[BoardItem]:
    """What may be given a lecturer, or another one; what has none comes first, each by time."""
    items = [item for line in lines for day in line.days for item in day]
    found = [item for item in items if item.engagement is not None and item.starts_at > now]
    return sorted(found, key=lambda item: (not item.needs_lecturer, item.starts_at, item.school))


def _items(monday: date, by: BoardBy) -> Iterator[tuple[int, BoardItem]]:
    """The items of the week, each with the key of its line: namesakes have lines of their own."""
    begins, ends = at_local(monday, 0), at_local(weeks_from(monday, 1), 0)
    within = {"starts_at__gte": begins, "starts_at__lt": ends}
    booked = Engagement.objects.live().filter(**within)
    lost = _ended().filter(
        state__in=LOST_STATES, session=None, letter__stage=LetterStage.SCHEDULED, **within
    )
    rows = (booked | lost).select_related("letter__school", "course", "instructor", "session")
    for row in rows:
        lecturer = row.instructor if row.is_live else None
        item = BoardItem(
            row.starts_at,
            row.ends_at,
            row.course.title,
            row.letter.school.name,
            row.letter.school_id,
            lecturer.name if lecturer else "",
            lecturer.corps if lecturer else "",
            row,
            row.session.training_class_id if row.session else None,
        )
        own = lecturer and lecturer.pk if by is BoardBy.LECTURER else row.letter.school_id
        yield own or 0, item
    live = Engagement.objects.live().filter(session__isnull=False)
    others = Session.objects.to_be_held().filter(**within).exclude(pk__in=live.values("session"))
    last = {row.session_id: row for row in _ended().filter(session__in=others)}
    for session in others.select_related("training_class__school", "course", "instructor"):
        school, lecturer = session.training_class.school, session.instructor
        item = BoardItem(
            session.starts_at,
            session.ends_at,
            session.course.title,
            school.name,
            school.pk,
            lecturer.name if lecturer else "",
            lecturer.corps if lecturer else "",
            last.get(session.pk) if lecturer is None else None,
            session.training_class_id,
        )
        own = session.instructor_id if by is BoardBy.LECTURER else school.pk
        yield own or 0, item


def _ended() -> EngagementQuerySet:
    """Engagements that ended without being taught, and have no other in their place."""
    later = Engagement.objects.filter(
        letter=OuterRef("letter"), number=OuterRef("number"), pk__gt=OuterRef("pk")
    )
    rows = Engagement.objects.filter(~Exists(later)).exclude(state__in=LIVE_STATES)
    return rows.select_related("letter__school", "course", "instructor", "session")
