"""Save sessions, classes, venues and courses.

A session's date follows from its start; data that a roll depends on is protected.
"""

from collections.abc import Mapping
from datetime import date, datetime
from functools import partial
from typing import Any, NoReturn

from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.audit import record_act
from accounts.origin import Actor
from accounts.records import CHANGE, RecordError, lock_row, save_record
from config.lib.dates import format_clock, format_day, format_moment
from config.lib.hours import STEP, format_hours
from config.lib.periods import local_date
from courses.enums import MODES_AT_VENUES, EquipmentKind
from courses.models import (
    MOST_HOURS,
    WITHIN_A_DAY,
    Course,
    Equipment,
    Session,
    TrainingClass,
    Venue,
)
from courses.signals import class_planned, places_changed, session_changing, session_saved
from courses.usual_hours import find_usual_hours
from schools.models import School
from schools.queries.open_years import refuse_settled

# Columns that attendance and credit hours were recorded under.
FIXED_BY_ROLL = (
    "training_class_id",
    "number",
    "course_id",
    "venue_id",
    "place",
    "starts_at",
    "ends_at",
    "held_on",
    "hours",
)


_TAKEN = {
    "venue": gettext_lazy(
        "This venue is taken by “%(title)s” of %(school)s, %(day)s, %(from)s to %(to)s."
    ),
    "instructor": gettext_lazy(
        "This lecturer teaches “%(title)s” at %(school)s, %(day)s, %(from)s to %(to)s."
    ),
}
_TAKEN_ELSEWHERE = {
    "venue": gettext_lazy("Another school uses this venue, %(day)s, %(from)s to %(to)s."),
    "instructor": gettext_lazy(
        "This lecturer teaches at another school, %(day)s, %(from)s to %(to)s."
    ),
}


def save_session(*, obj: Session, by: Actor, at: datetime, **kwargs: Any) -> bool:
    """Save a session; its date is that of its start in Asia/Shanghai. Raises RecordError.

    Higher apps object through `session_changing` once a roll exists, move their rows along through
    `session_saved`, and give places to waiting members through `places_changed` if another venue
    makes some.
    """
    obj.held_on = local_date(obj.starts_at)
    with transaction.atomic():
        # Before the others, as `plan_class` does; it is not retired meanwhile.
        course = lock_row(obj.course, no_key=True)
        school, venue, training_class = lock_around(obj)
        # Locked against new references as well, so that no roll begins meanwhile.
        stored = None if obj._state.adding else lock_row(obj)
        if stored and stored.is_called_off:
            raise RecordError(_("This session was called off, so it stays as it is."))
        if _differs(stored, obj, "venue_id", "place"):
            _require_place(training_class, venue, obj.place)
        if _differs(stored, obj, "starts_at", "ends_at", "hours", "hours_reason"):
            _require_hours(obj)
        if _differs(stored, obj, "starts_at"):
            _require_year(obj.held_on, at)
        if obj.held_on not in school.period:
            raise RecordError(_("The school does not exist on this day."), field="starts_at")
        if _differs(stored, obj, "course_id", "held_on") and obj.held_on not in course.period:
            raise RecordError(_("This course is not offered on this day."), field="course")
        if venue and obj.held_on not in venue.period:
            raise RecordError(_("This venue is not open on this day."), field="venue")
        if _differs(stored, obj, "training_class_id", "number", "starts_at", "ends_at"):
            _require_order(obj)
        _refuse_double_booking(obj)
        if stored and _differs(stored, obj, *FIXED_BY_ROLL):
            refuse_settled(stored.held_on, at, RecordError)
            changed = {name for name in FIXED_BY_ROLL if _differs(stored, obj, name)}
            session_changing.send(Session, session=stored, changed=changed, by=by)
        saved = save_record(obj=obj, by=by, computed=["held_on"], **kwargs)
        if saved:
            session_saved.send(Session, session=obj, stored=stored, by=by, at=at)
        if _differs(stored, obj, "venue_id"):
            require_room(training_class.capacity, venue, "venue")
            places_changed.send(Session, training_class=training_class, by=by, at=at, field="venue")
    return saved


def add_session(*, obj: Session, by: Actor, at: datetime, **kwargs: Any) -> bool:
    """Save one more session of a class that is planned already. Raises like `save_session`."""
    with transaction.atomic():
        saved = save_session(obj=obj, by=by, at=at, **kwargs)
        class_planned.send(TrainingClass, training_class=obj.training_class, by=by, at=at)
    return saved


def lock_around(session: Session) -> tuple[School, Venue | None, TrainingClass]:
    """The school, venue and class of a session, locked in the same order by every action on it.

    None of them closes meanwhile: an action that closes one locks it first.
    """
    school = lock_row(session.training_class.school, no_key=True)
    venue = lock_row(session.venue, no_key=True) if session.venue else None
    return school, venue, lock_row(session.training_class, no_key=True)


