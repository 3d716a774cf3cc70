"""A closed year: the database takes nothing that moves its figures, from any role or statement."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, InternalError, connection, transaction
from django.db.models import F

from accounts.audit import AuditEntry
from accounts.enums import Role
from config.lib.database_roles import as_owner, has_two_roles
from config.lib.dates import format_day
from config.lib.periods import at_local, period
from hours.models import Assessment, CreditEntry, CreditRule, RequirementRule
from hours.queries.ledger_check import list_findings
from rolls.actions.attendance import submit_roll
from rolls.errors import RollError
from rolls.models import Attendance
from schools.actions.year_locks import lock_year, release_year
from schools.errors import SchoolsError
from schools.models import Placement, SchoolArea, YearLock
from schools.queries.open_years import first_open_year, is_open, last_open_day, say_settled
from studies.actions.studies import record_study
from studies.errors import StudyError
from tests import factories
from tests.admin_pages import make_officer
from tests.connections import overlapping
from tests.evidence import clerk_of, hold, study
from tests.factories import acting, correct_mark
from tests.refusals import refused
from trainees.actions.people import change_membership_status, transfer_member
from trainees.enums import ExemptionCategory, MembershipStatus, PostKind
from trainees.errors import MemberFactError
from trainees.models import Exemption, Membership, Post

YEAR = 2025
HELD = date(YEAR, 6, 2)
LOCKED = at_local(date(2026, 1, 9), 9)
IN_JANUARY = at_local(date(2026, 1, 12), 9)
IN_MARCH = at_local(date(2026, 3, 2), 9)
FIRST = date(2026, 1, 1)


class Closed:
    """A school with facts and hours of 2025, in January; the year can be closed."""

    def __init__(self) -> None:
        self.school = factories.make_school()
        self.organisation = factories.make_organisation(self.school)
        self.clerk = clerk_of(self.school)
        self.member, self.other = (factories.make_member(self.organisation) for _ in range(2))
        self.office = acting(make_officer(Role.ORGANISATION_DEPARTMENT))
        self.training_class = factories.make_class(self.school)
        self.held = hold(self.training_class, {self.member: "present"}, on=HELD)
        days = period(date(2024, 1, 1))
        Post.objects.create(
            member=self.member,
            organisation=self.organisation,
            kind=PostKind.COMMITTEE_MEMBER,
            period=days,
        )
        Exemption.objects.create(member=self.other, category=ExemptionCategory.FRAIL, period=days)

    def lock(self) -> YearLock:
        return lock_year(year=YEAR, by=self.office, at=LOCKED)

    def release(self, at=IN_MARCH) -> YearLock:
        return release_year(year=YEAR, reason="补录", by=self.office, at=at)

    def submit(self, day: date, at=IN_JANUARY) -> None:
        session = factories.make_session(self.training_class, starts_at=at_local(day, 15))
        marks = {e.member_id: "present" for e in self.training_class.enrolments.all()}
        submit_roll(session_id=session.pk, marks=marks, seen={}, by=acting(self.clerk), at=at)


def refused_by_the_database():
    return refused(IntegrityError, match="2025 is closed")


def post_by_statement(year: int, extra: str = "") -> None:
    """Post an hour more to the first entry's member, as plain SQL of the application's role."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO hours_creditentry (member_id, school_id, organisation_id, credit_year,
                category, occurred_on, hours, assessment_id, reason, source_key, posted_at,
                posted_by_id)
            SELECT member_id, school_id, organisation_id, {year}, category, make_date({year}, 6, 2),
                   1, assessment_id, '', source_key || 'x{extra}', posted_at, posted_by_id
            FROM hours_creditentry ORDER BY id LIMIT 1
            """
        )


REVERSE = """
INSERT INTO hours_creditentry (member_id, school_id, organisation_id, credit_year, category,
    occurred_on, hours, assessment_id, reverses_id, reason, source_key, posted_at, posted_by_id)
SELECT member_id, school_id, organisation_id, credit_year, category, occurred_on, -hours,
       assessment_id, id, 'x', source_key || ':reversal', posted_at, posted_by_id
FROM hours_creditentry ORDER BY id LIMIT 1
"""
ASSESS = """
INSERT INTO hours_assessment (member_id, source_id, owner_id, organisation_id, school_id,
    version, credit_year, occurred_on, category, gross_hours, own_cut, own_reason, rule_id, cause,
    reason, assessed_at, assessed_by_id)
SELECT member_id, source_id, owner_id, organisation_id, school_id, version + 1, credit_year,
       occurred_on, category, gross_hours, gross_hours, 'withdrawn', rule_id, 'withdrawn', 'x',
       assessed_at, assessed_by_id
