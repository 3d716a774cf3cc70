"""Requirements with a clock: what a new secretary and a new member owe within some months."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _

from config.lib.dates import format_day
from config.lib.periods import last_day, period
from config.lib.rows import select_value
from config.lib.sql_steps import Once, with_steps
from config.lib.versions import as_known
from hours.enums import RequirementGroup
from hours.queries.holders import CLOSED_TOGETHER
from hours.queries.requirements import (
    CHOSEN,
    EVERYBODY,
    KNOWN_AT,
    YEAR_BEGINS,
    facts_of,
    is_training,
)
from hours.source_kinds import title_sql

# Rows that are one person in the year, for pages of a year; what was undone later was merged at an
# earlier moment.
_YEAR = "extract(year FROM %(as_of)s::date)"
_MERGE = f"""
SELECT merged_into_id AS kept_id, id AS given_up_id FROM trainees_member
WHERE merged_year <= {_YEAR}
UNION ALL
SELECT kept_id, given_up_id FROM trainees_membermerge
WHERE {CLOSED_TOGETHER.format(year=_YEAR)}
"""  # noqa: S608 - fixed text, no input
_MERGE_AS_KNOWN = f"""
SELECT kept_id, given_up_id FROM trainees_membermerge
WHERE decided_at <= {KNOWN_AT} AND first_year <= {_YEAR}
  AND coalesce(undone_at > {KNOWN_AT} OR until_year > {_YEAR}, true)
"""  # noqa: S608 - fixed text, no input

# The members concerned, and their rows: their own, and those that are one with them.
_PERSON = "SELECT id, joined_on, full_member_on FROM trainees_member member WHERE id {of}"
_PERSON_ROW = """
SELECT id AS member_id, id FROM trainees_member member WHERE id {of}
UNION ALL
SELECT kept_id, given_up_id FROM merge WHERE kept_id {of}
"""
_POST_OF_PERSON = "SELECT member_id, kind, period FROM trainees_post"

# The appointment of a secretary is the first day of consecutive posts, also of a row that was
# merged into the member's: it is that of the same person.
_SECRETARY = """
SELECT person_row.member_id, unnest(range_agg(post_of_person.period)) AS days
FROM post_of_person
JOIN person_row ON person_row.id = post_of_person.member_id
WHERE post_of_person.kind = 'secretary' GROUP BY person_row.member_id
"""

# What began, and when it ended. Probation ends with full membership, or after the months of its
# rule if that day is not known.
_BEGINNING = """
SELECT member_id, 'new_secretary' AS kind, lower(days) AS began, upper(days) AS ended
FROM secretary
UNION ALL
SELECT person.id, step.kind, step.began, step.ended
FROM person
CROSS JOIN LATERAL (VALUES ('probationary', joined_on, full_member_on),
                           ('new_full_member', full_member_on, NULL)
) AS step (kind, began, ended)
WHERE step.began IS NOT NULL
"""

# Clocks that began by %(as_of)s and run on some day of its year, with the training that met each.
# What is owed within months is judged by the rule of the day on which they began. That day is not
# counted, so months end on the day of the same number, or on the last day of a month that has none
# (Civil Code, art. 201 and 202), and a training counts up to that day. A secretary who left the
# post in time owes nothing any more. Trainings of a row that was merged into the member's are those
# of the same person.
_CLOCK = """
SELECT beginning.member_id, rule."group", rule.version, rule.source, rule.to_be_verified,
       rule.training_hours, beginning.began, due.day AS due, beginning.ended,
       training.occurred_on AS met_on, {title} AS title
