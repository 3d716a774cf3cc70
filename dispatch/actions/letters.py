"""What a school does with its booking letters: write, send, answer, agree, cancel, evaluate."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.audit import record_act
from accounts.origin import Actor, person_of
from accounts.records import RecordError, lock_row
from config.lib.lock_classes import LockClass
from config.lib.periods import local_date
from courses.actions import ClassPlan, list_meetings, plan_class
from courses.enums import MODES_AT_VENUES, Mode, Preset
from courses.errors import CoursesError
from courses.models import Course, Module, PresetSession, TrainingClass, Venue
from dispatch.actions.steps import lock_letter, take_step
from dispatch.actions.wishes import weigh_request, why_not
from dispatch.enums import OPEN_STAGES, EngagementState, LetterStage
from dispatch.errors import BookingError
from dispatch.letter_changes import content_of, list_changes
from dispatch.models import (
    BookingItem,
    BookingLetter,
    Engagement,
    JointSchool,
    WishedDate,
)
from dispatch.models.letters import MOST_DATES
from dispatch.notices import tell_of_leaving, tell_of_withdrawals
from dispatch.permissions import books_for
from dispatch.queries.letters import is_of_other_side, standing_of
from dispatch.signals import letter_cancelled
from instructors.models import Instructor
from schools.enums import Audience
from schools.models import School


@dataclass(frozen=True)
class Item:
    """A course of the menu, or a wish in words with its module and strand.

    `field` is that of the form it comes from; errors about it stand there.
    """

    course: Course | None = None
    wish: str = ""
    module: Module | None = None
    strand: str = ""
    field: str = ""


@dataclass(frozen=True)
class Wished:
    """A day to begin on; without a time, at the usual time of the format.

    `field` is as of an item.
    """

    day: date
    begins_at: time | None = None
    field: str = ""


@dataclass(frozen=True)
class LetterContent:
    """What a letter asks for. `dates` stand in the order of preference."""

    title: str
    preset: Preset
    mode: Mode
    audience: Audience
    headcount: int
    items: Sequence[Item]
    dates: Sequence[Wished]
    venue: Venue | None = None
    place: str = ""
    preferred_corps: str = ""
    preferred_instructor: Instructor | None = None
    note: str = ""
    joint_schools: Sequence[School] = ()


def write_letter(
    *, school_id: int, content: LetterContent, by: Actor, at: datetime
) -> BookingLetter:
    """Write the draft of a booking letter.

    What no reason would help against is refused at once. Raises PermissionDenied and BookingError.
    """
    with transaction.atomic():
        letter = _write(school_id, content, by, at)
        weigh_request(letter, local_date(at))
    return letter


def _write(school_id: int, content: LetterContent, by: Actor, at: datetime) -> BookingLetter:
    with transaction.atomic():
        _require_booker(school_id, by, at)
        school = lock_row(School.objects.get(pk=school_id), no_key=True)
        letter = BookingLetter(
            number=_next_number(school, local_date(at).year),
            school=school,
            written_at=at,
            written_by=person_of(by),
        )
        _fill(letter, content, at)
        record_act(
            act="write_letter",
            obj=letter,
            by=by,
            at=at,
            school_code=school.code,
            after=_facts_of(letter, content),
        )
    return letter


def change_letter(*, letter_id: int, content: LetterContent, by: Actor, at: datetime) -> None:
    """Change a draft, as `write_letter`. Raises PermissionDenied and BookingError."""
    with transaction.atomic():
        letter = lock_letter(letter_id, {LetterStage.DRAFT})
        _require_booker(letter.school_id, by, at)
        _fill(letter, content, at)
        weigh_request(letter, local_date(at))
        record_act(
            act="change_letter",
            obj=letter,
            by=by,
            at=at,
            school_code=letter.school.code,
            after=_facts_of(letter, content),
        )


def copy_letter(*, letter_id: int, by: Actor, at: datetime) -> BookingLetter:
    """Copy a letter of the own school into a new draft, without dates that do not suit any more.

    Courses that are not offered any more are left out. Raises PermissionDenied and BookingError.
    """
    with transaction.atomic():
        letter = lock_letter(letter_id, set(LetterStage))
        on = local_date(at)
        items = [
            Item(item.course, item.wish, item.module, item.strand)
            for item in letter.items.select_related("course", "module")
            if item.course is None or on in item.course.period
        ]
        content = LetterContent(
            title=letter.title,
            preset=Preset(letter.preset),
            mode=Mode(letter.mode),
            audience=Audience(letter.audience),
            headcount=letter.headcount,
            items=items,
            dates=[
                Wished(d.day, d.begins_at)
                for d in letter.dates.all()
                if d.day > on and not _why_not(letter, d.day, [item.course for item in items])
            ],
            venue=letter.venue,
            place=letter.place,
            preferred_corps=letter.preferred_corps,
            preferred_instructor=letter.preferred_instructor,
            note=letter.note,
            joint_schools=[joint.school for joint in letter.joint_schools.select_related("school")],
        )
        return _write(letter.school_id, content, by, at)


def submit_letter(*, letter_id: int, by: Actor, at: datetime) -> None:
    """Send a draft to the district, in spite of what the checks warn of, which its step keeps.

    Raises PermissionDenied and BookingError.
    """
    with transaction.atomic():
        letter = lock_letter(letter_id, {LetterStage.DRAFT})
        _require_booker(letter.school_id, by, at)
        _require_complete(letter, at)
        letter.submitted_at = at
        take_step(
            letter,
            LetterStage.SUBMITTED,
            act="submit_letter",
            by=by,
            at=at,
            warnings=weigh_request(letter, local_date(at)),
        )


def _require_complete(letter: BookingLetter, at: datetime) -> None:
    """Raise BookingError unless the stored letter says what and when, on days that suit."""
    if not letter.items.exists():
        raise BookingError(_("Choose a course, or say in words what is wanted."), "course_1")
    days = list(letter.dates.values_list("day", flat=True))
    if not days:
        raise BookingError(_("Name at least one date."), "day_1")
    if min(days) <= local_date(at):
        raise BookingError(_("A wished date is over: name later ones."), "day_1")
    courses = [item.course for item in letter.items.select_related("course")]
    for wished in letter.dates.all():
        if why := _why_not(letter, wished.day, courses):
            raise BookingError(why, f"day_{wished.rank}")


def answer_inquiry(
    *,
    letter_id: int,
    answer: str,
    content: LetterContent | None = None,
    by: Actor,
    at: datetime,
) -> None:
    """Answer what the district asks, and change the letter if there is other `content`.

    The step keeps what changed. Raises PermissionDenied and BookingError.
    """
    with transaction.atomic():
        letter = lock_letter(letter_id, {LetterStage.INQUIRY})
        _require_booker(letter.school_id, by, at)
        facts: dict[str, Any] = {}
        if content is not None:
            before = content_of(letter)
            joining = list(letter.joint_schools.values_list("school", flat=True))
            _fill(letter, content, at)
            _require_complete(letter, at)
            facts = {
                "changes": list_changes(before, content_of(letter)),
                "warnings": weigh_request(letter, local_date(at)),
                "facts": _facts_of(letter, content),
            }
            tell_of_leaving(letter, joining, at=at)
        take_step(
            letter, LetterStage.ANSWERED, act="answer_inquiry", by=by, at=at, word=answer, **facts
        )


def confirm_letter(*, letter_id: int, by: Actor, at: datetime) -> BookingLetter:
    """The school agrees to the schedule, and its class with the sessions is planned.

    Every session has a lecturer who accepted. Who acted for the district on the letter, or answered
    for a lecturer, does not agree for the school. Raises PermissionDenied and BookingError.
    """
    with transaction.atomic():
        letter = lock_letter(letter_id, {LetterStage.SCHEDULED})
        _require_booker(letter.school_id, by, at)
        engagements = _lock_sessions_of(letter)
        if not engagements or any(e.state != EngagementState.ACCEPTED for e in engagements):
            raise BookingError(_("Not every session has a lecturer who accepted yet."))
        _refuse_other_format(letter, engagements)
        _refuse_other_side(letter, by)
        _lock_for_class(letter, engagements)
        letter.training_class = _plan(letter, engagements, by, at)
        take_step(letter, LetterStage.CONFIRMED, act="confirm_letter", by=by, at=at)
    return letter


def _lock_sessions_of(letter: BookingLetter) -> list[Engagement]:
    """What stands for each session of the letter, in order; a declined one has nobody else yet."""
    rows = letter.engagements.select_for_update(of=("self",)).select_related("course", "instructor")
    by_number: dict[int, list[Engagement]] = defaultdict(list)
    for row in rows.order_by("pk"):
        by_number[row.number].append(row)
    return [standing_of(some) for _number, some in sorted(by_number.items())]


def _refuse_other_format(letter: BookingLetter, engagements: Sequence[Engagement]) -> None:
    """Raise BookingError if the class would meet at other times than lecturers agreed to."""
    begins = timezone.localtime(engagements[0].starts_at)
    try:
        meetings = list_meetings(
            preset=Preset(letter.preset),
            courses=[engagement.course for engagement in engagements],
            first_day=begins.date(),
            begins_at=begins.time(),
        )
    except RecordError as error:
        raise BookingError(error.message) from error
    if [(row.starts_at, row.ends_at) for row in meetings] != [
        (row.starts_at, row.ends_at) for row in engagements
    ]:
        raise BookingError(
            _("The sessions of this format have changed: the district has to set the day anew.")
        )


def cancel_letter(*, letter_id: int, reason: str, by: Actor, at: datetime) -> None:
    """The school takes its letter back; a class that has not begun is called off with it.

    Raises PermissionDenied and BookingError.
    """
    with transaction.atomic():
        letter = lock_letter(letter_id, OPEN_STAGES | {LetterStage.CONFIRMED})
        _require_booker(letter.school_id, by, at)
        end_letter(letter, LetterStage.CANCELLED, reason, act="cancel_letter", by=by, at=at)


def end_letter(
    letter: BookingLetter, stage: LetterStage, reason: str, *, act: str, by: Actor, at: datetime
) -> None:
    """Decline or cancel the locked letter: its engagements are withdrawn, its class called off."""
    training_class = letter.training_class
    take_step(letter, stage, act=act, by=by, at=at, word=reason)
    # The class first: all who change a session lock it before its engagement.
    if training_class is not None:
        facts = {"training_class": training_class, "reason": reason, "by": by, "at": at}
        try:
            letter_cancelled.send(BookingLetter, **facts)
        except RecordError as error:
            raise BookingError(error.message) from error
    release_venue(letter)
    rows = letter.engagements.live().select_for_update(of=("self",))
    withdraw_engagements(list(rows.order_by("pk")), reason, by=by, at=at)


def release_venue(letter: BookingLetter) -> None:
    """The locked letter keeps no venue for sessions that lost their lecturer."""
    letter.engagements.filter(holds_venue=True).update(holds_venue=False)


def withdraw_engagements(
    engagements: Sequence[Engagement], reason: str, *, by: Actor, at: datetime
) -> None:
    """Withdraw locked engagements with a reason; each lecturer is told once for a letter."""
    for engagement in engagements:
        before = {"state": engagement.state}
        engagement.state = EngagementState.WITHDRAWN
        engagement.reason = reason.strip()[:200]
        engagement.answered_at = engagement.answered_by = None
        engagement.answered_by_link = False
        engagement.save()
        record_act(
            act="withdraw_engagement",
            obj=engagement,
            by=by,
            at=at,
            school_code=engagement.letter.school.code,
            before=before,
            after={"state": engagement.state, "reason": engagement.reason},
        )
    tell_of_withdrawals(engagements, at=at)


def evaluate_letter(*, letter_id: int, rating: int, word: str, by: Actor, at: datetime) -> None:
    """The school says how the class was, from 1 to 5. Raises PermissionDenied and BookingError."""
    with transaction.atomic():
        letter = lock_letter(letter_id, {LetterStage.TAUGHT})
        _require_booker(letter.school_id, by, at)
        take_step(
            letter,
            LetterStage.EVALUATED,
            act="evaluate_letter",
            by=by,
            at=at,
            word=word,
            rating=rating,
            facts={"rating": rating},
        )


def _require_booker(school_id: int, by: Actor, at: datetime) -> None:
    """Raise PermissionDenied unless the actor books for the school."""
    if by.user is None or not books_for(by.user, school_id, local_date(at)):
        raise PermissionDenied


def _next_number(school: School, year: int) -> str:
    """School, year and the number after the highest: 120111102-Y2026-007."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, %s)", [LockClass.BOOKING_NUMBERS, school.pk]
        )
    begins = f"{school.code}-Y{year}-"
    numbers = BookingLetter.objects.filter(number__startswith=begins)
    last = max(
        (int(number[len(begins) :]) for number in numbers.values_list("number", flat=True)),
        default=0,
    )
    return f"{begins}{last + 1:03}"


