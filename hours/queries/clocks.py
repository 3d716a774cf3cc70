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
from config.lib.versions import as_known
from hours.enums import RequirementGroup
from hours.queries.holders import CLOSED_TOGETHER
from hours.queries.requirements import (
    AS_KNOWN,
    CHOSEN,
    ENTRY_AS_KNOWN,
    IS_TRAINING,
    KNOWN_AT,
    TABLES,
    YEAR_BEGINS,
)
from hours.source_kinds import title_sql

# Clocks that began by %(as_of)s and run on some day of its year, with the training that met each.
# The appointment of a secretary is the first day of consecutive posts; probation ends with full
# membership, or after the months of its rule if that day is not known. What is owed within months
# is judged by the rule of the day on which they began. That day is not counted, so months end on
# the day of the same number, or on the last day of a month that has none (Civil Code, art. 201 and
# 202), and a training counts up to that day. A secretary who left the post in time owes nothing any
# more. Posts and trainings of a row that was merged into the member's are those of the same person.
_CLOCKS = """
SELECT clock.member_id, rule."group", rule.version, rule.source, rule.to_be_verified,
       rule.training_hours,
       clock.began, due.day AS due, clock.ended, training.occurred_on AS met_on, {title} AS title
FROM (
    SELECT member_id, 'new_secretary' AS kind, lower(days) AS began, upper(days) AS ended
    FROM (SELECT row.member_id, unnest(range_agg(post.period)) AS days FROM {post} post
          JOIN ({rows}) row ON row.id = post.member_id
          WHERE post.kind = 'secretary' GROUP BY row.member_id) held
    UNION ALL
    SELECT member_id, step.kind, step.began, step.ended
    FROM (SELECT id AS member_id, joined_on, full_member_on FROM trainees_member member
          WHERE {of}) member
    CROSS JOIN LATERAL (VALUES ('probationary', joined_on, full_member_on),
                               ('new_full_member', full_member_on, NULL)
    ) AS step (kind, began, ended)
    WHERE step.began IS NOT NULL
) clock
JOIN {rule} rule ON rule."group" = clock.kind AND rule.period @> clock.began
CROSS JOIN LATERAL (
    SELECT CASE WHEN clock.kind = 'probationary' AND clock.ended IS NOT NULL THEN clock.ended
                ELSE upper(daterange(clock.began, (clock.began + make_interval(
                    months => rule.within_months))::date, '[]')) END AS day
) due
LEFT JOIN LATERAL (
    SELECT min(entry.occurred_on) AS occurred_on, min(source.id) AS source_id
    FROM hours_creditentry entry
    JOIN hours_assessment assessment ON assessment.id = entry.assessment_id
    JOIN hours_source source ON source.id = assessment.source_id
    WHERE entry.member_id = ANY(ARRAY(SELECT clock.member_id UNION ALL {given_up}))
      AND entry.category = 'concentrated'
      AND entry.credit_year >= extract(year FROM clock.began)
      AND entry.credit_year <= extract(year FROM due.day)
      AND entry.occurred_on >= clock.began AND entry.occurred_on < due.day
      AND entry.occurred_on <= %(as_of)s::date AND {entry}
    GROUP BY source.training
    HAVING {is_training}
    ORDER BY min(entry.occurred_on)
    OFFSET rule.concentrated_trainings - 1 LIMIT 1
) training ON true
WHERE clock.began <= %(as_of)s::date AND due.day > clock.began AND NOT {is_given_up}
  AND extract(year FROM due.day - 1) >= extract(year FROM %(as_of)s::date)
  AND NOT (clock.kind = 'new_secretary' AND training.occurred_on IS NULL
           AND clock.ended <= %(as_of)s::date AND clock.ended < due.day) IS TRUE
"""
# Pairs of rows that are one person in the year, for pages of a year; what was undone later was
# merged at an earlier moment.
_YEAR = "extract(year FROM %(as_of)s::date)"
_MERGES = f"""
SELECT merged_into_id AS kept_id, id AS given_up_id FROM trainees_member
WHERE merged_year <= {_YEAR}
UNION ALL
SELECT kept_id, given_up_id FROM trainees_membermerge
WHERE {CLOSED_TOGETHER.format(year=_YEAR)}
"""  # noqa: S608 - fixed text, no input
_MERGES_AS_KNOWN = f"""
SELECT kept_id, given_up_id FROM trainees_membermerge
WHERE decided_at <= {KNOWN_AT} AND first_year <= {_YEAR}
  AND coalesce(undone_at > {KNOWN_AT} OR until_year > {_YEAR}, true)
"""  # noqa: S608 - fixed text, no input
# The rows of the members concerned: their own, and those that are one with them.
_ROWS = """
SELECT id AS member_id, id FROM trainees_member row WHERE {of}
UNION ALL
SELECT kept_id, given_up_id FROM ({merges}) merge WHERE {kept_of}
"""
_IS_TRAINING = IS_TRAINING.format(least="rule.training_hours")
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
_CHOSEN = "(SELECT id FROM chosen)"


def clocks_of_chosen() -> str:
    """The current clocks of `chosen`."""
    return _clocks("true", TABLES["post"], TABLES["rule"], of="{row} = " + _CHOSEN)


def clocks_of_all() -> str:
    """The current clocks of all members."""
    return _clocks("true", TABLES["post"], TABLES["rule"], of="{row} IS NOT NULL")


def clocks_as_known() -> str:
    """The clocks of `chosen` as known at %(known_at)s."""
    of, merges = "{row} = " + _CHOSEN, _MERGES_AS_KNOWN
    of_person = f"SELECT id FROM ({_rows(of, merges)}) row"  # noqa: S608 - fixed text, no input
    columns = "member_id", "kind", "period"
    posts = as_known(TABLES["post"], columns, KNOWN_AT, f"member_id IN ({of_person})")
    return _clocks(ENTRY_AS_KNOWN, posts, AS_KNOWN["rule"], of=of, merges=merges)


def _rows(of: str, merges: str) -> str:
    return _ROWS.format(of=of.format(row="row.id"), kept_of=of.format(row="kept_id"), merges=merges)


def _clocks(entry: str, post: str, rule: str, *, of: str, merges: str = _MERGES) -> str:
    """The statement for the members that `of` says, with the rows of `post` and `rule`."""
    one = f"FROM ({merges}) merge WHERE {{row}} = clock.member_id"
    return _CLOCKS.format(
        entry=entry,
        post=post,
        rule=rule,
        of=of.format(row="member.id"),
        rows=_rows(of, merges),
        given_up="SELECT given_up_id " + one.format(row="kept_id"),
        is_given_up=f"EXISTS (SELECT {one.format(row='given_up_id')})",
        is_training=_IS_TRAINING,
        title=title_sql("training.source_id"),
    )


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


_OF_MEMBER = """
WITH chosen AS (SELECT %(member)s::bigint AS id)
SELECT coalesce(jsonb_agg(clock), '[]')::text FROM ({clocks}) clock
"""


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
    statement = _OF_MEMBER.format(clocks=clocks_of_chosen())
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
