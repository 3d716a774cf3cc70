"""Opening and merging schools, their officers, and the notes of liaison officers."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.dispatch import Signal
from django.utils.translation import gettext as _

from accounts.audit import ending_subjects, record_act, record_acts
from accounts.origin import Actor
from accounts.records import mask_phone
from config.lib.dated_rows import change_from, end_at, from_day_on
from config.lib.dates import format_day
from config.lib.names import clean_name
from config.lib.periods import first_day, local_date, period
from schools.actions.tree import (
    ask_for_new_school,
    lock_tree,
    refuse_past_years,
    refuse_settled_days,
)
from schools.enums import SuccessionKind
from schools.errors import BlockedError, SchoolsError
from schools.models import (
    GuidanceNote,
    Placement,
    RoleGrant,
    School,
    SchoolArea,
    SchoolOfficer,
    SchoolSuccession,
    Township,
)
from schools.permissions import is_liaison_officer_of
from schools.records import end_grants
from schools.signals import school_closing, school_merging


@dataclass(frozen=True)
class Opened:
    """What a new school takes over."""

    school: School
    areas: list[SchoolArea]  # before the change: township and the school that loses it
    organisation_ids: list[int]


@dataclass(frozen=True)
class Merged:
    """What a school transfers to another, and what ends with it.

    `consequences` has sentences from the higher apps on what they transferred or have to report.
    """

    school: School
    into: School
    townships: list[Township]
    organisation_ids: list[int]
    grants: list[RoleGrant]
    officers: list[SchoolOfficer]
    consequences: list[str]


def open_school(
    *, code: str, name: str, township_ids: Collection[int], on: date, by: Actor, at: datetime
) -> Opened:
    """Create a school that serves these townships from the day `on`. Raises SchoolsError.

    The schools that served them until then keep the classes held there, and at least one township.
    """
    with transaction.atomic():
        lock_tree()
        refuse_settled_days(on, at)
        school = School(code=code, name=name.strip(), period=period(on))
        try:
            school.full_clean()
        except ValidationError as error:
            field, messages = next(iter(error.message_dict.items()))
            raise SchoolsError(messages[0], field=field) from error
        areas = _areas_from(on, township__in=township_ids)
        _refuse_losing_all(areas, on)
        organisation_ids = _organisations_in(township_ids, on)
        ask_for_new_school(organisation_ids, on)
        school.save()
        end_at(areas, on)
        SchoolArea.objects.bulk_create(
            SchoolArea(school=school, township_id=township_id, period=period(on))
            for township_id in sorted(township_ids)
        )
        SchoolSuccession.objects.bulk_create(
            SchoolSuccession(
                former=former, successor=school, kind=SuccessionKind.SPLIT, takes_effect_on=on
            )
            for former in dict.fromkeys(area.school for area in areas)
        )
        record_act(
            act="open_school",
            obj=school,
            by=by,
            at=at,
            before={"areas": {area.township.code: area.school.code for area in areas}},
            after={"on": on, "code": code, "townships": sorted(a.township.code for a in areas)},
            school_code=code,
        )
    return Opened(school, areas, organisation_ids)


def merge_schools(*, school_id: int, into_id: int, on: date, by: Actor, at: datetime) -> Merged:
    """Merge a school into another; the day `on` is the first day without it.

    The other school serves its townships. Its roles and offices end. Classes already held stay with
    it; planned items move to the other school. Raises SchoolsError, and BlockedError while
    something at the school is unfinished.
    """
    refuse_past_years(on, at)
    with transaction.atomic():
        lock_tree()
        school = _get_lasting(school_id, on, "on")
        into = _get_lasting(into_id, on, "into")
        if school == into:
            raise SchoolsError(_("Choose two schools."), field="into")
        if first_day(school.period) == on:
            raise SchoolsError(
                _("%(school)s is founded on %(day)s: choose a later day.")
                % {"school": school.name, "day": format_day(on)},
                field="on",
            )
        areas = _areas_from(on, school=school)
        blockers = _ask(school_closing, school=school, on=on, at=at)
        if blockers:
            raise BlockedError(_("Something at this school is to be settled first."), blockers)
        townships = [area.township for area in areas]
        organisation_ids = _organisations_in([township.pk for township in townships], on)
        ask_for_new_school(organisation_ids, on)
        held = school.role_grants.filter(from_day_on(on)).select_related("user", "school")
        grants = list(held.order_by("role", "pk"))
        officers = list(school.officers.filter(from_day_on(on)))
        change_from(areas, on, school=into)
        end_grants(grants, on, by=by, at=at)
        record_acts(act="end_office", subjects=ending_subjects(officers, on), by=by, at=at)
        end_at(officers, on)
        school.period = period(first_day(school.period), on)
        school.taken_over_by = into
        school.save(update_fields=["period", "taken_over_by"])
        School.objects.filter(taken_over_by=school).update(taken_over_by=into)
        SchoolSuccession.objects.create(
            former=school, successor=into, kind=SuccessionKind.MERGER, takes_effect_on=on
        )
        consequences = _ask(school_merging, school=school, into=into, on=on, by=by, at=at)
        record_act(
            act="merge_schools",
            obj=school,
            by=by,
            at=at,
            after={
                "on": on,
                "into": into.code,
                "townships": [township.code for township in townships],
                "roles_ended": [grant.pk for grant in grants],
            },
            school_code=school.code,
        )
    return Merged(school, into, townships, organisation_ids, grants, officers, consequences)


def _ask(signal: Signal, **what: Any) -> list[Any]:
    """All answers of a signal's receivers in one list."""
    answers: Any = signal.send(School, **what)
    return [item for _receiver, answer in answers for item in answer]


