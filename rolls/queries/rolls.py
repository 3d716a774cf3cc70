"""Sessions with the state of their rolls, and one roll as a page shows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.interests import own_rows
from accounts.models import User
from classes.enums import LeaveAnswer, RollStage, RollState
from classes.models import Enrolment, LeaveRequest, Roll
from config.lib.counting import count_rows
from config.lib.periods import local_date
from courses.models import Session
from hours.models import CreditEntry
from rolls.enums import ATTENDED, AttendanceStatus
from rolls.models import Attendance, RollReopening
from rolls.permissions import answers_reopenings, takes_rolls
from rolls.queries.deadlines import closes_at, deadline_columns, is_overdue
from schools.models import School
from schools.queries.open_years import is_open, say_settled
from trainees.models import Member


class RollDue(StrEnum):
    """The state of a session and its roll, in the order in which a clerk wants to see them."""

    TODAY = "today"
    DUE = "due"
    UPCOMING = "upcoming"
    SUBMITTED = "submitted"
    CALLED_OFF = "called_off"


def list_sessions(user: User, now: datetime) -> QuerySet:
    """Sessions that `user` may see or that a school of theirs joins, as a list shows them.

    Annotated with `due` (RollDue), `is_overdue`, `enrolled`, `marked`, `attended` counts,
    `may_take`, and `is_guest` if the school only joins.
    Today's and unfinished ones come first, then upcoming ones, then finished ones, newest first.
    """
    today = local_date(now)
    due = Case(
        When(called_off_at__isnull=False, then=Value(RollDue.CALLED_OFF.value)),
        When(roll__state=RollState.SUBMITTED, then=Value(RollDue.SUBMITTED.value)),
        When(held_on=today, then=Value(RollDue.TODAY.value)),
        When(ends_at__lte=now, then=Value(RollDue.DUE.value)),
        default=Value(RollDue.UPCOMING.value),
        output_field=CharField(),
    )
    rank = Case(
        *(When(due=value.value, then=Value(place)) for place, value in enumerate(RollDue)),
        output_field=IntegerField(),
    )
    # Finished sessions are sorted newest first; due and upcoming ones oldest first.
    done = [RollDue.SUBMITTED.value, RollDue.CALLED_OFF.value]
    oldest_first = Case(When(~Q(due__in=done), then=F("held_on")), default=None)
    return (
        Session.objects.listed_for(user, today)
        .select_related("training_class__school", "course", "venue", "roll")
        .annotate(
            due=due,
            is_overdue=Case(When(is_overdue(now), then=True), default=False),
            may_take=takes_rolls(user, today),
            is_guest=Case(When(_is_held_for(user, today), then=False), default=True),
            enrolled=count_rows(Enrolment.objects.of_outer_session()),
            marked=count_rows(Attendance.objects.current().filter(session=OuterRef("pk"))),
            attended=count_rows(
                Attendance.objects.filter(session=OuterRef("pk"), status__in=ATTENDED)
            ),
        )
        .annotate(rank=rank)
        .order_by("rank", oldest_first, "-held_on", "starts_at", "id")
    )


def _is_held_for(user: User, on: date) -> Q:
    """The condition that a session is of a school that `user` may see."""
    return Q(training_class__school__in=School.objects.visible_to(user, on))


def format_mark(status: str) -> str:
    """A mark in the user's language; "" is *not taken*."""
    return str(AttendanceStatus(status).label if status else _("not taken"))


def format_marks(marks: dict[str, str]) -> str:
    """Format marks stored in the audit trail by member id: in words, with member numbers."""
    numbers = dict(Member.objects.filter(pk__in=marks).values_list("pk", "number"))
    colon = pgettext("punctuation", ": ")
    return _("; ").join(
        f"{numbers.get(int(pk), pk)}{colon}{format_mark(mark)}" for pk, mark in marks.items()
    )


@dataclass(frozen=True)
class RollLine:
    """One trainee on the roll page. `has_leave`: a leave request was accepted in advance.

    `is_own`: the reader, who sets no mark of their own but absent.
    """

    member_id: int
    name: str
    number: str
    initials: str
    organisation: str
    pocket: int | None
    seat: int | None
    status: str
    attendance_id: int | None
    marked_at: datetime | None
    corrected: bool
    has_leave: bool
    is_own: bool

    @property
    def suggested(self) -> str:
        """The initial mark: accepted leave counts until a clerk marks otherwise."""
        return self.status or (AttendanceStatus.ON_LEAVE.value if self.has_leave else "")

    @property
    def status_label(self) -> str:
        return format_mark(self.status)


