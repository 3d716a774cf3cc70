"""The yearly figures of organisations, each with everything below it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.backends.postgresql.psycopg_any import DateRange

from accounts.models import User
from config.lib.periods import local_date
from config.lib.rows import select_rows
from hours.queries.balances import balance_source
from rolls.queries.attendances import attendances_sql
from schools.models import Organisation, Placement
from schools.queries.tree import LATEST_PLACES
from years.queries.overview import HOURS, TARGET, figure_values, hours_done, narrowed_by

# Each organisation below, with the unit that it is counted in: the one directly below the requested
# organisation, or by default directly below the district committee in the schools' townships.
_FIGURES = f"""
{LATEST_PLACES}, below AS (
    SELECT organisation_id, organisation_id AS unit_id FROM place
    WHERE CASE WHEN %(organisation)s::bigint IS NOT NULL THEN parent_id = %(organisation)s
          ELSE parent_id IN (SELECT organisation_id FROM place WHERE parent_id IS NULL)
               AND (township_id IN (
                   SELECT township_id FROM schools_schoolarea
                   WHERE school_id = ANY(%(schools)s)
                     AND period @> %(as_of)s::date){{unserved}}) END
    UNION
    SELECT place.organisation_id, below.unit_id
    FROM below JOIN place ON place.parent_id = below.organisation_id
), unit AS (
    SELECT organisation_id, unit_id FROM below
    UNION ALL
    SELECT %(organisation)s, %(organisation)s WHERE %(organisation)s IS NOT NULL{{top}}
), target AS (
    SELECT unit.unit_id, {TARGET}
    FROM {{balances}}
    JOIN unit ON unit.organisation_id = balance.organisation_id
    WHERE (balance.school_id = ANY(%(schools)s){{outside}}){{of_balance}}
    GROUP BY unit.unit_id HAVING sum(balance.members) <> 0
), hours AS (
    SELECT unit.unit_id, {HOURS}
    FROM {{hours}}
    JOIN unit ON unit.organisation_id = done.organisation_id
    WHERE done.school_id = ANY(%(schools)s) GROUP BY unit.unit_id
), times AS (
    SELECT unit.unit_id, sum(mark.times) AS person_times,
           count(DISTINCT mark.member_id) AS members
    FROM {{marks}}
    JOIN unit ON unit.organisation_id = mark.organisation_id
    WHERE true{{of_mark}}
    GROUP BY unit.unit_id
)
SELECT organisation.id AS organisation_id, organisation.code, organisation.name,
       EXISTS (SELECT FROM place WHERE parent_id = organisation.id) AS has_below,
       NOT EXISTS (SELECT FROM below WHERE unit_id = organisation.id) AS stands_above,
       coalesce(times.person_times, 0) AS person_times, coalesce(times.members, 0) AS members,
       coalesce(hours.concentrated, 0) AS concentrated,
       coalesce(hours.collective, 0) AS collective, coalesce(hours.other, 0) AS other,
       coalesce(target.counted, 0) AS counted, coalesce(target.met, 0) AS met,
       coalesce(target.exempt, 0) AS exempt, coalesce(target.out, 0) AS out
FROM (SELECT DISTINCT unit_id FROM unit) listed
JOIN schools_organisation organisation ON organisation.id = listed.unit_id
LEFT JOIN times ON times.unit_id = listed.unit_id
LEFT JOIN hours ON hours.unit_id = listed.unit_id
LEFT JOIN target ON target.unit_id = listed.unit_id
WHERE coalesce(times.unit_id, hours.unit_id, target.unit_id) IS NOT NULL
   OR (organisation.period @> %(as_of)s::date AND listed.unit_id IN (SELECT unit_id FROM below))
ORDER BY listed.unit_id NOT IN (SELECT unit_id FROM below) DESC, organisation.code
"""  # noqa: S608 - fixed text, no input

# With the members outside every school's area: what stands directly below the district committee
# in no school's area, and the committee itself.
_OUTSIDE = {
    "unserved": """ OR township_id IS NULL OR township_id NOT IN (
                   SELECT township_id FROM schools_schoolarea WHERE period @> %(as_of)s::date)""",
    "top": """
    UNION ALL SELECT organisation_id, organisation_id FROM place
    WHERE parent_id IS NULL AND %(organisation)s IS NULL""",
    "outside": " OR balance.school_id IS NULL",
}


@dataclass(frozen=True)
class OrganisationFigures:
    """The year of an organisation and all below it; the requested one counts only itself.

    Attendances and hours count for the organisation of their day, at the requested schools; members
    are those who belong to it on the day of judgement. What `stands_above` the others counts only
    itself.
    """

    organisation_id: int
    code: str
    name: str
    has_below: bool
    stands_above: bool
    person_times: int
    members: int
    concentrated: Decimal
    collective: Decimal
    other: Decimal
    counted: int
    met: int
    exempt: int
    out: int

    @property
    def short(self) -> int:
        """The number of members below their target."""
        return self.counted - self.met

    @property
    def share(self) -> Decimal | None:
        """Share on target in per cent, one decimal; None if nobody owes hours."""
        return round(Decimal(self.met) * 100 / self.counted, 1) if self.counted else None


def list_organisation_figures(
    school_ids: list[int],
    organisation_id: int | None,
    year: int,
    now: datetime,
    *,
    part: DateRange | None = None,
    audience: str = "",
    outside: bool = False,
) -> list[OrganisationFigures]:
    """The figures of the organisations directly below one, by code, after the one itself.

    With `outside`, also of members and organisations outside every school's area.
    """
    balances = balance_source(year, local_date(now))
    values = figure_values(school_ids, year, now, part=part, audience=audience)
    statement = _FIGURES.format(
        balances=balances.numbers,
        hours=hours_done(part, audience),
        marks=attendances_sql(balances.unsettled, is_whole_year=part is None),
        **narrowed_by(audience),
        **(_OUTSIDE if outside else dict.fromkeys(_OUTSIDE, "")),
    )
    values |= balances.values | {"organisation": organisation_id}
    return select_rows(OrganisationFigures, statement, values)


def find_above(user: User, organisation_id: int, on: date, as_of: date) -> Organisation | None:
    """The parent of an organisation on the day `as_of`, if `user` may see it."""
    above = Placement.objects.in_force(as_of).filter(organisation=organisation_id)
    in_sight = Organisation.objects.visible_to(user, on)
    return in_sight.filter(pk__in=above.values("parent")).first()
