"""Members whose result differs between two runs of a year, with both values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
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
_SIDE = """
{side}.id IS NOT NULL,
(SELECT name FROM schools_organisation WHERE id = {side}.organisation_id),
(SELECT name FROM schools_school WHERE id = {side}.school_id),
{side}.verdict, {side}.membership_status, {side}.exemption, {side}.audience, {side}.owed,
{side}.done, {side}.concentrated, {side}.collective, {side}.trainings, {side}.trained,
{side}.rule_group, {side}.rule_version, {side}.months
"""
_WIDTH = 16


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
        super().__init__(_difference, values)
        self._changed = _CHANGED[changed]

    def _source(self) -> str:
        return f"{_SIDES} {self._changed}"

    def _statement(self, *, is_whole: bool) -> str:
        return f"""
            SELECT member.id, member.number, member.name, differing.* FROM (
                SELECT member_id, {_SIDE.format(side="here")}, {_SIDE.format(side="there")}
                {self._source()}
            ) differing
            JOIN trainees_member member ON member.id = differing.member_id
            ORDER BY member.name_pinyin, member.id
        """  # noqa: S608 - of our own text


def _difference(key: int, number: str, name: str, _member: int, *sides: Any) -> Difference:
    here, there = sides[:_WIDTH], sides[_WIDTH:]
    return Difference(key, number, name, _side(here), _side(there))


def _side(columns: tuple[Any, ...]) -> Side | None:
    is_there, *values = columns
    return Side(*values) if is_there else None