def save_class(*, obj: TrainingClass, by: Actor, at: datetime, **kwargs: Any) -> bool:
    """Save a class. Raises RecordError if its sessions do not fit it.

    If its capacity changes, `places_changed` gives places to waiting members.
    """
    with transaction.atomic():
        stored = None if obj._state.adding else lock_row(obj, no_key=True)
        if stored:
            _require_fit(stored, obj, at)
            if obj.joining_schools.filter(school=obj.school_id).exists():
                text = _("This school joins the class: take it off there first.")
                raise RecordError(text, field="school")
        saved = save_record(obj=obj, by=by, **kwargs)
        if stored and stored.capacity != obj.capacity:
            places_changed.send(TrainingClass, training_class=obj, by=by, at=at, field="capacity")
    return saved


def save_venue(
    *, obj: Venue, equipment: Mapping[str, int], by: Actor, at: datetime, **kwargs: Any
) -> bool:
    """Save a venue and its `equipment` (count by kind). Raises RecordError.

    It stays open while sessions are planned there. If its capacity changes, `places_changed` gives
    places to members who wait for its classes.
    """
    with transaction.atomic():
        before: dict[str, int] = {}
        stored = None if obj._state.adding else lock_row(obj)
        if stored:
            _refuse_sessions_outside(
                obj, _("A session is held here on %(day)s: these days must contain it.")
            )
            before = dict(obj.equipment.values_list("kind", "count"))
        after = {kind: count for kind, count in equipment.items() if count}
        written = save_record(
            obj=obj, by=by, notes={"equipment": after} if before != after else None, **kwargs
        )
        may_hold_more = stored is not None and stored.capacity != obj.capacity
        for training_class in _classes_at(obj, at) if may_hold_more else ():
            places_changed.send(Venue, training_class=training_class, by=by, at=at, field="")
        if before == after:
            return written
        obj.equipment.all().delete()
        Equipment.objects.bulk_create(
            Equipment(venue=obj, kind=kind, count=count) for kind, count in after.items()
        )
        if not written:
            record_act(
                act=CHANGE,
                obj=obj,
                by=by,
                before={"equipment": before},
                after={"equipment": after},
                school_code=obj.school.code,
            )
    return True


def save_course(*, obj: Course, by: Actor, **kwargs: Any) -> bool:
    """Save a course of the menu. Raises RecordError.

    Its sessions stay within the days on which it is offered. Once it has sessions, module and
    strand stay as they are, because the mix of past years counts them.
    """
    with transaction.atomic():
        stored = None if obj._state.adding else lock_row(obj)
        if stored:
            for name in ("module_id", "strand"):
                if _differs(stored, obj, name) and obj.sessions.to_be_held().exists():
                    _refuse_other_place_in_mix(name.removesuffix("_id"))
            refuse_sessions_not_offered(obj)
        return save_record(obj=obj, by=by, **kwargs)


def _refuse_other_place_in_mix(field: str) -> NoReturn:
    text = _(
        "Sessions teach this course, and the mix counts them: module and strand stay. Retire it "
        "and add a new course."
    )
    raise RecordError(text, field=field)


def refuse_sessions_not_offered(course: Course) -> None:
    """Raise RecordError if a session teaches the course on a day outside its period."""
    _refuse_sessions_outside(
        course, _("A session teaches this course on %(day)s: these days must contain it.")
    )


def format_equipment(counts: Mapping[str, int]) -> str:
    """The equipment of a venue, by kind as in the audit trail, in words."""
    words = {str(value): str(label) for value, label in EquipmentKind.choices}
    return _("; ").join(f"{words.get(kind, kind)} × {count}" for kind, count in counts.items())


def _require_place(training_class: TrainingClass, venue: Venue | None, place: str) -> None:
    """Raise RecordError unless the place fits the mode: either a venue or another place."""
    if venue is None and training_class.mode in MODES_AT_VENUES:
        raise RecordError(_("Choose the venue: this class meets on site."), field="venue")
    if venue is None and not place.strip():
        raise RecordError(_("Choose a venue, or name the place."), field="place")
    if venue is not None and place.strip():
        raise RecordError(_("Either a venue or another place, not both."), field="place")


def require_room(places: int | None, venue: Venue | None, field: str) -> None:
    """Raise RecordError if a class has more `places` than its venue holds."""
    if places is not None and venue is not None and places > venue.capacity:
        text = _("%(venue)s holds %(n)d; the class has %(places)d places.")
        facts = {"venue": venue.name, "n": venue.capacity, "places": places}
        raise RecordError(text % facts, field=field)


