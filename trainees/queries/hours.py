"""A member's year: what is owed, what is done, and every line with its why.

Two statements, planned once and whatever the number of lines: 38,000 people open this page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from itertools import groupby
from typing import Any

from django.db import connection
from django.db.models import Sum
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.enums import SERVING_ROLES
from accounts.models import User
from accounts.roles import holds_any, remember_roles
from config.lib.hours import ZERO, format_hours
from config.lib.periods import local_date
from config.lib.prepared import PreparedStatement
from trainees.assessing import first_unsettled_day
from trainees.enums import (
    MAIN_CATEGORIES,
    CreditCategory,
    ExemptionCategory,
    OwnCut,
    RequirementGroup,
    Standing,
    StudyKind,
    StudyState,
)
from trainees.models import Assessment, CreditEntry, Member
from trainees.permissions import ROLES_IN_FORCE
from trainees.queries.apart import APART, Apart, OwnDispute, read_apart
from trainees.queries.clocks import CLOCKS_AS_KNOWN, CLOCKS_OF_CHOSEN, Clock, read_clocks
from trainees.queries.lines import Line
from trainees.queries.outlook import forecast_hours
from trainees.queries.requirements import (
    AS_KNOWN,
    ENTRY_AS_KNOWN,
    OWED_AS_KNOWN,
    OWED_BY_CHOSEN,
    TABLES,
    TRAININGS,
    Outcome,
    Verdict,
    day_of_judgement,
    is_over,
    judge,
)

_MEMBER = f"""
WITH chosen AS (SELECT id, number, name FROM trainees_member WHERE {{which}}),
own AS (
    SELECT id FROM chosen UNION ALL
    SELECT merged.id FROM trainees_member merged JOIN chosen ON merged.merged_into_id = chosen.id
)
SELECT chosen.id, chosen.number, chosen.name,
       owed.organisation_name, school.name, school.code, owed.standing, owed.exemption, owed.owed,
       owed.trainings, CASE WHEN owed.trainings > 0 THEN {{trained}} ELSE 0 END,
       owed.rule_group, owed.rule_version, owed.rule_source, owed.to_be_verified,
       CASE WHEN owed.pro_rata THEN owed.leading_months END, owed.leading_version,
       owed.leading_rate, owed.other_months, owed.other_version, owed.other_rate,
       (SELECT coalesce(jsonb_agg(clock), '[]') FROM ({{clocks}}) clock)::text,
       ARRAY(SELECT DISTINCT credit_year FROM trainees_assessment
             WHERE member_id IN (SELECT id FROM own)
             ORDER BY credit_year DESC),
       {APART},
       (SELECT coalesce(json_agg(json_build_object(
                   'id', study.id, 'topic', study.topic, 'state', study.state,
                   'round', study.round, 'reason', (
                       SELECT reason FROM trainees_studyreview review
                       WHERE review.study_id = study.id AND review.round = study.round
                         AND review.verdict = 'returned'))
                   ORDER BY study.held_on DESC, study.id DESC), '[]')
        FROM trainees_study study
        WHERE study.id IN (SELECT participant.study_id FROM trainees_studyparticipant participant
                           WHERE participant.member_id IN (SELECT id FROM own))
          AND study.kind IN ('online_study', 'outside_training')
          AND study.state IN ('draft', 'submitted', 'checked')
          AND %(year)s BETWEEN extract(year FROM study.held_on)
                           AND extract(year FROM study.held_on + study.days - 1)),
       owed.training_hours,
       EXISTS (SELECT FROM {{rule}} rule
               WHERE rule."group" = 'every_member' AND rule.period @> %(as_of)s::date),
       ARRAY({ROLES_IN_FORCE})
