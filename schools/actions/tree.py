"""Parts of the actions on the organisation tree: its lock, its rules, and writing places.

Every action on the tree locks it first (`lock_tree`), so that concurrent actions cannot create a
cycle.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.audit import record_act
from accounts.origin import Actor
from accounts.records import RecordError, lock_row
from config.lib.dated_rows import change_from, end_at, from_day_on
from config.lib.dates import format_day
from config.lib.lock_classes import LockClass
from config.lib.periods import first_day, in_force, local_date, period, shared_days
from schools.enums import STANDS_BELOW, OrganisationKind, SuccessionKind
from schools.errors import SchoolsError
from schools.models import (
    Organisation,
    OrganisationSuccession,
    Placement,
    Township,
    Village,
)
from schools.queries.open_years import is_open, refuse_settled, refuse_settled_since, say_settled
from schools.records import end_grants
from schools.signals import past_founding, serving_school_changing


def lock_tree() -> None:
    """Serialise actions on the tree and on the areas of schools, until the transaction ends.

    An advisory lock: it is there before the first row of the tree, or of the district, is.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [LockClass.TREE])


def refuse_past_years(on: date, at: datetime) -> None:
    """Raise SchoolsError for a day of a year that takes no facts any more (`YearEndRule`)."""
    refuse_settled_since(on, at, partial(SchoolsError, field="on"))


def refuse_settled_days(on: date, at: datetime) -> None:
    """Raise SchoolsError if a founding from the day `on` would change settled figures.

    What is founded may begin in an earlier year as long as no member is registered: a site without
    members has no figures that could be settled (asked by `past_founding`). From the first member
    on, the rule is that of all other acts (`refuse_past_years`).
    """
    if not is_open(on.year, local_date(at)):
        try:
            past_founding.send(Organisation)
        except SchoolsError as error:
            raise SchoolsError(say_settled(on.year), field="on") from error


def refuse_past_years_of(obj: Any, at: datetime) -> None:
    """Raise RecordError if a new first or last day of a row's period is settled.

    Days of closed years are settled (`refuse_past_years`). A stored row is locked.
    """
    days = [first_day(obj.period)]
    if not obj._state.adding:
        then = lock_row(obj, no_key=True).period
        pairs = [(then.lower, obj.period.lower), (then.upper, obj.period.upper)]
        days = [day for pair in pairs if pair[0] != pair[1] for day in pair if day]
    for day in days:
        refuse_settled(day, at, partial(RecordError, field="period"))


def get_current_place(organisation_id: int, on: date, field: str = "organisation") -> Placement:
    """The place on the day `on` of an organisation that continues from then, locked.

    Raises SchoolsError if it has no place on that day, or if a later change is recorded.
    """
    organisation = Organisation.objects.select_for_update().get(pk=organisation_id)
    places = list(
        organisation.placements.filter(from_day_on(on)).select_related("township", "parent")
    )
    if not places or first_day(places[0].period) > on:
        raise SchoolsError(
            _("%(name)s does not exist on %(day)s.")
            % {"name": organisation.name, "day": format_day(on)},
            field=field,
        )
    place = places[0]
    if place.period.upper is not None:
        raise SchoolsError(
            _("A change of %(name)s is recorded for %(day)s already; choose that day or later.")
            % {"name": organisation.name, "day": format_day(place.period.upper)},
            field=field,
        )
    place.organisation = organisation
    return place


def township_below(parent: Placement, of_top: Township | None) -> Township:
    """The township of places below `parent`; directly below the top, `of_top` is used."""
    township = parent.township or of_top
    if township is None:
        raise SchoolsError(
            _("Directly below the district committee, name the township."), field="township"
        )
    return township


def refuse_misfit(kind: str, parent: Placement, field: str = "parent") -> None:
    """Raise SchoolsError if an organisation of this level may not be below `parent`."""
    level = OrganisationKind(kind)
    if parent.organisation.kind not in STANDS_BELOW[level]:
        raise SchoolsError(
            _("A %(level)s does not stand below a %(upper)s.")
            % {"level": level.label, "upper": parent.organisation.get_kind_display()},
            field=field,
        )


def insert_organisation(
    *,
    code: str,
    name: str,
    kind: str,
    parent: Placement,
    township: Township,
    village: Village | None,
    on: date,
) -> Organisation:
    """Store a new organisation and its place from the day `on`. Raises SchoolsError."""
    refuse_misfit(kind, parent)
    if village is not None and village.township_id != township.pk:
        raise SchoolsError(
            _("%(village)s does not lie in %(township)s.")
            % {"village": village.name, "township": township.name},
            field="village",
        )
    organisation = Organisation(code=code, name=tidy_name(name), kind=kind, period=period(on))
    try:
        organisation.full_clean(exclude=["name_pinyin", "name_initials"])
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise SchoolsError(messages[0], field=field) from error
    organisation.save()
    Placement.objects.create(
        organisation=organisation,
        parent=parent.organisation,
        township=township,
        village=village,
        period=period(on),
    )
    return organisation


def record_founding(
    organisation: Organisation, parent: Organisation, on: date, *, by: Actor, at: datetime
) -> None:
    """Write the audit entry for an organisation that was just stored."""
    record_act(
        act="add_organisation",
        obj=organisation,
        by=by,
        at=at,
        after={
            "on": on,
            "code": organisation.code,
            "kind": organisation.kind,
            "parent": parent.code,
        },
        school_code=school_code_at(organisation.placements.get(), on),
    )


