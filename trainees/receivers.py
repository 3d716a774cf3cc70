"""What this app says to acts of the apps below."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.dispatch import receiver
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.records import RecordError
from backstage.two_steps import Blocker
from config.lib.dates import write_day
from config.lib.periods import day_before
from courses.models import Session
from courses.signals import session_changing
from schools.errors import SchoolsError
from schools.models import School
from schools.signals import school_closing, serving_school_changing
from trainees.enums import RollState, StudyState
from trainees.filters import UNSUBMITTED
from trainees.models import Attendance, Study


@receiver(session_changing, dispatch_uid="trainees.keep_rolled_session")
def keep_rolled_session(session: Session, **_kwargs: Any) -> None:
    """What a roll was taken of stands once it has marks: credit hours rest on it."""
    if Attendance.objects.filter(session=session).exists():
        raise RecordError(_("This session has a roll, so it stays as it is."))


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
def tell_rolls_due(school: School, on: date, **_kwargs: Any) -> list[Blocker]:
    """Rolls that nobody could submit any more once the school's clerks have lost their role."""
    open_ones = Session.objects.filter(training_class__school=school, held_on__lt=on).exclude(
        roll__state=RollState.SUBMITTED
    )
    n = open_ones.count()
    if not n:
        return []
    label = ngettext(
        "%(n)d roll is not submitted: its clerk submits it first.",
        "%(n)d rolls are not submitted: the clerk submits them first.",
        n,
    )
    query = urlencode({"school": school.pk, "to": day_before(on).isoformat(), "due": UNSUBMITTED})
    return [Blocker(label % {"n": n}, f"{reverse('trainees:sessions')}?{query}")]