def _fill(letter: BookingLetter, content: LetterContent, at: datetime) -> None:
    """Check the content and store it with its items, dates and joint schools."""
    _check(letter, content, at)
    for name in (
        *("preset", "mode", "audience", "headcount", "venue"),
        *("preferred_corps", "preferred_instructor"),
    ):
        setattr(letter, name, getattr(content, name))
    letter.title = content.title.strip()
    letter.place = content.place.strip()
    letter.note = content.note.strip()
    letter.save()
    letter.items.all().delete()
    letter.dates.all().delete()
    letter.joint_schools.all().delete()
    BookingItem.objects.bulk_create(
        BookingItem(
            letter=letter,
            position=position,
            course=item.course,
            wish=item.wish.strip(),
            module=item.module,
            strand=item.strand,
        )
        for position, item in enumerate(content.items, start=1)
    )
    WishedDate.objects.bulk_create(
        WishedDate(letter=letter, rank=rank, day=wished.day, begins_at=wished.begins_at)
        for rank, wished in enumerate(content.dates, start=1)
    )
    JointSchool.objects.bulk_create(
        JointSchool(letter=letter, school=school)
        for school in {row.pk: row for row in content.joint_schools}.values()
        if school.pk != letter.school_id
    )


def _check(letter: BookingLetter, content: LetterContent, at: datetime) -> None:
    """Raise BookingError where the content does not fit together."""
    meets = PresetSession.objects.filter(preset=content.preset).count()
    if len(content.items) > meets:
        text = ngettext(
            "This format has one session: choose one course, or name one wish.",
            "This format has %(n)d sessions: as many courses and wishes fit in at most.",
            meets,
        )
        raise BookingError(text % {"n": meets}, content.items[meets].field)
    if content.mode in MODES_AT_VENUES and content.venue is None:
        raise BookingError(_("This mode meets at a venue of the school."), "venue")
    if content.venue is None and not content.place.strip():
        raise BookingError(_("Name a venue or another place."), "place")
    if content.venue is not None and content.venue.school_id != letter.school_id:
        raise BookingError(_("This venue is another school's."), "venue")
    if content.venue is not None and content.place.strip():
        raise BookingError(_("A class is held at a venue or at another place."), "place")
    days = [wished.day for wished in content.dates]
    for place, wished in enumerate(content.dates):
        if place == MOST_DATES or wished.day in days[:place]:
            raise BookingError(_("Each day is wished for once."), wished.field)
        if wished.day <= local_date(at):
            raise BookingError(_("A wished date lies ahead."), wished.field)
        why = why_not(
            wished.day,
            school=letter.school,
            preset=content.preset,
            venue=content.venue,
            courses=[item.course for item in content.items],
        )
        if why:
            raise BookingError(why, wished.field)