def _require_hours(session: Session) -> None:
    """Raise RecordError for hours that no rule could allow, and for unusual ones without a reason.

    The caps of rules come in addition.
    """
    if session.hours <= 0 or session.hours % STEP:
        raise RecordError(_("Credit hours are above 0 and go in steps of 0.25."), field="hours")
    if session.hours > MOST_HOURS:
        raise RecordError(str(WITHIN_A_DAY), field="hours")
    usual = find_usual_hours(session.starts_at, session.ends_at)
    if usual is not None and session.hours > usual and not session.hours_reason.strip():
        text = _(
            "By its time, this session is usually worth %(usual)s credit hours. Say why it is "
            "worth %(hours)s."
        )
        facts = {"usual": format_hours(usual), "hours": format_hours(session.hours)}
        raise RecordError(text % facts, field="hours_reason")


def _require_year(day: date, at: datetime) -> None:
    """Sessions are planned for years that are open, and for the next."""
    refuse_settled(day, at, partial(RecordError, field="starts_at"))
    if day.year > local_date(at).year + 1:
        raise RecordError(_("Classes are planned for this year and the next."), field="starts_at")


def _require_fit(stored: TrainingClass, obj: TrainingClass, at: datetime) -> None:
    """Raise RecordError if an upcoming session lacks a venue that it needs, or enough places."""
    held = obj.sessions.to_be_held().filter(starts_at__gt=at).select_related("venue")
    for session in held.order_by("number"):
        if _differs(stored, obj, "mode") and obj.mode in MODES_AT_VENUES and not session.venue:
            text = _("Session %(number)d has no venue (%(place)s): choose one for it first.")
            facts = {"number": session.number, "place": session.place}
            raise RecordError(text % facts, field="mode")
        if _differs(stored, obj, "capacity"):
            require_room(obj.capacity, session.venue, "capacity")


def _differs(stored: Model | None, obj: Model, *names: str) -> bool:
    """Whether one of these columns changes; in a new row all of them do."""
    return stored is None or any(getattr(stored, name) != getattr(obj, name) for name in names)


def _classes_at(venue: Venue, at: datetime) -> list[TrainingClass]:
    """Classes with an upcoming session at a venue that sets their capacity, locked."""
    ahead = venue.sessions.to_be_held().filter(starts_at__gt=at)
    rows = TrainingClass.objects.filter(
        capacity=None, pk__in=ahead.values("training_class")
    ).select_related("school")
    return list(rows.select_for_update(of=("self",), no_key=True).order_by("pk"))


def _refuse_double_booking(session: Session) -> None:
    """The constraints forbid double bookings; this error says by what."""
    beside = Session.objects.beside(session).select_related("training_class__school")
    for name, at_once in (("venue", session.venue_id), ("instructor", session.instructor_id)):
        other = beside.filter(**{name: at_once}).first() if at_once else None
        if other is not None:
            text = say_taken(
                session,
                name,
                title=other.training_class.title,
                school=other.training_class.school,
                starts_at=other.starts_at,
                ends_at=other.ends_at,
            )
            raise RecordError(text, field=name)


def say_taken(
    session: Session,
    name: str,
    *,
    title: str,
    school: School,
    starts_at: datetime,
    ends_at: datetime,
) -> str:
    """What takes the venue or the lecturer of a session; another school's is not named."""
    is_own = school.pk == session.training_class.school_id
    return (_TAKEN if is_own else _TAKEN_ELSEWHERE)[name] % {
        "title": title,
        "school": school.name,
        "day": format_day(local_date(starts_at)),
        "from": format_clock(starts_at),
        "to": format_clock(ends_at),
    }


def _require_order(session: Session) -> None:
    """Raise RecordError if session numbers are not chronological: rosters go by these numbers.

    Sessions may not overlap either. The lock on the school prevents two concurrent moves.
    """
    others = session.training_class.sessions.to_be_held().exclude(pk=session.pk)
    before = others.filter(number__lt=session.number, ends_at__gt=session.starts_at)
    after = others.filter(number__gt=session.number, starts_at__lt=session.ends_at)
    if other := before.order_by("-number").first():
        text = _(
            "Session %(number)d is held until %(moment)s, and its number says that this "
            "one comes after it: move that one first, or exchange what the two teach."
        )
        raise RecordError(
            text % {"number": other.number, "moment": format_moment(other.ends_at)},
            field="starts_at",
        )
    if other := after.order_by("number").first():
        text = _(
            "Session %(number)d begins at %(moment)s, and its number says that this one "
            "comes before it: move that one first, or exchange what the two teach."
        )
        raise RecordError(
            text % {"number": other.number, "moment": format_moment(other.starts_at)},
            field="ends_at",
        )


def _refuse_sessions_outside(obj: Venue | Course, text: str) -> None:
    """Raise RecordError with `text`, which names the day, for a session outside the period."""
    first, end = obj.period.lower, obj.period.upper
    held = obj.sessions.to_be_held()
    after = held.filter(held_on__gte=end).order_by("held_on").last() if end else None
    before = held.filter(held_on__lt=first).order_by("held_on").first()
    session = after or before
    if session is not None:
        field = "last_day" if after else "first_day"
        raise RecordError(text % {"day": format_day(session.held_on)}, field=field)
