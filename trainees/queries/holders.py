"""Which rows of a person hold a member's hours."""

from __future__ import annotations

from collections.abc import Iterable

from trainees.models import Member

# The holder of the hours of a member `m` on a day: after a merge, the row that remains.
HOLDER = """
CASE WHEN m.merged_year <= extract(year FROM {day}) THEN m.merged_into_id ELSE m.id END
"""


def list_holders(members: Iterable[int]) -> list[int]:
    """The members and the rows they are merged into: all that may hold their hours."""
    of_them = Member.objects.filter(pk__in=members).values_list("pk", "merged_into")
    return sorted({key for pair in of_them for key in pair if key})
