"""What this app says to acts of the apps below."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.dispatch import receiver
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.origin import Actor
from accounts.records import RecordError
from backstage.two_steps import Blocker
from config.lib.dates import write_day
from config.lib.periods import day_before
from courses.models import Session, TrainingClass
from courses.querysets import SessionQuerySet
from courses.signals import places_changed, session_changing
from schools.errors import SchoolsError
from schools.models import School
from schools.signals import school_closing, school_merging, serving_school_changing
from trainees.actions.enrolments import let_in_waiting
from trainees.enums import DisputeState, RollState, StudyState
from trainees.filters import MISSING
from trainees.models import Attendance, Dispute, Study

# More open rolls than these are looked up in the list of sessions.
ROLLS_SHOWN = 5


@receiver(session_changing, dispatch_uid="trainees.keep_rolled_session")
def keep_rolled_session(session: Session, **_kwargs: Any) -> None:
    """What a roll was taken of stands once it has marks: credit hours rest on it."""
    if Attendance.objects.filter(session=session).exists():
        raise RecordError(_("This session has a roll, so it stays as it is."))


@receiver(places_changed, dispatch_uid="trainees.let_in_who_waits")
def let_in_who_waits(
    training_class: TrainingClass, field: str, by: Actor, at: datetime, **_kwargs: Any
) -> None:
    """A larger class or venue has places for those who wait; a smaller one keeps its trainees."""
    let_in_waiting(training_class=training_class, field=field, by=by, at=at)


@receiver(serving_school_changing, dispatch_uid="trainees.keep_studied_school")
def keep_studied_school(organisation_ids: list[int], on: date, **_kwargs: Any) -> None:
    """Hours of a study stand in the ledger at the school of its day, so that one stays."""
    studies = Study.objects.filter(
        organisation__in=organisation_ids, held_on__gte=on, state=StudyState.APPROVED
    )
    last = studies.select_related("organisation").order_by("held_on").last()
    if last is not None:
        raise SchoolsError(
            _("%(name)s has recorded a study on %(day)s: choose a later day.")
            % {"name": last.organisation.name, "day": write_day(last.held_on)},
            field="on",
        )


@receiver(school_closing, dispatch_uid="trainees.tell_rolls_due")
def tell_rolls_due(school: School, on: date, at: datetime, **_kwargs: Any) -> list[Blocker]:
    """Rolls that nobody could submit any more once the school's clerks have lost their role.

    Those of sessions that are over; the first few by themselves.
    """
    due = _open_rolls(school, on).over_by(at).select_related("training_class")
    shown = [
        Blocker(
            _("The roll of %(session)s on %(day)s is not submitted: the clerk submits it first.")
            % {"session": session, "day": write_day(session.held_on)},
            reverse("trainees:roll", args=[session.pk]),
        )
        for session in due.order_by("starts_at", "pk")[:ROLLS_SHOWN]
    ]
    more = due.count() - len(shown)
    if not more:
        return shown
    label = ngettext(
        "%(n)d more roll is not submitted.", "%(n)d more rolls are not submitted.", more
    )
    query = urlencode({"school": school.pk, "to": day_before(on).isoformat(), "due": MISSING})
    return [*shown, Blocker(label % {"n": more}, f"{reverse('trainees:sessions')}?{query}")]


@receiver(school_merging, dispatch_uid="trainees.tell_rolls_to_come")
def tell_rolls_to_come(school: School, on: date, at: datetime, **_kwargs: Any) -> list[str]:
    """Rolls that the school's clerks have still to submit while they hold their role."""
    n = _open_rolls(school, on).exclude(ends_at__lte=at).count()
    if not n:
        return []
    label = ngettext(
        "The roll of %(n)d session before that day must be submitted by %(day)s.",
        "The rolls of %(n)d sessions before that day must be submitted by %(day)s.",
        n,
    )
    return [label % {"n": n, "day": write_day(day_before(on))}]


def _open_rolls(school: School, on: date) -> SessionQuerySet:
    """Sessions of the school before the day `on` whose rolls are not submitted."""
    held = Session.objects.to_be_held()
    sessions = held.filter(training_class__school=school, held_on__lt=on)
    return sessions.exclude(roll__state=RollState.SUBMITTED)


@receiver(school_closing, dispatch_uid="trainees.tell_disputes_open")
def tell_disputes_open(school: School, **_kwargs: Any) -> list[Blocker]:
    """Disputes that nobody could answer any more once the school's clerks have lost their role."""
    n = Dispute.objects.filter(school=school, state=DisputeState.OPEN).count()
    if not n:
        return []
    label = ngettext(
        "%(n)d dispute is not answered: the clerk answers it first.",
        "%(n)d disputes are not answered: the clerk answers them first.",
        n,
    )
    query = urlencode({"school": school.pk, "stage": DisputeState.OPEN})
    return [Blocker(label % {"n": n}, f"{reverse('trainees:disputes')}?{query}")]
