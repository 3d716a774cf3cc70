"""A kind of evidence that the ledger has never heard of counts like any other."""

from __future__ import annotations

from datetime import UTC, date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction

from config.lib.periods import at_local
from hours import source_kinds
from hours.actions.ledger import Posted, lock_evidence_tables, post_hours
from hours.enums import AssessmentCause
from hours.errors import LedgerError
from hours.models import Assessment, CreditEntry, CreditRule, RequirementRule, Source
from hours.queries.clocks import list_clocks
from hours.queries.evidence import LAST_VERSION, NEW, Piece, list_pieces
from hours.queries.ledger_check import KINDS, list_checks, list_findings
from hours.queries.members import MemberLines
from hours.source_kinds import SourceKind, list_source_kinds, register_source_kind
from schools.models import Organisation, School
from tests import factories
from tests.evidence import TODAY, clerk_of, hold
from tests.factories import DAY
from tests.trainees.actions.test_member_merges import LATER, Twice
from trainees.actions.member_merges import undo_merge
from trainees.models import Member

pytestmark = pytest.mark.django_db

SEEN_BY_NOBODY = "every film was seen by somebody"
FILM = SourceKind(
    key="film",
    claim=f"""
        SELECT film.source AS source_id, member AS owner_id, member AS member_id,
               day AS occurred_on, rule.category, rule.id AS rule_id,
               %(hours)s::numeric AS gross,
               CASE WHEN %(is_withdrawn)s THEN %(hours)s::numeric ELSE 0 END AS own_cut,
               CASE WHEN %(is_withdrawn)s THEN 'withdrawn' ELSE 'none' END AS own_reason,
               %(organisation)s::bigint AS organisation_id, %(school)s::bigint AS school_id,
               begins, ends, rule.daily_cap, rule.half_day_cap, rule.yearly_cap, 'film' AS kind,
               {NEW},
               {LAST_VERSION.format(source="film.source", owner="film.member", day="film.day")}
               AS last_version
        FROM (VALUES (%(source)s::bigint, %(member)s::bigint, %(day)s::date,
                      %(begins)s::integer, %(ends)s::integer))
             AS film (source, member, day, begins, ends)
        JOIN hours_creditrule rule
          ON rule.category = 'concentrated' AND rule.period @> film.day
    """,
    title="SELECT '《榜样》'::text WHERE {source} IS NOT NULL",
    locks=("hours_creditstep",),
    checks={
        SEEN_BY_NOBODY: """
            SELECT source.id FROM hours_source source
            LEFT JOIN hours_assessment a ON a.source_id = source.id
            WHERE source.kind = 'film' AND a.id IS NULL
        """
    },
)


@pytest.fixture
def film_kind(monkeypatch):
    """Films are a kind of source while the test runs."""
    monkeypatch.setattr(source_kinds, "_kinds", {kind.key: kind for kind in list_source_kinds()})
    register_source_kind(FILM)


class Cinema:
    """A school, a member of its branch, and films that they see."""

    def __init__(self, school: School, branch: Organisation, member: Member) -> None:
        self.school, self.branch, self.member = school, branch, member
        self.at = at_local(DAY, 23)

    def make_source(self, training: str) -> Source:
        return Source.objects.create(kind=FILM.key, training=training)

    def see(
        self, source: Source, *, day: date = DAY, hour: int | None = 14, **kwargs: Any
    ) -> Posted:
        """Two hours of a film, or another number; at an hour of the day, or at any."""
        self.at += timedelta(minutes=1)
        member = self.member
        begins = None if hour is None else hour * 60
        with transaction.atomic():
            return post_hours(
                claims=FILM.claim,
                values={
                    "source": source.pk,
                    "member": member.pk,
                    "day": day,
                    "begins": begins,
                    "ends": None if begins is None else begins + 120,
                    "hours": Decimal(kwargs.get("hours", 2)),
                    "organisation": self.branch.pk,
                    "school": self.school.pk,
                    "is_withdrawn": kwargs.get("is_withdrawn", False),
                },
                members=[member.pk],
                days=[day],
                cause=AssessmentCause.WITHDRAWN,
                reason="未放映",
                by=clerk_of(self.school),
                at=self.at.astimezone(UTC),
            )


@pytest.fixture
def cinema(film_kind):
    school = factories.make_school()
    branch = factories.make_organisation(school)
    return Cinema(school, branch, factories.make_member(branch))


def owe_trainings(number: int) -> None:
    RequirementRule.objects.filter(group="every_member").update(
        hours=4, concentrated_trainings=number
    )


def line_of(cinema: Cinema):
    [line] = MemberLines(school_ids=[cinema.school.pk], year=DAY.year, on=TODAY)[0:5]
    return line


