"""What of rolls, study, disputes, the register and booking blocks the reconciliation of a year."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode

from django.db import connection
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from config.lib.pages import address_of
from config.lib.periods import calendar_year, local_date
from courses.models import Session
from dispatch.enums import OPEN_STAGES, EngagementState, LetterStage
from dispatch.models import BookingLetter, Engagement
from hours.enums import UNFINISHED_DISPUTES
from hours.models import Dispute
from quotas.blockers import Blocker, register_blocker
from rolls.filters import MISSING
from rolls.models import WalkIn
from rolls.queries.deadlines import is_due
from schools.models import Organisation
from studies.enums import StudyState
from studies.models import Study
from trainees.queries.duplicates import SUSPECTS_SQL

_SUSPECTS = f"SELECT count(*) FROM ({SUSPECTS_SQL}) pair"  # noqa: S608 - fixed text, no input
_WAITS = (StudyState.SUBMITTED, StudyState.CHECKED)


def register_own_blockers() -> None:
    """Register the kinds that this app knows."""
    for blocker in (ROLLS, STUDIES, DISPUTES, WALK_INS, DUPLICATES, LETTERS, ENGAGEMENTS):
        register_blocker(blocker)


def _list(address: str, **filters: object) -> str:
    """A list with these filters; one that is None is left out."""
    asked = {name: value for name, value in filters.items() if value is not None}
    return f"{address}?{urlencode(asked)}" if asked else address


def _count_rolls(year: int, school_id: int | None, now: datetime) -> int:
    sessions = Session.objects.in_year(year).filter(is_due(now))
    if school_id:
        sessions = sessions.filter(training_class__school=school_id)
    return sessions.count()


def _count_studies(year: int, school_id: int | None, now: datetime) -> int:
    studies = Study.objects.filter(held_on__year=year, state__in=_WAITS)
    if school_id:
        served = Organisation.objects.for_school(school_id, local_date(now))
        studies = studies.filter(organisation__in=served.values("pk"))
    return studies.count()


def _count_disputes(year: int, school_id: int | None, _now: datetime) -> int:
    disputes = Dispute.objects.filter(occurred_on__year=year, state__in=UNFINISHED_DISPUTES)
    return (disputes.filter(school=school_id) if school_id else disputes).count()


def _count_walk_ins(year: int, school_id: int | None, _now: datetime) -> int:
    walk_ins = WalkIn.objects.unmatched().filter(session__held_on__year=year)
    if school_id:
        walk_ins = walk_ins.filter(session__training_class__school=school_id)
    return walk_ins.count()


def _count_duplicates(_year: int, school_id: int | None, _now: datetime) -> int:
    """Of the whole register: two rows of a person may belong to two schools."""
    if school_id:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_SUSPECTS, {"limit": None})
        return int(cursor.fetchone()[0])


def _count_letters(year: int, school_id: int | None, _now: datetime) -> int:
    days = calendar_year(year)
    letters = BookingLetter.objects.filter(
        stage__in=OPEN_STAGES - {LetterStage.DRAFT},
        dates__day__gte=days.lower,
        dates__day__lt=days.upper,
    )
    return (letters.filter(school=school_id) if school_id else letters).distinct().count()


def _count_engagements(year: int, school_id: int | None, _now: datetime) -> int:
    engagements = Engagement.objects.filter(starts_at__year=year, state=EngagementState.PROPOSED)
    return (engagements.filter(letter__school=school_id) if school_id else engagements).count()


_CLERK = _("the clerk of the school")
ROLLS = Blocker(
    key="rolls",
    label=_("Sessions that are over without a submitted roll"),
    who=_CLERK,
    count=_count_rolls,
    address=lambda year, school: _list(
        reverse("rolls:sessions"), year=year, school=school, due=MISSING
    ),
    rank=10,
)
STUDIES = Blocker(
    key="studies",
    label=_("Study records and declarations that wait for a review"),
    who=_("commissioners, clerks and leaders of schools"),
    count=_count_studies,
    address=lambda year, _school: _list(
        reverse("studies:studies"), year=year, progress=StudyState.SUBMITTED.value
    ),
    rank=20,
)
DISPUTES = Blocker(
    key="disputes",
    label=_("Disputes and appeals that wait for an answer"),
    who=_("the clerk of the school; for appeals the organisation department"),
    count=_count_disputes,
    address=lambda year, school: _list(address_of("disputes"), year=year, school=school),
    rank=30,
)
WALK_INS = Blocker(
    key="walk_ins",
    label=_("Walk-ins who are matched to no member"),
    who=_CLERK,
    count=_count_walk_ins,
    address=lambda _year, _school: reverse("rolls:walk_ins"),
    rank=40,
)
DUPLICATES = Blocker(
    key="duplicates",
    label=_("Pairs of rows in the register that may be one person"),
    who=_("the organisation department"),
    count=_count_duplicates,
    address=lambda _year, _school: address_of("duplicates"),
    rank=50,
)
LETTERS = Blocker(
    key="letters",
    label=_("Booking letters that are not scheduled and agreed"),
    who=_("the district Party school"),
    count=_count_letters,
    address=lambda _year, school: _list(reverse("dispatch:letters"), school=school),
    rank=60,
)
ENGAGEMENTS = Blocker(
    key="engagements",
    label=_("Engagements that wait for the lecturer"),
    who=_("the district Party school"),
    count=_count_engagements,
    address=lambda _year, school: _list(reverse("dispatch:letters"), school=school),
    rank=70,
)
