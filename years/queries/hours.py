"""A member's year: what is owed, what is done, and every line with its explanation.

Two statements, planned once, for any number of lines, and a third for members with anything out of
the ordinary (`years.queries.year_statements`): 38,000 people open this page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from itertools import groupby
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext

from accounts.enums import SERVING_ROLES
from accounts.models import User
from accounts.roles import holds_any, remember_roles
from config.lib.hours import ZERO, format_hours
from config.lib.periods import local_date
from config.lib.prepared import PreparedStatement
from config.lib.rows import select_row, select_rows
from config.lib.years import day_of_judgement, is_over
from hours.enums import MAIN_CATEGORIES, CreditCategory, OwnCut, RequirementGroup
from hours.models import Assessment, CreditEntry
from hours.queries.clocks import Clock, read_clocks
from hours.queries.requirements import Verdict, judge
from schools.queries.open_years import is_open, last_open_day
from studies.enums import StudyKind, StudyState
from trainees.enums import DepartureKind, ExemptionCategory, MembershipStatus
from trainees.models import Member
from trainees.querysets import MemberQuerySet
from years.queries.lines import Line
from years.queries.pending_items import OwnDispute, PendingItems, read_pending
from years.queries.year_statements import (
    READ_CHOSEN,
    READ_CHOSEN_AS_KNOWN,
    READ_LINES,
    READ_OWN,
    READ_OWN_AS_KNOWN,
    MemberRow,
)
from years.year_sentences import (
    say_forecast,
    say_left,
    say_no_rule,
    say_trainings,
    say_year,
)

MONTHS = 12


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
    held_on: date
    state: str
    round: int
    reason: str | None

    @classmethod
    def of(cls, columns: dict[str, Any]) -> OpenDeclaration:
        """Build one from a row of the statement."""
        return cls(**columns | {"held_on": date.fromisoformat(columns["held_on"])})

    def get_state_display(self) -> str:
        return str(StudyState(self.state).label)


@dataclass(frozen=True)
class Part:
    """Whole months of the year that count at the rate of one rule version."""

    months: int
    group: str
    version: int
    rate: Decimal

    @property
    def label(self) -> str:
        return str(RequirementGroup(self.group).label)


@dataclass(frozen=True)
class MemberYear:
    """Everything shown on the page of a member's year.

    `parts` has the months with different rates; it is empty if the whole year counts alike.
    `has_rule` tells whether a rule for every member is in force on the day of judgement.
    `departure` and `left_on` say why a member without a verdict belongs to no organisation.
    `as_known_on` is the past day that the page was requested for, None for today.
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
    membership_status: str | None
    rule_group: str | None
    rule_version: int | None
    rule_source: str | None
    rule_to_be_verified: bool
    parts: list[Part]
    clocks: list[Clock]
    lines: list[Line]
    pending_items: PendingItems
    on: date
    declarations: list[OpenDeclaration]
    rule_training_hours: Decimal | None = None
    has_rule: bool = True
    departure: DepartureKind | None = None
    left_on: date | None = None
    as_known_on: date | None = None

    @property
    def visits(self) -> int:
        """The number of outreach visits to the member in the year."""
        visits = (line for line in self.lines if line.study_kind == StudyKind.OUTREACH_VISIT)
        return sum(line.own_reason != OwnCut.WITHDRAWN for line in visits)

    @property
    def takes_declarations(self) -> bool:
        """Whether study of the year can still be declared."""
        return is_open(self.year, self.on)

    @cached_property
    def sentence(self) -> str:
        """The year in one sentence: owed, done, left."""
        if not self.has_rule:
            return say_no_rule(self.year)
        if self.left_on and self.departure:
            return say_left(self.year, self.departure, self.left_on, self.done)
        return say_year(
            self.year,
            self.verdict,
            category=self.exemption_label,
            standing=self.membership_status_label,
        )

    @cached_property
    def done(self) -> Decimal:
        """All hours that the ledger holds of the year."""
        return sum((line.hours for line in self.own_lines), ZERO)

    @property
    def forecast_sentence(self) -> str:
        """The forecast at this year's pace; empty once the target is met or the year is over."""
        return say_forecast(self.verdict, self.on)

    @property
    def trainings_sentence(self) -> str:
        """The concentrated trainings that are missing, if any."""
        return say_trainings(self.verdict)

    @cached_property
    def own_lines(self) -> list[Line]:
        """The lines of the member's own row; only these are counted."""
        return [line for line in self.lines if not line.is_of_merged]

    @property
    def sums(self) -> list[CategorySum]:
        """Hours by category: the two main ones, and others that have hours."""
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
    def membership_status_label(self) -> str:
        return str(MembershipStatus(self.membership_status).label) if self.membership_status else ""

    @property
    def rule_label(self) -> str:
        return str(RequirementGroup(self.rule_group).label) if self.rule_group else ""