FROM chosen
LEFT JOIN ({{owed}}) owed ON owed.member_id = chosen.id
LEFT JOIN schools_school school ON school.id = owed.school_id
"""  # noqa: S608 - fixed text, no input

_LINES = """
SELECT a.attendance_id, a.study_id, a.version, a.occurred_on, a.category, a.gross_hours,
       a.own_cut, a.own_reason, a.overlap_cut, a.cap_cut, a.cap_reason, a.hours,
       (SELECT coalesce(sum(hours), 0) FROM trainees_creditentry WHERE assessment_id = a.id),
       rule.version, CASE a.cap_reason WHEN 'half_day' THEN rule.half_day_cap
                                       WHEN 'year' THEN rule.yearly_cap ELSE rule.daily_cap END,
       a.cause, a.reason, a.assessed_at, assessor.display_name,
       coalesce(study.recorded_at, a.assessed_at),
       coalesce(recorder.display_name, assessor.display_name), passed.at, passed.by,
       attendance.status,
       coalesce(class.title, study.topic), session.number, course.title,
       coalesce(venue.name, session.place, study.place), coalesce(school.name, organisation.name),
       study.kind, a.id, rule.dispute_days, a.member_id <> %(member)s,
       CASE WHEN a.cause <> 'merged' THEN false
            WHEN a.study_id IS NULL THEN attendance.member_id <> a.member_id
            ELSE NOT EXISTS (SELECT FROM trainees_studyparticipant own
                             WHERE own.study_id = a.study_id AND own.member_id = a.member_id)
       END
FROM trainees_assessment a
JOIN trainees_creditrule rule ON rule.id = a.rule_id
JOIN accounts_user assessor ON assessor.id = a.assessed_by_id
LEFT JOIN trainees_attendance attendance ON attendance.id = a.attendance_id
LEFT JOIN courses_session session ON session.id = attendance.session_id
LEFT JOIN courses_trainingclass class ON class.id = session.training_class_id
LEFT JOIN courses_course course ON course.id = session.course_id
LEFT JOIN courses_venue venue ON venue.id = session.venue_id
LEFT JOIN schools_school school ON school.id = class.school_id
LEFT JOIN trainees_study study ON study.id = a.study_id
LEFT JOIN schools_organisation organisation ON organisation.id = study.organisation_id
LEFT JOIN accounts_user recorder ON recorder.id = study.recorded_by_id
LEFT JOIN LATERAL (
    SELECT review.reviewed_at AS at,
           (SELECT display_name FROM accounts_user WHERE id = review.reviewed_by_id) AS by
    FROM trainees_studyreview review
    WHERE review.study_id = study.id AND review.verdict = 'passed' AND review.step = 'school'
    ORDER BY review.id DESC LIMIT 1) passed ON true
WHERE a.credit_year = %(year)s AND a.member_id = ANY(ARRAY(
      SELECT %(member)s UNION ALL
      SELECT id FROM trainees_member WHERE merged_into_id = %(member)s AND merged_year > %(year)s))
ORDER BY a.occurred_on DESC,
         coalesce((session.starts_at AT TIME ZONE 'Asia/Shanghai')::time, study.starts_at) DESC,
         a.attendance_id, a.study_id, a.version DESC