def _why_not(letter: BookingLetter, day: date, courses: Sequence[Course | None]) -> str:
    """As `why_not`, of a stored letter."""
    return why_not(
        day, school=letter.school, preset=letter.preset, venue=letter.venue, courses=courses
    )


def _facts_of(letter: BookingLetter, content: LetterContent) -> dict[str, object]:
    """The content for the trail."""
    return {
        "title": letter.title,
        "preset": letter.preset,
        "mode": letter.mode,
        "audience": letter.audience,
        "headcount": letter.headcount,
        "venue": letter.venue_id,
        "place": letter.place,
        "items": [item.course.title if item.course else item.wish for item in content.items],
        "dates": [wished.day for wished in content.dates],
        "joint_schools": [school.name for school in content.joint_schools],
        "note": letter.note,
    }


def _lock_for_class(letter: BookingLetter, engagements: list[Engagement]) -> None:
    """Lock what a session refers to, in the order of `save_session`, each kind by its keys."""
    for course in sorted({row.course for row in engagements}, key=lambda row: row.pk):
        lock_row(course, no_key=True)
    lock_row(letter.school, no_key=True)
    if letter.venue is not None:
        lock_row(letter.venue, no_key=True)
    lecturers = {row.instructor for row in engagements if row.instructor is not None}
    for instructor in sorted(lecturers, key=lambda row: row.pk):
        lock_row(instructor, no_key=True)


