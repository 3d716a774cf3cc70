"""Members whose result differs between two runs of a year, with both values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, make_dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from config.lib.hours import format_hours
from config.lib.sentences import join_sentences
from config.lib.sql_lists import SqlList
from quotas.reasons import VERDICTS, say_months, say_rule
from schools.enums import Audience
from trainees.enums import ExemptionCategory, MembershipStatus

# What a member's result says; whatever of it differs makes a difference.
_COMPARED = (
    *("organisation_id", "school_id", "membership_status", "exemption", "audience", "owed"),
    *("done", "concentrated", "collective", "trainings", "trained", "verdict", "rule_id", "months"),
)
_OF_RUN = """
(SELECT * FROM quotas_memberresult
 WHERE reconciliation_id = %({run})s
   AND (school_id = ANY(%(schools)s) OR %(outside)s AND school_id IS NULL))
"""
_SIDES = f"""
FROM {_OF_RUN.format(run="run")} here
FULL JOIN {_OF_RUN.format(run="beside")} there USING (member_id)
WHERE ROW({", ".join(f"here.{name}" for name in _COMPARED)})
      IS DISTINCT FROM ROW({", ".join(f"there.{name}" for name in _COMPARED)})
"""
_CHANGED = {
    "": "",
    "verdict": "AND here.verdict IS DISTINCT FROM there.verdict",
    "place": "AND ROW(here.organisation_id, here.school_id)"
    " IS DISTINCT FROM ROW(there.organisation_id, there.school_id)",
}
# What a side names by a key of the result.
_NAMED = {
    "organisation": "(SELECT name FROM schools_organisation WHERE id = {side}.organisation_id)",
    "school": "(SELECT name FROM schools_school WHERE id = {side}.school_id)",
}


@dataclass(frozen=True)
class Side:
    """What one run says of a member."""

    organisation: str
    school: str | None
    verdict: str
    membership_status: str
    exemption: str
    audience: str
    owed: Decimal
    done: Decimal
    concentrated: Decimal
    collective: Decimal
    trainings: int
    trained: int
    rule_group: str
    rule_version: int
    months: list[Any] | None


_PARTS = [part.name for part in fields(Side)]
_COLUMNS = {
    f"{side}_{part}": _NAMED.get(part, f"{{side}}.{part}").format(side=side)
    for side in ("here", "there")
    for part in _PARTS
}
# A row of the statement: the member, and each part of both sides by its name.
_Row = make_dataclass("_Row", ["member_id", "number", "name", *_COLUMNS])


@dataclass(frozen=True)
class Difference:
    """One member in two runs; a side is None where the run, as far as one sees it, lacks them."""

    member_id: int
    number: str
    name: str
    here: Side | None
    there: Side | None

    @property
    def changes(self) -> list[tuple[str, str, str]]:
        """What differs: its name, the value here, and the value there."""
        here, there = self.here, self.there
        if here is None or there is None:
            verdicts = [_verdict(side) if side else _("not in it") for side in (here, there)]
            return [(_("Verdict"), verdicts[0], verdicts[1])]
        return [
            (str(label), read(here), read(there))
            for label, read in _words()
            if read(here) != read(there)
        ]

    @property
    def said_here(self) -> str:
        """What differs, as this run has it."""
        return _join([(label, here) for label, here, _there in self.changes])

    @property
    def said_there(self) -> str:
        """What differs, as the other run has it."""
        return _join([(label, there) for label, _here, there in self.changes])


def _join(pairs: list[tuple[str, str]]) -> str:
    label = _("%(label)s: %(value)s")
    return _("; ").join(label % {"label": name, "value": value} for name, value in pairs)


def _verdict(side: Side) -> str:
    return str(VERDICTS[side.verdict])  # type: ignore[index]


def _words() -> list[tuple[str, Callable[[Side], str]]]:
    """How each part of a result is called and said."""
    return [
        (_("Verdict"), _verdict),
        (_("School"), lambda side: side.school or _("outside every school's area")),
        (_("Party organisation"), lambda side: side.organisation),
        (_("Standing"), lambda side: str(MembershipStatus(side.membership_status).label)),
        (
            _("Exemption"),
            lambda side: str(ExemptionCategory(side.exemption).label) if side.exemption else "–",
        ),
        (_("Audience"), lambda side: str(Audience(side.audience).label)),
        (_("Owed"), lambda side: format_hours(side.owed)),
        (_("Done"), lambda side: format_hours(side.done)),
        (_("Concentrated training"), lambda side: format_hours(side.concentrated)),
        (_("Collective study"), lambda side: format_hours(side.collective)),
        (_("Trainings owed"), lambda side: str(side.trainings)),
        (_("Trainings attended"), lambda side: str(side.trained)),
        (_("Rule"), lambda side: say_rule(side.rule_group, side.rule_version)),
        (
            _("Months that count"),
            lambda side: join_sentences(say_months(side.months) or [_("all of the year")]),
        ),
    ]


class Differences(SqlList[Difference]):
    """The members of these schools whose result differs between two runs, by name.

    With `outside` also members of no school's area. Each side shows what the schools may see.
    """

    def __init__(
        self, run: int, beside: int, school_ids: list[int], *, outside: bool, changed: str = ""
    ) -> None:
        values: dict[str, Any] = {
            "run": run,
            "beside": beside,
            "schools": school_ids,
            "outside": outside,
        }
        super().__init__(_Row, values)
        self._changed = _CHANGED[changed]

    def _source(self) -> str:
        return f"{_SIDES} {self._changed}"

    def _statement(self, *, is_whole: bool) -> str:
        columns = ", ".join(f"{sql} AS {name}" for name, sql in _COLUMNS.items())
        return f"""
            SELECT member_id, member.number, member.name, {", ".join(_COLUMNS)} FROM (
                SELECT member_id, {columns}
                {self._source()}
            ) differing
            JOIN trainees_member member ON member.id = differing.member_id
            ORDER BY member.name_pinyin, member.id
        """  # noqa: S608 - of our own text

    def _line(self, row: Any) -> Difference:
        here, there = _side(row, "here"), _side(row, "there")
        return Difference(row.member_id, row.number, row.name, here, there)


def _side(row: Any, side: str) -> Side | None:
    values = {part: getattr(row, f"{side}_{part}") for part in _PARTS}
    return Side(**values) if values["verdict"] else None