"""

_AS_IT_STANDS = {
    "owed": OWED_BY_CHOSEN,
    "clocks": CLOCKS_OF_CHOSEN,
    "trained": TRAININGS.format(member="chosen.id", entry="true"),
    "rule": TABLES["rule"],
}
_AS_KNOWN = {
    "owed": OWED_AS_KNOWN,
    "clocks": CLOCKS_AS_KNOWN,
    "trained": TRAININGS.format(member="chosen.id", entry=ENTRY_AS_KNOWN),
    "rule": AS_KNOWN["rule"],
}
MONTHS = 12
_TYPES = {"user": "bigint", "on": "date", "as_of": "date", "year": "integer"}
_OWN, _CHOSEN = {"which": "user_id = %(user)s"}, {"which": "id = %(member)s"}
_READ_OWN = PreparedStatement(_MEMBER.format(**_OWN, **_AS_IT_STANDS), **_TYPES)
_READ_CHOSEN = PreparedStatement(
    _MEMBER.format(**_CHOSEN, **_AS_IT_STANDS), member="bigint", **_TYPES
)
_READ_OWN_AS_KNOWN = PreparedStatement(
    _MEMBER.format(**_OWN, **_AS_KNOWN), known_at="timestamptz", **_TYPES
)
_READ_CHOSEN_AS_KNOWN = PreparedStatement(
    _MEMBER.format(**_CHOSEN, **_AS_KNOWN), member="bigint", known_at="timestamptz", **_TYPES
)
_READ_LINES = PreparedStatement(_LINES, member="bigint", year="integer")

_SENTENCE = {
    Outcome.NOT_YET_DUE: _("%(owed)s credit hours owed this year, %(done)s done, %(left)s to go"),
    Outcome.SHORT: _("%(owed)s credit hours owed in %(year)s, %(done)s done, %(left)s short"),
    Outcome.MET: _("%(owed)s credit hours owed in %(year)s, %(done)s done: target met"),
    Outcome.EXEMPT: _("No credit hours owed in %(year)s (%(category)s); %(done)s done"),
    Outcome.OUT: _("Not counted in %(year)s (%(standing)s); %(done)s credit hours done"),
}


@dataclass(frozen=True)
class CategorySum:
    """The hours of one category."""

    category: CreditCategory
    hours: Decimal

    @property
    def label(self) -> str:
        return str(self.category.label)


@dataclass(frozen=True)
class OpenDeclaration:
    """A declaration that is not decided yet: a draft, waiting, or returned with a reason."""

    id: int
    topic: str
    state: str
    round: int
    reason: str | None

    def get_state_display(self) -> str:
        return str(StudyState(self.state).label)


@dataclass(frozen=True)
class Part:
    """Whole months of the year that count at the rate of one version of one rule."""

    months: int
    group: str
    version: int
    rate: Decimal

    @property
    def label(self) -> str:
        return str(RequirementGroup(self.group).label)


@dataclass(frozen=True)
class MemberYear:
    """Everything that the page of a member and a year shows.

    `parts` say for which months what is owed; there are none where the whole year counts alike.
    `has_rule` says whether a rule for every member is in force on the day of judgement.
    `as_known_on` is the past day as of which the page was asked for, and None for today.
    """

    member_id: int
    number: str
    name: str
    organisation: str | None
    school: str | None
    school_code: str | None
    year: int
    is_past: bool
    years: tuple[int, ...]
    verdict: Verdict | None
    exemption: str | None
    standing: str | None
    rule_group: str | None
    rule_version: int | None
    rule_source: str | None
    rule_to_be_verified: bool
    parts: list[Part]
    clocks: list[Clock]
    lines: list[Line]
    apart: Apart
    on: date
    declarations: list[OpenDeclaration]
    rule_training_hours: Decimal | None = None
    has_rule: bool = True
    as_known_on: date | None = None

    @property
    def visits(self) -> int:
        """How often study was brought home to the member in the year."""
        visits = (line for line in self.lines if line.study_kind == StudyKind.OUTREACH_VISIT)
        return sum(line.own_reason != OwnCut.WITHDRAWN for line in visits)

    @property
    def takes_declarations(self) -> bool:
        """Whether study of the year can still be declared."""
        return self.year >= first_unsettled_day(self.on).year

    @cached_property
    def sentence(self) -> str:
        """The year in one sentence: owed, done, left."""
        if not self.has_rule:
            return gettext("No rule says what was owed in %(year)s.") % {"year": self.year}
        if self.verdict is None:
            return gettext("No membership is on record for %(year)s.") % {"year": self.year}
        facts = {
            "year": self.year,
            "owed": format_hours(self.verdict.owed),
            "done": format_hours(self.verdict.done),
            "left": format_hours(self.verdict.left),
            "category": self.exemption_label,
            "standing": self.standing_label,
        }
        return str(_SENTENCE[self.verdict.outcome]) % facts

    @cached_property
    def done(self) -> Decimal:
        """All hours that the ledger holds of the year."""
        return sum((line.hours for line in self.own_lines), ZERO)

    @property
    def forecast_sentence(self) -> str:
        """Where the pace of this year leads; nothing once the target is met or the year over."""
        if self.verdict is None or self.verdict.outcome != Outcome.NOT_YET_DUE:
            return ""
        ahead = forecast_hours(self.verdict.done, self.on)
        if ahead is None or not self.verdict.owed:
            return ""
        facts = {"hours": format_hours(ahead), "owed": format_hours(self.verdict.owed)}
        if ahead >= self.verdict.owed:
            return gettext("At this pace you reach the target this year.") % facts
        return (
            gettext("At this pace you end the year at about %(hours)s of %(owed)s credit hours.")
            % facts
        )

    @property
    def trainings_sentence(self) -> str:
        """The concentrated trainings that are missing, if any."""
        missing = self.verdict.trainings_left if self.verdict else 0
        if not missing:
            return ""
        return ngettext(
            "%(n)d concentrated training is missing.",
            "%(n)d concentrated trainings are missing.",
            missing,
        ) % {"n": missing}

    @cached_property
    def own_lines(self) -> list[Line]:
        """The lines of the member's own row, which are what is counted."""
        return [line for line in self.lines if not line.is_of_merged]

    @property
    def sums(self) -> list[CategorySum]:
        """Hours by category: the two main ones, and every other that there is something of."""
        sums = dict.fromkeys(CreditCategory, ZERO)
        for line in self.own_lines:
            sums[CreditCategory(line.category)] += line.hours
        return [
            CategorySum(category, hours)
            for category, hours in sums.items()
            if hours or category in MAIN_CATEGORIES
        ]

    @property
    def months(self) -> list[tuple[date, list[Line]]]:
        """Lines by month, newest first; each month as its first day."""
        by_month = groupby(self.lines, key=lambda line: line.occurred_on.replace(day=1))
        return [(month, list(lines)) for month, lines in by_month]

    @property
    def exemption_label(self) -> str:
        return str(ExemptionCategory(self.exemption).label) if self.exemption else ""

    @property
    def standing_label(self) -> str:
        return str(Standing(self.standing).label) if self.standing else ""

    @property
    def rule_label(self) -> str:
        return str(RequirementGroup(self.rule_group).label) if self.rule_group else ""