def _areas_from(on: date, **which: object) -> list[SchoolArea]:
    """Areas in force on the day `on`, locked. Raises SchoolsError if one changes later."""
    rows = SchoolArea.objects.select_for_update(of=("self",)).filter(from_day_on(on), **which)
    areas = list(rows.select_related("township", "school"))
    for area in areas:
        since = first_day(area.period)
        change = since if since > on else area.period.upper
        if change is not None:
            raise SchoolsError(
                _("A change of %(township)s is recorded for %(day)s already.")
                % {"township": area.township.name, "day": format_day(change)},
                field="on",
            )
    return areas


def _refuse_losing_all(areas: list[SchoolArea], on: date) -> None:
    for school in {area.school for area in areas}:
        lost = [area.pk for area in areas if area.school == school]
        if not school.areas.filter(from_day_on(on)).exclude(pk__in=lost).exists():
            raise SchoolsError(
                _("%(school)s would serve no township any more: merge it instead.")
                % {"school": school.name},
                field="townships",
            )


def _organisations_in(township_ids: Collection[int], on: date) -> list[int]:
    """Organisations in these townships on the day `on` or later."""
    places = Placement.objects.filter(from_day_on(on), township__in=township_ids)
    return sorted(set(places.values_list("organisation", flat=True)))


def _get_lasting(school_id: int, on: date, field: str) -> School:
    """A school in force on the day `on` with no end, locked. Raises SchoolsError."""
    school = School.objects.select_for_update().get(pk=school_id)
    if on not in school.period or school.period.upper is not None:
        raise SchoolsError(
            _("%(school)s does not exist on %(day)s, or its end is recorded already.")
            % {"school": school.name, "day": format_day(on)},
            field=field,
        )
    return school


def appoint_officer(
    *, school_id: int, office: str, name: str, telephone: str, on: date, by: Actor, at: datetime
) -> SchoolOfficer | None:
    """Record who holds an office from the day `on`; the previous holder's term ends.

    Without a name the office is vacant from then on and None is returned. Raises SchoolsError.
    """
    with transaction.atomic():
        school = School.objects.select_for_update(no_key=True).get(pk=school_id)
        held = list(school.officers.filter(from_day_on(on), office=office))
        if held and first_day(held[-1].period) >= on:
            raise SchoolsError(
                _("%(name)s holds this office from %(day)s on; choose a later day.")
                % {"name": held[-1].name, "day": format_day(first_day(held[-1].period))},
                field="on",
            )
        if not name and not held:
            raise SchoolsError(_("This office is vacant already."), field="name")
        if on not in school.period:
            raise SchoolsError(_("The school does not exist on this day."), field="on")
        end_at(held, on)
        officer = None
        if name:
            officer = SchoolOfficer.objects.create(
                school=school,
                office=office,
                name=clean_name(name),
                telephone=telephone,
                period=period(on, school.period.upper),
            )
        record_act(
            act="appoint_officer",
            obj=officer or held[-1],
            by=by,
            at=at,
            before={"name": held[-1].name if held else ""},
            after={
                "on": on,
                "office": office,
                "name": officer.name if officer else "",
                "telephone": mask_phone(telephone),
            },
            school_code=school.code,
        )
    return officer


def write_guidance_note(
    *,
    school_id: int,
    noted_on: date,
    topic: str,
    text: str,
    corrects_id: int | None = None,
    by: Actor,
    at: datetime,
) -> GuidanceNote:
    """Store a liaison officer's note about a school, or the correction of an earlier note.

    Raises PermissionDenied if the user is not the school's liaison officer today, and SchoolsError.
    """
    on = local_date(at)
    if by.user is None or not is_liaison_officer_of(by.user, school_id, on):
        raise PermissionDenied
    if noted_on > on:
        raise SchoolsError(_("A note is about a day that has come."), field="noted_on")
    with transaction.atomic():
        school = School.objects.select_for_update(no_key=True).get(pk=school_id)
        corrects = school.guidance_notes.get(pk=corrects_id) if corrects_id else None
        if corrects and GuidanceNote.objects.filter(corrects=corrects).exists():
            raise SchoolsError(_("This note was corrected meanwhile; correct the correction."))
        note = GuidanceNote.objects.create(
            school=school,
            noted_on=noted_on,
            topic=topic,
            text=text,
            corrects=corrects,
            written_at=at,
            written_by=by.user,
        )
        record_act(
            act="write_guidance_note",
            obj=note,
            by=by,
            at=at,
            after={"noted_on": noted_on, "topic": topic, "corrects": corrects_id},
            school_code=school.code,
        )
    return note
