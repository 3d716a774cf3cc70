"""What of rolls, study, disputes, the register and booking blocks the reconciliation of a year."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlencode

from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from config.lib.pages import address_of
from config.lib.periods import in_force, local_date
from config.lib.rows import select_value
from courses.models import Session
from dispatch.filters import OPEN_LETTERS, UNANSWERED, UNSETTLED, unanswered_in, wished_in
from dispatch.models import BookingLetter
from hours.enums import UNFINISHED_DISPUTES
from hours.filters import UNFINISHED
from hours.models import Dispute
from quotas.blocker_registry import Blocker, Counts, register_blocker
from rolls.filters import MISSING
from rolls.models import WalkIn
from rolls.queries.deadlines import is_due
from studies.enums import WAITING_STUDIES
from studies.filters import WAITING
from studies.models import Study
from trainees.queries.duplicates import SUSPECT_PAIRS_SQL

_SUSPECTS = f"SELECT count(*) FROM ({SUSPECT_PAIRS_SQL}) pair"  # noqa: S608 - fixed text, no input


def register_own_blockers() -> None:
    """Register the kinds that this app knows."""
    for blocker in (ROLLS, STUDIES, DISPUTES, WALK_INS, DUPLICATES, LETTERS, ENGAGEMENTS):
        register_blocker(blocker)


def _list(address: str, **filters: object) -> str:
    """A list with these filters; one that is None is left out."""
    asked = {name: value for name, value in filters.items() if value is not None}
    return f"{address}?{urlencode(asked)}" if asked else address


def _by_school(rows: QuerySet, path: str) -> Counts:
    """The number of rows by the school at `path`. One statement."""
    schools = rows.order_by().values_list(path).annotate(n=Count("pk", distinct=True))
    return dict(schools)


def _count_rolls(year: int, now: datetime) -> Counts:
    return _by_school(Session.objects.in_year(year).filter(is_due(now)), "training_class__school")


def _count_studies(year: int, now: datetime) -> Counts:
    """At the school that serves the organisation today; two statements, for those of none."""
    studies = Study.objects.filter(held_on__year=year, state__in=WAITING_STUDIES)
    served = studies.filter(
        in_force(local_date(now), "organisation__placements__period"),
        in_force(local_date(now), "organisation__placements__township__areas__period"),
    )
    counts = dict(_by_school(served, "organisation__placements__township__areas__school"))
    return counts | {None: studies.count() - sum(counts.values())}


def _count_disputes(year: int, _now: datetime) -> Counts:
    disputes = Dispute.objects.filter(occurred_on__year=year, state__in=UNFINISHED_DISPUTES)
    return _by_school(disputes, "school")


def _count_walk_ins(year: int, _now: datetime) -> Counts:
    walk_ins = WalkIn.objects.unmatched().filter(session__held_on__year=year)
    return _by_school(walk_ins, "session__training_class__school")


def _count_duplicates(_year: int, _now: datetime) -> Counts:
    """Of the whole register: two rows of a person may belong to two schools."""
    return {None: int(select_value(_SUSPECTS))}


def _count_letters(year: int, _now: datetime) -> Counts:
    return _by_school(BookingLetter.objects.filter(UNSETTLED, wished_in(year)), "school")


def _count_engagements(year: int, _now: datetime) -> Counts:
    return _by_school(BookingLetter.objects.filter(unanswered_in(year)), "school")


def _list_letters(stage: str) -> Callable[[int, int | None], str]:
    return lambda year, school: _list(
        reverse("dispatch:letters"), year=year, school=school, letter_stage=stage
    )


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
    address=lambda year, school: _list(
        reverse("studies:studies"), year=year, school=school, progress=WAITING
    ),
    rank=20,
)
DISPUTES = Blocker(
    key="disputes",
    label=_("Disputes and appeals that wait for an answer"),
    who=_("the clerk of the school or, for appeals, the organisation department"),
    count=_count_disputes,
    address=lambda year, school: _list(
        address_of("disputes"), year=year, school=school, stage=UNFINISHED
    ),
    rank=30,
)
WALK_INS = Blocker(
    key="walk_ins",
    label=_("Walk-ins who are matched to no member"),
    who=_CLERK,
    count=_count_walk_ins,
    address=lambda year, school: _list(reverse("rolls:walk_ins"), year=year, school=school),
    rank=40,
)
DUPLICATES = Blocker(
    key="duplicates",
    label=_("Pairs of rows in the register that may be one person"),
    who=_("the organisation department"),
    count=_count_duplicates,
    address=lambda _year, _school: address_of("duplicates"),
    rank=50,
    is_of_schools=False,
)
LETTERS = Blocker(
    key="letters",
    label=_("Booking letters that are not scheduled and agreed"),
    who=_("the district Party school"),
    count=_count_letters,
    address=_list_letters(OPEN_LETTERS),
    rank=60,
)
ENGAGEMENTS = Blocker(
    key="engagements",
    label=_("Booking letters with a lecturer who has not answered"),
    who=_("the district Party school"),
    count=_count_engagements,
    address=_list_letters(UNANSWERED),
    rank=70,
)
