"""Data for an organisation's page: members, posts, lower organisations, as of a day."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import Case, QuerySet, When

from config.lib.periods import in_force
from config.lib.rows import select_rows
from schools.models import Organisation
from trainees.enums import PostKind
from trainees.models import Membership, Post

_COUNTS = """
WITH RECURSIVE below AS (
    SELECT id AS root, id FROM unnest(%(ids)s::bigint[]) AS chosen(id)
  UNION
    SELECT below.root, place.organisation_id FROM below
    JOIN schools_placement place ON place.parent_id = below.id AND place.period @> %(on)s
), belonging AS (
    SELECT organisation_id, count(*) AS members FROM trainees_membership
    WHERE period @> %(on)s AND organisation_id IN (SELECT id FROM below)
    GROUP BY organisation_id
)
SELECT root, count(*) - 1 AS below, coalesce(sum(members), 0)::bigint AS members,
       coalesce(sum(members) FILTER (WHERE root = below.id), 0)::bigint AS of_itself
FROM below LEFT JOIN belonging ON belonging.organisation_id = below.id
GROUP BY root
"""


@dataclass(frozen=True)
class Counts:
    """The organisations below `root`, the members of all of them together, and its own members."""

    root: int = 0
    below: int = 0
    members: int = 0
    of_itself: int = 0


def count_below(organisation_ids: Collection[int], on: date) -> dict[int, Counts]:
    """The counts of each organisation on the day `on`, in one statement."""
    counts = select_rows(Counts, _COUNTS, {"ids": list(organisation_ids), "on": on})
    return {one.root: one for one in counts}


def list_posts(organisation: Organisation, on: date) -> QuerySet[Post]:
    """The posts held in an organisation on the day `on`, the secretary's first."""
    rank = Case(*(When(kind=kind, then=place) for place, kind in enumerate(PostKind)))
    rows = Post.objects.filter(in_force(on), organisation=organisation)
    return rows.select_related("member").order_by(rank, "member__name_pinyin", "pk")


def list_own_members(organisation_id: int, on: date) -> QuerySet[Membership]:
    """Memberships of one organisation itself on the day `on`, by name."""
    rows = Membership.objects.filter(in_force(on), organisation=organisation_id)
    return rows.select_related("member").order_by("member__name_pinyin", "member")
