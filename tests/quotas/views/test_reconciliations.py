"""The page of a year and of its runs: what blocks, what came out, what differs, and who sees it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.enums import Role
from backstage.job_parts import run_part
from backstage.jobs import run_job
from backstage.models import Job
from backstage.tasklist import list_tasks
from config.lib.periods import at_local
from config.lib.spreadsheet_reading import read_table
from hours.models import Dispute
from quotas.actions.claims import accept_claim, begin_claim, submit_claim, write_claim
from quotas.actions.reconciliations import (
    REHEARSALS_KEPT,
    abandon_rehearsal,
    discard_reconciliation,
    reconcile_part,
)
from quotas.actions.tasks import Target, begin_task, publish_task, set_line
from quotas.models import MemberResult, Reconciliation
from quotas.queries.runs import list_levels, school_lines, whole_line
from quotas.reasons import explain
from quotas.reconciliation_job import compute_all
from rolls.models import Attendance
from schools.models import YearLock
from studies.enums import StudyKind, StudyState
from studies.models import Study
from tests import factories
from tests.browsers import browser_of
from tests.evidence import clerk_of, hold, study
from tests.factories import acting, grant, make_user
from tests.quotas.actions.test_reconciliations import AFTER, YEAR, Network
from trainees.models import Member

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> Network:
    return Network()


@pytest.fixture
def officer(world) -> Client:
    return browser_of(world.office.user)


@pytest.fixture
def clerk(world) -> Client:
    """Of the first school."""
    return browser_of(clerk_of(world.school))


def page_of_year(client: Client):
    return client.get(reverse("quotas:reconciliations"), {"year": YEAR}).context


def add_open_roll(school) -> None:
    factories.make_session(factories.make_class(school), starts_at=at_local(date(YEAR, 11, 3), 9))


def page_text(client: Client, year: int) -> str:
    return client.get(reverse("quotas:reconciliations"), {"year": year}).text


class TestThePageOfAYear:
    def test_says_what_is_open_and_where_for_each_school(self, world, officer):
        add_open_roll(world.school)
        add_open_roll(world.other)
        context = page_of_year(officer)

        [rolls] = context["blocked"]
        assert rolls.count == 2
        assert {school.name: cells[0][1] for school, cells in context["by_school"]} == {
            world.school.name: 1,
            world.other.name: 1,
        }
        for _school, [(_label, count, address)] in context["by_school"]:
            assert officer.get(address).context["page_obj"].paginator.count == count

    def test_shows_a_school_only_what_is_its_own(self, world, clerk):
        add_open_roll(world.other)
        assert page_of_year(clerk)["blocked"] == []
        add_open_roll(world.school)
        [rolls] = page_of_year(clerk)["blocked"]

        assert (rolls.count, f"school={world.school.pk}" in rolls.address) == (1, True)
        assert page_of_year(clerk)["by_school"] == []

    def test_leads_to_the_rows_that_are_open(self, world, officer):
        for day, (branch, state) in enumerate(
            (
                (world.branch, StudyState.SUBMITTED),
                (world.far, StudyState.CHECKED),
                (world.far, StudyState.DRAFT),
            ),
            start=1,
        ):
            Study.objects.create(
                organisation=branch,
                kind=StudyKind.THEMED_DAY,
                topic="重温入党誓词",
                place="党员活动室",
                held_on=date(YEAR, 8, day),
                minutes=120,
                state=state,
                round=0 if state == StudyState.DRAFT else 1,
                recorded_at=AFTER,
                recorded_by=clerk_of(world.school),
            )
        first, second = Attendance.objects.filter(member=world.member).order_by("pk")[:2]
        factories.make_dispute(first)
        decided = factories.make_dispute(second)
        Dispute.objects.filter(pk=decided.pk).update(state="decided")

        blocked = page_of_year(officer)["blocked"]

        assert [(one.count, len(one.by_school)) for one in blocked] == [(2, 2), (1, 1)]
        for one in blocked:
            for count, address in [(one.count, one.address), *one.by_school.values()]:
                assert officer.get(address).context["page_obj"].paginator.count == count

    def test_searches_the_register_for_the_district_alone(
        self, world, officer, clerk, django_assert_max_num_queries
    ):
        factories.make_member(world.far, world.member.name, phone="13900000001")
        Member.objects.filter(name=world.member.name).update(phone="13900000001")
        with django_assert_max_num_queries(80) as asked:
            [pairs] = page_of_year(officer)["blocked"]
        assert pairs.count == 1
        assert any("bare_name" in query["sql"] for query in asked.captured_queries)
        with django_assert_max_num_queries(80) as asked:
            assert page_of_year(clerk)["blocked"] == []
        assert not any("bare_name" in query["sql"] for query in asked.captured_queries)

    def test_counts_records_of_study_at_the_school_that_serves(self, world, officer):
        for branch in (world.branch, world.unserved):
            Study.objects.create(
                organisation=branch,
                kind=StudyKind.THEMED_DAY,
                topic="重温入党誓词",
                place="党员活动室",
                held_on=date(YEAR, 8, 1),
                minutes=120,
                state=StudyState.SUBMITTED,
                round=1,
                recorded_at=AFTER,
                recorded_by=clerk_of(world.school),
            )
        [studies] = page_of_year(officer)["blocked"]

        assert studies.count == 2
        assert {key: count for key, (count, _address) in studies.by_school.items()} == {
            world.school.pk: 1
        }

    def test_says_whether_the_year_is_closed_and_until_when(self, world, officer):
        assert page_of_year(officer)["lock"] is None
        run = world.run(is_rehearsal=False)
        closed = page_of_year(officer)
        assert (closed["lock"].released_at, closed["final"]) == (None, run)
        assert (closed["may_rehearse"], closed["may_begin"], closed["may_discard"]) == (0, 0, 1)

        discard_reconciliation(reconciliation_id=run.pk, reason="漏课", by=world.office, at=AFTER)
        again = page_of_year(officer)
        assert (again["lock"].reason, again["final"], again["may_begin"]) == ("漏课", None, True)

    def test_costs_the_same_for_any_number_of_schools_and_runs(
        self, world, officer, django_assert_max_num_queries
    ):
        def statements() -> int:
            with django_assert_max_num_queries(60) as asked:
                page_of_year(officer)
            return len(asked)

        add_open_roll(world.school)
        world.run()
        statements()
        few = statements()
        for number in range(3):
            add_open_roll(factories.make_school(f"12011120{number}", f"新{number}镇"))
            world.run()
        assert statements() == few

    def test_is_no_clerks_to_act_on(self, world, clerk):
        run = world.run()
        context = page_of_year(clerk)

        acts = [context[f"may_{act}"] for act in ("rehearse", "begin", "discard")]
        assert acts == [False] * 3
        assert [row.members for row in context["runs"]] == [4]
        for name, keys in (("rehearse", []), ("begin_reconciliation", [])):
            address = reverse(f"quotas:{name}", args=keys)
            assert clerk.post(address, {"idempotency_key": uuid4()}).status_code == 403
        address = reverse("quotas:discard_reconciliation", args=[run.pk])
        assert clerk.post(address, {"idempotency_key": uuid4(), "reason": "x"}).status_code == 403


class TestTheActs:
    def test_a_rehearsal_begins_once_however_often_the_button_is_pressed(self, world):
        academic = make_user()
        grant(academic, Role.DISTRICT_SCHOOL)
        client, key = browser_of(academic), {"idempotency_key": uuid4()}
        address = f"{reverse('quotas:rehearse')}?year={YEAR}"
        replies = [client.post(address, key) for _ in range(3)]

        run = Reconciliation.objects.get()
        assert {reply.url for reply in replies} == {reverse("quotas:reconciliation", args=[run.pk])}

    def test_the_final_one_is_refused_with_links_to_what_blocks_it(self, world, officer):
        add_open_roll(world.school)
        address = f"{reverse('quotas:begin_reconciliation')}?year={YEAR}"
        reply = officer.post(address, {"idempotency_key": uuid4()})

        assert reply.status_code == 422
        [blocker] = reply.context["blockers"]
        assert ": 1" in blocker.text
        assert officer.get(blocker.address).context["page_obj"].paginator.count == 1
        assert blocker.address.replace("&", "&amp;") in reply.content.decode()
        assert not YearLock.objects.exists()

    def test_the_final_one_closes_the_year_after_its_check_page(self, world, officer):
        address = f"{reverse('quotas:begin_reconciliation')}?year={YEAR}"
        form = {"idempotency_key": uuid4()}
        check = officer.post(address, form)
        assert check.status_code == 200
        assert "in 3 parts" in " ".join(check.context["effects"])
        assert not YearLock.objects.exists()

        promised = check.context["promised"]
        done = officer.post(address, form | {"step": "do", "promised": promised})
        run = Reconciliation.objects.get()
        assert done.url == reverse("quotas:reconciliation", args=[run.pk])
        assert YearLock.objects.get(year=YEAR).locked_by == world.office.user

    def test_it_is_discarded_with_a_reason(self, world, officer):
        run = world.run(is_rehearsal=False)
        address = reverse("quotas:discard_reconciliation", args=[run.pk])
        form = {"idempotency_key": uuid4(), "reason": ""}
        assert officer.post(address, form).status_code == 422
        form["reason"] = "漏了一次课"
        check = officer.post(address, form)
        assert "漏了一次课" in " ".join(check.context["effects"])
        officer.post(address, form | {"step": "do", "promised": check.context["promised"]})

        run.refresh_from_db()
        assert (run.state, run.reason) == ("discarded", "漏了一次课")
        assert officer.get(reverse("quotas:reconciliation", args=[run.pk])).status_code == 200

    def test_home_asks_for_it_once_the_year_takes_nothing_any_more(self, world):
        def labels(at) -> list[str]:
            with translation.override("en"):
                return [task.label for task in list_tasks(world.office.user, at)]

        in_march = at_local(date(YEAR + 1, 3, 2), 9)
        wanted = f"Reconcile the year {YEAR}"
        assert wanted not in labels(in_march)
        world.run()
        assert wanted in labels(in_march)
        assert wanted not in labels(AFTER)
        world.run(is_rehearsal=False)
        assert wanted not in labels(in_march)


class TestThePageOfARun:
    def test_shows_hand_counted_sums_by_school(self, world, officer):
        run = world.run()
        context = officer.get(reverse("quotas:reconciliation", args=[run.pk])).context
        sums = {
            line.sums.key: (
                *(line.sums.members, line.sums.counted, line.sums.met, line.sums.not_met),
                *(line.sums.exempt, line.sums.out, line.sums.owed, line.sums.done),
                *(line.sums.concentrated, line.sums.collective, line.sums.other),
            )
            for line in context["lines"]
        }

        # 40 hours of training and 2 of study; late for half a day of 4 hours, and 2 of study.
        late = Decimal("3.75")
        assert sums == {
            world.school.pk: (4, 2, 1, 1, 1, 1, 32 + 56, 44 + late, 40 + late, 4, 0),
            # 吴刚 joined in April: eight whole months of 32 hours.
            world.other.pk: (2, 2, 0, 2, 0, 0, Decimal("53.5"), 2, 0, 2, 0),
            None: (1, 1, 0, 1, 0, 0, 32, 0, 0, 0, 0),
        }
        assert context["whole"].sums.members == 7

    def test_has_the_same_sum_on_every_level(self, world):
        results = world.run().results.all()
        run = Reconciliation.objects.get()
        lines, whole = school_lines(run, results), whole_line(run, results)
        levels = list_levels(lines, whole, results)

        assert [level.lines for level in levels] == [7, 4, 3]
        assert len({(level.members, level.met, level.done) for level in levels}) == 1

    def test_every_number_opens_its_rows(self, world, officer):
        run = world.run()
        page = officer.get(reverse("quotas:reconciliation", args=[run.pk])).context
        for line in [*page["lines"], page["whole"]]:
            counts = {
                "": line.sums.members,
                "&result=counted": line.sums.counted,
                "&result=met": line.sums.met,
                "&result=below": line.sums.not_met,
                "&result=exempt": line.sums.exempt,
                "&result=out": line.sums.out,
            }
            for query, count in counts.items():
                rows = officer.get(f"{line.members}{query}").context
                assert rows["page_obj"].paginator.count == count
                if not query:
                    assert rows["whole"].done == line.sums.done
        for line in page["lines"]:
            below = officer.get(line.below).context
            assert below["whole"].sums.members == line.sums.members
            for branch in below["lines"]:
                rows = officer.get(branch.members).context
                assert rows["page_obj"].paginator.count == branch.sums.members
                assert rows["whole"].owed == branch.sums.owed

    def test_shows_a_school_its_part_alone(self, world, clerk):
        add_open_roll(world.other)
        run = world.run()
        page = clerk.get(reverse("quotas:reconciliation", args=[run.pk])).context
        assert page["blocked"] == []
        assert [line.sums.key for line in page["lines"]] == [world.school.pk]
        assert page["levels"][0].members == 4

        for name in ("sums", "results"):
            address = reverse(f"quotas:{name}")
            asked = {"run": run.pk, "school": world.other.pk}
            assert clerk.get(address, asked).context["whole"] is not None
        rows = clerk.get(reverse("quotas:results"), asked).context["page_obj"]
        assert {row.school_id for row in rows} == {world.school.pk}

    def test_of_another_school_alone_is_not_there(self, world, clerk, officer):
        run = world.run(school_id=world.other.pk)
        address = reverse("quotas:reconciliation", args=[run.pk])

        assert (clerk.get(address).status_code, officer.get(address).status_code) == (404, 200)
        rows = clerk.get(reverse("quotas:results"), {"run": run.pk}).context
        assert (rows["run"], rows["page_obj"].paginator.count) == (None, 0)

    def test_shows_its_progress_while_it_is_computed(self, world, clerk, officer):
        run = world.start()
        address = reverse("quotas:reconciliation", args=[run.pk])
        page = officer.get(address)
        assert (page.context["run"].done, page.context["run"].total) == (0, 3)
        assert "0 of 3 parts" in page.content.decode()
        assert "0 of 1 parts" in clerk.get(address).content.decode()
        polled = officer.get(address, headers={"HX-Request": "true"})
        assert "HX-Refresh" not in polled.headers

        compute_all(run.pk, world.office, lambda: AFTER)
        polled = officer.get(address, headers={"HX-Request": "true"})
        assert polled.headers["HX-Refresh"] == "true"

    def test_of_a_failed_job_is_computed_once_more(self, world, officer):
        run = world.start(is_rehearsal=False)
        run.job = Job.objects.create(kind="reconcile", asked_at=AFTER)
        run.save(update_fields=["job"])
        reconcile_part(reconciliation_id=run.pk, school_id=None, by=world.office, at=AFTER)
        address = reverse("quotas:reconciliation", args=[run.pk])
        again = reverse("quotas:restart_reconciliation", args=[run.pk])
        task = f"Compute the reconciliation of {YEAR} once more: it was broken off"
        assert again not in officer.get(address).text
        form = {"idempotency_key": uuid4(), "step": "do"}
        assert officer.post(again, form).status_code == 422
        Job.objects.update(state="failed", problem="第 3 部分有误", ended_at=AFTER)

        page = officer.get(address)
        assert again in page.text
        assert "broken off" in page.text
        assert "being computed" not in page.text
        assert not page.context["is_running"]
        polled = officer.get(address, headers={"HX-Request": "true"})
        assert polled.headers["HX-Refresh"] == "true"
        assert "broken off" in page_text(officer, run.year)
        assert task in officer.get("/").text

        check = officer.post(again, {"idempotency_key": uuid4()})
        assert "computed: 2" in " ".join(check.context["effects"])
        run.refresh_from_db()
        assert Job.objects.count() == 1
        form = {"idempotency_key": uuid4(), "step": "do"}
        assert officer.post(again, form).url == address
        run.refresh_from_db()
        assert run.job.parts.count() == 2
        for part in run.job.parts.all():
            run_part(part_id=part.pk, clock=lambda: AFTER)
        run_job(job_id=run.job.pk, clock=lambda: AFTER)
        run = Reconciliation.objects.get()
        assert (run.state, run.job.state) == ("computed", "done")
        assert run.results.count() == len(world.lines)
        assert task not in officer.get("/").text

    def test_says_why_its_job_failed(self, world, officer):
        run = world.start(is_rehearsal=False)
        run.job = Job.objects.create(
            kind="reconcile",
            state="failed",
            problem="第 3 部分有误",
            asked_at=AFTER,
            ended_at=AFTER,
        )
        run.save(update_fields=["job"])
        page = officer.get(reverse("quotas:reconciliation", args=[run.pk]))

        assert "第 3 部分有误" in page.content.decode()
        assert page.context["may_discard"]

    def test_keeps_what_was_open_and_says_when_results_are_gone(self, world, officer):
        add_open_roll(world.school)
        runs = [world.run() for _ in range(REHEARSALS_KEPT + 1)]
        old, new = (
            officer.get(reverse("quotas:reconciliation", args=[run.pk]))
            for run in (runs[0], runs[-1])
        )

        assert "lines" not in old.context
        assert "not kept" in old.content.decode()
        [(label, count)] = new.context["blocked"]
        assert ("Sessions" in label, count) == (True, 1)

    def test_costs_the_same_for_any_number_of_rows(
        self, world, officer, django_assert_max_num_queries
    ):
        def statements(run: Reconciliation) -> list[int]:
            found = []
            for address in (
                reverse("quotas:reconciliation", args=[run.pk]),
                f"{reverse('quotas:sums')}?run={run.pk}",
                f"{reverse('quotas:results')}?run={run.pk}",
            ):
                with django_assert_max_num_queries(60) as asked:
                    assert officer.get(address).status_code == 200
                found.append(len(asked))
            return found

        first = world.run()
        statements(first)
        few = statements(first)
        for number in range(3):
            school = factories.make_school(f"12011120{number}", f"新{number}镇")
            for _ in range(3):
                factories.make_member(factories.make_organisation(school, f"支部{number}"))
        assert statements(world.run()) == few


class TestTheListOfResults:
    def test_names_the_reason_in_words(self, world):
        run = world.run()
        with translation.override("en"):
            reasons = {row.member_id: explain(row) for row in run.results.all()}
            joined = run.results.get(member__name="吴刚")

            assert reasons[world.member.pk] == "Rule for every member, version 1."
            assert reasons[world.leader.pk] == (
                "Rule for secretaries and committee members, version 2. Credit hours left: 50.25."
            )
            assert "Credit hours left: 30." in reasons[world.stranger.pk]
            assert "Months that count: 8 at 32 a year" in explain(joined)
            assert "lost contact" in reasons[world.lost.pk].lower()
            assert "Exempt throughout the year" in reasons[world.frail.pk]

    def test_is_found_by_name_and_audience(self, world, officer):
        run = world.run()
        for asked, member in (
            ({"q": "李强"}, world.leader),
            ({"audience": "secretaries"}, world.leader),
        ):
            rows = officer.get(reverse("quotas:results"), {"run": run.pk, **asked})
            assert [row.member for row, _verdict, _reason in rows.context["rows"]] == [member]

    def test_is_exported_with_the_figures_of_the_page(self, world, officer, clerk):
        run = world.run()
        for client, count in ((officer, 7), (clerk, 4)):
            reply = client.post("/exports/member-results/", {"run": run.pk})
            rows = read_table(reply.content, "a.xlsx").rows
            head = next(n for n, row in enumerate(rows) if row[0] == "Name")
            assert len(rows) - head - 1 == count
        assert sum(Decimal(row[7] or 0) for row in rows[head + 1 :]) > 0
        reply = officer.post("/exports/organisation-results/", {"run": run.pk})
        rows = read_table(reply.content, "a.xlsx").rows
        head = next(n for n, row in enumerate(rows) if row[0] == "Code")
        assert sum(int(row[2]) for row in rows[head + 1 :]) == 7

    def test_name_no_organisation_of_another_school(self, world, clerk, officer):
        run = world.run()
        asked = {"run": run.pk, "unit": world.far.code}

        page = clerk.get(reverse("quotas:results"), asked)

        assert world.far.name not in page.text
        assert page.context["filters"].value("unit") == ""
        assert world.far.name in officer.get(reverse("quotas:results"), asked).text


class TestDifferencesOfRuns:
    def test_name_both_values_of_those_who_differ(self, world, officer):
        first = world.run()
        study(world.branch, world.leader, on=date(YEAR, 10, 1), school=world.school, minutes=60)
        second = world.run()
        asked = {"run": second.pk, "beside": first.pk}
        [row] = officer.get(reverse("quotas:differences"), asked).context["page_obj"]

        before, after = (run.results.get(member=world.leader).done for run in (first, second))
        assert after == before + 1
        assert row.member_id == world.leader.pk
        with translation.override("en"):
            changes = {label: (here, there) for label, here, there in row.changes}
        assert set(changes) == {"Done", "Collective study"}
        assert changes["Collective study"] == ("3", "2")
        # The run before is the one that it is compared with unless another is asked for.
        rows = officer.get(reverse("quotas:differences"), {"run": second.pk}).context["page_obj"]
        assert len(rows) == 1
        narrowed = officer.get(reverse("quotas:differences"), asked | {"changed": "verdict"})
        assert narrowed.context["page_obj"].paginator.count == 0

    def test_are_to_the_last_run_that_was_computed(self, world, officer):
        first = world.run()
        broken = world.start()
        reconcile_part(
            reconciliation_id=broken.pk, school_id=world.school.pk, by=world.office, at=AFTER
        )
        # What is broken off keeps its results until the next rehearsal begins.
        abandon_rehearsal(reconciliation_id=broken.pk, by=world.office, at=AFTER)
        results = MemberResult.objects.filter(reconciliation=broken)
        assert results.exists()
        only = world.run(school_id=world.school.pk)
        second = world.run()

        page = officer.get(reverse("quotas:differences"), {"run": second.pk})

        beside = page.context["filters"].value("beside")
        assert beside == str(first.pk)
        assert only.results.exists()
        assert page.context["page_obj"].paginator.count == 0

    def test_name_a_member_of_one_run_alone_and_only_within_sight(self, world, officer, clerk):
        first = world.run()
        factories.make_member(world.far, "新人")
        second = world.run()
        asked = {"run": second.pk, "beside": first.pk}
        [row] = officer.get(reverse("quotas:differences"), asked).context["page_obj"]
        with translation.override("en"):
            assert (row.there, row.changes) == (None, [("Verdict", "short", "not in it")])
        assert (
            clerk.get(reverse("quotas:differences"), asked).context["page_obj"].paginator.count == 0
        )

        reply = officer.post("/exports/run-differences/", asked)
        assert "新人" in [row[0] for row in read_table(reply.content, "a.xlsx").rows]

    def test_cost_the_same_for_any_number(self, world, officer, django_assert_max_num_queries):
        first = world.run()

        def statements(run: Reconciliation) -> int:
            asked = {"run": run.pk, "beside": first.pk}
            with django_assert_max_num_queries(40) as captured:
                officer.get(reverse("quotas:differences"), asked)
            return len(captured)

        factories.make_member(world.far, "甲")
        second = world.run()
        statements(second)
        few = statements(second)
        for name in "乙丙丁":
            factories.make_member(world.far, name)
        MemberResult.objects.filter(reconciliation=second).delete()
        second.delete()
        assert statements(world.run()) == few


class TestResultsBesideTheClaims:
    @pytest.fixture
    def claimed(self, world) -> Network:
        """Both schools claim 2 classes, half their members on target, and 30 hours of all study."""
        at = at_local(date(YEAR, 1, 13), 9)
        task = begin_task(year=YEAR, by=world.office, at=at)
        for target in (
            Target("events", Decimal(4)),
            Target("on_target", Decimal(50)),
            Target("hours", Decimal(60)),
        ):
            set_line(task_id=task.pk, target=target, by=world.office, at=at)
        publish_task(task_id=task.pk, by=world.office, at=at)
        for school in (world.school, world.other):
            leader = make_user()
            grant(leader, Role.SCHOOL_LEADER, school)
            clerk = acting(clerk_of(school))
            claim = begin_claim(school_id=school.pk, year=YEAR, by=clerk, at=at)
            keys = claim.lines.order_by("task_line").values_list("task_line", flat=True)
            amounts = dict(zip(keys, (Decimal(2), Decimal(50), Decimal(30)), strict=True))
            write_claim(claim_id=claim.pk, amounts=amounts, reason="", by=clerk, at=at)
            submit_claim(claim_id=claim.pk, by=acting(leader), at=at)
            accept_claim(claim_id=claim.pk, by=world.office, at=at)
        return world

    def test_say_claimed_result_difference_and_why(self, claimed, officer):
        run = claimed.run()
        rows = officer.get(reverse("quotas:claim_differences"), {"run": run.pk}).context["rows"]
        found = {
            (row.school and row.school.pk, row.line.measure): (
                row.claimed,
                row.result,
                row.difference,
            )
            for row, _address in rows
        }
        late = run.results.get(member=claimed.leader).concentrated

        assert found == {
            (None, "events"): (4, 1, -3),
            # One of five who owe hours, those outside every area among them; the claims ask for 50.
            (None, "on_target"): (50, 20, -30),
            (None, "hours"): (60, 46 + late, late - 14),
            (claimed.school.pk, "events"): (2, 1, -1),
            (claimed.school.pk, "on_target"): (50, 50, 0),
            (claimed.school.pk, "hours"): (30, 44 + late, 14 + late),
            (claimed.other.pk, "events"): (2, 0, -2),
            (claimed.other.pk, "on_target"): (50, 0, -50),
            (claimed.other.pk, "hours"): (30, 2, -28),
        }
        reasons = {(row.school, row.line.measure): row.reason for row, _address in rows}
        assert reasons[claimed.other, "on_target"] == (
            "0 of 2 members who owe hours. The claim asks for 1; missing: 1."
        )
        assert reasons[claimed.other, "hours"] == (
            "Concentrated training 0, collective study 2, other 0."
        )
        for row, address in rows:
            listed = officer.get(address).context["page_obj"].paginator.count
            if row.line.measure == "events":
                assert listed == row.result
            if row.line.measure == "on_target":
                assert listed == (0 if row.school == claimed.other else 1)

    def test_count_absence_and_rolls_that_are_missing(self, claimed, officer):
        training_class = factories.make_class(claimed.other)
        hold(training_class, {claimed.stranger: "absent"}, on=date(YEAR, 9, 9))
        add_open_roll(claimed.other)
        run = claimed.run()
        asked = {"run": run.pk, "school": claimed.other.pk}
        rows = officer.get(reverse("quotas:claim_differences"), asked).context["rows"]

        reason = next(row.reason for row, _ in rows if row.line.measure == "events")
        assert reason == "Sessions called off: 0. Rolls not submitted: 1."

    def test_show_a_school_its_own_lines(self, claimed, clerk):
        run = claimed.run()
        rows = clerk.get(reverse("quotas:claim_differences"), {"run": run.pk}).context["rows"]
        assert {row.school for row, _address in rows} == {claimed.school}
        reply = clerk.post("/exports/claim-differences/", {"run": run.pk})
        assert len(read_table(reply.content, "a.xlsx").rows) == 4 + 3

    def test_cost_the_same_for_any_number_of_schools(
        self, claimed, officer, django_assert_max_num_queries
    ):
        def statements(run: Reconciliation) -> int:
            with django_assert_max_num_queries(40) as asked:
                officer.get(reverse("quotas:claim_differences"), {"run": run.pk})
            return len(asked)

        first = claimed.run()
        statements(first)
        few = statements(first)
        for number in range(3):
            factories.make_school(f"12011120{number}", f"新{number}镇")
        assert statements(claimed.run()) == few
