"""The lists of this app: the rows of each within sight, narrowed by its filters.

A page shows them in parts, an export all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.db.models import Case, Count, F, Max, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from config.lib.dated_rows import from_day_on
from config.lib.filters import Asked, Filters
from config.lib.hours import ZERO
from config.lib.year_filters import days_chosen, part_of
from config.lib.years import day_of_judgement
from courses.models import Session, TrainingClass
from schools.filters import chosen_organisation, chosen_schools
from schools.models import Organisation, Placement, School
from schools.queries.tree import list_children
from trainees.enums import ATTENDED, UNFINISHED_DISPUTES, ReviewVerdict, RollState
from trainees.models import (
    Attendance,
    CreditEntry,
    Dispute,
    Member,
    MemberCard,
    RegisterImport,
    RegisterRow,
    Study,
    StudyParticipant,
    StudyReview,
    StudySubmission,
    SupervisionNote,
    WalkIn,
)
from trainees.queries.dashboard import SchoolFigures, list_figures, sum_figures
from trainees.queries.deadlines import is_overdue
from trainees.queries.hours import MemberYear, get_member_year, get_own_year
from trainees.queries.lines import Line
from trainees.queries.members import BY_ORGANISATION, MemberLines
from trainees.queries.organisation_figures import (
    OrganisationFigures,
    find_above,
    list_organisation_figures,
)
from trainees.queries.organisations import Counts, count_below
from trainees.queries.outlook import ComingClass, list_helping, list_joinable
from trainees.queries.register import describe_rows, list_rows
from trainees.queries.rolls import list_sessions
from trainees.querysets import CreditEntryQuerySet, DisputeQuerySet, MemberQuerySet


def school_figures(
    asked: Asked, filters: Filters
) -> tuple[list[SchoolFigures], SchoolFigures | None]:
    """Each school's year, and of several of them the sum."""
    year = filters.value("year")
    figures = list_figures(
        chosen_schools(asked, filters),
        int(year),
        asked.now,
        part=part_of(year, filters.value("part")),
        audience=filters.value("audience"),
    )
    total = sum_figures(figures, _name_of_total(figures, int(year))) if figures[1:] else None
    return figures, total


def _name_of_total(figures: list[SchoolFigures], year: int) -> str:
    """The sum of all schools is the district's; anything less says of how many it is."""
    if len(figures) == School.objects.in_year(year).count():
        return _("All schools")
    return _("These %(n)d schools") % {"n": len(figures)}


def organisation_figures(asked: Asked, filters: Filters) -> list[OrganisationFigures]:
    """The year of the organisations right below one, or right below the district committee."""
    organisation, year = chosen_organisation(filters), filters.value("year")
    if organisation.value and not organisation.found:
        return []
    return list_organisation_figures(
        [school.pk for school in chosen_schools(asked, filters)],
        organisation.found.pk if organisation.found else None,
        int(year),
        asked.now,
        part=part_of(year, filters.value("part")),
        audience=filters.value("audience"),
    )


def organisation_above(asked: Asked, filters: Filters) -> Organisation | None:
    """The organisation above the one chosen, if it is in sight."""
    organisation = chosen_organisation(filters)
    if organisation.found is None:
        return None
    as_of = day_of_judgement(int(filters.value("year")), asked.today)
    return find_above(asked.user, organisation.found.pk, asked.today, as_of)


def sessions(asked: Asked, filters: Filters) -> QuerySet:
    """Sessions, today's and unfinished ones first."""
    return filters.apply(list_sessions(asked.user, asked.now))


def overdue_rolls(asked: Asked, filters: Filters) -> QuerySet:
    """Sessions of the schools chosen whose roll is past its deadline, the oldest first."""
    return (
        Session.objects.visible_to(asked.user, asked.today)
        .filter(is_overdue(asked.now), training_class__school__in=chosen_schools(asked, filters))
        .select_related("training_class__school")
        .order_by("held_on", "starts_at", "pk")
    )


