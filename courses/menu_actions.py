"""The academic officer's acts on the menu: retiring courses, their materials, and the mix."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from accounts.audit import record_act
from accounts.models import User
from accounts.origin import Actor
from accounts.records import RecordError
from backstage.evidence_files import store_evidence
from backstage.files import FileError, delete_file
from backstage.material_files import copy_material, title_of
from config.lib.dated_rows import end_at, from_day_on
from config.lib.dates import format_day
from config.lib.hours import format_hours
from config.lib.periods import first_day, inclusive_period, local_date, period
from courses.enums import Strand
from courses.errors import CoursesError
from courses.mix import Target
from courses.models import Course, CourseMaterial, Module, StrandShare
from courses.permissions import keeps_menu
from courses.records import refuse_sessions_not_offered

WHOLE = Decimal(100)
MOST_MATERIALS = 30


def retire_course(*, course_id: int, last_day: date, by: Actor, at: datetime) -> None:
    """Offer a course until `last_day`, included; it stays in the menu of past days.

    Raises PermissionDenied, and CoursesError if a session teaches it later or if it would be
    offered on no day.
    """
    with transaction.atomic():
        course = _lock_course(course_id, by)
        if last_day < first_day(course.period):
            text = _("It is offered from %(day)s on: choose that day or a later one.")
            facts = {"day": format_day(first_day(course.period))}
            raise CoursesError(text % facts, "last_day")
        _offer(
            course, inclusive_period(first_day(course.period), last_day), "retire_course", by, at
        )


def offer_course_again(*, course_id: int, by: Actor, at: datetime) -> None:
    """Take back that a course is retired. Raises PermissionDenied."""
    with transaction.atomic():
        course = _lock_course(course_id, by)
        _offer(course, period(first_day(course.period)), "offer_course_again", by, at)


def set_mix(
    *, module_id: int, targets: Mapping[Strand, Target], on: date, by: Actor, at: datetime
) -> None:
    """Set the mix of a module from the day `on`; earlier days keep theirs.

    What was set for a later day is replaced. Raises PermissionDenied, and CoursesError if the
    shares are not 100 per cent together, or for a day of a year that is over, whose mix was judged.
    """
    if by.user is None or not keeps_menu(by.user):
        raise PermissionDenied
    if sum(target.percent for target in targets.values()) != WHOLE:
        raise CoursesError(_("The shares are 100 per cent together."))
    if on.year < local_date(at).year:
        raise CoursesError(_("A year that is over keeps its mix: choose a day of this year."), "on")
    with transaction.atomic():
        module = Module.objects.select_for_update(no_key=True).get(pk=module_id)
        open_rows = list(module.shares.filter(from_day_on(on)))
        before = {row.strand: _share_in_words(row.percent, row.tolerance) for row in open_rows}
        after = {strand.value: _share_in_words(*target) for strand, target in targets.items()}
        if before == after and all(row.period.upper is None for row in open_rows):
            return
        end_at(open_rows, on)
        StrandShare.objects.bulk_create(
            StrandShare(
                module=module,
                strand=strand,
                percent=target.percent,
                tolerance=target.tolerance,
                period=period(on),
            )
            for strand, target in targets.items()
        )
        record_act(act="set_mix", obj=module, by=by, at=at, before=before, after=after | {"on": on})


def _share_in_words(percent: Decimal, tolerance: Decimal) -> str:
    """A share with its tolerance, as the trail keeps it: 40% ± 5."""
    return f"{format_hours(percent)}% ± {format_hours(tolerance)}"


def _lock_course(course_id: int, by: Actor) -> Course:
    """The course, locked against new sessions. Raises PermissionDenied."""
    if by.user is None or not keeps_menu(by.user):
        raise PermissionDenied
    return Course.objects.select_for_update().get(pk=course_id)


def _offer(course: Course, days: DateRange, act: str, by: Actor, at: datetime) -> None:
    """Store when the course is offered, unless it is so already."""
    before, course.period = course.period, days
    if before == days:
        return
    try:
        refuse_sessions_not_offered(course)
    except RecordError as error:
        raise CoursesError(error.message, error.field) from error
    course.save(update_fields=["period"])
    record_act(act=act, obj=course, by=by, at=at, before={"period": before}, after={"period": days})


def add_course_material(
    *, course_id: int, title: str, data: bytes, name: str, by: Actor, at: datetime
) -> CourseMaterial:
    """Add a file to a course; without a title it is named after the file.

    Raises PermissionDenied, and CoursesError for a file that is too large, of a wrong kind, or one
    more than the limit.
    """
    try:
        copy = copy_material(data, name)
        with transaction.atomic():
            course = _lock_course(course_id, by)
            if course.materials.count() >= MOST_MATERIALS:
                message = _("A course has no more than %(n)d materials.")
                raise CoursesError(message % {"n": MOST_MATERIALS}, "upload")
            added = CourseMaterial.objects.create(
                course=course,
                title=title.strip() or title_of(name),
                file=store_evidence(copy, owner=_user_of(by), at=at),
                added_at=at,
                added_by=_user_of(by),
            )
            after = {"title": added.title, "file_name": added.file.name}
            record_act(act="add_course_material", obj=added, by=by, at=at, after=after)
    except FileError as error:
        raise CoursesError(str(error), "upload") from error
    return added


def remove_course_material(
    *, course_id: int, material_id: int, reason: str, by: Actor, at: datetime
) -> None:
    """Delete a material, file and row; the audit trail stores what it was and the reason.

    Raises PermissionDenied, CourseMaterial.DoesNotExist for one of another course, and CoursesError
    without a reason.
    """
    with transaction.atomic():
        course = _lock_course(course_id, by)
        material = course.materials.select_related("file").get(pk=material_id)
        if not reason.strip():
            raise CoursesError(_("Say why it is taken off."), "reason")
        before = {"title": material.title, "file_name": material.file.name}
        after = {"reason": reason.strip()}
        record_act(
            act="remove_course_material", obj=material, by=by, at=at, before=before, after=after
        )
        material.delete()
        delete_file(material.file)


def _user_of(by: Actor) -> User:
    if by.user is None:
        raise PermissionDenied
    return by.user