@dataclass(frozen=True)
class RollPage:
    """A session, its roll (None: not taken), its lines in roll order, and the hours posted.

    `closes_at`: when corrections end, if ever. `reopenings`: requests to reopen the roll, newest
    first. `may_answer`: whether the user may answer them. `settled`: why nothing changes any more
    on a roll of a settled year, else "".
    """

    session: Session
    may_take: bool
    roll: Roll | None
    lines: list[RollLine]
    posted: Decimal
    closes_at: datetime | None
    reopenings: list[RollReopening]
    may_answer: bool
    settled: str

    @property
    def stage(self) -> RollStage:
        return self.roll.stage if self.roll else RollStage.UNTAKEN

    @property
    def is_submitted(self) -> bool:
        return self.roll is not None and self.roll.state == RollState.SUBMITTED

    @property
    def is_closed(self) -> bool:
        return self.stage == RollStage.CLOSED

    @property
    def is_waiting(self) -> bool:
        """Whether a request to reopen the roll is pending."""
        return bool(self.reopenings) and not self.reopenings[0].answer

    @property
    def is_own(self) -> bool:
        """Whether the reader has a mark on this roll: somebody else takes it back or reopens it."""
        return any(line.is_own and line.attendance_id for line in self.lines)

    @property
    def expects_everyone(self) -> bool:
        return self.session.training_class.expects_everyone


def count_marks(statuses: Iterable[str], unmarked: str) -> list[tuple[str, str, int]]:
    """Value, label and count of each mark; first the trainees with no mark, as `unmarked`."""
    counted = Counter(statuses)
    marks = [(value, format_mark(value), counted[value]) for value in AttendanceStatus.values]
    return [("", unmarked, counted[""]), *marks]


def get_roll_page(user: User, session_id: int, on: date) -> RollPage:
    """A roll that `user` may see, in at most seven statements; of a past year in two more.

    Raises Session.DoesNotExist.
    """
    session = (
        Session.objects.visible_to(user, on)
        .annotate(may_take=takes_rolls(user, on), **deadline_columns())
        .select_related(
            "training_class__school", "course", "venue", "instructor", "roll__submitted_by"
        )
        .get(pk=session_id)
    )
    current = Attendance.objects.current().filter(session=session)
    marks = {mark.member_id: mark for mark in current}
    accepted = LeaveRequest.objects.current().filter(
        session=session, member=OuterRef("member"), answer=LeaveAnswer.ACCEPTED
    )
    roster = Enrolment.objects.of_session(session).for_roll()
    enrolments = roster.annotate(has_leave=Exists(accepted))
    own = own_rows(user) if session.may_take or answers_reopenings(user) else frozenset()
    lines = [_line(enrolment, marks.get(enrolment.member_id), own) for enrolment in enrolments]
    entries = CreditEntry.objects.filter(assessment__source__roll__session=session)
    roll = getattr(session, "roll", None)
    requests = roll.reopenings.select_related("asked_by", "answered_by") if roll else ()
    return RollPage(
        session=session,
        may_take=session.may_take,
        roll=roll,
        lines=lines,
        posted=entries.sum_hours(),
        closes_at=closes_at(session, roll) if roll else None,
        reopenings=list(requests),
        may_answer=answers_reopenings(user),
        settled="" if is_open(session.held_on.year, on) else say_settled(session.held_on.year),
    )


def _line(enrolment: Enrolment, mark: Attendance | None, own: frozenset[int]) -> RollLine:
    member = enrolment.member
    return RollLine(
        member_id=member.pk,
        name=member.name,
        number=member.number,
        initials=member.name_initials,
        organisation=enrolment.organisation.name,
        pocket=enrolment.phone_pocket,
        seat=enrolment.seat,
        status=mark.status if mark else "",
        attendance_id=mark.pk if mark else None,
        marked_at=mark.marked_at if mark else None,
        corrected=bool(mark and mark.version > 1),
        has_leave=enrolment.has_leave,  # type: ignore[attr-defined]
        is_own=member.pk in own,
    )


def read_waiting_rolls(home: Mapping[str, Any]) -> dict[str, Any] | None:
    """Home page context for marks waiting on the device; None for users who take no rolls."""
    return None if home["is_reader"] else {}