def get_own_year(
    user: User, year: int, on: date, *, known_at: datetime | None = None
) -> MemberYear:
    """The year of the member whose account `user` is. Raises Member.DoesNotExist.

    With `known_at`, everything as the portal knew it at that moment, on whose date `on` it was
    judged.
    """
    read = _READ_OWN_AS_KNOWN if known_at else _READ_OWN
    found, roles = _get_year(read, {"user": user.pk, "year": year, "on": on, "known_at": known_at})
    if known_at is None:
        remember_roles(user, roles)
    return found


def get_member_year(
    user: User, member_id: int, year: int, on: date, *, known_at: datetime | None = None
) -> MemberYear:
    """The year of a member whose school, now or in that year, `user` may see, or whom he serves as
    secretary or commissioner.

    Raises Member.DoesNotExist. What `user` may see is asked as of `on` even where the year is shown
    as it was known at an earlier moment.
    """
    then = day_of_judgement(year, on)
    visible = Member.objects.visible_to(user, on) | Member.objects.visible_to(user, on, as_of=then)
    if holds_any(user, *SERVING_ROLES):
        visible |= Member.objects.slips_by(user, on)
    member = visible.only("pk").get(pk=member_id)
    return get_year_of(user, member, year, on, known_at=known_at)


def get_year_of(
    user: User, member: Member, year: int, on: date, *, known_at: datetime | None = None
) -> MemberYear:
    """The year of a member whom the caller has found in the sight of `user`."""
    read = _READ_CHOSEN_AS_KNOWN if known_at else _READ_CHOSEN
    day = local_date(known_at) if known_at else on
    asked = {"user": user.pk, "member": member.pk, "year": year, "on": day, "known_at": known_at}
    return _get_year(read, asked)[0]


def _get_year(
    read_member: PreparedStatement, asked: dict[str, Any]
) -> tuple[MemberYear, list[str]]:
    """The year asked for, and the roles of the account. Raises Member.DoesNotExist."""
    asked = asked | {"as_of": day_of_judgement(asked["year"], asked["on"])}
    with connection.cursor() as cursor:
        read_member.execute(cursor, asked)
        row = cursor.fetchone()
        if row is None:
            raise Member.DoesNotExist
        asked["member"] = row[0]
        _READ_LINES.execute(cursor, asked)
        on = asked["on"] if asked["known_at"] is None else None
        lines = [Line(*row, on=on) for row in cursor.fetchall()]  # type: ignore[misc]
    if asked["known_at"] is not None:
        lines = _as_known(lines, row[0], asked["year"], asked["known_at"])
    return _year_of(row, _nest(lines), asked), row[-1]


