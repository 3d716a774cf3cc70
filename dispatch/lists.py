"""Lists of this app: the rows that a user may see, narrowed by filters."""

from __future__ import annotations

from django.db.models import Count, Exists, F, Min, OuterRef, Q

from config.lib.filters import Filters, ListRequest
from dispatch.enums import AT_THE_DESK, LIVE_STATES, EngagementState, LetterStage
from dispatch.models import BookingLetter
from dispatch.querysets import BookingLetterQuerySet
from schools.models import School


def letters(asked: ListRequest, filters: Filters) -> BookingLetterQuerySet:
    """Booking letters, the newest first, each with the day that is wished for most.

    `is_guest`: a school in sight joins, but does not hold it.
    """
    rows = filters.apply(BookingLetter.objects.visible_to(asked.user, asked.today))
    hosts = School.objects.visible_to(asked.user, asked.today).filter(pk=OuterRef("school"))
    rows = rows.annotate(is_guest=~Exists(hosts))
    rows = rows.with_detail().annotate(first_day=Min("dates__day", filter=Q(dates__rank=1)))
    return rows.order_by("-written_at", "-pk")


def queue(asked: ListRequest, filters: Filters) -> BookingLetterQuerySet:
    """What the desk has to do: letters without a schedule, and sessions that need a lecturer.

    The first wished day comes first, then the letter that has waited longest.
    """
    rows = BookingLetter.objects.visible_to(asked.user, asked.today)
    rows = filters.apply(to_do(rows))
    return rows.with_detail().order_by("first_day", "submitted_at", "pk")


def to_do(rows: BookingLetterQuerySet) -> BookingLetterQuerySet:
    """The letters that wait for the desk, with their `first_day`.

    Those without a schedule, and those with a session that nobody is engaged for: the draft names
    no lecturer yet, or the last one declined, did not answer or was withdrawn.
    """
    live = Q(engagements__state__in=LIVE_STATES)
    needs = Q(engagements__state=EngagementState.DRAFT, engagements__instructor=None)
    rows = rows.filter(stage__in=AT_THE_DESK | {LetterStage.SCHEDULED, LetterStage.CONFIRMED})
    rows = rows.annotate(
        first_day=Min("dates__day"),
        numbers=Count("engagements__number", distinct=True),
        live_sessions=Count("engagements", filter=live, distinct=True),
        needing=Count("engagements", filter=needs, distinct=True),
    )
    return rows.filter(
        Q(stage__in=AT_THE_DESK) | Q(needing__gt=0) | Q(live_sessions__lt=F("numbers"))
    )
