"""The days on which a lecturer can teach, entered by the lecturer or the academic officer."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Model
from django.utils.translation import gettext as _

from accounts.audit import record_act
from accounts.origin import Actor
from accounts.records import message_for
from config.lib.dated_rows import end_at, from_day_on
from config.lib.periods import last_day, local_date, period
from instructors.enums import DayPart, LeaveKind
from instructors.errors import AvailabilityError
from instructors.models import AvailabilityException, Instructor, LecturerLeave, WeeklySlot

type Slot = tuple[int, str]  # weekday from 1, part of the day


def set_weekly_slots(
    *, instructor_id: int, slots: Collection[Slot], on: date, by: Actor, at: datetime
) -> Instructor:
    """From the day `on`, today or later, the week of a lecturer is this; without slots it is open.

    Rows ahead of `on` give way. Raises AvailabilityError.
    """
    with transaction.atomic():
        lecturer = _lock(instructor_id, by, at)
        _refuse_past(on, at, "on")
        rows = list(lecturer.weekly_slots.filter(from_day_on(on)))
        before = _describe(rows)
        end_at(rows, on)
        made = [
            WeeklySlot(instructor=lecturer, weekday=weekday, part=part, period=period(on))
            for weekday, part in sorted(set(slots))
        ]
        WeeklySlot.objects.bulk_create(made)
        record_act(
            act="set_weekly_slots",
            obj=lecturer,
            by=by,
            at=at,
            before={"weekly_slots": before},
            after={"weekly_slots": _describe(made), "on": on},
        )
    return lecturer


def add_lecturer_leave(
    *, instructor_id: int, kind: LeaveKind, days: DateRange, by: Actor, at: datetime
) -> LecturerLeave:
    """Record days on which a lecturer does not teach. Raises AvailabilityError."""
    with transaction.atomic():
        lecturer = _lock(instructor_id, by, at)
        if days.upper is None:
            raise AvailabilityError(_("Leave has a last day."), "last_day")
        _refuse_past(days.lower, at, "first_day")
        leave = LecturerLeave(instructor=lecturer, kind=kind, period=days)
        _insert(leave, "first_day")
        record_act(
            act="add_lecturer_leave",
            obj=lecturer,
            by=by,
            at=at,
            after={"kind": kind, "period": days},
        )
    return leave


def end_lecturer_leave(*, leave_id: int, by: Actor, at: datetime) -> None:
    """Take leave back from today on; what is past stays. Raises AvailabilityError."""
    with transaction.atomic():
        rows = LecturerLeave.objects.select_related("instructor").select_for_update(of=("self",))
        leave = rows.filter(pk=leave_id).first()
        if leave is None:
            raise AvailabilityError(_("This was taken back already."))
        lecturer = _lock(leave.instructor_id, by, at)
        facts = {"kind": leave.kind, "period": leave.period}
        last = last_day(leave.period)
        if last is not None and last < local_date(at):
            raise AvailabilityError(_("This leave is over."))
        end_at([leave], local_date(at))
        record_act(act="end_lecturer_leave", obj=lecturer, by=by, at=at, before=facts)


def add_availability_exception(
    *, instructor_id: int, day: date, part: DayPart, is_free: bool, by: Actor, at: datetime
) -> AvailabilityException:
    """Say of a part of one day whether the lecturer can teach. Raises AvailabilityError."""
    with transaction.atomic():
        lecturer = _lock(instructor_id, by, at)
        _refuse_past(day, at, "day")
        said = AvailabilityException(instructor=lecturer, day=day, part=part, is_free=is_free)
        _insert(said, "day")
        facts = {"day": day, "part": part, "is_free": is_free}
        record_act(act="add_availability_exception", obj=lecturer, by=by, at=at, after=facts)
    return said


def remove_availability_exception(*, exception_id: int, by: Actor, at: datetime) -> None:
    """Take back what was said of a part of a day that is to come. Raises AvailabilityError."""
    with transaction.atomic():
        said = AvailabilityException.objects.filter(pk=exception_id).first()
        if said is None:
            raise AvailabilityError(_("This was taken back already."))
        lecturer = _lock(said.instructor_id, by, at)
        _refuse_past(said.day, at, "day")
        facts = {"day": said.day, "part": said.part, "is_free": said.is_free}
        record_act(act="remove_availability_exception", obj=lecturer, by=by, at=at, before=facts)
        said.delete()


def _lock(instructor_id: int, by: Actor, at: datetime) -> Instructor:
    """The lecturer, locked, if the actor enters their days."""
    if by.user is None:
        raise AvailabilityError(_("The days of lecturers are entered by a person."))
    kept = Instructor.objects.kept_by(by.user, local_date(at))
    lecturer = kept.select_for_update(of=("self",), no_key=True).filter(pk=instructor_id).first()
    if lecturer is None:
        raise AvailabilityError(_("You may not enter the days of this lecturer."))
    return lecturer


def _refuse_past(day: date, at: datetime, field: str) -> None:
    if day < local_date(at):
        raise AvailabilityError(_("This day is past: enter today or a later one."), field)


def _insert(row: Model, field: str) -> None:
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise AvailabilityError(message_for(error, type(row)), field) from error


def _describe(slots: Collection[WeeklySlot]) -> list[str]:
    """Slots as facts of the trail: 1-morning."""
    return sorted({f"{slot.weekday}-{slot.part}" for slot in slots})