def _year_of(row: tuple[Any, ...], lines: list[Line], asked: dict[str, Any]) -> MemberYear:
    """The year from a row of the member's statement and the lines."""
    year, on, known_at = asked["year"], asked["on"], asked["known_at"]
    member_id, number, name, organisation, school, school_code, standing, exemption = row[:8]
    owed, trainings, trained, group, version, source, to_be_verified = row[8:15]
    apart = read_apart(row[23]) if known_at is None else Apart([], [], [])
    if apart.disputes:
        lines = [_with_disputes(line, apart.disputes) for line in lines]
    verdict = None
    if owed is not None:
        verdict = judge(
            owed=owed,
            done=sum((line.hours for line in lines if not line.is_of_merged), ZERO),
            trainings=trainings,
            trained=trained,
            exemption=exemption,
            standing=standing,
            is_over=is_over(year, on),
        )
    return MemberYear(
        member_id=member_id,
        number=number,
        name=name,
        organisation=organisation,
        school=school,
        school_code=school_code,
        year=year,
        is_past=is_over(year, on),
        years=_years(row[22], on),
        verdict=verdict,
        exemption=exemption,
        standing=standing,
        rule_group=group,
        rule_version=version,
        rule_source=source,
        rule_to_be_verified=bool(to_be_verified),
        parts=_parts(row[15:21]),
        clocks=read_clocks(row[21], asked["as_of"]),
        lines=lines,
        apart=apart,
        on=on,
        declarations=[OpenDeclaration(**one) for one in row[24]],
        rule_training_hours=row[25],
        has_rule=row[26],
        as_known_on=local_date(known_at) if known_at else None,
    )


def _years(recorded: Iterable[int], on: date) -> tuple[int, ...]:
    """The years that can be opened, newest first: those with a line, this one, and the last."""
    years = {year for year in (*recorded, on.year, on.year - 1) if year <= on.year}
    return tuple(sorted(years, reverse=True))


def _parts(months: tuple[Any, ...]) -> list[Part]:
    """What the months of a year count at, leading posts first; empty where all count alike.

    Without a rule for leading posts their months count at the rate of every member.
    """
    leading_months, leading_version, leading_rate, *other = months
    other_months, other_version, other_rate = other
    if leading_months is None:
        return []
    if leading_version is None:
        leading_months, other_months = 0, other_months + leading_months
    parts = [
        Part(leading_months, RequirementGroup.LEADING_POST, leading_version, leading_rate),
        Part(other_months, RequirementGroup.EVERY_MEMBER, other_version, other_rate),
    ]
    return [part for part in parts if 0 < part.months < MONTHS]


def _as_known(lines: Iterable[Line], member_id: int, year: int, known_at: datetime) -> list[Line]:
    """The lines that were assessed by `known_at`, each with what the ledger then held of it."""
    held = (
        CreditEntry.objects.in_year(year)
        .as_of(known_at)
        .filter(member=member_id)
        .order_by()
        .values_list(
            "assessment__attendance",
            "assessment__study",
            "assessment__occurred_on",
            "assessment__version",
        )
        .annotate(total=Sum("hours"))
    )
    hours = {tuple(key): total for *key, total in held}
    return [
        replace(line, hours=hours.get((*line.evidence, line.version), ZERO))
        for line in lines
        if line.assessed_at <= known_at
    ]


def find_line(member_id: int, assessment: Assessment) -> Line | None:
    """The line of which `assessment` is a version, as the member's page shows it."""
    values = {"member": member_id, "year": assessment.credit_year}
    with connection.cursor() as cursor:
        _READ_LINES.execute(cursor, values)
        lines = _nest(Line(*line) for line in cursor.fetchall())
    return next((line for line in lines if assessment.pk in line.versions), None)


def _with_disputes(line: Line, disputes: list[OwnDispute]) -> Line:
    """The line with what the member said of it, newest first."""
    versions = line.versions
    own = (one for one in disputes if one.assessment_id in versions and not one.is_withdrawn)
    return replace(line, disputes=tuple(own))


def _nest(lines: Iterable[Line]) -> list[Line]:
    """The latest assessment of each piece of evidence, with the superseded ones below it."""
    versions = (list(same) for _evidence, same in groupby(lines, key=lambda line: line.evidence))
    latest = [
        replace(newest, earlier=tuple(earlier)) if earlier else newest
        for newest, *earlier in versions
    ]
    return [
        replace(line, beside=tuple(_list_beside(line, latest))) if line.lacks_room else line
        for line in latest
    ]


def _list_beside(line: Line, lines: list[Line]) -> Iterator[str]:
    """What else counts for the same row on the day of `line`, in words."""
    for one in lines:
        of_that_day = (one.occurred_on, one.is_of_merged) == (line.occurred_on, line.is_of_merged)
        if one is not line and of_that_day and one.worth:
            facts = {"title": one.title, "hours": format_hours(one.worth)}
            yield gettext("%(title)s (%(hours)s)") % facts