FROM hours_assessment ORDER BY id LIMIT 1
"""


@pytest.fixture
def world(db) -> Closed:
    return Closed()


class TestRawStatements:
    def test_cannot_post_in_it(self, world):
        world.lock()

        with refused_by_the_database():
            post_by_statement(YEAR)
        post_by_statement(2024)
        assert CreditEntry.objects.filter(credit_year=2024).exists()

    @pytest.mark.parametrize("statement", [REVERSE, ASSESS], ids=["reverse", "assess"])
    def test_cannot_reverse_or_assess_in_it(self, world, statement):
        world.lock()

        with refused_by_the_database(), connection.cursor() as cursor:
            cursor.execute(statement)

    def test_cannot_hide_the_lock_behind_a_table_of_its_own(self, world):
        world.lock()

        with refused_by_the_database(), connection.cursor() as cursor:
            cursor.execute("CREATE TEMPORARY TABLE schools_yearlock (year int, released_at date)")
            post_by_statement(YEAR)


def move_start(fact):
    type(fact).objects.filter(pk=fact.pk).update(period=period(HELD))


def end_within(fact):
    type(fact).objects.filter(pk=fact.pk).update(period=period(fact.period.lower, HELD))


def delete(fact):
    type(fact).objects.filter(pk=fact.pk).delete()


def swap_keys(fact):
    """Each row takes the place of another: the period under a key changes, and all else as well."""
    type(fact).objects.filter(pk=fact.pk).update(id=F("id") + 1000)


FACTS = {
    "membership": lambda w: Membership.objects.get(member=w.member),
    "post": lambda w: Post.objects.get(),
    "exemption": lambda w: Exemption.objects.get(),
    "requirement rule": lambda w: RequirementRule.objects.get(group="every_member"),
    "credit rule": lambda w: CreditRule.objects.get(category="collective"),
    "place": lambda w: Placement.objects.get(organisation=w.organisation),
    "area": lambda w: SchoolArea.objects.get(school=w.school),
}


@pytest.mark.parametrize("fact", FACTS)
class TestFacts:
    @pytest.mark.parametrize("act", [move_start, end_within, swap_keys])
    def test_of_the_closed_year_stay(self, world, fact, act):
        row = FACTS[fact](world)
        world.lock()

        with refused_by_the_database():
            act(row)

    def test_that_reach_into_it_are_not_deleted(self, world, fact):
        row = FACTS[fact](world)
        world.lock()

        with refused(IntegrityError):
            delete(row)

    def test_that_reach_into_it_are_not_added(self, world, fact):
        row = FACTS[fact](world)
        end = period(row.period.lower, date(2024, 6, 1))
        type(row).objects.filter(pk=row.pk).update(period=end)
        world.lock()
        row.pk, row.period = None, period(date(2024, 6, 1))
        if hasattr(row, "version"):
            row.version += 10

        with refused_by_the_database():
            row.save(force_insert=True)

    def test_may_end_in_the_year_after(self, world, fact):
        row = FACTS[fact](world)
        world.lock()

        for end in (FIRST, date(2026, 6, 1), None):
            days = period(row.period.lower, end)
            assert type(row).objects.filter(pk=row.pk).update(period=days) == 1


def test_what_no_verdict_reads_of_a_fact_may_change(world):
    world.lock()

    assert RequirementRule.objects.update(to_be_verified=True, source="核对")


def test_another_member_or_organisation_is_a_change(world):
    elsewhere = factories.make_organisation(world.school, "第二党支部")
    world.lock()

    with refused_by_the_database():
        Membership.objects.filter(member=world.member).update(organisation=elsewhere)


class TestTheLock:
    def test_is_of_a_year_that_is_over_and_closed_once(self, world):
        with refused(SchoolsError, match="结束"):
            lock_year(year=2026, by=world.office, at=LOCKED)
        world.lock()
        with refused(SchoolsError, match="已经结账"):
            world.lock()

    def test_is_for_the_organisation_department(self, world):
        with refused(PermissionDenied):
            lock_year(year=YEAR, by=acting(world.clerk), at=LOCKED)
        world.lock()
        with refused(PermissionDenied):
            release_year(year=YEAR, reason="补录", by=acting(world.clerk), at=IN_MARCH)

    def test_is_released_with_a_reason_and_taken_anew_with_the_next_revision(self, world):
        world.lock()
        with refused(SchoolsError, match="原因"):
            release_year(year=YEAR, reason=" ", by=world.office, at=IN_MARCH)
        world.release()
        again = lock_year(year=YEAR, by=world.office, at=IN_MARCH + timedelta(days=1))

        assert again.revision == 2
        acts = ["lock_year", "release_year", "lock_year"]
        entries = AuditEntry.objects.filter(act__in=acts).order_by("pk")
        assert [entry.act for entry in entries] == acts

    def test_is_released_once_and_never_changed_or_deleted(self, world):
        lock = world.lock()
        of_it = YearLock.objects.filter(pk=lock.pk)
        for change in ({"year": 2024}, {"locked_at": IN_MARCH}, {"revision": 7}):
            with refused(IntegrityError, match="stays"):
                of_it.update(**change)
        with refused(IntegrityError, match="stays"):
            of_it.delete()
        world.release()
        with refused(IntegrityError, match="stays"):
            of_it.update(reason="x")
        with refused(IntegrityError, match="stays"):
            of_it.update(released_at=None, released_by=None, reason="")


class TestActs:
    def test_hear_it_before_the_database_refuses(self, world):
        mark = Attendance.objects.get(member=world.member)
        world.lock()
        facts = factories.StudyFacts("themed_day", "学习", "", HELD, 60)

        with refused(RollError, match="结账"):
            correct_mark(mark, "absent", by=acting(world.clerk), at=IN_JANUARY)
        with refused(RollError, match="结账"):
            world.submit(date(YEAR, 6, 3))
        with refused(StudyError, match="结账"):
            record_study(
                organisation=world.organisation,
                facts=facts,
                member_ids=[world.member.pk],
                by=acting(world.clerk),
                at=IN_JANUARY,
            )
        with refused(MemberFactError, match="结账"):
            change_membership_status(
                member_id=world.member.pk,
                membership_status=MembershipStatus.SUSPENDED,
                on=HELD,
                by=world.office,
                at=IN_JANUARY,
            )
        assert format_day(LOCKED.date()) in say_settled(YEAR)

    def test_of_this_year_go_on(self, world):
        elsewhere = factories.make_organisation(world.school, "第二党支部")
        world.lock()

        world.submit(date(2026, 1, 10))
        transfer_member(
            member_id=world.member.pk,
            organisation=elsewhere,
            on=date(2026, 1, 10),
            by=world.office,
            at=IN_JANUARY,
        )

        assert world.member.memberships.count() == 2

    def test_are_taken_again_once_it_is_released_also_after_the_deadline(self, world):
        world.lock()
        assert not is_open(YEAR, date(2026, 1, 10))
        world.release()

        assert is_open(YEAR, IN_MARCH.date())
        assert first_open_year(IN_MARCH.date()) == YEAR
        assert last_open_day(YEAR) is None
        world.submit(date(YEAR, 6, 3), at=IN_MARCH)

    def test_that_go_on_into_a_closed_year_are_refused(self, world):
        """2024 is open again, but what begins in it would change 2025."""
        world.lock()
        lock_year(year=2024, by=world.office, at=LOCKED)
        release_year(year=2024, reason="补录", by=world.office, at=IN_MARCH)

        world.submit(date(2024, 6, 3), at=IN_MARCH)
        assert first_open_year(IN_MARCH.date()) == 2026
        with refused(MemberFactError, match="2025"):
            change_membership_status(
                member_id=world.member.pk,
                membership_status=MembershipStatus.SUSPENDED,
                on=date(2024, 6, 3),
                by=world.office,
                at=IN_MARCH,
            )


@pytest.mark.django_db(transaction=True)
class TestInFlight:
    def test_what_is_being_posted_is_in_the_year_before_it_closes(self):
        world = Closed()

        def post() -> None:
            study(world.organisation, world.member, on=date(YEAR, 7, 1), school=world.school)

        overlapping(post, world.lock)

        assert CreditEntry.objects.filter(occurred_on=date(YEAR, 7, 1)).count() == 1
        with refused_by_the_database():
            post_by_statement(YEAR)

    def test_what_is_posted_while_it_closes_is_refused(self):
        world = Closed()

        def post() -> str:
            try:
                post_by_statement(YEAR)
            except IntegrityError as error:
                return error.__cause__.diag.constraint_name
            return "posted"

        _lock, answer = overlapping(world.lock, post)

        assert answer == "year_is_closed"
        assert not CreditEntry.objects.filter(source_key__endswith="x").exists()

    def test_an_act_on_facts_waits_for_the_lock_and_is_told(self):
        world = Closed()

        def suspend() -> str:
            try:
                change_membership_status(
                    member_id=world.member.pk,
                    membership_status=MembershipStatus.SUSPENDED,
                    on=HELD,
                    by=world.office,
                    at=IN_JANUARY,
                )
            except MemberFactError as error:
                return str(error)
            return "changed"

        _lock, answer = overlapping(world.lock, suspend)

        assert "2025" in answer
        assert world.member.memberships.count() == 1

    def test_a_transaction_that_reads_an_older_state_writes_no_hours(self):
        """It would not see a lock that was taken after it began."""
        world = Closed()

        with refused(InternalError, match="READ COMMITTED"), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            post_by_statement(YEAR)
        assert CreditEntry.objects.filter(member=world.member).count() == 1

    @pytest.mark.skipif(not has_two_roles(), reason="DATABASE_OWNER_URL is not set")
    def test_an_entry_posted_behind_its_back_is_named(self):
        world = Closed()
        world.lock()
        with as_owner() as owner, transaction.atomic(), owner.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(
                REVERSE.replace("posted_at, posted_by_id\nFROM", "now(), posted_by_id\nFROM")
            )
            assert cursor.rowcount == 1
        entry = CreditEntry.objects.latest("pk")

        named = {finding.check: finding.examples for finding in list_findings()}

        assert named["no entry is posted or reversed in a closed year"] == [entry.pk]


def test_assessments_and_entries_of_other_years_cost_no_lock_of_it(world):
    """The lock is that of the year: another year's posting takes another."""
    world.lock()

    world.submit(date(2026, 1, 10))

    assert Assessment.objects.filter(credit_year=2026).exists()