def _refuse_other_side(letter: BookingLetter, by: Actor) -> None:
    """Raise BookingError if the actor acted for the district or for a lecturer."""
    if is_of_other_side(letter, person_of(by)):
        raise BookingError(
            _("You acted for the other side, so somebody else of the school agrees.")
        )


def _plan(
    letter: BookingLetter, engagements: list[Engagement], by: Actor, at: datetime
) -> TrainingClass:
    """Plan the class and tie its sessions to the engagements."""
    first = engagements[0]
    plan = ClassPlan(
        school=letter.school,
        preset=Preset(letter.preset),
        title=letter.title,
        audience=Audience(letter.audience),
        mode=Mode(letter.mode),
        courses=[engagement.course for engagement in engagements],
        first_day=local_date(first.starts_at),
        begins_at=timezone.localtime(first.starts_at).time(),
        venue=letter.venue,
        place=letter.place,
        instructors=[engagement.instructor for engagement in engagements],
        # One that was closed since the letter was written has nobody to send.
        joint_schools=[
            row.school
            for row in letter.joint_schools.select_related("school")
            if local_date(engagements[-1].starts_at) in row.school.period
        ],
    )
    try:
        made = plan_class(plan=plan, by=by, at=at)
    except CoursesError as error:
        raise BookingError(error.message) from error
    sessions = {session.number: session for session in made.sessions.all()}
    for engagement in engagements:
        engagement.session = sessions[engagement.number]
        engagement.save(update_fields=["session"])
    return made
