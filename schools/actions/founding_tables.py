"""Founding from tables: divisions, schools and the organisation tree, each all or nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import AuditSubject, record_act, record_acts
from accounts.origin import Actor
from config.lib.copying import copy_rows, reserve_ids
from config.lib.names import pinyin_forms
from config.lib.periods import in_force, period
from schools.actions.founding import TOWNSHIP_DIGITS, VILLAGE_DIGITS
from schools.actions.schools import open_school
from schools.actions.tree import lock_tree, refuse_settled_days
from schools.enums import LineKind, TableKind
from schools.errors import SchoolsError
from schools.imports.comparing import Comparison, compare
from schools.imports.tables import FoundingTable, Line
from schools.imports.tree import Place
from schools.models import District, Organisation, Placement, SchoolArea, Township, Village


class RowsRefusedError(SchoolsError):
    """Rows are refused and were not left out, or the rows are not those of the preview."""

    def __init__(self, message: str, comparison: Comparison) -> None:
        super().__init__(message)
        self.comparison = comparison


def found_from_table(
    *,
    source: FoundingTable,
    on: date,
    leave_out_refused: bool,
    promised: str | None,
    by: Actor,
    at: datetime,
) -> Comparison:
    """Found what is new in a table, from the day `on`; returns the comparison that was applied.

    The rows are compared once more inside the transaction, with the tree locked. `promised` is the
    digest of the comparison that the person saw; None if nobody did. Raises RowsRefusedError if it
    is another one by now, or if rows are refused and not left out, and SchoolsError for a day that
    is settled (`refuse_settled_days`): `on` may lie in this year, ahead, or, while no member is
    registered, in an earlier year. Divisions have no days.
    """
    with transaction.atomic():
        lock_tree()
        if source.kind is not TableKind.DIVISIONS:
            refuse_settled_days(on, at)
        district = District.objects.first()
        if district is None:
            raise SchoolsError(_("Found the district first."))
        comparison = compare(source, on)
        if promised not in {None, comparison.digest}:
            message = _("Something was founded or changed meanwhile. Look at the rows again.")
            raise RowsRefusedError(message, comparison)
        if comparison.counts[LineKind.REFUSED] and not leave_out_refused:
            message = _("Correct the refused rows and upload again, or say that they stay out.")
            raise RowsRefusedError(message, comparison)
        if not comparison.counts[LineKind.NEW]:
            return comparison
        _WRITERS[source.kind](comparison, on, by, at)
        record_act(
            act="found_from_table",
            obj=district,
            by=by,
            at=at,
            after={
                "file_name": source.file_name,
                "table": source.kind.value,
                **{kind.value: count for kind, count in comparison.counts.items()},
            },
        )
    return comparison


def _write_divisions(comparison: Comparison, _on: date, by: Actor, at: datetime) -> None:
    """Two COPYs of rows and two of the trail, however many rows there are."""
    new = comparison.of_kind(LineKind.NEW)
    townships = [line for line in new if len(line.code) == TOWNSHIP_DIGITS]
    villages = [line for line in new if len(line.code) == VILLAGE_DIGITS]
    ids = reserve_ids(Township, len(townships))
    copy_rows(
        Township,
        ["id", "code", "name"],
        ((pk, line.code, line.name) for pk, line in zip(ids, townships, strict=True)),
    )
    above = dict(Township.objects.values_list("code", "pk"))
    village_ids = reserve_ids(Village, len(villages))
    copy_rows(
        Village,
        ["id", "code", "name", "township_id"],
        (
            (pk, line.code, line.name, above[comparison.about[line.row_number]])
            for pk, line in zip(village_ids, villages, strict=True)
        ),
    )
    for act, model, lines, keys in (
        ("add_township", Township, townships, ids),
        ("add_village", Village, villages, village_ids),
    ):
        subjects = (
            AuditSubject(model, pk, line.name, after={"code": line.code, "name": line.name})
            for pk, line in zip(keys, lines, strict=True)
        )
        record_acts(act=act, subjects=subjects, by=by, at=at)


def _write_schools(comparison: Comparison, on: date, by: Actor, at: datetime) -> None:
    for line in comparison.of_kind(LineKind.NEW):
        open_school(
            code=line.code,
            name=line.name,
            township_ids=[township.pk for township in comparison.about[line.row_number]],
            on=on,
            by=by,
            at=at,
        )


def _write_tree(comparison: Comparison, on: date, by: Actor, at: datetime) -> None:
    """Two COPYs of rows, and one of the trail for each school that serves some of them."""
    new = comparison.of_kind(LineKind.NEW)
    places: Mapping[int, Place] = comparison.about
    ids = dict(Organisation.objects.values_list("code", "pk"))
    ids |= zip((line.code for line in new), reserve_ids(Organisation, len(new)), strict=True)
    days = period(on)
    copy_rows(
        Organisation,
        ["id", "code", "name", "name_pinyin", "name_initials", "kind", "period"],
        (
            (ids[line.code], line.code, line.name, *pinyin_forms(line.name), line.level, days)
            for line in new
        ),
    )
    copy_rows(
        Placement,
        ["organisation_id", "parent_id", "township_id", "village_id", "period"],
        (_place_row(ids, line, places[line.row_number], days) for line in new),
    )
    areas = SchoolArea.objects.filter(in_force(on)).values_list("township", "school__code")
    serving = dict(areas)
    by_school: dict[str, list[Line]] = defaultdict(list)
    for line in new:
        township = places[line.row_number].township
        by_school[serving.get(township.pk, "") if township else ""].append(line)
    for school_code, lines in by_school.items():
        subjects = _subjects(ids, lines, on)
        record_acts(
            act="add_organisation", subjects=subjects, by=by, at=at, school_code=school_code
        )


def _place_row(ids: Mapping[str, int], line: Line, place: Place, days: Any) -> tuple[Any, ...]:
    return (
        ids[line.code],
        ids[place.parent] if place.parent else None,
        place.township and place.township.pk,
        place.village and place.village.pk,
        days,
    )


def _subjects(ids: Mapping[str, int], lines: list[Line], on: date) -> Iterator[AuditSubject]:
    """The entries that `add_organisation` writes for one."""
    for line in lines:
        facts = {"on": on, "code": line.code, "kind": line.level}
        if line.parent:
            facts["parent"] = line.parent
        yield AuditSubject(Organisation, ids[line.code], line.name, after=facts)


_WRITERS: Mapping[TableKind, Callable[[Comparison, date, Actor, datetime], None]] = {
    TableKind.DIVISIONS: _write_divisions,
    TableKind.SCHOOLS: _write_schools,
    TableKind.TREE: _write_tree,
}