def put_below(places: Iterable[Placement], parent: Placement, on: date) -> list[int]:
    """Move organisations, with everything below them, below `parent` from the day `on`.

    All of them are then in the parent's township; they keep their village if it is in that
    township. Returns the ids of the organisations that change township.
    """
    moved = list(places)
    strangers: list[int] = []
    for place in moved:
        township = township_below(parent, place.township)
        if township.pk != place.township_id:
            stays = _stays_below(place, on)
            below = {stay.organisation_id for stay, _days in stays}
            ids = [place.organisation_id, *sorted(below)]
            strangers += ids
            ask_for_new_school(ids, on)
            _change_stays(stays, township=township, village=None)
            change_from([place], on, parent=parent.organisation, township=township, village=None)
        else:
            change_from([place], on, parent=parent.organisation)
    return strangers


def _stays_below(place: Placement, on: date) -> list[tuple[Placement, DateRange]]:
    """The places below a place from the day `on`, each with the days on which it is there.

    Includes places recorded to come later; places recorded to leave stay until then.
    """
    places: list[tuple[Placement, DateRange]] = []
    known: dict[int, Placement] = {}
    level = {place.organisation_id: _all_shared([place.period], period(on))}
    while level:
        rows = Placement.objects.filter(from_day_on(on), parent__in=level)
        below: dict[int, list[DateRange]] = {}
        for row in (known.setdefault(row.pk, row) for row in rows):
            stays = _all_shared(level[row.parent_id or 0], row.period)
            places += [(row, days) for days in stays]
            if stays:
                below.setdefault(row.organisation_id, []).extend(stays)
        level = below
    return places


def _all_shared(periods: list[DateRange], other: DateRange) -> list[DateRange]:
    shared = (shared_days(days, other) for days in periods)
    return [days for days in shared if days is not None]


def _change_stays(stays: list[tuple[Placement, DateRange]], **changes: Any) -> None:
    """Apply `changes` to places on the days given with them only."""
    groups: dict[tuple[date, date | None], list[Placement]] = {}
    for place, days in stays:
        groups.setdefault((first_day(days), days.upper), []).append(place)
    # Latest first, because a change splits off the end of a place.
    for since, until in sorted(groups, key=lambda days: days[0], reverse=True):
        places = groups[since, until]
        if until is not None:
            change_from([place for place in places if place.period.upper != until], until)
        change_from(places, since, **changes)


def find_below(organisation_id: int, on: date) -> list[int]:
    """The ids of all organisations below this one on the day `on` or later."""
    below: list[int] = []
    level = {organisation_id}
    while level:
        rows = Placement.objects.filter(from_day_on(on), parent__in=level)
        level = set(rows.values_list("organisation", flat=True)) - {organisation_id, *below}
        below += sorted(level)
    return below


def refuse_circle(organisation_id: int, parent: Organisation, on: date, field: str) -> None:
    """Raise SchoolsError if `parent` is the organisation itself or below it."""
    if parent.pk == organisation_id or parent.pk in find_below(organisation_id, on):
        raise SchoolsError(
            _("%(name)s is the organisation itself or stands below it.") % {"name": parent.name},
            field=field,
        )


def end_organisation(place: Placement, on: date, *, by: Actor, at: datetime) -> None:
    """Close an organisation and end the roles in it: the day `on` is the first day without it.

    The actions that call it (`schools/actions/`) see to what stands below it, and audit the act.
    """
    organisation = place.organisation
    since = first_day(organisation.period)
    if since >= on:
        raise SchoolsError(
            _("%(name)s begins on %(day)s; it cannot end before that.")
            % {"name": organisation.name, "day": format_day(since)},
            field="on",
        )
    ask_for_new_school([organisation.pk], on)
    grants = organisation.role_grants.filter(from_day_on(on))
    end_grants(list(grants.select_related("user", "school", "organisation")), on, by=by, at=at)
    end_at([place], on)
    organisation.period = period(since, on)
    organisation.save(update_fields=["period"])


def record_succession(
    former: Organisation, successor: Organisation, kind: SuccessionKind, on: date
) -> None:
    """Record, for the history of both, that `successor` continues `former` from the day `on`."""
    OrganisationSuccession.objects.create(
        former=former, successor=successor, kind=kind, takes_effect_on=on
    )


def ask_for_new_school(organisation_ids: list[int], on: date) -> None:
    """Ask higher apps whether these organisations may move to another school or to none."""
    serving_school_changing.send(Organisation, organisation_ids=organisation_ids, on=on)


def children_from(organisation_id: int, on: date) -> QuerySet[Placement]:
    """The places directly below an organisation on the day `on` or later."""
    rows = Placement.objects.filter(from_day_on(on), parent=organisation_id)
    return rows.select_related("organisation", "township").order_by("organisation__code")


def school_code_at(place: Placement, on: date) -> str:
    """The code of the school that serves a place on the day `on`, for the audit trail; or ""."""
    if place.township is None:
        return ""
    codes = place.township.areas.filter(in_force(on)).values_list("school__code", flat=True)
    return codes.first() or ""


def tidy_name(name: str) -> str:
    """A name with single inner spaces."""
    return " ".join(name.split())
