"""The outlook of a year: classes that would close a gap. The forecast is `hours.forecast`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from classes.models import Enrolment
from classes.queries.overlaps import Clash, list_clashes, say_clash
from config.lib.hours import ZERO
from config.lib.periods import in_force, local_date
from courses.enums import Strand
from courses.models import Session, StrandShare, TrainingClass
from hours.enums import RequirementGroup
from hours.models import Assessment
from schools.enums import Audience
from schools.models import School
from trainees.enums import PostKind
from trainees.models import Member, Post

CLASSES_SHOWN = 20
# Of the sessions that are offered in place of one that clashes.
SESSIONS_OFFERED = 3
# The audiences of classes that help the members of each rule.
_AUDIENCES: dict[str, tuple[Audience, ...]] = {
    RequirementGroup.LEADING_POST: (Audience.SECRETARIES,),
    RequirementGroup.EVERY_MEMBER: (Audience.AFFAIRS_WORKERS, Audience.ORDINARY),
}


@dataclass(frozen=True)
class ComingClass:
    """A class with upcoming sessions. `places`: free seats in the smallest venue, None if unknown.

    `closes_gap`: its hours would reach the target. `fits_strand`: it teaches the strand that the
    member lacks most, compared with the intended mix of a module. `may_enrol`: members may put
    themselves on its roster, or on the waiting list if it is full. `clash` says with which of the
    member's own classes it is at once; `instead` are sessions of the course that would be missed,
    in classes that the member could join without a clash.
    """

    training_class: TrainingClass
    is_own_school: bool
    first_at: datetime
    sessions: int
    hours: Decimal
    places: int | None
    strands: list[Strand]
    closes_gap: bool
    fits_strand: bool
    may_enrol: bool = False
    clash: str = ""
    instead: tuple[Session, ...] = ()

    @property
    def strand_labels(self) -> str:
        return " · ".join(str(strand.label) for strand in self.strands)


def list_joinable(
    member: Member, school_id: int | None, left: Decimal, now: datetime
) -> list[ComingClass]:
    """Classes for the member's audience with room or a waiting list that the member is not in.

    Classes of the member's own school come first, so that others do not displace them. Within a
    school, classes that close the gap come first, then those that teach the lacking strand, then
    the earliest. Classes that clash with the member's own come last. Six statements, and three more
    where one clashes.
    """
    on = local_date(now)
    classes_joined = Enrolment.objects.lasting().filter(member=member).values("training_class")
    lacking = _lacking_strand(member, on)
    teaches = Session.objects.to_be_held().filter(
        training_class=OuterRef("pk"), starts_at__gt=now, course__strand=lacking or ""
    )
    coming = (
        _coming(now, may_wait=True)
        .filter(audience=_audience_of(member, on))
        .exclude(pk__in=classes_joined)
        .exclude(waiting_list__member=member)
        .annotate(
            is_own_school=_truth(Q(school=school_id)) if school_id else Value(False),
            closes_gap=_truth(Q(hours_ahead__gte=left)) if left else Value(False),
            fits_strand=Exists(teaches),
        )
        .order_by("-is_own_school", "-closes_gap", "-fits_strand", "first_at", "pk")
    )
    classes = [
        ComingClass(
            training_class,
            training_class.is_own_school,
            training_class.first_at,
            training_class.sessions_ahead,
            training_class.hours_ahead,
            _places_left(training_class),
            strands,
            training_class.closes_gap,
            training_class.fits_strand,
            training_class.takes_members,
        )
        for training_class, strands in _with_strands(coming[:CLASSES_SHOWN], now)
    ]
    return _with_clashes(member, classes, coming, now)


def _with_clashes(
    member: Member, classes: list[ComingClass], joinable: QuerySet[Any], now: datetime
) -> list[ComingClass]:
    """The classes that are at once with the member's own say so, and come last."""
    keys = [coming.training_class.pk for coming in classes]
    clashes = list_clashes(member.pk, _sessions_ahead(keys, now), now)
    offers = _find_offers(member, clashes.values(), joinable, now) if clashes else {}
    free = [coming for coming in classes if coming.training_class.pk not in clashes]
    clashing = [
        replace(
            coming,
            clash=say_clash(clash),
            instead=tuple(offers.get(clash.other.course_id, ())[:SESSIONS_OFFERED]),
        )
        for coming in classes
        if (clash := clashes.get(coming.training_class.pk))
    ]
    return free + clashing


def _find_offers(
    member: Member, clashes: Iterable[Clash], joinable: QuerySet[Any], now: datetime
) -> dict[int, list[Session]]:
    """By course, its sessions in joinable classes that are nowhere at once with the member's own.

    A member joins a class as a whole, so all of its sessions have to fit.
    """
    sessions = list(
        Session.objects.to_be_held()
        .filter(
            starts_at__gt=now,
            course__in={clash.other.course_id for clash in clashes},
            training_class__in=joinable.order_by().values("pk"),
        )
        .select_related("training_class")
        .order_by("starts_at", "pk")
    )
    keys = {session.training_class_id for session in sessions}
    at_once = list_clashes(member.pk, _sessions_ahead(keys, now), now)
    offers: defaultdict[int, list[Session]] = defaultdict(list)
    for session in sessions:
        if session.training_class_id not in at_once:
            offers[session.course_id].append(session)
    return offers


