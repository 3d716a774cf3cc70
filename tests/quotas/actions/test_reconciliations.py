"""Reconciliations: the rows of the member pages, frozen by parts, under the lock of the year."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from io import StringIO
from math import ceil
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import translation

from accounts.enums import ActorChannel, Role
from accounts.models import AuditEntry
from accounts.origin import Actor
from backstage.enums import JobState
from backstage.job_parts import run_part
from backstage.jobs import run_job
from backstage.models import Job
from config.lib.database_roles import as_owner, has_two_roles
from config.lib.periods import at_local, period
from hours.models import CreditEntry, RequirementRule
from hours.queries.ledger_check import list_findings
from hours.queries.members import MemberLines
from hours.queries.requirements import Outcome
from quotas.actions.reconciliations import (
    MOST_PARTS,
    REHEARSALS_KEPT,
    abandon_rehearsal,
    discard_reconciliation,
    reconcile_everybody,
    reconcile_part,
    start_reconciliation,
)
from quotas.blocker_registry import list_blocked
from quotas.errors import ReconciliationError
from quotas.models import MemberResult, Reconciliation
from quotas.queries.results import sum_all, sum_results
from quotas.reconciliation_job import RECONCILIATION, compute_all
from quotas.tasks import rehearse_reconciliation
from schools.models import Organisation, School, SchoolArea, YearLock
from schools.queries.open_years import is_open
from tests import factories
from tests.admin_pages import make_officer
from tests.browsers import browser_of
from tests.connections import overlapping, together
from tests.evidence import clerk_of, hold, study
from tests.factories import acting
from tests.refusals import refused
from trainees.enums import ExemptionCategory, MembershipStatus, PostKind
from trainees.models import Exemption, Member, Post

YEAR = 2025
AFTER = at_local(date(2026, 1, 12), 9)
BEFORE = at_local(date(YEAR, 12, 12), 9)


class Network:
    """Two schools, and a branch outside every area, with members of every kind of verdict."""

    def __init__(self) -> None:
        self.office = acting(make_officer(Role.ORGANISATION_DEPARTMENT))
        self.school = factories.make_school()
        self.other = factories.make_school("120111102", "张家窝镇")
        self.branch = factories.make_organisation(self.school)
        self.second = factories.make_organisation(self.school, "第二党支部")
        self.far = factories.make_organisation(self.other)
        left = factories.make_school("120111103", "赤龙镇")
        self.unserved = factories.make_organisation(left)
        SchoolArea.objects.filter(school=left).update(
            period=period(date(2019, 1, 1), date(2020, 1, 1))
        )
        self.member = factories.make_member(self.branch)
        self.leader = factories.make_member(self.branch, "李强")
        self.frail = factories.make_member(self.second, "王芳")
        self.lost = factories.make_member(
            self.second, "赵敏", membership_status=MembershipStatus.LOST_CONTACT
        )
        self.stranger = factories.make_member(self.far, "孙立")
        self.outside = factories.make_member(self.unserved, "周平")
        joined = factories.make_member(self.far, "吴刚")
        joined.memberships.update(period=period(date(YEAR, 4, 10)))
        Post.objects.create(
            member=self.leader,
            organisation=self.branch,
            kind=PostKind.SECRETARY,
            period=period(date(2024, 1, 1)),
        )
        Exemption.objects.create(
            member=self.frail, category=ExemptionCategory.FRAIL, period=period(date(2024, 1, 1))
        )
        training_class = factories.make_class(self.school)
        for day in range(2, 7):
            hold(training_class, {self.member: "present"}, on=date(YEAR, 6, day), hours="8")
        hold(training_class, {self.leader: "late"}, on=date(YEAR, 9, 1))
        study(self.branch, self.member, self.leader, on=date(YEAR, 7, 1), school=self.school)
        study(self.far, self.stranger, on=date(YEAR, 7, 1), school=self.other)

    def start(self, *, is_rehearsal: bool = True, at=AFTER, **kwargs) -> Reconciliation:
        return start_reconciliation(
            year=YEAR,
            is_rehearsal=is_rehearsal,
            by=self.office,
            at=at,
            in_background=False,
            **kwargs,
        )

    def run(self, **kwargs) -> Reconciliation:
        run = self.start(**kwargs)
        compute_all(run.pk, self.office, lambda: kwargs.get("at", AFTER))
        return Reconciliation.objects.get(pk=run.pk)

    @property
    def lines(self) -> dict[int, tuple]:
        """What the list of members says, by member."""
        schools = list(School.objects.values_list("pk", flat=True))
        lines = MemberLines(school_ids=schools, year=YEAR, on=AFTER.date(), outside=True)
        return {
            line.member_id: (
                line.verdict.outcome,
                line.owed,
                line.done,
                line.concentrated,
                line.trainings,
                line.trained,
                line.exemption or "",
                line.membership_status,
            )
            for line in lines[0:100]
        }

    @staticmethod
    def results(run: Reconciliation) -> dict[int, tuple]:
        return {
            result.member_id: (
                result.verdict,
                result.owed,
                result.done,
                result.concentrated,
                result.trainings,
                result.trained,
                result.exemption,
                result.membership_status,
            )
            for result in run.results.all()
        }


@pytest.fixture
def world(db) -> Network:
    return Network()


class TestResults:
    def test_are_those_of_the_list_of_members(self, world):
        run = world.run()

        assert world.results(run) == world.lines
        assert {result.verdict for result in run.results.all()} == {
            Outcome.MET,
            Outcome.SHORT,
            Outcome.EXEMPT,
            Outcome.OUT,
        }

    def test_name_audience_rule_and_months(self, world):
        run = world.run()
        leader = run.results.get(member=world.leader)
        joined = run.results.get(member__name="吴刚")

        assert (leader.audience, leader.rule_group) == ("secretaries", "leading_post")
        assert leader.rule.version == leader.rule_version
        assert joined.audience == "ordinary"
        assert len(joined.months) == 8
        assert run.results.get(member=world.outside).school is None

    def test_sum_to_the_same_by_organisation_school_and_district(self, world):
        results = world.run().results.all()
        by_school, by_branch = sum_results(results, "school"), sum_results(results, "organisation")

        for field in ("members", "counted", "met", "exempt", "out", "owed", "done"):
            total = getattr(sum_all(results), field)
            assert sum(getattr(line, field) for line in by_school) == total
            assert sum(getattr(line, field) for line in by_branch) == total
        assert sum_all(results).members == len(world.lines)
        assert sum_all(results).done == CreditEntry.objects.filter(credit_year=YEAR).sum_hours()

    def test_of_a_year_that_goes_on_are_not_yet_due(self, world):
        run = world.run(at=BEFORE)

        assert run.as_of == BEFORE.date()
        verdicts = set(run.results.values_list("verdict", flat=True))
        assert Outcome.NOT_YET_DUE in verdicts
        assert Outcome.SHORT not in verdicts

    def test_of_one_school_alone(self, world):
        run = world.run(school_id=world.other.pk)

        assert set(run.results.values_list("school", flat=True)) == {world.other.pk}
        assert run.state == "computed"


class TestKeysOfResults:
    @pytest.mark.parametrize("key", ["reconciliation", "member", "organisation", "school", "rule"])
    def test_name_rows_that_are_there(self, world, key):
        run = world.start()
        row = valid_result(world, run)
        with refused(IntegrityError):
            MemberResult.objects.create(**row | {f"{key}_id": 10**9})
        MemberResult.objects.create(**row)

    @pytest.mark.parametrize("key", ["reconciliation", "member", "organisation", "school", "rule"])
    def test_keep_the_rows_that_they_name(self, world, key):
        run = world.start()
        field = MemberResult._meta.get_field(key)
        table = field.related_model._meta.db_table
        loose = make_loose_rows()
        row = valid_result(world, run) | {f"{key}_id": loose.get(key, run).pk}
        if key == "reconciliation":
            run.parts.all().delete()
        result = MemberResult.objects.create(**row)

        def delete() -> None:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"DELETE FROM {table} WHERE id = %s", [row[f"{key}_id"]])
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

        with refused(IntegrityError, match="results name this row"):
            delete()
        result.delete()
        delete()


def valid_result(world, run) -> dict[str, Any]:
    """The values of a result of nobody who has one in this run."""
    return {
        "reconciliation_id": run.pk,
        "member_id": world.member.pk,
        "organisation_id": world.branch.pk,
        "school_id": world.school.pk,
        "membership_status": "normal",
        "audience": "ordinary",
        "trainings": 0,
        "trained": 0,
        "verdict": "short",
        "rule_id": RequirementRule.objects.filter(group="every_member").latest("version").pk,
        "rule_group": "every_member",
        "rule_version": 1,
        **dict.fromkeys(("owed", "done", "concentrated", "collective"), 0),
    }


def make_loose_rows() -> dict[str, Any]:
    """Rows that nothing but a result names."""
    member = factories.make_member(
        factories.make_organisation(factories.make_school("120111109", "空镇"))
    )
    member.memberships.all().delete()
    rule = RequirementRule.objects.filter(group="every_member").latest("version")
    rule.pk, rule.version, rule.period = None, 90, period(date(1990, 1, 1), date(1991, 1, 1))
    rule.save(force_insert=True)
    return {
        "member": member,
        "organisation": Organisation.objects.create(
            code="LOOSE", name="无人党支部", kind="branch", period=period(date(2024, 1, 1))
        ),
        "school": School.objects.create(
            code="120111909", name="空学校", period=period(date(2024, 1, 1))
        ),
        "rule": rule,
    }


class TestARehearsal:
    def test_reports_what_blocks_and_locks_nothing(self, world):
        factories.make_session(
            factories.make_class(world.school), starts_at=at_local(date(YEAR, 11, 3), 9)
        )
        run = world.run()

        assert run.blockers == {"rolls": 1}
        assert is_open(YEAR, AFTER.date())
        [blocked] = list_blocked(YEAR, AFTER)
        assert (blocked.count, f"year={YEAR}" in blocked.address) == (1, True)
        assert list_blocked(YEAR, AFTER, [world.other.pk]) == []

    def test_is_for_the_district_and_the_schedule(self, world):
        with refused(PermissionDenied):
            start_reconciliation(
                year=YEAR, is_rehearsal=True, by=acting(clerk_of(world.school)), at=AFTER
            )
        academic = acting(make_officer(Role.DISTRICT_SCHOOL))
        start_reconciliation(year=YEAR, is_rehearsal=True, by=academic, at=AFTER)

    def test_takes_the_place_of_one_that_goes_on(self, world):
        first, second = world.start(), world.run()

        first.refresh_from_db()
        assert (first.state, second.state, second.number) == ("discarded", "computed", 2)

    def test_keeps_the_results_of_the_last_ones(self, world):
        runs = [world.run() for _ in range(REHEARSALS_KEPT + 1)]

        assert [run.results.exists() for run in runs] == [False] + [True] * REHEARSALS_KEPT

    def test_that_gives_way_says_who_began_the_next(self, world):
        first = world.start()
        world.start()

        first.refresh_from_db()
        assert (first.discarded_by, first.reason) == (world.office.user, "superseded")
        for language, words in (("en", "Another reconciliation began."), ("zh-hans", "已开始")):
            with translation.override(language):
                assert words in first.reason_said
        entry = AuditEntry.objects.get(act="end_rehearsal")
        assert (entry.object_id, entry.actor) == (str(first.pk), world.office.user)

    def test_that_breaks_off_pushes_no_good_one_out(self, world):
        good = world.run()
        broken = []
        for _ in range(REHEARSALS_KEPT + 1):
            broken.append(world.start())
            reconcile_part(
                reconciliation_id=broken[-1].pk,
                school_id=world.school.pk,
                by=world.office,
                at=AFTER,
            )
        one_school = world.run(school_id=world.school.pk)

        assert good.results.exists()
        assert one_school.results.exists()
        assert not any(run.results.exists() for run in broken)

    def test_over_midnight_has_one_name_for_one_verdict(self, world):
        run = world.start(at=at_local(date(YEAR, 12, 31), 23))
        for part in run.parts.all():
            reconcile_part(
                reconciliation_id=run.pk, school_id=part.school_id, by=world.office, at=AFTER
            )

        verdicts = set(run.results.values_list("verdict", flat=True))
        assert Outcome.NOT_YET_DUE in verdicts
        assert Outcome.SHORT not in verdicts

    def test_is_ordered_by_the_schedule_for_the_running_year(self, world):
        rehearse_reconciliation()

        run = Reconciliation.objects.get()
        assert run.is_rehearsal
        assert run.started_by is None
        assert Job.objects.get(pk=run.job_id).kind == "reconcile"


class TestTheFinalOne:
    def test_closes_the_year_and_keeps_its_results(self, world):
        run = world.run(is_rehearsal=False)

        assert run.lock == YearLock.objects.get(year=YEAR, released_at=None)
        assert not is_open(YEAR, AFTER.date())
        for statement in (
            "UPDATE quotas_memberresult SET done = done + 1",
            "DELETE FROM quotas_memberresult",
            "DELETE FROM quotas_reconciliation",
            "UPDATE quotas_reconciliation SET lock_id = NULL",
            "UPDATE quotas_reconciliation SET as_of = as_of - 1",
        ):
            with refused(IntegrityError), connection.cursor() as cursor:
                cursor.execute(statement)
        copy = run.results.first()
        copy.pk = None
        with refused(IntegrityError):
            copy.save(force_insert=True)

    def test_begins_at_midnight_of_the_district_with_what_was_held_until_then(self, world):
        """Whatever the clock of the server says, which may be that of another place."""
        training_class = factories.make_class(world.school)
        hold(training_class, {world.leader: "present"}, on=date(YEAR, 12, 31), hour=21)
        before = world.run(at=datetime(YEAR, 12, 31, 15, 59, 50, tzinfo=UTC))
        with refused(ReconciliationError, match="结束"):
            world.start(is_rehearsal=False, at=datetime(YEAR, 12, 31, 15, 59, 50, tzinfo=UTC))
        final = world.run(is_rehearsal=False, at=datetime(YEAR, 12, 31, 16, 0, tzinfo=UTC))

        assert before.as_of == final.as_of == date(YEAR, 12, 31)
        for run, verdict in ((before, Outcome.NOT_YET_DUE), (final, Outcome.SHORT)):
            result = run.results.get(member=world.leader)
            assert (result.done, result.verdict) == (Decimal("9.75"), verdict)

    def test_waits_for_the_end_of_the_year(self, world):
        with refused(ReconciliationError, match="结束"):
            world.start(is_rehearsal=False, at=BEFORE)

    def test_is_refused_while_something_blocks_it_and_leaves_the_year_open(self, world):
        factories.make_session(
            factories.make_class(world.school), starts_at=at_local(date(YEAR, 11, 3), 9)
        )
        with refused(ReconciliationError, match="1"):
            world.start(is_rehearsal=False)
        assert not YearLock.objects.exists()

    def test_is_the_organisation_departments(self, world):
        academic = acting(make_officer(Role.DISTRICT_SCHOOL))
        for by in (academic, Actor(None, ActorChannel.TASK)):
            with refused(PermissionDenied):
                start_reconciliation(year=YEAR, is_rehearsal=False, by=by, at=AFTER)

    def test_is_discarded_with_a_reason_and_the_year_opens_again(self, world):
        run = world.run(is_rehearsal=False)
        with refused(ReconciliationError, match="原因"):
            discard_reconciliation(reconciliation_id=run.pk, reason="", by=world.office, at=AFTER)
        discard_reconciliation(
            reconciliation_id=run.pk, reason="漏了一次课", by=world.office, at=AFTER
        )

        assert is_open(YEAR, date(2026, 5, 1))
        assert run.results.count() == len(world.lines)
        again = world.run(is_rehearsal=False)
        assert (again.number, again.lock.revision) == (2, 2)


class TestParts:
    def test_one_by_one_find_what_all_find_at_once(self, world):
        columns = [field.attname for field in MemberResult._meta.fields]
        columns = [name for name in columns if name not in {"id", "reconciliation_id"}]
        found = []
        for is_at_once in (True, False):
            run = world.start()
            if not is_at_once:
                for part in run.parts.order_by("-pk"):
                    reconcile_part(
                        reconciliation_id=run.pk,
                        school_id=part.school_id,
                        by=world.office,
                        at=AFTER,
                    )
            compute_all(run.pk, world.office, lambda: AFTER)
            run.refresh_from_db()
            assert run.state == "computed"
            found.append(
                (
                    list(run.results.order_by("member").values_list(*columns)),
                    list(run.parts.order_by("school").values_list("school", "members")),
                )
            )

        assert found[0] == found[1]
        assert sum(members for _school, members in found[0][1]) == len(world.lines)

    def test_at_once_only_while_none_is_done(self, world):
        run = world.start()
        reconcile_part(reconciliation_id=run.pk, school_id=None, by=world.office, at=AFTER)

        assert not reconcile_everybody(reconciliation_id=run.pk, by=world.office, at=AFTER)
        compute_all(run.pk, world.office, lambda: AFTER)
        assert run.results.count() == len(world.lines)
        assert not reconcile_everybody(reconciliation_id=run.pk, by=world.office, at=AFTER)
        assert run.results.count() == len(world.lines)

    def test_are_done_once_however_often_they_are_sent(self, world):
        run = world.start()
        for _ in range(3):
            compute_all(run.pk, world.office, lambda: AFTER)

        assert MemberResult.objects.count() == len(world.lines)

    def test_of_a_discarded_run_do_nothing(self, world):
        run = world.start()
        world.start()

        reconcile_part(
            reconciliation_id=run.pk, school_id=world.school.pk, by=world.office, at=AFTER
        )
        assert not run.results.exists()

    def test_that_were_broken_off_end_a_rehearsal_alone(self, world):
        run = world.start()
        abandon_rehearsal(reconciliation_id=run.pk, by=world.office, at=AFTER)
        final = world.start(is_rehearsal=False)
        abandon_rehearsal(reconciliation_id=final.pk, by=world.office, at=AFTER)

        run.refresh_from_db()
        final.refresh_from_db()
        assert (run.state, final.state) == ("discarded", "running")
        with refused(ReconciliationError, match="正在对账"):
            world.start()

    def test_of_many_schools_are_computed_several_at_a_time(self, world):
        for number in range(2 * MOST_PARTS):
            factories.make_school(f"1201112{number:02}", f"第{number}镇")
        ordered = start_reconciliation(year=YEAR, is_rehearsal=True, by=world.office, at=AFTER)
        parts = list(ordered.job.parts.order_by("pk"))
        assert ordered.parts.count() == 2 * MOST_PARTS + 3
        assert len(parts) == ceil((2 * MOST_PARTS + 3) / 3) <= MOST_PARTS
        assert RECONCILIATION.part_label(parts[0].label) == f"{world.school.name} 至 第0镇党校"
        for part in parts:
            run_part(part_id=part.pk, clock=lambda: AFTER)
        run_job(job_id=ordered.job.pk, clock=lambda: AFTER)

        ordered.refresh_from_db()
        assert (ordered.state, world.results(ordered)) == ("computed", world.lines)
        members = ordered.parts.exclude(members=0).values_list("school", "members")
        assert dict(members) == {world.school.pk: 4, world.other.pk: 2, None: 1}

    def test_are_named_in_the_language_of_the_reader(self, world):
        ordered = start_reconciliation(year=YEAR, is_rehearsal=True, by=world.office, at=AFTER)
        labels = ordered.job.parts.order_by("pk").values_list("label", flat=True)

        named = {}
        for language in ("zh-hans", "en"):
            with translation.override(language):
                named[language] = [RECONCILIATION.part_label(label) for label in labels]

        schools = [world.other.name, world.school.name]
        assert {*named["zh-hans"]} == {*schools, "不属任何党校"}
        assert {*named["en"]} == {*schools, "Outside every school's area"}

    def test_are_computed_by_the_job(self, world):
        run = start_reconciliation(year=YEAR, is_rehearsal=True, by=world.office, at=AFTER)
        for part in Job.objects.get(pk=run.job_id).parts.all():
            run_part(part_id=part.pk, clock=lambda: AFTER)
        run_job(job_id=run.job_id, clock=lambda: AFTER)

        job = Job.objects.get(pk=run.job_id)
        assert (job.state, job.done, job.total) == (JobState.DONE, 3, 3)
        run.refresh_from_db()
        assert run.state == "computed"


@pytest.mark.django_db(transaction=True)
def test_of_rehearsals_begun_at_once_the_first_gives_way():
    world = Network()

    overlapping(world.start, world.start)

    runs = Reconciliation.objects.order_by("number").values_list("number", "state")
    assert list(runs) == [(1, "discarded"), (2, "running")]


@pytest.mark.django_db(transaction=True)
def test_a_row_that_a_result_names_meanwhile_stays():
    world = Network()
    run = world.start()
    member = make_loose_rows()["member"]
    row = valid_result(world, run) | {"member_id": member.pk}

    def delete() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM trainees_member WHERE id = %s", [member.pk])

    with pytest.raises(IntegrityError, match="results name this row"):
        overlapping(lambda: MemberResult.objects.create(**row), delete)

    assert Member.objects.filter(pk=member.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_a_part_that_two_workers_take_at_once_is_done_once():
    world = Network()
    run = world.start()

    def work() -> None:
        reconcile_part(
            reconciliation_id=run.pk, school_id=world.school.pk, by=world.office, at=AFTER
        )

    together(work, work, work)

    assert run.results.count() == run.parts.get(school=world.school).members == 4


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not has_two_roles(), reason="DATABASE_OWNER_URL is not set")
def test_a_fact_that_moves_behind_the_lock_is_named():
    world = Network()
    world.run(is_rehearsal=False)
    assert not list_findings()
    with as_owner() as owner, transaction.atomic(), owner.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "UPDATE trainees_membership SET membership_status = 'suspended' WHERE member_id = %s",
            [world.stranger.pk],
        )

    named = {finding.check: finding.examples for finding in list_findings()}

    assert named["results of closed years are what hours and facts say"] == [world.stranger.pk]


class TestTheCommand:
    def test_rehearses_and_says_what_comes_out(self, world):
        out = StringIO()
        call_command("reconcile", str(YEAR), "--rehearsal", stdout=out)

        assert "7 members" in out.getvalue()
        assert Reconciliation.objects.get().is_rehearsal

    @pytest.mark.parametrize("is_of_one", [True, False])
    def test_says_and_stores_what_the_page_does(self, world, is_of_one):
        school = world.school if is_of_one else None
        ordered = start_reconciliation(
            year=YEAR,
            is_rehearsal=True,
            school_id=school and school.pk,
            by=world.office,
            at=AFTER,
        )
        for part in ordered.job.parts.all():
            run_part(part_id=part.pk, clock=lambda: AFTER)
        run_job(job_id=ordered.job.pk, clock=lambda: AFTER)
        out = StringIO()
        call_command(
            *(
                "reconcile",
                str(YEAR),
                "--rehearsal",
                *(["--school", school.code] if school else []),
            ),
            stdout=out,
        )

        typed = Reconciliation.objects.latest("number")
        assert world.results(typed) == world.results(ordered)
        assert len(world.results(typed)) == (4 if is_of_one else 7)
        officer = browser_of(world.office.user)
        page = officer.get(reverse("quotas:reconciliation", args=[ordered.pk])).context
        whole = page["whole"] or page["lines"][0]
        shown = [(line.sums.name or "-", line.sums) for line in page["lines"]]
        assert out.getvalue().splitlines() == [
            f"{name}: {sums.members} members, {sums.counted} counted, "
            f"{sums.met} met, {sums.not_met} not; {sums.done} credit hours done"
            for name, sums in [*shown, ("-", whole.sums)]
        ]

    def test_goes_on_with_a_final_one_that_was_broken_off(self, world):
        run = world.start(is_rehearsal=False)
        reconcile_part(
            reconciliation_id=run.pk, school_id=world.school.pk, by=world.office, at=AFTER
        )
        with pytest.raises(CommandError, match="officer"):
            call_command("reconcile", str(YEAR))
        call_command(
            "reconcile", str(YEAR), "--officer", world.office.user.username, stdout=StringIO()
        )

        run.refresh_from_db()
        assert (run.state, Reconciliation.objects.count()) == ("computed", 1)
        assert world.results(run) == world.lines

    def test_reconciles_one_school(self, world):
        out = StringIO()
        call_command(
            "reconcile", str(YEAR), "--rehearsal", "--school", world.other.code, stdout=out
        )

        assert Reconciliation.objects.get().results.count() == 2
        with pytest.raises(CommandError, match="no school"):
            call_command("reconcile", str(YEAR), "--rehearsal", "--school", "1")

    def test_closes_the_year_for_an_officer_alone(self, world):
        with pytest.raises(CommandError, match="officer"):
            call_command("reconcile", str(YEAR))
        call_command(
            "reconcile", str(YEAR), "--officer", world.office.user.username, stdout=StringIO()
        )

        assert YearLock.objects.get().locked_by == world.office.user
        officer = ["--officer", world.office.user.username]
        call_command("reconcile", str(YEAR), "--discard", "漏课", *officer, stdout=StringIO())
        assert YearLock.objects.get().reason == "漏课"
        with pytest.raises(CommandError, match="no final"):
            call_command("reconcile", str(YEAR), "--discard", "漏课", *officer)
