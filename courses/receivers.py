"""Receivers for signals of lower apps."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, Max, Min, OuterRef, Q
from django.dispatch import receiver
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.audit import AuditSubject, record_acts
from accounts.origin import Actor
from accounts.records import CHANGE
from backstage.confirmations import Blocker
from config.lib.dates import format_day
from config.lib.pages import address_of
from config.lib.periods import local_date
from courses.joint_actions import hand_over_joining
from courses.models import Session, TrainingClass
from instructors.models import Instructor
from instructors.queries.availability import Teaching
from instructors.signals import teaching_asked
from schools.models import School
from schools.signals import school_closing, school_merging


@receiver(school_closing, dispatch_uid="courses.tell_classes_running")
def tell_classes_running(school: School, on: date, at: datetime, **_kwargs: Any) -> list[Blocker]:
    """Classes that have begun and have sessions on the day `on` or later.

    Their past sessions belong to this school, and a class belongs to one school only.
    """
    ahead = Exists(_sessions().filter(held_on__gte=on))
    running = school.classes.filter(_has_begun(on, at), ahead).annotate(
        first_on=Min("sessions__held_on"), last_on=Max("sessions__held_on")
    )
    return [
        Blocker(
            _(
                "%(title)s has begun and has sessions on that day or later "
                "(%(first)s to %(last)s): choose a later day, or the academic officer ends it "
                "before."
            )
            % {
                "title": training_class.title,
                "first": format_day(training_class.first_on),
                "last": format_day(training_class.last_on),
            },
            _address_of(school, training_class.first_on, training_class.last_on),
        )
        for training_class in running.order_by("first_on", "pk")
    ]


@receiver(teaching_asked, dispatch_uid="courses.tell_sessions_taught")
def tell_sessions_taught(
    instructor: Instructor, first: date, last: date, **_kwargs: Any
) -> list[Teaching]:
    """The sessions that the lecturer teaches on these days."""
    sessions = Session.objects.to_be_held().filter(
        instructor=instructor, held_on__range=(first, last)
    )
    return [
        Teaching(one.starts_at, one.ends_at, f"{one.training_class.school} · {one.training_class}")
        for one in sessions.select_related("training_class__school")
    ]


@receiver(school_merging, dispatch_uid="courses.hand_over_classes")
def hand_over_classes(
    school: School, into: School, on: date, by: Actor, at: datetime, **_kwargs: Any
) -> list[str]:
    """Classes that have not begun pass to the other school; roster, sessions and venues stay."""
    begun = _has_begun(on, at)
    classes = list(school.classes.select_for_update().exclude(begun).order_by("pk"))
    joined = TrainingClass.objects.exclude(begun).filter(joining_schools__school=school)
    shared = list(joined.select_for_update(of=("self",)).order_by("pk"))
    hand_over_joining(school, into, [*classes, *shared], by=by, at=at)
    if not classes:
        return []
    sessions = Session.objects.filter(training_class__in=classes).count()
    TrainingClass.objects.filter(pk__in=[training_class.pk for training_class in classes]).update(
        school=into
    )
    before, after = {"school_id": school.pk}, {"school_id": into.pk}
    subjects = [
        AuditSubject(TrainingClass, training_class.pk, str(training_class), before, after)
        for training_class in classes
    ]
    record_acts(act=CHANGE, subjects=subjects, by=by, at=at)
    label = ngettext(
        "%(n)d class that has not begun passes to %(into)s with its sessions (%(sessions)d); "
        "their venues stay.",
        "%(n)d classes that have not begun pass to %(into)s with their sessions (%(sessions)d); "
        "their venues stay.",
        len(classes),
    )
    return [label % {"n": len(classes), "into": into.name, "sessions": sessions}]


def _sessions() -> Any:
    return Session.objects.to_be_held().filter(training_class=OuterRef("pk"))


def _has_begun(on: date, at: datetime) -> Exists:
    """Classes with a session before the day `on`, or by today, when its roll may be taken."""
    return Exists(_sessions().filter(Q(held_on__lt=on) | Q(held_on__lte=local_date(at))))


def _address_of(school: School, first: date, last: date) -> str:
    query = {"school": school.pk, "from": first.isoformat(), "to": last.isoformat()}
    return f"{address_of('sessions')}?{urlencode(query)}"
