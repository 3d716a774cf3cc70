"""Which rows of a person hold a member's hours."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import F

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