def get_own_year(
    user: User, year: int, on: date, *, known_at: datetime | None = None
) -> MemberYear:
    """The year of the member with the account `user`. Raises Member.DoesNotExist.

    With `known_at`, everything as the portal knew it at that moment; `on` must be its date.
    """
    read = READ_OWN_AS_KNOWN if known_at else READ_OWN
    member_year, roles = _get_year(
        read, {"user": user.pk, "year": year, "on": on, "known_at": known_at}
    )
    if known_at is None:
        remember_roles(user, roles)
    return member_year


def list_seen_in_year(user: User, year: int, on: date) -> MemberQuerySet:
    """The members whose year `user` may see, as `get_member_year` says."""
    then = day_of_judgement(year, on)
    visible = Member.objects.on_record_for(user, on)
    visible |= Member.objects.visible_to(user, on, as_of=then)
    if holds_any(user, *SERVING_ROLES):
        visible |= Member.objects.slips_by(user, on)
    return visible


def get_member_year(
    user: User, member_id: int, year: int, on: date, *, known_at: datetime | None = None
) -> MemberYear:
    """The year of a member that `user` may see (by the school now or in that year), or serves as
    secretary or commissioner. District roles see it also after the member has left.

    Raises Member.DoesNotExist. The rights of `user` are those of the day `on`, even if the year is
    shown as known at an earlier moment.
    """
    member = list_seen_in_year(user, year, on).only("pk").get(pk=member_id)
    return get_year_of(user, member, year, on, known_at=known_at)


def get_year_of(
    user: User, member: Member, year: int, on: date, *, known_at: datetime | None = None
) -> MemberYear:
    """The year of a member; the caller has checked that `user` may see them."""
    read = READ_CHOSEN_AS_KNOWN if known_at else READ_CHOSEN
    day = local_date(known_at) if known_at else on
    asked = {"user": user.pk, "member": member.pk, "year": year, "on": day, "known_at": known_at}
    return _get_year(read, asked)[0]


def _get_year(
    read_member: Iterable[PreparedStatement], asked: dict[str, Any]
) -> tuple[MemberYear, list[str]]:
    """The requested year, and the roles of the account. Raises Member.DoesNotExist."""
    asked = asked | {"as_of": day_of_judgement(asked["year"], asked["on"])}
    row = _read_member(read_member, asked)
    asked["member"] = row.member_id
    on = asked["on"] if asked["known_at"] is None else None
    # This year's own deadline lies in the next one.
    settled = last_open_day(asked["year"]) if on and asked["year"] < on.year else None
    lines: Iterable[Line] = select_rows(Line, READ_LINES, asked, on=on, settled_after=settled)
    if asked["known_at"] is not None:
        lines = _as_known(lines, row.member_id, asked["year"], asked["known_at"])
    return _year_of(row, _nest(lines), asked), row.roles


def _read_member(statements: Iterable[PreparedStatement], asked: dict[str, Any]) -> MemberRow:
    """The row of the first statement that reads the whole year. Raises Member.DoesNotExist."""
    row = None
    for statement in statements:
        row = select_row(MemberRow, statement, asked)
        if row is None:
            raise Member.DoesNotExist
        if row.is_whole:
            break
    assert row is not None  # noqa: S101 - the last of them always does
    return row


