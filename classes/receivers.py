"""Receivers for signals of lower apps."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.dispatch import receiver
from django.utils.translation import gettext as _

from accounts.origin import Actor
from accounts.records import RecordError
from classes.actions.calling_off import call_off_class
from classes.actions.enrolments import let_in_waiting, take_off_rosters
from classes.actions.joint import refuse_leaving_trainees
from classes.enums import RollState
from classes.errors import RosterError
from classes.models import Roll
from classes.notices import tell_joining_schools
from classes.queries.lecturers import Feedback, list_feedback
from courses.models import TrainingClass
from courses.signals import delivered_asked, joining_schools_changed, places_changed
from dispatch.signals import feedback_asked, letter_cancelled
from schools.models import School
from trainees.signals import member_leaving


@receiver(places_changed, dispatch_uid="classes.let_in_who_waits")
def let_in_who_waits(
    training_class: TrainingClass, field: str, by: Actor, at: datetime, **_kwargs: Any
) -> None:
    """A larger class or venue has places for waiting members; a smaller one keeps its trainees."""
    let_in_waiting(training_class=training_class, field=field, by=by, at=at)


@receiver(joining_schools_changed, dispatch_uid="classes.keep_joint_trainees")
def keep_joint_trainees(
    training_class: TrainingClass,
    joined: Sequence[School],
    left: Sequence[School],
    at: datetime,
    **_kwargs: Any,
) -> None:
    """A school with trainees on the roster goes on joining; who joins anew is told."""
    for school in left:
        refuse_leaving_trainees(training_class, school, at)
    tell_joining_schools(training_class, "", at=at, to=[school.pk for school in joined])


@receiver(delivered_asked, dispatch_uid="classes.tell_delivered_sessions")
def tell_delivered_sessions(**_kwargs: Any) -> QuerySet:
    """A session is delivered once its roll is submitted."""
    return Roll.objects.filter(state=RollState.SUBMITTED).values("session")


@receiver(feedback_asked, dispatch_uid="classes.tell_feedback")
def tell_feedback(
    instructor_ids: Collection[int], on: date, **_kwargs: Any
) -> Mapping[int, Feedback]:
    """What trainees said of lecturers."""
    return list_feedback(instructor_ids, on)


@receiver(letter_cancelled, dispatch_uid="classes.call_off_cancelled")
def call_off_cancelled(
    training_class: TrainingClass, reason: str, by: Actor, at: datetime, **_kwargs: Any
) -> None:
    """The class of a booking letter that is cancelled is called off, as far as it has not begun."""
    if not training_class.sessions.to_be_held().filter(starts_at__gt=at).exists():
        return
    try:
        call_off_class(training_class_id=training_class.pk, reason=reason, by=by, at=at)
    except RosterError as error:
        raise RecordError(str(error)) from error


@receiver(member_leaving, dispatch_uid="classes.take_off_who_leaves")
def take_off_who_leaves(
    member_id: int, why: str, by: Actor, at: datetime, **_kwargs: Any
) -> list[str]:
    """A member who leaves is on no roster with sessions to come, and waits for no place."""
    return [
        _("The member is taken off the roster or the waiting list of “%(title)s”.")
        % {"title": training_class.title}
        for training_class in take_off_rosters(member_id=member_id, reason=why, by=by, at=at)
    ]
