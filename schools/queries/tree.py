"""The organisation tree of a given day, for pages."""

from __future__ import annotations

from datetime import date

from django.db.models import F, QuerySet

from accounts.models import User
from config.lib.rows import select_column, select_value
from schools.models import Organisation, Placement, School

_PATH = """
WITH RECURSIVE up AS (
    SELECT organisation_id, parent_id, 0 AS steps FROM schools_placement
    WHERE organisation_id = %(organisation)s AND period @> %(on)s
  UNION ALL
    SELECT place.organisation_id, place.parent_id, up.steps + 1 FROM up
    JOIN schools_placement place
      ON place.organisation_id = up.parent_id AND place.period @> %(on)s
)
SELECT organisation_id FROM up WHERE steps > 0 ORDER BY steps DESC
"""

_SUBTREE = """
WITH RECURSIVE below AS (
    SELECT %(organisation)s::bigint AS id
  UNION
    SELECT place.organisation_id FROM below
    JOIN schools_placement place ON place.parent_id = below.id AND place.period @> %(on)s
)
SELECT id FROM below
"""

# The place of each organisation on a day, or its last place before. A merged or closed organisation
# keeps the study of its own days, so it stays at its last place.
LATEST_PLACES = """
WITH RECURSIVE place AS (
    SELECT DISTINCT ON (organisation_id) organisation_id, parent_id, township_id
    FROM schools_placement WHERE lower(period) <= %(as_of)s::date
    ORDER BY organisation_id, lower(period) DESC
)
"""

_BELOW = f"""
{LATEST_PLACES}, below AS (
    SELECT %(organisation)s::bigint AS id
    UNION
    SELECT place.organisation_id FROM below JOIN place ON place.parent_id = below.id
)
SELECT array_agg(id) FROM below
"""  # noqa: S608 - fixed text, no input


def list_path(user: User, organisation: Organisation, on: date, today: date) -> list[Organisation]:
    """The visible organisations above an organisation on the day `on`, the highest first."""
    ids = select_column(_PATH, {"organisation": organisation.pk, "on": on})
    organisations = Organisation.objects.visible_to(user, today).in_bulk(ids)
    return [organisations[pk] for pk in ids if pk in organisations]


def subtree_ids(organisation_id: int, on: date) -> list[int]:
    """The organisation and all organisations below it on the day `on`."""
    return select_column(_SUBTREE, {"organisation": organisation_id, "on": on})


def list_top(user: User, today: date, school: School | None = None) -> QuerySet[Placement]:
    """The highest visible places, or the highest in the area of `school` (its committees)."""
    visible = Organisation.objects.visible_to(user, today)
    if school is not None:
        visible = visible.for_school(school, today)
    return (
        Placement.objects.in_force(today)
        .filter(organisation__in=visible)
        .exclude(parent__in=visible)
        .select_related("organisation", "township")
        .order_by("organisation__code")
    )


def list_children(organisation: Organisation, on: date) -> QuerySet[Placement]:
    """The places directly below an organisation on the day `on`."""
    return (
        Placement.objects.in_force(on)
        .filter(parent=organisation)
        .select_related("organisation", "township", "village")
        .order_by("organisation__code")
    )


def list_closed_children(organisation: Organisation, on: date) -> QuerySet[Placement]:
    """The last places of organisations that were directly below this one when they closed."""
    return (
        Placement.objects.filter(
            parent=organisation,
            organisation__period__endswith__lte=on,
            organisation__period__endswith=F("period__endswith"),
        )
        .select_related("organisation")
        .order_by("-period", "organisation__code")
    )


def name_on(organisation: Organisation, on: date) -> str:
    """The name that an organisation had, or will have, on the day `on`."""
    changes = list(organisation.name_changes.all())
    name = changes[0].former_name if changes else organisation.name
    for change in changes:
        if change.takes_effect_on <= on:
            name = change.name
    return name


def list_ids_below(organisation_id: int, as_of: date) -> list[int]:
    """The organisation and everything below it on the day `as_of`.

    Unlike `subtree_ids`, it includes organisations merged or closed before that day, at their last
    place.
    """
    return select_value(_BELOW, {"organisation": organisation_id, "as_of": as_of})
