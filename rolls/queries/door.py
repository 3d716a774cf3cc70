"""The door of a session: its opening times, who has come, and search by name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from unicodedata import normalize

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Value, Window
from django.db.models.functions import Coalesce

from classes.enums import LeaveAnswer, RollState
from classes.models import Enrolment, LeaveRequest, WaitingListEntry
from config.lib.periods import in_force
from courses.models import Session
from rolls.codes import ReadCode, find_typed
from rolls.enums import ATTENDED, AttendanceStatus
from rolls.models import Attendance, DoorRule, MemberCard
from trainees.models import Member
from trainees.queries.people import TAIL

LAST_SHOWN = 5
FOUND_SHOWN = 12
LONGEST_LOOKED_FOR = 200


@dataclass(frozen=True)
class DoorTimes:
    """When the door of a session opens and closes, and from when on people are late."""

    opens_at: datetime
    late_from: datetime
    closes_at: datetime

    def is_open(self, at: datetime) -> bool:
        return self.opens_at <= at < self.closes_at

    def status_at(self, at: datetime) -> AttendanceStatus:
        return AttendanceStatus.PRESENT if at < self.late_from else AttendanceStatus.LATE


@dataclass(frozen=True)
class Board:
    """Arrivals through all lanes of a session: how many of how many, and the latest ones."""

    arrived: int
    expected: int
    last: list[Attendance]


def find_door_times(session: Session) -> DoorTimes | None:
    """The door times by the rule of the session's day; None without a rule or if called off."""
    rule = _find_rule(session.held_on)
    return _times_by(rule, session) if rule and not session.is_called_off else None


def _find_rule(on: date) -> DoorRule | None:
    return DoorRule.objects.filter(in_force(on)).first()


def _times_by(rule: DoorRule, session: Session) -> DoorTimes:
    closes_at = session.starts_at + timedelta(minutes=rule.closes_after)
    return DoorTimes(
        opens_at=session.starts_at - timedelta(minutes=rule.opens_before),
        late_from=session.starts_at + timedelta(minutes=rule.present_until),
        closes_at=min(closes_at, session.ends_at),
    )


def list_at_door(session: Session) -> QuerySet:
    """The roster of a session in order; `has_leave` tells that leave is accepted and current."""
    accepted = LeaveRequest.objects.current().filter(
        session=session, member=OuterRef("member"), answer=LeaveAnswer.ACCEPTED
    )
    roster = Enrolment.objects.of_session(session).for_roll()
    return roster.annotate(has_leave=Exists(accepted))


def find_open_elsewhere(session: Session, member_id: int, at: datetime) -> Session | None:
    """Another session of this school on that day with an open door and the member on its roster.

    A session with a submitted roll does not count.
    """
    here = Enrolment.objects.of_outer_session().filter(_is(member_id))
    others = (
        Session.objects.to_be_held()
        .filter(
            Exists(here),
            training_class__school=session.training_class.school_id,
            held_on=session.held_on,
        )
        .exclude(pk=session.pk)
        .exclude(roll__state=RollState.SUBMITTED)
        .select_related("training_class", "venue")
    )
    rule = _find_rule(session.held_on)
    is_open = (other for other in others if rule and _times_by(rule, other).is_open(at))
    return next(is_open, None)


def find_waiting_place(session: Session, member_id: int) -> int | None:
    """The position of a member on the waiting list of the session's class, from 1."""
    waiting = WaitingListEntry.objects.filter(training_class=session.training_class_id)
    people = waiting.values_list("member", "member__merged_into")
    places = (place for place, of in enumerate(people, start=1) if member_id in of)
    return next(places, None)


def find_at_door(session: Session, member_id: int) -> Enrolment | None:
    """The enrolment of a member, or of a row merged into the member, for a session."""
    return list_at_door(session).filter(_is(member_id)).first()


def find_typed_code(session: Session, code: str, at: datetime) -> ReadCode | None:
    """Whose typed code this is among the people on the roster, under any of their rows."""
    rows = Enrolment.objects.of_session(session).values_list("member", "member__merged_into")
    people = {key for row in rows for key in row if key is not None}
    of_them = Q(member__in=people) | Q(member__merged_into__in=people)
    cards = MemberCard.objects.filter(of_them).values_list("code_fingerprint", "member")
    return find_typed(code, at, people, dict(cards))


def search_roster(session: Session, text: str) -> list[Enrolment]:
    """Search the roster by name, initials, pocket number or the end of the member number.

    TAIL or more digits are the end of a member number; fewer digits are a pocket number. Returns
    the first FOUND_SHOWN matches, each with `total`, the number of all matches. A text longer than
    LONGEST_LOOKED_FOR, for example a code of another system, matches nobody.
    """
    text = text.strip()
    if not 0 < len(text) <= LONGEST_LOOKED_FOR:
        return []
    plain = normalize("NFKC", text)
    if not (plain.isascii() and plain.isdecimal()):
        meant = Q(member__in=Member.objects.named_like(text))
    elif len(plain) >= TAIL:
        meant = Q(member__number__endswith=plain)
    else:
        meant = Q(phone_pocket=int(plain))
    enrolments = list_at_door(session).filter(meant).annotate(total=Window(Count("pk")))
    return list(enrolments[:FOUND_SHOWN])


def get_board(session: Session) -> Board:
    """Count arrivals with two statements, independent of the number of lanes."""
    marks = Attendance.objects.current().filter(session=session)
    mine = marks.filter(member=OuterRef("member")).values("status")
    away = Q(mark=AttendanceStatus.ON_LEAVE) | Q(mark="", has_leave=True)
    mark = Coalesce(Subquery(mine), Value(""))
    roster = list_at_door(session).annotate(mark=mark).order_by()
    counted = roster.aggregate(
        arrived=Count("pk", filter=Q(mark__in=ATTENDED)), expected=Count("pk", filter=~away)
    )
    last = marks.filter(status__in=ATTENDED).select_related("member")
    newest = last.order_by("-marked_at", "-pk")[:LAST_SHOWN]
    return Board(counted["arrived"], counted["expected"], list(newest))


def _is(member_id: int) -> Q:
    """Rows of one person: the member's own, and those of members merged into it."""
    return Q(member=member_id) | Q(member__merged_into=member_id)
