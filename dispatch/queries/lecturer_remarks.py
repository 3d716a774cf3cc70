"""What speaks against each lecturer at a time, as the desk judges, for the forms to choose one.

Any clerk reads it of any lecturer. Classes and letters of schools that the reader does not see are
not named, and what only the desk knows of a lecturer, letters and loads, is said without its facts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from itertools import islice

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.interests import own_accounts, say_own
from accounts.models import User
from config.lib.periods import today
from courses.models import Course, Session
from dispatch.checks import (
    Code,
    CourseFacts,
    Finding,
    LecturerFacts,
    Named,
    Slot,
    check_candidate,
)
from dispatch.permissions import dispatches
from dispatch.queries.candidates import course_facts, others_than, read_lecturers
from dispatch.queries.rules import find_booking_rule
from instructors.lecturer_choice import Remark, Standing
from instructors.models import AppointmentLetter, Instructor
from schools.models import School

Findings = tuple[Finding, ...]
# What is said instead of days and figures of a lecturer.
_OF_THE_DESK = {
    Code.NO_LETTER: gettext_lazy("No letter of appointment holds on that day."),
    Code.MONTH_LOAD: gettext_lazy("Teaches more than is usual in that month."),
    Code.YEAR_LOAD: gettext_lazy("Teaches more than is usual in that year."),
}


def slot_of(
    school: School, course: Course | None, starts_at: datetime, ends_at: datetime, hours: Decimal
) -> Slot:
    """A session to fill; without a course nothing is asked about who teaches it."""
    facts = course_facts(course) if course and course.pk else CourseFacts("")
    return Slot(starts_at, ends_at, hours, Named(school.pk, school.name), facts)


def weigh_lecturer(session: Session, reader: User | None) -> Findings:
    """What speaks against the lecturer of a session of a class, blocks first, as at the desk.

    It is in words for the reader.

    Nobody who was never appointed is dispatched: for them no letter of appointment is asked. Who
    else teaches the course is the desk's to weigh. Of a lecturer who is taken nothing is said: the
    acts refuse that themselves, and name the other session. This session and its engagement do not
    count.
    """
    if session.instructor_id is None:
        return ()
    school = session.training_class.school
    slot = slot_of(school, session.course, session.starts_at, session.ends_at, session.hours)
    (facts,) = read_lecturers(others_than(session), [slot], [session.instructor_id])
    schools = _seen_by(reader)
    of_lecturer = _without_names(facts[session.instructor_id], schools)
    found = check_candidate(slot, of_lecturer, find_booking_rule(slot.day))
    findings = _of_class(_in_sight(found, schools), of_lecturer)
    if any(finding.code is Code.LECTURER_TAKEN for finding in findings):
        return ()
    return tuple(finding for finding in findings if finding.code is not Code.TEACHES_OTHERS)


def _of_class(findings: Findings, lecturer: LecturerFacts) -> Findings:
    """What the act of a school asks about: who never was appointed needs no letter."""
    if lecturer.letters:
        return findings
    return tuple(finding for finding in findings if finding.code is not Code.NO_LETTER)


def list_remarks(
    slots: Sequence[Slot], reader: User, session: Session | None = None
) -> dict[int, Remark]:
    """What speaks against each lecturer for a class with these sessions, by key.

    Who has no remark is free for all of them. `session` is the one that is being changed. Nobody
    chooses themselves.
    """
    found = _gather(_judge(slots, reader, session)) if slots else {}
    remarks = {key: _remark(findings) for key, findings in found.items() if findings}
    appointed = set(
        AppointmentLetter.objects.filter(instructor__in=remarks).values_list(
            "instructor", flat=True
        )
    )
    refused = {
        key: replace(remark, is_refused=_is_refused(found[key], key in appointed))
        for key, remark in remarks.items()
    }
    own = Instructor.objects.filter(user__in=own_accounts(reader)).values_list("pk", flat=True)
    return refused | {key: Remark(Standing.NOT_FREE, say_own(), is_refused=True) for key in own}


def _is_refused(findings: Findings, is_appointed: bool) -> bool:
    """Whether the act on the session of a class would refuse the lecturer, as `weigh_lecturer`."""
    return any(
        finding.is_block and (is_appointed or finding.code is not Code.NO_LETTER)
        for finding in findings
    )


def list_remarks_on_choices(choices: Sequence[Sequence[Slot]], reader: User) -> dict[int, Remark]:
    """What speaks against each lecturer for a class on one of several days, by key.

    Who is free on one of them is not called busy. Nothing is refused: it is a wish.
    """
    slots = [slot for choice in choices for slot in choice]
    judged = iter(_judge(slots, reader, None) if slots else [])
    by_choice = [_gather(list(islice(judged, len(choice)))) for choice in choices if choice]
    remarks = {}
    for key in by_choice[0] if by_choice else ():
        findings = _once(finding for found in by_choice for finding in found[key])
        is_free_once = any(not any(f.is_block for f in found[key]) for found in by_choice)
        if findings:
            standing = Standing.DOUBTFUL if is_free_once else Standing.NOT_FREE
            remarks[key] = _remark(findings, standing)
    return remarks


def _judge(
    slots: Sequence[Slot], reader: User, session: Session | None
) -> list[dict[int, Findings]]:
    """The findings of each slot against each lecturer, in words for the reader.

    Six statements, two for each month and one for each day.
    """
    keys = list(Instructor.objects.values_list("pk", flat=True))
    rules = {day: find_booking_rule(day) for day in {slot.day for slot in slots}}
    facts = read_lecturers(others_than(session), slots, keys)
    schools = _seen_by(reader)
    return [
        {
            key: _in_sight(
                check_candidate(slot, _without_names(known[key], schools), rules[slot.day]), schools
            )
            for key in keys
        }
        for slot, known in zip(slots, facts, strict=True)
    ]


def _seen_by(reader: User | None) -> set[int] | None:
    """The schools whose classes the reader knows; None for all: at the desk, or the portal."""
    if reader is None or dispatches(reader):
        return None
    return set(School.objects.visible_to(reader, today()).values_list("pk", flat=True))


def _without_names(lecturer: LecturerFacts, schools: set[int] | None) -> LecturerFacts:
    """The facts without titles and names of schools that are out of sight; None: all are seen."""
    if schools is None:
        return lecturer
    taken = tuple(
        time
        if time.school.key in schools
        else replace(
            time, title=_("another class"), school=Named(time.school.key, _("another school"))
        )
        for time in lecturer.taken
    )
    return replace(lecturer, taken=taken)


def _in_sight(findings: Findings, schools: set[int] | None) -> Findings:
    """The findings without what only the desk knows; None: the reader is at the desk."""
    if schools is None:
        return findings
    return tuple(
        replace(finding, text=str(_OF_THE_DESK[finding.code]))
        if finding.code in _OF_THE_DESK
        else finding
        for finding in findings
    )


def _gather(judged: Sequence[dict[int, Findings]]) -> dict[int, Findings]:
    """The findings of several slots together."""
    return {key: _once(finding for one in judged for finding in one[key]) for key in judged[0]}


def _once(findings: Iterable[Finding]) -> Findings:
    """Each finding once, blocks first."""
    return tuple(sorted(dict.fromkeys(findings), key=lambda finding: not finding.is_block))


def _remark(findings: Findings, standing: Standing | None = None) -> Remark:
    is_blocked = findings[0].is_block
    # What stops it is enough to know; warnings count where nothing does. Who teaches other courses
    # is in most lists almost everybody, and is said once, by the name of their group.
    told = [f for f in findings if f.is_block is is_blocked and f.code is not Code.TEACHES_OTHERS]
    if not told:
        return Remark(Standing.OTHER_COURSES, "")
    return Remark(
        standing or (Standing.NOT_FREE if is_blocked else Standing.DOUBTFUL),
        " ".join(finding.text for finding in told),
    )
