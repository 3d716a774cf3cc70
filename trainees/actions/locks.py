"""Lock the member rows that may hold hours."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from trainees.models import Member


def lock_members(members: QuerySet | Iterable[int]) -> list[int]:
    """Lock the members and the rows they are merged into, in the order of their ids.

    The order prevents deadlocks. While the lock is held, only its holder posts hours to them.
    """
    of_them = Q(pk__in=members) | Q(merged__in=members)
    keys = Member.objects.filter(of_them).values("pk")
    rows = Member.objects.filter(pk__in=keys).order_by("pk")
    return list(rows.select_for_update(no_key=True).values_list("pk", flat=True))
