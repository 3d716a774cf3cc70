"""A member's own timetable: sessions they attend, places they wait for, leave they requested."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, Min, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from classes.models import (
    ClassMaterial,
    ClassNotice,
    Enrolment,
    LeaveRequest,
    WaitingListEntry,
)
from config.lib.calendars import Event
from config.lib.counting import count_rows
from config.lib.periods import local_date
from courses.models import Session, TrainingClass
from trainees.models import Member

# How long past sessions stay on the timetable.
DAYS_BACK = 30


@dataclass(frozen=True)
class TimetableRow:
    """A session of the member, their place in its class, and their request for leave, if any.

    `monitor` is the name of the class monitor, which only trainees see. `notices` are shown at the
    first upcoming session of the class. `materials` is the number of its materials.
    """

    session: Session
    enrolment: Enrolment
    monitor: str
    leave: LeaveRequest | None
    notices: list[ClassNotice]
    materials: int
    is_ahead: bool
    has_begun: bool

    @property
    def may_ask_leave(self) -> bool:
        return not self.has_begun and self.leave is None and not self.session.is_called_off

    @property
    def may_withdraw_leave(self) -> bool:
        return not self.has_begun and self.leave is not None


@dataclass(frozen=True)
class OwnClass:
    """A class that the member joined, or waits for at `position` (1: first in line).

    `may_leave` says whether the member may leave it themselves.
    """

    training_class: TrainingClass
    first_at: datetime
    position: int | None
    may_leave: bool


@dataclass(frozen=True)
class Timetable:
    """Upcoming sessions in order, recent sessions newest first, and waiting list places."""

    ahead: list[TimetableRow]
    past: list[TimetableRow]
    waiting: list[OwnClass]


def get_timetable(member: Member, now: datetime) -> Timetable:
    """The timetable of a member, in six statements for any number of classes and sessions."""
    rows = list(_list_rows(member, now))
    ahead = [row for row in rows if row.is_ahead]
    past = [row for row in rows if not row.is_ahead]
    return Timetable(ahead, past[::-1], _list_waiting(member, now))


def list_own_classes(member: Member, now: datetime) -> list[OwnClass]:
    """Classes that have not begun: first those joined by the member, then those they wait for."""
    on_roster = Enrolment.objects.lasting().filter(member=member).values("training_class")
    joined = _not_begun(now).filter(pk__in=on_roster)
    classes = [
        OwnClass(training_class, training_class.first_at, None, training_class.is_open)
        for training_class in joined
    ]
    return classes + _list_waiting(member, now)


def _not_begun(now: datetime) -> QuerySet[Any]:
    rows = TrainingClass.objects.select_related("school").annotate(
        first_at=Min("sessions__starts_at", filter=Q(sessions__called_off_at=None))
    )
    return rows.filter(first_at__gt=now).order_by("first_at", "pk")


def _list_waiting(member: Member, now: datetime) -> list[OwnClass]:
    """The member's waiting list places in classes with upcoming sessions."""
    before = WaitingListEntry.objects.filter(
        Q(since__lt=OuterRef("since")) | Q(since=OuterRef("since"), pk__lt=OuterRef("pk")),
        training_class=OuterRef("training_class"),
    )
    held = Q(training_class__sessions__called_off_at=None)
    entries = (
        WaitingListEntry.objects.filter(member=member)
        .select_related("training_class__school")
        .annotate(
            before=count_rows(before),
            first_at=Min("training_class__sessions__starts_at", filter=held),
        )
        .filter(
            Exists(
                Session.objects.to_be_held().filter(
                    training_class=OuterRef("training_class"), starts_at__gt=now
                )
            )
        )
        .order_by("first_at", "pk")
    )
    return [
        OwnClass(
            entry.training_class,
            entry.first_at,
            entry.before + 1,
            entry.training_class.is_open and entry.first_at > now,
        )
        for entry in entries
    ]


def _list_rows(member: Member, now: datetime) -> Iterator[TimetableRow]:
    """The member's recent and upcoming sessions, in chronological order."""
    enrolments = list(Enrolment.objects.filter(member=member, sessions__isempty=False))
    since = local_date(now) - timedelta(days=DAYS_BACK)
    materials = ClassMaterial.objects.filter(training_class=OuterRef("training_class"))
    sessions = (
        Session.objects.filter(
            training_class__in=[enrolment.training_class_id for enrolment in enrolments],
            held_on__gte=since,
        )
        .select_related("training_class__school", "course", "venue", "instructor", "roll")
        .annotate(materials=count_rows(materials))
        .order_by("starts_at", "pk")
    )
    mine = [(s, e) for s in sessions if (e := _enrolment_for(s, enrolments)) is not None]
    leaves = LeaveRequest.objects.current().filter(
        member=member, session__in=[session.pk for session, _e in mine]
    )
    by_session = {leave.session_id: leave for leave in leaves}
    classes = {session.training_class_id for session, _e in mine}
    monitors = dict(
        Enrolment.objects.lasting()
        .filter(training_class__in=classes, is_monitor=True)
        .values_list("training_class", "member__name")
    )
    notices: defaultdict[int, list[ClassNotice]] = defaultdict(list)
    for notice in ClassNotice.objects.filter(training_class__in=classes, taken_down_at=None):
        notices[notice.training_class_id].append(notice)
    for session, enrolment in mine:
        is_ahead = session.ends_at > now
        yield TimetableRow(
            session,
            enrolment,
            monitors.get(session.training_class_id, ""),
            by_session.get(session.pk),
            notices.pop(session.training_class_id, []) if is_ahead else [],
            session.materials,
            is_ahead=is_ahead,
            has_begun=session.starts_at <= now,
        )


def _enrolment_for(session: Session, enrolments: list[Enrolment]) -> Enrolment | None:
    """The enrolment that puts its member on the roster of this session."""
    for enrolment in enrolments:
        if (
            enrolment.training_class_id == session.training_class_id
            and session.number in enrolment.sessions
        ):
            return enrolment
    return None


def list_events(member: Member, now: datetime) -> list[Event]:
    """The member's sessions as calendar events; they name nobody else."""
    return [
        Event(
            uid=f"session-{row.session.pk}-{row.enrolment.pk}@xuetang",
            starts_at=row.session.starts_at,
            ends_at=row.session.ends_at,
            summary=row.session.training_class.title,
            location=locate(row.session),
            description=_describe(row),
            is_cancelled=row.session.is_called_off,
        )
        for row in _list_rows(member, now)
    ]


def locate(session: Session) -> str:
    """Where a session is held, with the postal address of its venue."""
    address = session.venue.address if session.venue else ""
    return f"{session.where} {address}".strip()


def _describe(row: TimetableRow) -> str:
    lines = [
        row.session.training_class.school.name,
        _("Session %(number)d: %(course)s")
        % {"number": row.session.number, "course": row.session.course.title},
    ]
    if row.session.is_called_off:
        lines.append(say_called_off(row.session))
    if row.enrolment.phone_pocket:
        lines.append(_("Phone pocket %(number)d") % {"number": row.enrolment.phone_pocket})
    if row.enrolment.seat:
        lines.append(_("Seat %(number)d") % {"number": row.enrolment.seat})
    if row.leave is not None:
        lines.append(_("Leave: %(state)s") % {"state": row.leave.state.label})
    return "\n".join(lines)


def say_called_off(session: Session) -> str:
    """That a session is called off, and why."""
    return _("Called off: %(reason)s") % {"reason": session.called_off_because}