FROM beginning
JOIN rule ON rule."group" = beginning.kind AND rule.period @> beginning.began
CROSS JOIN LATERAL (
    SELECT CASE WHEN beginning.kind = 'probationary' AND beginning.ended IS NOT NULL
                THEN beginning.ended
                ELSE upper(daterange(beginning.began, (beginning.began + make_interval(
                    months => rule.within_months))::date, '[]')) END AS day
) due
LEFT JOIN LATERAL (
    SELECT min(entry.occurred_on) AS occurred_on, min(source.id) AS source_id
    FROM entry
    JOIN hours_assessment assessment ON assessment.id = entry.assessment_id
    JOIN hours_source source ON source.id = assessment.source_id
    WHERE entry.member_id = ANY(ARRAY(
              SELECT beginning.member_id UNION ALL
              SELECT given_up_id FROM merge WHERE kept_id = beginning.member_id))
      AND entry.category = 'concentrated'
      AND entry.credit_year >= extract(year FROM beginning.began)
      AND entry.credit_year <= extract(year FROM due.day)
      AND entry.occurred_on >= beginning.began AND entry.occurred_on < due.day
      AND entry.occurred_on <= %(as_of)s::date
    GROUP BY source.training
    HAVING {is_training}
    ORDER BY min(entry.occurred_on)
    OFFSET rule.concentrated_trainings - 1 LIMIT 1
) training ON true
WHERE beginning.began <= %(as_of)s::date AND due.day > beginning.began
  AND NOT EXISTS (SELECT FROM merge WHERE given_up_id = beginning.member_id)
  AND extract(year FROM due.day - 1) >= extract(year FROM %(as_of)s::date)
  AND NOT (beginning.kind = 'new_secretary' AND training.occurred_on IS NULL
           AND beginning.ended <= %(as_of)s::date AND beginning.ended < due.day) IS TRUE
"""

# Whether a clock may run for `chosen`. It does not if it began so long before the year that no rule
# has enough months to reach into it. Probation ends with full membership, which begins a clock of
# its own.
_LAST_BEGINNING = f"""
{YEAR_BEGINS}
- make_interval(months => (SELECT max(within_months) FROM hours_requirementrule))
"""  # noqa: S608 - fixed text, no input
MAY_HAVE_CLOCKS = f"""
coalesce(greatest(chosen.joined_on, chosen.full_member_on) >= {_LAST_BEGINNING}, false)
OR EXISTS (SELECT FROM trainees_post
           WHERE {CHOSEN} AND kind = 'secretary' AND lower(period) >= {_LAST_BEGINNING})
OR EXISTS (SELECT FROM trainees_membermerge WHERE kept_id = chosen.id)
"""  # noqa: S608 - fixed text, no input
# All of `clock` as JSON, for `read_clocks`.
CLOCKS = "(SELECT coalesce(jsonb_agg(clock), '[]') FROM clock)::text"
_OF_CHOSEN, _OF_ALL = "= (SELECT id FROM chosen)", "IS NOT NULL"


def clock_steps(
    of: str = _OF_CHOSEN, merge: str = _MERGE, posts: str = _POST_OF_PERSON
) -> dict[str, str]:
    """The steps to `clock`, after those of the facts: the clocks of the member in `chosen`."""
    return {
        "merge": merge,
        "person": _PERSON.format(of=of),
        "person_row": _PERSON_ROW.format(of=of),
        "post_of_person": posts,
        "secretary": _SECRETARY,
        "beginning": _BEGINNING,
        "clock": _CLOCK.format(
            is_training=is_training("rule.training_hours"),
            title=title_sql("training.source_id"),
        ),
    }


def clock_steps_as_known() -> dict[str, str]:
    """The same as known at %(known_at)s, after the facts of that moment."""
    columns = "member_id", "kind", "period"
    of_person = "member_id IN (SELECT id FROM person_row)"
    posts = as_known("trainees_post", columns, KNOWN_AT, of_person)
    return clock_steps(merge=_MERGE_AS_KNOWN, posts=posts)


def clocks_of_all() -> str:
    """The current clocks of all members."""
    return with_steps(facts_of(EVERYBODY) | clock_steps(_OF_ALL), "SELECT * FROM clock")


class ClockState(StrEnum):
    """The verdict on a requirement with a clock."""

    MET = "met"
    NOT_YET_DUE = "not_yet_due"
    SHORT = "short"


# The same in SQL, for the rows `clocks`.
STATE = f"""
CASE WHEN clocks.met_on IS NOT NULL THEN '{ClockState.MET}'
     WHEN %(as_of)s::date < clocks.due THEN '{ClockState.NOT_YET_DUE}'
     ELSE '{ClockState.SHORT}' END