class TestANewKind:
    def test_is_posted_beside_what_stands_and_reversed(self, cinema):
        hold(factories.make_class(cinema.school), {cinema.member: "present"}, on=DAY, hours="4")
        source = cinema.make_source("film:1")

        posted = cinema.see(source, hour=10)  # within the morning of the session
        entries = CreditEntry.objects.filter(assessment__source=source)
        cinema.see(cinema.make_source("film:2"), hour=19)
        gone = cinema.see(source, hour=10, is_withdrawn=True)

        assert (posted.assessments, posted.hours) == (1, 0)
        assert not entries.exists()
        assert gone.hours == 0
        assert Assessment.objects.filter(source=source).count() == 2
        assert CreditEntry.objects.filter(member=cinema.member).sum_hours() == Decimal(6)
        assert list_findings() == []

    def test_is_named_by_source_owner_day_and_version(self, cinema):
        source = cinema.make_source("film:1")
        cinema.see(source)
        cinema.see(source, is_withdrawn=True)

        key = f"{source.pk}:{cinema.member.pk}:{DAY:%Y%m%d}:1"
        assert list(CreditEntry.objects.order_by("pk").values_list("source_key", flat=True)) == [
            key,
            f"{key}:reversal",
        ]

    def test_counts_in_the_verdict_and_its_trainings(self, cinema):
        owe_trainings(2)
        first, two, other = (cinema.make_source(f"film:{n}") for n in (1, 1, 2))
        cinema.see(first)
        cinema.see(two, hour=19)
        both_parts = line_of(cinema)
        cinema.see(other, day=DAY + timedelta(days=1))
        two_films = line_of(cinema)

        assert (both_parts.done, both_parts.trained, both_parts.verdict.trainings_left) == (4, 1, 1)
        assert (two_films.done, two_films.trained, two_films.verdict.trainings_left) == (6, 2, 0)

    def test_meets_a_requirement_with_a_clock_by_its_title(self, cinema):
        Member.objects.filter(pk=cinema.member.pk).update(
            joined_on=DAY - timedelta(days=400), full_member_on=DAY - timedelta(days=30)
        )
        cinema.see(cinema.make_source("film:1"), hours=8)

        [clock] = [clock for clock in list_clocks(cinema.member.pk, TODAY) if clock.met_on]

        assert (clock.met_on, clock.title) == (DAY, "《榜样》")

    def test_is_verified_by_its_own_checks(self, cinema):
        unseen = cinema.make_source("film:1")
        cinema.see(cinema.make_source("film:2"))

        [finding] = list_findings()

        assert SEEN_BY_NOBODY in list_checks()
        assert (finding.check, finding.examples) == (SEEN_BY_NOBODY, [unseen.pk])

    def test_that_was_never_registered_is_found(self, cinema, monkeypatch):
        source = cinema.make_source("film:1")
        cinema.see(source)
        monkeypatch.delitem(source_kinds._kinds, FILM.key)

        [finding] = list_findings()

        assert (finding.check, finding.examples) == (KINDS, [source.pk])

    def test_is_held_by_the_person_who_locks_all_evidence(self, cinema):
        with transaction.atomic(), connection.cursor() as cursor:
            lock_evidence_tables()
            cursor.execute(
                "SELECT relation::regclass::text FROM pg_locks"
                " WHERE mode = 'ExclusiveLock' AND relation IS NOT NULL AND pid = pg_backend_pid()"
            )
            assert {row[0] for row in cursor.fetchall()} == {
                "courses_session",
                "studies_study",
                "hours_creditstep",
            }

    def test_without_a_rule_on_its_day_posts_nothing(self, cinema):
        CreditRule.objects.filter(category="concentrated").delete()

        with pytest.raises(LedgerError):
            cinema.see(cinema.make_source("film:1"))
        assert not Assessment.objects.exists()


def test_moves_with_its_owner_and_goes_back(film_kind):
    """What names one row stays that row's, whichever row holds its hours; versions run on."""
    twice = Twice()
    cinema = Cinema(twice.world.school, twice.world.organisation, twice.given_up)
    source = cinema.make_source("film:1")
    cinema.see(source, day=DAY - timedelta(days=1))

    merge, _ = twice.merge()
    undo_merge(
        merge_id=merge.pk,
        reason="两个人",
        by=twice.officers[0],
        at=LATER + timedelta(days=1),
    )

    versions = Assessment.objects.filter(source=source).order_by("pk")
    assert list(versions.values_list("owner", "member", "version", "hours")) == [
        (twice.given_up.pk, twice.given_up.pk, 1, 2),
        (twice.given_up.pk, twice.kept.pk, 2, 2),
        (twice.given_up.pk, twice.given_up.pk, 3, 0),
        (twice.given_up.pk, twice.kept.pk, 4, 0),
        (twice.given_up.pk, twice.given_up.pk, 5, 2),
    ]
    assert list_findings() == []


@pytest.mark.parametrize("kind", list_source_kinds(), ids=lambda kind: kind.key)
def test_every_kind_claims_the_columns_of_a_piece(kind):
    """Of a source that is not there nothing is claimed, and it fits what stands."""
    mark = "WITH mark AS (SELECT member_id, organisation_id, status FROM rolls_attendance) "
    values = {
        "is_withdrawn": False,
        "session": 0,
        "study": 0,
        "there": [0],
        "category": "collective",
    }
    with connection.cursor() as cursor:
        cursor.execute(mark + kind.claim, values)
        assert len(cursor.description) == len(Piece._fields)
    assert list_pieces([0], [DAY], mark + kind.claim, **values) == []