def _year_of(row: MemberRow, lines: list[Line], asked: dict[str, Any]) -> MemberYear:
    """Build the year from a row of the member's statement and the lines."""
    year, on, known_at = asked["year"], asked["on"], asked["known_at"]
    pending_items = (
        read_pending(row.pending_items) if known_at is None else PendingItems([], [], [])
    )
    if pending_items.disputes:
        lines = [_with_disputes(line, pending_items.disputes) for line in lines]
    verdict = None
    if row.owed is not None and row.membership_status is not None:
        verdict = judge(
            owed=row.owed,
            done=sum((line.hours for line in lines if not line.is_of_merged), ZERO),
            trainings=row.trainings,
            trained=row.trained,
            exemption=row.exemption,
            membership_status=row.membership_status,
            is_over=is_over(year, on),
        )
    return MemberYear(
        member_id=row.member_id,
        number=row.number,
        name=row.name,
        organisation=row.organisation,
        school=row.school,
        school_code=row.school_code,
        year=year,
        is_past=is_over(year, on),
        years=_years(row.years, on),
        verdict=verdict,
        exemption=row.exemption,
        membership_status=row.membership_status,
        rule_group=row.rule_group,
        rule_version=row.rule_version,
        rule_source=row.rule_source,
        rule_to_be_verified=bool(row.rule_to_be_verified),
        parts=_parts(row.parts),
        clocks=read_clocks(row.clocks, asked["as_of"]),
        lines=lines,
        pending_items=pending_items,
        on=on,
        declarations=[OpenDeclaration.of(columns) for columns in row.declarations],
        rule_training_hours=row.rule_training_hours,
        has_rule=row.has_rule,
        departure=DepartureKind(row.departure) if row.departure else None,
        left_on=row.left_on,
        as_known_on=local_date(known_at) if known_at else None,
    )


def _years(recorded: Iterable[int], on: date) -> tuple[int, ...]:
    """The available years, newest first: those with a line, this year, and last year."""
    years = {year for year in (*recorded, on.year, on.year - 1) if year <= on.year}
    return tuple(sorted(years, reverse=True))


def _parts(months: list[tuple[str, int, str] | None] | None) -> list[Part]:
    """The rates of the months that count, leading posts first; empty if the year counts as a whole.

    Each month is the group, version and rate of its rule; a month without a rule has no version.
    """
    counted = Counter(
        (group, version, Decimal(rate))
        for group, version, rate in (month for month in months or () if month)
        if version
    )
    if sum(counted.values()) == MONTHS and len(counted) == 1:
        return []
    parts = [Part(n, *rule) for rule, n in counted.items()]
    return sorted(
        parts, key=lambda part: (part.group != RequirementGroup.LEADING_POST, part.version)
    )


def _as_known(lines: Iterable[Line], member_id: int, year: int, known_at: datetime) -> list[Line]:
    """The lines assessed by `known_at`, each with its hours in the ledger at that time."""
    held = (
        CreditEntry.objects.in_year(year)
        .as_of(known_at)
        .filter(member=member_id)
        .order_by()
        .values_list("assessment")
        .annotate(total=Sum("hours"))
    )
    hours = dict(held)
    return [
        replace(line, hours=hours.get(line.assessment_id, ZERO))
        for line in lines
        if line.assessed_at <= known_at
    ]


def find_line(member_id: int, assessment: Assessment) -> Line | None:
    """The line that has `assessment` as a version, as on the member's page."""
    values = {"member": member_id, "year": assessment.credit_year}
    lines = _nest(select_rows(Line, READ_LINES, values))
    return next((line for line in lines if assessment.pk in line.versions), None)


def _with_disputes(line: Line, disputes: list[OwnDispute]) -> Line:
    """The line with the member's disputes about it, newest first."""
    versions = line.versions
    about_line = (
        dispute
        for dispute in disputes
        if dispute.assessment_id in versions and not dispute.is_withdrawn
    )
    return replace(line, disputes=tuple(about_line))


def _nest(lines: Iterable[Line]) -> list[Line]:
    """The latest assessment of each piece of evidence, with its superseded ones in `earlier`."""
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
    for other in lines:
        of_that_day = (other.occurred_on, other.is_of_merged) == (
            line.occurred_on,
            line.is_of_merged,
        )
        if other is not line and of_that_day and other.worth:
            facts = {"title": other.title, "hours": format_hours(other.worth)}
            yield gettext("%(title)s (%(hours)s)") % facts
