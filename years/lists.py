"""The lists of this app: the rows that the user may see, narrowed by filters.

A page shows them in parts; an export contains all of them.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Case, Count, F, Max, Q, QuerySet, When
from django.utils.translation import gettext as _

from classes.enums import RollState
from config.lib.filters import Filters, ListRequest
from config.lib.hours import ZERO
from config.lib.year_filters import days_chosen, part_of
from config.lib.years import day_of_judgement
from courses.models import Session, TrainingClass
from hours.enums import UNFINISHED_DISPUTES
from hours.models import CreditEntry, Dispute
from hours.queries.clock_list import ClockLines
from hours.queries.holders import holder_of
from hours.queries.members import MemberLines
from hours.querysets import CreditEntryQuerySet, DisputeQuerySet
from rolls.enums import ATTENDED
from rolls.models import Attendance
from rolls.queries.deadlines import is_overdue
from schools.filters import chosen_organisation, chosen_schools, holds_outside
from schools.models import Organisation, School
from trainees.lists import members_served
from trainees.models import Departure, Member
from trainees.querysets import MemberQuerySet
from years.queries.hours import MemberYear, get_member_year, get_own_year
from years.queries.lines import Line
from years.queries.organisation_figures import (
    OrganisationFigures,
    find_above,
    list_organisation_figures,
)
from years.queries.outlook import ComingClass, list_helping, list_joinable
from years.queries.overview import SchoolFigures, list_figures, sum_figures


def school_figures(
    asked: ListRequest, filters: Filters
) -> tuple[list[SchoolFigures], SchoolFigures | None]:
    """Each school's year, and their sum if there are several.

    A last line has the members outside every school's area, if the list holds any.
    """
    year = filters.value("year")
    figures = list_figures(
        chosen_schools(asked, filters),
        int(year),
        asked.now,
        part=part_of(year, filters.value("part")),
        audience=filters.value("audience"),
        outside=holds_outside(asked, filters),
    )
    total = sum_figures(figures, _name_of_total(figures, int(year))) if figures[1:] else None
    return figures, total


def _name_of_total(figures: list[SchoolFigures], year: int) -> str:
    """The label of the sum: the district for all schools, else the number of schools."""
    if figures[-1].is_outside:
        return _("The whole district")
    if len(figures) == School.objects.in_year(year).count():
        return _("All schools")
    return _("These %(n)d schools") % {"n": len(figures)}


def organisation_figures(asked: ListRequest, filters: Filters) -> list[OrganisationFigures]:
    """The year of the organisations directly below one, or below the district committee."""
    organisation, year = chosen_organisation(filters), filters.value("year")
    if organisation.value and not organisation.chosen:
        return []
    return list_organisation_figures(
        [school.pk for school in chosen_schools(asked, filters)],
        organisation.chosen.pk if organisation.chosen else None,
        int(year),
        asked.now,
        outside=holds_outside(asked, filters),
        part=part_of(year, filters.value("part")),
        audience=filters.value("audience"),
    )


def organisation_above(asked: ListRequest, filters: Filters) -> Organisation | None:
    """The parent of the chosen organisation, if the user may see it."""
    organisation = chosen_organisation(filters)
    if organisation.chosen is None:
        return None
    as_of = day_of_judgement(int(filters.value("year")), asked.today)
    return find_above(asked.user, organisation.chosen.pk, asked.today, as_of)


def overdue_rolls(asked: ListRequest, filters: Filters) -> QuerySet:
    """Sessions of the chosen schools with an overdue roll, oldest first."""
    return (
        Session.objects.visible_to(asked.user, asked.today)
        .filter(is_overdue(asked.now), training_class__school__in=chosen_schools(asked, filters))
        .select_related("training_class__school")
        .order_by("held_on", "starts_at", "pk")
    )


def classes(asked: ListRequest, filters: Filters) -> QuerySet:
    """Classes with a finished session in the chosen time.

    Annotated with `held` (number of these sessions), `missing` (those without a submitted roll) and
    `last_on`.
    """
    days = days_chosen(filters)
    over = Session.objects.to_be_held().filter(held_on__gte=days.lower, held_on__lt=days.upper)
    not_submitted = ~Q(sessions__roll__state=RollState.SUBMITTED) | Q(sessions__roll__isnull=True)
    return (
        filters.apply(TrainingClass.objects.visible_to(asked.user, asked.today))
        .filter(sessions__in=over.over_by(asked.now))
        .select_related("school", "module")
        .annotate(
            held=Count("sessions", distinct=True),
            last_on=Max("sessions__held_on"),
            missing=Count("sessions", filter=not_submitted, distinct=True),
        )
        .order_by("-last_on", "-id")
    )


def attendances(asked: ListRequest, filters: Filters) -> QuerySet:
    """Attendances (person-times): marks *present* or *late* of submitted rolls."""
    rows = (
        Attendance.objects.visible_to(asked.user, asked.today)
        .filter(status__in=ATTENDED, session__roll__state=RollState.SUBMITTED)
        .annotate(holder=_of_holder("id"))
    )
    return (
        filters.apply(rows)
        .select_related(
            "member", "organisation", "session__training_class__school", "session__venue"
        )
        .order_by("-session__held_on", "session_id", "member__name_pinyin", "id")
    )


def attendees(asked: ListRequest, filters: Filters) -> QuerySet:
    """The distinct members behind the attendances: `number`, `name`, `times`, `last_on`.

    Marks of both rows of a merged member are those of the row that holds their hours.
    """
    return (
        attendances(asked, filters)
        .select_related(None)
        .values(
            "holder",
            number=_of_holder("number"),
            name=_of_holder("name"),
            pinyin=_of_holder("name_pinyin"),
        )
        .annotate(times=Count("id"), last_on=Max("session__held_on"))
        .order_by("pinyin", "holder")
    )


def _of_holder(field: str) -> Case:
    return holder_of(field, member="member", day="session__held_on")


def disputes(asked: ListRequest, filters: Filters) -> DisputeQuerySet:
    """Disputes answered by visible schools: pending ones oldest first, then newest first."""
    waits = Case(When(state__in=UNFINISHED_DISPUTES, then=F("moved_at")), default=None)
    visible = Dispute.objects.of_schools_visible_to(asked.user, asked.today)
    rows = filters.apply(visible).with_subject().with_last_step()
    return rows.order_by(waits.asc(nulls_last=True), "-moved_at", "-id")


def helping(asked: ListRequest, filters: Filters) -> list[ComingClass]:
    """Upcoming classes at the chosen schools, for the chosen audience and rule."""
    schools = chosen_schools(asked, filters)
    return list_helping(schools, filters.value("audience"), filters.value("rule"), asked.now)


def members(asked: ListRequest, filters: Filters) -> MemberLines:
    """Members that the user may see, with their verdicts."""
    organisation = chosen_organisation(filters)
    return MemberLines(
        school_ids=[school.pk for school in chosen_schools(asked, filters)],
        year=int(filters.value("year")),
        on=asked.today,
        outside=holds_outside(asked, filters),
        outcome=filters.value("outcome"),
        text=filters.value("q"),
        audience=filters.value("audience"),
        organisation_ids=organisation.ids,
        rule=filters.value("rule"),
        order=filters.value("order"),
    )


def clocks(asked: ListRequest, filters: Filters) -> ClockLines:
    """Trainings owed within some months by members that the user may see, the next due first."""
    return ClockLines(
        school_ids=[school.pk for school in chosen_schools(asked, filters)],
        year=int(filters.value("year")),
        on=asked.today,
        outside=holds_outside(asked, filters),
        group=filters.value("clock"),
        state=filters.value("clock_state"),
        text=filters.value("q"),
    )


def departures(asked: ListRequest, filters: Filters) -> QuerySet[Departure]:
    """Members who left organisations whose members the person may see, the latest first."""
    rows = Departure.objects.visible_to(asked.user, asked.today).standing()
    if filters.value("q"):
        members = Member.objects.named_like(filters.value("q")).order_by()
        rows = rows.filter(member__in=members)
    return filters.apply(rows).select_related("member", "organisation", "recorded_by")


def served(asked: ListRequest, filters: Filters) -> MemberQuerySet:
    """Members whom the user serves, by name, each with the state of their account."""
    rows = members_served(asked)
    if filters.value("q"):
        rows = rows.named_like(filters.value("q"))
    return rows.order_by("name_pinyin", "pk")


def own_classes(asked: ListRequest, _filters: Filters) -> list[ComingClass]:
    """Classes that the user could still join; none if the user is not a member."""
    try:
        member_year = get_own_year(asked.user, asked.today.year, asked.today)
    except Member.DoesNotExist:
        return []
    school = School.objects.filter(code=member_year.school_code).first()
    return joinable(member_year, school, asked.now)


def joinable(member_year: MemberYear, school: School | None, now: datetime) -> list[ComingClass]:
    """Classes that the member could still join, those of the member's school first."""
    left = member_year.verdict.left if member_year.verdict else ZERO
    member = Member.objects.get(pk=member_year.member_id)
    return list_joinable(member, school.pk if school else None, left, now)


