"""Joint classes: which other schools share the class of one."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import record_act
from accounts.origin import Actor
from accounts.records import RecordError, lock_row
from config.lib.dates import format_day
from config.lib.periods import local_date
from courses.models import JoiningSchool, TrainingClass
from courses.permissions import plans_classes
from courses.signals import joining_schools_changed
from schools.models import School

FIELD = "joint_schools"


def set_joining_schools(
    *, training_class: TrainingClass, schools: Collection[School], by: Actor, at: datetime
) -> bool:
    """Say which other schools join a class; return whether that changed.

    Apps above object to a school that leaves with trainees on the roster, and tell those who join.
    Raises PermissionDenied, and RecordError once the last session has begun.
    """
    with transaction.atomic():
        locked = lock_row(training_class, no_key=True)
        if by.user is None or not plans_classes(by.user, locked.school_id, local_date(at)):
            raise PermissionDenied
        if not locked.sessions.to_be_held().filter(starts_at__gt=at).exists():
            raise RecordError(
                _("The last session of this class has begun: the schools that share it stay."),
                field=FIELD,
            )
        return share_class(locked, schools, by=by, at=at)


def share_class(
    training_class: TrainingClass, schools: Collection[School], *, by: Actor, at: datetime
) -> bool:
    """As `set_joining_schools`, for a class that the caller has locked or is planning."""
    rows = training_class.joining_schools.select_related("school")
    before = {row.school_id: row.school for row in rows}
    after = {school.pk: school for school in schools}
    joined = [school for key, school in after.items() if key not in before]
    left = [school for key, school in before.items() if key not in after]
    if not joined and not left:
        return False
    _require_guests(training_class, joined)
    _replace(training_class, before.values(), after.values(), by=by, at=at)
    facts = {"joined": joined, "left": left, "by": by, "at": at}
    joining_schools_changed.send(TrainingClass, training_class=training_class, **facts)
    return True


def _require_guests(training_class: TrainingClass, joined: Collection[School]) -> None:
    """Raise RecordError for the school that holds the class, and one that does not exist then."""
    last = training_class.sessions.to_be_held().order_by("held_on").last()
    for school in joined:
        if school.pk == training_class.school_id:
            raise RecordError(_("The school that holds the class does not join it."), field=FIELD)
        if last is not None and last.held_on not in school.period:
            text = _("%(school)s does not exist on %(day)s.")
            facts = {"school": school.name, "day": format_day(last.held_on)}
            raise RecordError(text % facts, field=FIELD)


def hand_over_joining(
    school: School, into: School, classes: Collection[TrainingClass], *, by: Actor, at: datetime
) -> None:
    """In these locked classes the other school stands where a merging school held or joined.

    A school joins no class that it holds, or that passes to it.
    """
    for training_class in classes:
        joining = {
            row.school_id: row.school
            for row in training_class.joining_schools.select_related("school")
        }
        is_held = training_class.school_id in {school.pk, into.pk}
        kept = {key: row for key, row in joining.items() if key != school.pk}
        if is_held:
            kept.pop(into.pk, None)
        elif school.pk in joining:
            kept[into.pk] = into
        if kept.keys() != joining.keys():
            _replace(training_class, joining.values(), kept.values(), by=by, at=at)


def _replace(
    training_class: TrainingClass,
    before: Collection[School],
    after: Collection[School],
    *,
    by: Actor,
    at: datetime,
) -> None:
    """Write the schools that join, with the trail."""
    training_class.joining_schools.exclude(school__in=after).delete()
    known = {school.pk for school in before}
    JoiningSchool.objects.bulk_create(
        JoiningSchool(training_class=training_class, school=school)
        for school in after
        if school.pk not in known
    )
    record_act(
        act="set_joining_schools",
        obj=training_class,
        by=by,
        at=at,
        before={FIELD: sorted(school.name for school in before)},
        after={FIELD: sorted(school.name for school in after)},
        school_code=training_class.school.code,
    )