"""

CLOCK_STATE_LABELS = {
    ClockState.MET: _("done"),
    ClockState.NOT_YET_DUE: _("still open"),
    ClockState.SHORT: _("missed"),
}

_SENTENCE = {
    ClockState.MET: _("met on %(met_on)s: %(title)s"),
    ClockState.NOT_YET_DUE: _("to be attended by %(last)s"),
    ClockState.SHORT: _("not attended by %(last)s"),
}
# Probation lasts until full membership, which may come later than the months of the rule.
_PROBATION_OVER = {
    ClockState.NOT_YET_DUE: _("to be attended during probation, by %(last)s"),
    ClockState.SHORT: _("not attended during probation, which ended on %(last)s"),
}
_PROBATION = {
    ClockState.NOT_YET_DUE: _("to be attended during probation, by %(last)s unless it is extended"),
    ClockState.SHORT: _("not attended by %(last)s; the end of probation is not on record"),
}


@dataclass(frozen=True)
class Clock:
    """A training owed from `began` until (without) `due`, the rule for it, and what met it.

    `ended` is the end of the post or of probation, None if not on record. `training_hours` are its
    minimum credit hours; None if any training counts. `state` is the verdict on the day of the
    query.
    """

    group: str
    version: int
    source: str
    to_be_verified: bool
    training_hours: Decimal | None
    began: date
    due: date
    ended: date | None
    met_on: date | None
    title: str
    state: ClockState

    @property
    def label(self) -> str:
        return str(RequirementGroup(self.group).label)

    @property
    def sentence(self) -> str:
        """The verdict: the training that met it, or the last day to attend one."""
        facts = {
            "title": self.title,
            "met_on": format_day(self.met_on) if self.met_on else "",
            "last": format_day(last_day(period(self.began, self.due)) or self.due),
        }
        sentences = dict(_SENTENCE)
        if self.group == RequirementGroup.PROBATIONARY:
            sentences |= _PROBATION_OVER if self.ended else _PROBATION
        return str(sentences[self.state]) % facts


def list_clocks(member_id: int, on: date) -> list[Clock]:
    """What a member owes within some months, if the time runs in the year of `on`."""
    chosen = {"chosen": Once("SELECT %(member)s::bigint AS id")}
    statement = with_steps(chosen | facts_of(CHOSEN) | clock_steps(), f"SELECT {CLOCKS}")
    return read_clocks(select_value(statement, {"member": member_id, "as_of": on}), on)


def read_clocks_of_card(page: Mapping[str, Any]) -> dict[str, Any] | None:
    """The clocks on a register card; None for a member without any."""
    clocks = list_clocks(page["card"].member.pk, page["today"])
    return {"clocks": clocks} if clocks else None


def read_clocks(text: str, on: date) -> list[Clock]:
    """Clocks from the statement's rows as JSON, ordered by their beginning."""
    clocks = []
    for row in json.loads(text, parse_float=Decimal):
        due, met_on = date.fromisoformat(row["due"]), row["met_on"]
        open_state = ClockState.NOT_YET_DUE if on < due else ClockState.SHORT
        clocks.append(
            Clock(
                group=row["group"],
                version=row["version"],
                source=row["source"],
                to_be_verified=row["to_be_verified"],
                training_hours=None if (least := row["training_hours"]) is None else Decimal(least),
                began=date.fromisoformat(row["began"]),
                due=due,
                ended=date.fromisoformat(row["ended"]) if row["ended"] else None,
                met_on=date.fromisoformat(met_on) if met_on else None,
                title=row["title"] or "",
                state=ClockState.MET if met_on else open_state,
            )
        )
    return sorted(clocks, key=lambda clock: (clock.began, clock.group))