def _sessions_ahead(class_ids: Collection[int], now: datetime) -> QuerySet[Session]:
    return Session.objects.to_be_held().filter(training_class__in=class_ids, ends_at__gt=now)


def _truth(condition: Q) -> Case:
    """The condition as a sortable column."""
    return Case(When(condition, then=True), default=False)


def list_helping(
    schools: Iterable[School], audience: str, rule: str, now: datetime
) -> list[ComingClass]:
    """Upcoming classes at these schools for members below target, next first. Two statements.

    If `audience` or the group of a `rule` narrows the members, only classes meant for them.
    """
    coming = _coming(now).filter(school__in=list(schools))
    if audience:
        coming = coming.filter(audience=audience)
    if rule:
        coming = coming.filter(audience__in=_AUDIENCES[rule])
    return [
        ComingClass(
            training_class,
            True,
            training_class.first_at,
            training_class.sessions_ahead,
            training_class.hours_ahead,
            _places_left(training_class),
            strands,
            False,
            False,
        )
        for training_class, strands in _with_strands(coming[: 5 * CLASSES_SHOWN], now)
    ]


def _coming(now: datetime, *, may_wait: bool = False) -> QuerySet[Any]:
    """Classes with room and upcoming sessions this year: hours, places, first session.

    `takes_members` tells whether members enrol themselves. With `may_wait`, full classes with a
    waiting list are included.
    """
    held = Session.objects.to_be_held()
    begun = held.filter(training_class=OuterRef("pk"), starts_at__lte=now)
    has_room = Q(places__isnull=True) | Q(places__gt=F("enrolled"))
    ahead = Q(
        sessions__called_off_at=None,
        sessions__starts_at__gt=now,
        sessions__held_on__lte=date(local_date(now).year, 12, 31),
    )
    enrolled = (
        Enrolment.objects.lasting()
        .filter(training_class=OuterRef("pk"))
        .order_by()
        .values("training_class")
        .annotate(n=Count("pk"))
        .values("n")
    )
    return (
        TrainingClass.objects.filter(ahead)
        .select_related("school")
        .annotate(
            first_at=Min("sessions__starts_at", filter=ahead),
            sessions_ahead=Count("sessions", filter=ahead),
            hours_ahead=Sum("sessions__hours", filter=ahead),
            places=Coalesce("capacity", Min("sessions__venue__capacity", filter=ahead)),
            enrolled=Coalesce(Subquery(enrolled), 0),
            takes_members=Case(When(Q(is_open=True) & ~Exists(begun), then=True), default=False),
        )
        .filter(has_room | Q(takes_members=True) if may_wait else has_room)
        .order_by("first_at", "pk")
    )


def _with_strands(coming: QuerySet[Any], now: datetime) -> list[tuple[Any, list[Strand]]]:
    classes = list(coming)
    taught: defaultdict[int, list[Strand]] = defaultdict(list)
    rows = (
        Session.objects.to_be_held()
        .filter(
            training_class__in=[training_class.pk for training_class in classes], starts_at__gt=now
        )
        .order_by("training_class", "course__strand")
        .values_list("training_class", "course__strand")
        .distinct()
    )
    for key, strand in rows:
        taught[key].append(Strand(strand))
    return [(training_class, taught[training_class.pk]) for training_class in classes]


def _places_left(training_class: Any) -> int | None:
    return (
        None
        if training_class.places is None
        else max(training_class.places - training_class.enrolled, 0)
    )


def _audience_of(member: Member, on: date) -> str:
    """The member's audience: secretary, else Party-affairs worker, else ordinary member."""
    kinds = set(Post.objects.filter(in_force(on), member=member).values_list("kind", flat=True))
    if PostKind.SECRETARY in kinds:
        return Audience.SECRETARIES
    return Audience.AFFAIRS_WORKERS if PostKind.AFFAIRS_WORKER in kinds else Audience.ORDINARY


def _lacking_strand(member: Member, on: date) -> Strand | None:
    """The strand furthest below its intended share of the member's classes this year."""
    strand = F("source__roll__session__course__strand")
    rows = (
        Assessment.objects.filter(
            member=member, credit_year=on.year, source__roll__isnull=False, hours__gt=0
        )
        .filter(entries__reverses__isnull=True, entries__reversals__isnull=True)
        .order_by()
        .values(strand=strand)
        .annotate(total=Sum("hours"))
    )
    had = {row["strand"]: row["total"] for row in rows}
    total = sum(had.values(), ZERO)
    if not total:
        return None
    shares = dict(
        StrandShare.objects.filter(in_force(on))
        .order_by("-percent")
        .values_list("strand", "percent")
    )
    gaps = {
        strand: percent - had.get(strand, ZERO) * 100 / total for strand, percent in shares.items()
    }
    return Strand(max(gaps, key=lambda strand: gaps[strand])) if gaps else None