def classes(asked: Asked, filters: Filters) -> QuerySet:
    """Classes of which a session was over in the time chosen.

    Annotated with such sessions: `held`, of these `missing` a submitted roll, and `last_on`.
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


def attendances(asked: Asked, filters: Filters) -> QuerySet:
    """Person-times: marks *present* or *late* of submitted rolls."""
    rows = Attendance.objects.visible_to(asked.user, asked.today).filter(
        status__in=ATTENDED, session__roll__state=RollState.SUBMITTED
    )
    return (
        filters.apply(rows)
        .select_related(
            "member", "organisation", "session__training_class__school", "session__venue"
        )
        .order_by("-session__held_on", "session_id", "member__name_pinyin", "id")
    )


def walk_ins(asked: Asked, _filters: Filters) -> QuerySet:
    """Walk-ins whom nobody has matched to a member yet, the oldest first."""
    return (
        WalkIn.objects.visible_to(asked.user, asked.today)
        .unmatched()
        .select_related("session__training_class__school", "recorded_by")
        .order_by("session__held_on", "id")
    )


def supervision_notes(asked: Asked, filters: Filters) -> QuerySet:
    """Supervision notes as they stand, of the latest session first."""
    rows = SupervisionNote.objects.visible_to(asked.user, asked.today).standing()
    return (
        filters.apply(rows)
        .select_related("session__training_class__school", "session__course", "supervisor")
        .order_by("-session__held_on", "-session__starts_at", "-id")
    )


def attendees(asked: Asked, filters: Filters) -> QuerySet:
    """The distinct members behind the person-times: `number`, `name`, `times`, `last_on`."""
    return (
        attendances(asked, filters)
        .select_related(None)
        .values("member_id", number=F("member__number"), name=F("member__name"))
        .annotate(times=Count("id"), last_on=Max("session__held_on"))
        .order_by("member__name_pinyin", "member_id")
    )


def entries(asked: Asked, filters: Filters) -> CreditEntryQuerySet:
    """Rows of the credit-hour ledger, reversals included."""
    return (
        filters.apply(CreditEntry.objects.visible_to(asked.user, asked.today))
        .select_related("member", "organisation", "school", "posted_by")
        .order_by("-occurred_on", "-id")
    )


def disputes(asked: Asked, filters: Filters) -> DisputeQuerySet:
    """Disputes that schools in sight answer: what waits first, oldest first, then newest first."""
    waits = Case(When(state__in=UNFINISHED_DISPUTES, then=F("moved_at")), default=None)
    visible = Dispute.objects.of_schools_visible_to(asked.user, asked.today)
    rows = filters.apply(visible).with_subject().with_last_step()
    return rows.order_by(waits.asc(nulls_last=True), "-moved_at", "-id")


def helping(asked: Asked, filters: Filters) -> list[ComingClass]:
    """Classes ahead at the schools chosen, for the audience and the rule chosen."""
    schools = chosen_schools(asked, filters)
    return list_helping(schools, filters.value("audience"), filters.value("rule"), asked.now)


def studies(asked: Asked, filters: Filters) -> QuerySet:
    """Records of study in sight, the latest first.

    Annotated with `people`, how many were there; `next_step`; `waits_since`, when it was handed in
    last; and `return_reason`, why a draft was returned.
    """
    submissions = StudySubmission.objects.filter(study=OuterRef("pk")).order_by("-round")
    returned = StudyReview.objects.filter(
        study=OuterRef("pk"), round=OuterRef("round"), verdict=ReviewVerdict.RETURNED
    )
    people = StudyParticipant.objects.filter(study=OuterRef("pk")).values("study")
    rows = Study.objects.visible_to(asked.user, asked.today).with_next_step(asked.today)
    return (
        filters.apply(rows)
        .select_related("organisation", "recorded_by")
        .annotate(
            people=Coalesce(Subquery(people.annotate(n=Count("pk")).values("n")), 0),
            waits_since=Subquery(submissions.values("submitted_at")[:1]),
            return_reason=Subquery(returned.values("reason")[:1]),
        )
        .order_by("-held_on", "-id")
    )


def members(asked: Asked, filters: Filters) -> MemberLines:
    """Members of the schools in sight with their verdicts."""
    organisation = chosen_organisation(filters)
    return MemberLines(
        school_ids=[school.pk for school in chosen_schools(asked, filters)],
        year=int(filters.value("year")),
        on=asked.today,
        outcome=filters.value("outcome"),
        text=filters.value("q"),
        audience=filters.value("audience"),
        organisation_ids=organisation.ids,
        rule=filters.value("rule"),
        order=filters.value("order"),
    )


def roster_candidates(asked: Asked, filters: Filters, training_class: TrainingClass) -> MemberLines:
    """Members of the school of a class whom it could take."""
    return MemberLines(
        school_ids=[training_class.school_id],
        year=asked.today.year,
        on=asked.today,
        outcome=filters.value("outcome"),
        text=filters.value("q"),
        audience=filters.value("audience"),
        organisation_ids=chosen_organisation(filters).ids,
        order=BY_ORGANISATION,
    )


def tree(asked: Asked, filters: Filters) -> QuerySet:
    """Organisations in sight by code, or what a search finds, by name.

    Each with `parent_name` and `township_name` as of today, or of its last day.
    """
    rows = Organisation.objects.visible_to(asked.user, asked.today)
    if filters.value("school"):
        rows = rows.for_school(int(filters.value("school")), asked.today)
    if filters.value("name"):
        rows = rows.named_like(filters.value("name"))
    if not filters.value("closed"):
        rows = rows.filter(from_day_on(asked.today))
    places = Placement.objects.filter(
        organisation=OuterRef("pk"), period__startswith__lte=asked.today
    )
    last = places.order_by("-period__startswith")
    return rows.annotate(
        parent_name=Subquery(last.values("parent__name")[:1]),
        township_name=Subquery(last.values("township__name")[:1]),
    ).order_by(*(["name_pinyin"] if filters.value("name") else []), "code")


def slips(asked: Asked, filters: Filters) -> MemberQuerySet:
    """Members whose slips the person issues, by name, each with how the account stands."""
    rows = narrow_to_typed(members_served(asked), asked, filters)
    return rows.select_related("user").order_by("name_pinyin", "pk")


def cards(asked: Asked, filters: Filters) -> MemberQuerySet:
    """Members whose cards the person issues, by name.

    Each with `organisation_today`, and `card` and `card_since` of the card that is valid.
    """
    valid = MemberCard.objects.filter(member=OuterRef("pk"), ended_at=None)
    rows = Member.objects.slips_by(asked.user, asked.today).filter(merged_into=None)
    annotated = rows.with_organisation(asked.today).annotate(
        card=Subquery(valid.values("pk")), card_since=Subquery(valid.values("issued_at"))
    )
    return narrow_to_typed(annotated, asked, filters).order_by("name_pinyin", "pk")


def narrow_to_typed(rows: MemberQuerySet, asked: Asked, filters: Filters) -> MemberQuerySet:
    """Members of the school or the organisation that was chosen, named like what was typed."""
    narrowed: Any = filters.apply(rows)
    if filters.value("school"):
        narrowed = narrowed.for_school(int(filters.value("school")), asked.today)
    if filters.value("organisation"):
        narrowed = narrowed.in_organisation(int(filters.value("organisation")), asked.today)
    if filters.value("q"):
        narrowed = narrowed.named_like(filters.value("q"))
    return narrowed


def members_served(asked: Asked) -> MemberQuerySet:
    """Members whose slips the person issues."""
    members = Member.objects.slips_by(asked.user, asked.today)
    return members.with_account(asked.user, asked.today, asked.now)


def served(asked: Asked, filters: Filters) -> MemberQuerySet:
    """Members whom the person serves, by name, each with how the account stands."""
    rows = members_served(asked)
    if filters.value("q"):
        rows = rows.named_like(filters.value("q"))
    return rows.order_by("name_pinyin", "pk")


def below(asked: Asked, filters: Filters) -> list[tuple[Placement, Counts]]:
    """What stands directly below the organisation asked for, with its counts of that day."""
    above = Organisation.objects.filter(pk=filters.value("above") or 0).first()
    if above is None:
        return []
    on = date.fromisoformat(filters.value("on") or asked.today.isoformat())
    places = list(list_children(above, on))
    counts = count_below([place.organisation_id for place in places], on)
    return [(place, counts[place.organisation_id]) for place in places]


def own_classes(asked: Asked, _filters: Filters) -> list[ComingClass]:
    """Classes that one could still join; none for whoever is no member."""
    try:
        own = get_own_year(asked.user, asked.today.year, asked.today)
    except Member.DoesNotExist:
        return []
    school = School.objects.filter(code=own.school_code).first()
    return joinable(own, school, asked.now)


def joinable(own: MemberYear, school: School | None, now: datetime) -> list[ComingClass]:
    """Classes that the member of that year could still join, those of his school first."""
    left = own.verdict.left if own.verdict else ZERO
    member = Member.objects.get(pk=own.member_id)
    return list_joinable(member, school.pk if school else None, left, now)


def imports(_asked: Asked, _filters: Filters) -> QuerySet[RegisterImport]:
    """Imports of the register, newest first."""
    rows = RegisterImport.objects.defer("unchanged")
    return rows.select_related("job", "uploaded_by", "applied_by")


def import_rows(_asked: Asked, filters: Filters) -> ImportLines:
    """The rows of one kind of an import, in words; none of an import that is not there."""
    register = RegisterImport.objects.filter(pk=filters.value("import") or 0).first()
    return ImportLines(register, filters.value("rows"))


class ImportLines:
    """Rows of an import as its page tells them, some at a time."""

    def __init__(self, register: RegisterImport | None, kind: str) -> None:
        self._rows = list_rows(register, kind) if register else RegisterRow.objects.none()

    def __len__(self) -> int:
        return self._rows.count() if isinstance(self._rows, QuerySet) else len(self._rows)

    def iterator(self, chunk_size: int) -> Iterator[dict[str, Any]]:
        """All rows, in words; a constant number of statements for each `chunk_size`."""
        for start in range(0, len(self), chunk_size):
            for line in describe_rows(self._rows[start : start + chunk_size]):
                member = line["row"].member
                yield line | {"number": member.number if member else line["row"].number}


def import_row_in_words(line: dict[str, Any]) -> str:
    """What a row brings, changes, or why it is refused, in one cell."""
    told = [(field, f"{before} → {after}") for field, before, after in line["changes"]]
    told += [*line["written"], *line["problems"]]
    return _("; ").join(_("%(label)s: %(value)s") % {"label": a, "value": b} for a, b in told)


def own_hours(asked: Asked, filters: Filters) -> list[Line]:
    """The lines of one's own year, with those that were corrected; none of whoever is no member."""
    try:
        year = get_own_year(asked.user, int(filters.value("year")), asked.today)
    except Member.DoesNotExist:
        return []
    return _with_earlier(year)


def member_hours(asked: Asked, filters: Filters) -> list[Line]:
    """The same of a member in sight; none of any other."""
    try:
        return _with_earlier(member_year(asked, filters))
    except Member.DoesNotExist:
        return []


def member_year(asked: Asked, filters: Filters) -> MemberYear:
    """The year of the member whom the filter names. Raises Member.DoesNotExist out of sight."""
    member, year = int(filters.value("member") or 0), int(filters.value("year"))
    return get_member_year(asked.user, member, year, asked.today)


def _with_earlier(year: MemberYear) -> list[Line]:
    return [one for line in year.lines for one in (line, *line.earlier)]
