"""Which rows of a person hold a member's hours."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django.db.models import Case, F, Field, OuterRef, Q, Subquery, When
from django.db.models.functions import Coalesce

from trainees.enums import MergeState
from trainees.models import Member, MemberMerge

# Merges that were taken apart after the year {year} had been closed: it stays as it was closed.
CLOSED_TOGETHER = "first_year <= {year} AND until_year > {year}"

# The holder of the hours of a member `m` on a day: after a merge, the row that remains.
HOLDER = f"""
CASE WHEN m.merged_year <= extract(year FROM {{day}}) THEN m.merged_into_id
     ELSE coalesce((SELECT kept_id FROM trainees_membermerge WHERE given_up_id = m.id
                    AND {CLOSED_TOGETHER.format(year="extract(year FROM {day})")}), m.id) END
"""  # noqa: S608 - fixed text, no input

# The same for many rows at once: of the few members that were ever given up, this joins the row of
# {member}, and `HOLDER_OF_ROW` then asks of these alone who holds their hours.
ROW_GIVEN_UP = """
LEFT JOIN trainees_member m ON m.id = {member} AND m.id = ANY(ARRAY(
    SELECT id FROM trainees_member WHERE merged_into_id IS NOT NULL
    UNION ALL
    SELECT given_up_id FROM trainees_membermerge WHERE until_year IS NOT NULL))
"""
HOLDER_OF_ROW = f"CASE WHEN m.id IS NULL THEN {{member}} ELSE {HOLDER} END"


def holder_of(field: str, *, member: str, day: str) -> Case:
    """The `field` of the holder, for a queryset whose rows lead to a member and to a day."""
    year, own = f"{day}__year", F(f"{member}__{field}")
    parted = MemberMerge.objects.filter(
        given_up=OuterRef(member), first_year__lte=OuterRef(year), until_year__gt=OuterRef(year)
    )
    once_merged = MemberMerge.objects.filter(until_year__isnull=False)
    return Case(
        When(
            Q(**{f"{member}__merged_year__lte": F(year)}),
            then=F(f"{member}__merged_into__{field}"),
        ),
        When(
            Q(**{f"{member}__in": once_merged.values("given_up")}),
            then=Coalesce(Subquery(parted.values(f"kept__{field}")[:1]), own),
        ),
        default=own,
        output_field=cast("Field[Any, Any]", Member._meta.get_field(field)),
    )


def list_holders(members: Iterable[int]) -> list[int]:
    """The members and the rows they are merged into: the people they are."""
    of_them = Member.objects.filter(pk__in=members).values_list("pk", "merged_into")
    return sorted({key for pair in of_them for key in pair if key})


def list_holders_of_any_year(members: Iterable[int]) -> list[int]:
    """The members and all rows that hold hours of theirs, also of years that stayed together."""
    keys = set(members)
    parted = MemberMerge.objects.filter(
        given_up__in=keys, state=MergeState.UNDONE, until_year__gt=F("first_year")
    )
    return sorted({*list_holders(keys), *parted.values_list("kept", flat=True)})


def map_holders(members: Iterable[int], year: int) -> dict[int, int]:
    """The row that holds the hours of the year, for those of `members` whose own row does not."""
    keys = set(members)
    merged = Member.objects.filter(pk__in=keys, merged_year__lte=year)
    parted = MemberMerge.objects.filter(
        given_up__in=keys, first_year__lte=year, until_year__gt=year
    )
    pairs = [*parted.values_list("given_up", "kept"), *merged.values_list("pk", "merged_into")]
    return {row: kept for row, kept in pairs if kept is not None}
