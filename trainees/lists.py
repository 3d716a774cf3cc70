"""Lists of this app: the rows that a user may see, narrowed by filters.

A page shows them in parts, an export shows all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from config.lib.dated_rows import from_day_on
from config.lib.filters import Filters, ListRequest
from schools.models import Organisation, Placement
from schools.queries.tree import list_children
from trainees.models import Member, RegisterImport, RegisterRow
from trainees.queries.organisations import Counts, count_below
from trainees.queries.register import describe_rows, list_rows
from trainees.querysets import MemberQuerySet


def tree(asked: ListRequest, filters: Filters) -> QuerySet:
    """Visible organisations by code, or search results by name.

    Each has `parent_name` and `township_name` as of today, or of its last day.
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


def slips(asked: ListRequest, filters: Filters) -> MemberQuerySet:
    """Members whom the person may issue slips for, by name, with the state of their account."""
    rows = narrow_to_typed(members_served(asked), asked, filters)
    return rows.select_related("user").order_by("name_pinyin", "pk")


def narrow_to_typed(rows: MemberQuerySet, asked: ListRequest, filters: Filters) -> MemberQuerySet:
    """Members of the chosen school or organisation who match the search text."""
    narrowed: Any = filters.apply(rows)
    if filters.value("school"):
        narrowed = narrowed.for_school(int(filters.value("school")), asked.today)
    if filters.value("organisation"):
        narrowed = narrowed.in_organisation(int(filters.value("organisation")), asked.today)
    if filters.value("q"):
        narrowed = narrowed.named_like(filters.value("q"))
    return narrowed


def members_served(asked: ListRequest) -> MemberQuerySet:
    """Members whom the person may issue slips for."""
    members = Member.objects.slips_by(asked.user, asked.today)
    return members.with_account(asked.user, asked.today, asked.now)


def below(asked: ListRequest, filters: Filters) -> list[tuple[Placement, Counts]]:
    """Organisations directly below the chosen one, with their counts on that day."""
    above = Organisation.objects.filter(pk=filters.value("above") or 0).first()
    if above is None:
        return []
    on = date.fromisoformat(filters.value("on") or asked.today.isoformat())
    places = list(list_children(above, on))
    counts = count_below([place.organisation_id for place in places], on)
    return [(place, counts[place.organisation_id]) for place in places]


def imports(_asked: ListRequest, _filters: Filters) -> QuerySet[RegisterImport]:
    """Imports of the register, newest first."""
    rows = RegisterImport.objects.defer("unchanged")
    return rows.select_related("job", "uploaded_by", "applied_by")


def import_rows(_asked: ListRequest, filters: Filters) -> ImportLines:
    """The rows of one kind of an import, in words; empty if the import does not exist."""
    register = RegisterImport.objects.filter(pk=filters.value("import") or 0).first()
    return ImportLines(register, filters.value("rows"))


class ImportLines:
    """Rows of an import as its page shows them, in parts."""

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
    """What a row adds or changes, or why it is refused, in one cell."""
    facts = [(field, f"{before} → {after}") for field, before, after in line["changes"]]
    facts += [*line["written"], *line["problems"]]
    return _("; ").join(_("%(label)s: %(value)s") % {"label": a, "value": b} for a, b in facts)
