"""What a statement says of claims: merged schools, the shares of the run, a closed year."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.enums import Role
from config.lib.periods import at_local
from hours.actions.balances import rebuild_balances
from hours.models import Balance
from quotas.actions.claims import accept_claim, begin_claim, submit_claim, write_claim
from quotas.actions.statements import sign_results
from quotas.actions.tasks import Target, begin_task, publish_task, set_line
from quotas.errors import ClaimError, TaskError
from quotas.models import AnnualTask, QuotaClaim
from schools.actions.schools import merge_schools
from schools.models import School
from tests import factories
from tests.admin_pages import make_officer
from tests.evidence import clerk_of, hold
from tests.factories import acting, grant, make_user
from tests.quotas.actions.test_reconciliations import AFTER, YEAR
from tests.quotas.actions.test_statements import Signing
from tests.quotas.views.test_statements import confirm
from tests.refusals import refused

JANUARY = at_local(date(YEAR, 1, 13), 9)
TARGETS = (
    Target("events", Decimal(4)),
    Target("person_times", Decimal(40)),
    Target("on_target", Decimal(50)),
)


class Claiming(Signing):
    """The network with a task of the year and what each school claims of it."""

    def publish(self) -> AnnualTask:
        task = begin_task(year=YEAR, reason="再议", by=self.office, at=JANUARY)
        for target in TARGETS:
            set_line(task_id=task.pk, target=target, by=self.office, at=JANUARY)
        return publish_task(task_id=task.pk, by=self.office, at=JANUARY)

    def write(self, school: School, *amounts: int) -> QuotaClaim:
        clerk = acting(clerk_of(school))
        claim = begin_claim(school_id=school.pk, year=YEAR, by=clerk, at=JANUARY)
        keys = claim.lines.order_by("task_line").values_list("task_line", flat=True)
        write_claim(
            claim_id=claim.pk,
            amounts=dict(zip(keys, map(Decimal, amounts), strict=True)),
            reason="再议",
            by=clerk,
            at=JANUARY,
        )
        return claim

    def submit(self, school: School, *amounts: int) -> QuotaClaim:
        leader = make_user()
        grant(leader, Role.SCHOOL_LEADER, school)
        claim = self.write(school, *amounts)
        return submit_claim(claim_id=claim.pk, by=acting(leader), at=JANUARY)

    def accept(self, school: School, *amounts: int) -> QuotaClaim:
        claim = self.submit(school, *amounts)
        return accept_claim(claim_id=claim.pk, by=self.office, at=JANUARY)


@pytest.fixture
def world(db) -> Claiming:
    return Claiming()


def _by_measure(statement) -> dict[str, tuple[str, str]]:
    return {line["measure"]: (line["claimed"], line["done"]) for line in statement.facts["claims"]}


class TestASchoolMergedInTheYear:
    @pytest.fixture
    def merged(self, world) -> School:
        """A school with a class in March, which went over to another one in July."""
        school = factories.make_school("120111104", "李七庄街道")
        member = factories.make_member(factories.make_organisation(school), "钱进")
        world.publish()
        for claiming in (school, world.other, world.school):
            world.accept(claiming, 2, 20, 90 if claiming == school else 50)
        training_class = factories.make_class(school)
        hold(training_class, {member: "present"}, on=date(YEAR, 3, 3))
        self.merge(school, world.other)
        return school

    @staticmethod
    def merge(school: School, into: School) -> None:
        merge_schools(
            school_id=school.pk,
            into_id=into.pk,
            on=date(YEAR, 7, 1),
            by=acting(make_officer(Role.ORGANISATION_DEPARTMENT)),
            at=at_local(date(YEAR, 6, 20), 9),
        )

    def test_is_in_the_statement_of_the_one_that_took_it_over(self, world, merged):
        run = world.reconcile()

        found = _by_measure(world.countersign(world.sign(run, world.other)))

        assert found["events"] == ("4.00", "1")
        assert found["person_times"] == ("40.00", "1")
        # Its members are the other school's, so is what was promised of them.
        assert found["on_target"] == ("50.00", "0.0")

    def test_is_in_the_statement_of_the_district(self, world, merged):
        run = world.reconcile()
        world.close(run)
        academic = acting(make_officer(Role.DISTRICT_SCHOOL))
        signature = sign_results(reconciliation_id=run.pk, school_id=None, by=academic, at=AFTER)

        found = _by_measure(world.countersign(signature))

        assert found["events"] == ("6.00", "2")
        assert found["person_times"] == ("60.00", "7")
        assert found["on_target"][0] == "50.00"

    def test_stays_on_the_page_of_the_task_and_counts(self, world, merged, client):
        world.accept(School.objects.get(code="120111103"), 0, 0, 70)
        client.force_login(make_officer(Role.ORGANISATION_DEPARTMENT))

        page = client.get(reverse("quotas:tasks"), {"year": YEAR})

        [events, times, share] = page.context["cover"].lines
        assert (events.accepted, events.claimed, events.gap) == (6, 6, 0)
        assert times.accepted == 60
        # Its members are another school's by now, so what it promised of them counts no more.
        assert share.accepted == share.claimed == 50
        [row] = [row for row in page.context["schools"] if row["school"] == merged]
        assert [amount for _line, amount in row["amounts"]] == [2, 20, 90]
        assert row["claim"].state == "accepted"

    def test_that_claimed_nothing_is_not_asked_for_it(self, world, merged, client):
        silent = factories.make_school("120111105", "精武镇")
        self.merge(silent, world.other)
        client.force_login(make_officer(Role.ORGANISATION_DEPARTMENT))

        page = client.get(reverse("quotas:tasks"), {"year": YEAR})

        assert silent not in [row["school"] for row in page.context["schools"]]

    def test_is_listed_among_the_differences(self, world, merged, client):
        run = world.reconcile()
        client.force_login(make_officer(Role.ORGANISATION_DEPARTMENT))

        page = client.get(reverse("quotas:claim_differences"), {"run": run.pk})

        rows = {(row.school, row.line.measure): row for row, _address in page.context["rows"]}
        assert rows[merged, "events"].claimed == 2
        assert (rows[None, "events"].claimed, rows[None, "events"].result) == (6, 2)


class TestTheSharesOfAStatement:
    def test_are_those_of_the_results(self, world):
        world.publish()
        run = world.reconcile()
        rebuild_balances([YEAR], on=AFTER.date())
        # What is kept of members for lists and overviews is a cache, and may be wrong.
        Balance.objects.filter(year=YEAR).update(verdict="unreached")

        facts = world.countersign(world.sign(run, world.school)).facts

        share = Decimal(facts["sums"]["met"]) * 100 / facts["sums"]["counted"]
        [line] = [line for line in facts["claims"] if line["measure"] == "on_target"]
        assert Decimal(line["done"]) == round(share, 1) == 50


class TestAClosedYear:
    def test_takes_no_claim(self, world):
        world.publish()
        submitted = world.submit(world.other, 2, 20, 50)
        drafted = world.write(world.school, 2, 20, 50)
        third = factories.make_school("120111104", "李七庄街道")
        clerk, leader = acting(clerk_of(third)), world.leaders[world.school.pk]
        world.reconcile()

        with refused(ClaimError, match="已于"):
            begin_claim(school_id=third.pk, year=YEAR, by=clerk, at=AFTER)
        with refused(ClaimError, match="已于"):
            submit_claim(claim_id=drafted.pk, by=acting(leader), at=AFTER)
        with refused(ClaimError, match="已于"):
            accept_claim(claim_id=submitted.pk, by=world.office, at=AFTER)

    def test_takes_no_task(self, world):
        world.publish()
        draft = begin_task(year=YEAR, reason="加码", by=world.office, at=JANUARY)
        world.reconcile()

        with refused(TaskError, match="已于"):
            publish_task(task_id=draft.pk, by=world.office, at=AFTER)

    def test_shows_what_was_claimed_to_who_signs(self, world, client):
        world.publish()
        world.accept(world.school, 3, 20, 50)
        run = world.reconcile()
        client.force_login(world.leaders[world.school.pk])

        check, _answer = confirm(
            client, reverse("quotas:sign_results", args=[run.pk, world.school.pk])
        )

        assert "已开办培训班：认领 3，完成 1" in check.text