def own_hours(asked: ListRequest, filters: Filters) -> list[Line]:
    """The lines of the user's own year, with corrected ones; none if the user is no member."""
    try:
        year = get_own_year(asked.user, int(filters.value("year")), asked.today)
    except Member.DoesNotExist:
        return []
    return _with_earlier(year)


def member_hours(asked: ListRequest, filters: Filters) -> list[Line]:
    """The same for a member that the user may see; none for others."""
    try:
        return _with_earlier(member_year(asked, filters))
    except Member.DoesNotExist:
        return []


def member_year(asked: ListRequest, filters: Filters) -> MemberYear:
    """The year of the filter's member. Raises Member.DoesNotExist if the user may not see them."""
    member, year = int(filters.value("member") or 0), int(filters.value("year"))
    return get_member_year(asked.user, member, year, asked.today)


def _with_earlier(year: MemberYear) -> list[Line]:
    return [version for line in year.lines for version in (line, *line.earlier)]


def entries(asked: ListRequest, filters: Filters) -> CreditEntryQuerySet:
    """Entries of the credit-hour ledger, reversals included."""
    return (
        filters.apply(CreditEntry.objects.visible_to(asked.user, asked.today))
        .select_related("member", "organisation", "school", "posted_by")
        .order_by("-occurred_on", "-id")
    )
