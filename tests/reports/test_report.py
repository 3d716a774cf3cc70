"""The annual report: counted from sessions, rolls and entries, and frozen when the year closes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from accounts.enums import Role
from accounts.models import AuditEntry
from config.lib.periods import period
from courses.models import Course, Programme, Session, TrainingClass
from hours.models import CreditEntry
from hours.queries.ledger_check import list_findings
from instructors.models import Instructor
from quotas.models import DeliveredSession
from reports.queries.annual import DIMENSIONS
from rolls.enums import ATTENDED
from rolls.models import Attendance
from schools.actions.year_locks import release_year
from tests import factories
from tests.admin_pages import make_officer
from tests.browsers import browser_of
from tests.evidence import clerk_of, hold, merge_rows
from tests.pdf_text import read_lines
from tests.quotas.actions.test_reconciliations import AFTER, YEAR, Network
from tests.worlds import copy_of, made_once
from tests.years.test_exports import export
from trainees.actions.member_merges import merge_members, propose_merge

pytestmark = pytest.mark.django_db


class Year(Network):
    """Both schools teach; a member of the second one attends at both."""

    def __init__(self) -> None:
        super().__init__()
        self.special = Programme.objects.create(
            kind="campaign", name="主题教育", period=period(date(YEAR, 1, 1))
        )
        self.joint = factories.make_class(self.other, "夜校")
        TrainingClass.objects.filter(pk=self.joint.pk).update(
            programme=self.special, format="evening"
        )
        self.joint.refresh_from_db()
        self.practical = hold(
            self.joint, {self.stranger: "present", self.member: "late"}, on=date(YEAR, 10, 8)
        )
        course = Course.objects.create(
            code="C-practice",
            title="为民服务实务",
            module=self.joint.module,
            strand="practice",
            hours=4,
            tasks=["first", "skills"],
        )
        teacher = factories.make_lecturer(self.other)
        Instructor.objects.filter(pk=teacher.pk).update(corps="professional", nominated_by=None)
        Session.objects.filter(pk=self.practical.pk).update(course=course, instructor=teacher)

    def close(self) -> None:
        self.run(is_rehearsal=False)

    def page(self, user=None, **query):
        browser = browser_of(user or self.office.user)
        with translation.override("en"):
            return browser.get(reverse("reports:report"), {"year": YEAR, **query})

    def figures(self, user=None, **query):
        """All tables of the page as plain values."""
        context = self.page(user, **query).context
        tables = [*context["tables"], *context["standings"]]
        return [
            (name, [cell[0] for cell in cells])
            for table in tables
            for name, cells in [*table["lines"], ("", table["total"])]
        ]


made = made_once(Year)


@pytest.fixture
def world(made: Year, db: None) -> Year:
    return copy_of(made)


def held(**narrowed):
    return Session.objects.filter(held_on__year=YEAR, called_off_at=None, **narrowed)


def count(sessions) -> list:
    """The figures of some sessions, counted from rolls and entries."""
    marks = Attendance.objects.filter(
        session__in=sessions, status__in=ATTENDED, session__roll__state="submitted"
    )
    hours = CreditEntry.objects.filter(assessment__source__roll__session__in=sessions)
    return [
        sessions.values("training_class").distinct().count(),
        sessions.count(),
        marks.count(),
        marks.values("member").distinct().count(),
        sessions.aggregate(n=Sum("hours", default=Decimal(0)))["n"],
        hours.aggregate(n=Sum("hours", default=Decimal(0)))["n"],
    ]


def table_of(context, name):
    [table] = [one for one in context["tables"] if one["name"] == name]
    return {label: [cell[0] for cell in cells] for label, cells in table["lines"]}


PATHS = {
    "school": lambda w: {"training_class__school": w.other},
    "audience": lambda w: {"training_class__audience": w.joint.audience},
    "module": lambda w: {"training_class__module": w.joint.module},
    "strand": lambda w: {"course__strand": "practice"},
    "task": lambda w: {"course__tasks__contains": ["skills"]},
    "format": lambda w: {"training_class__format": "evening"},
    "corps": lambda w: {"instructor__corps": "professional"},
    "programme": lambda w: {"training_class__programme": w.special},
    "month": lambda w: {"held_on__month": 10},
}
LABELS = {
    "school": "张家窝镇党校",
    "strand": "grassroots practice",
    "task": "education in knowledge and skills",
    "format": "evening class",
    "corps": "professional corps",
    "programme": "主题教育",
    "month": "October",
}


@pytest.mark.parametrize("is_closed", [False, True])
class TestTheFigures:
    @pytest.mark.parametrize("name", PATHS)
    def test_of_a_line_are_those_of_its_sessions(self, world, name, is_closed):
        if is_closed:
            world.close()
        expected = count(held(**PATHS[name](world)))

        assert {one.name for one in DIMENSIONS} == set(PATHS)
        assert expected[1] > 0
        table = table_of(world.page().context, name)
        label = LABELS.get(name) or next(iter(table))
        assert table[label] == expected

    def test_of_the_total_count_each_class_and_member_once(self, world, is_closed):
        if is_closed:
            world.close()
        context = world.page().context

        assert [cell[0] for cell in context["tables"][0]["total"]] == count(held())
        schools = table_of(context, "school")
        assert sum(row[3] for row in schools.values()) == count(held())[3] + 1

    def test_open_as_many_rows_as_they_say(self, world, is_closed):
        if is_closed:
            world.close()
        browser = browser_of(world.office.user)
        for table in world.page().context["tables"]:
            for _name, cells in table["lines"]:
                _classes, sessions, times, members, _taught, hours = cells
                page = browser.get(sessions[2])
                assert page.context["page_obj"].paginator.count == sessions[0]
                assert (page.context["times"], page.context["hours"]) == (times[0], hours[0])
                assert browser.get(members[2]).context["page_obj"].paginator.count == members[0]

    def test_of_members_open_as_many_members(self, world, is_closed):
        if is_closed:
            world.close()
        browser = browser_of(world.office.user)
        for table in world.page().context["standings"]:
            for _name, cells in [*table["lines"], ("", table["total"])]:
                for value, _kind, address, _head in cells:
                    if address:
                        found = browser.get(address).context["page_obj"].paginator.count
                        assert found == value, address


@pytest.mark.parametrize("is_closed", [False, True])
def test_two_rows_of_a_person_are_one_distinct_member(world, is_closed):
    before = next(cells for name, cells in world.figures() if name == "")
    merge_rows(world.stranger, world.member, at=AFTER)
    if is_closed:
        world.close()

    after = next(cells for name, cells in world.figures() if name == "")
    assert after[:3] == before[:3]
    assert after[3] == before[3] - 1
    lines = world.page().context["report"].sessions
    [joint] = [one for one in lines if one.session_id == world.practical.pk]
    assert joint.members == [world.stranger.pk] * 2
    name = "sessions of closed years are what rolls and hours say"
    assert name not in {finding.check for finding in list_findings()}


class TestWhatIsFrozen:
    def test_is_what_was_counted_before(self, world):
        before = world.figures()
        world.close()

        assert world.figures() == before
        context = world.page().context
        assert context["report"].run.year == YEAR
        assert DeliveredSession.objects.count() == held().count()

    def test_never_moves_whatever_happens_later(self, world):
        world.close()
        before = world.figures()
        merge = propose_merge(
            kept_id=world.member.pk,
            given_up_id=world.leader.pk,
            reason="同一人，两次登记",
            by=world.office,
            at=AFTER,
        )
        second = factories.acting(make_officer(Role.ORGANISATION_DEPARTMENT))
        merge_members(merge_id=merge.pk, by=second, at=AFTER)
        Course.objects.update(strand="role_models", tasks=[])
        Instructor.objects.update(corps="lead_study", nominated_by=None)
        hold(factories.make_class(world.school), {world.member: "present"}, on=date(YEAR + 1, 1, 8))

        assert world.figures() == before

    def test_is_counted_again_once_the_year_is_open_again(self, world):
        world.close()
        with transaction.atomic():
            release_year(year=YEAR, reason="漏报", by=world.office, at=AFTER)
        Course.objects.update(strand="role_models")

        context = world.page().context
        assert context["report"].run is None
        assert list(table_of(context, "strand")) == ["role models"]

    def test_is_refused_any_change(self, world):
        world.close()
        for statement in (
            "UPDATE quotas_deliveredsession SET hours = 99",
            "DELETE FROM quotas_deliveredsession",
        ):
            with (
                pytest.raises((IntegrityError, ProgrammingError)),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(statement)

    def test_comes_while_the_final_run_computes_and_never_later(self, world):
        world.close()
        row = DeliveredSession.objects.first()
        with pytest.raises(IntegrityError, match="while a final"), transaction.atomic():
            DeliveredSession.objects.create(
                **{
                    field.attname: getattr(row, field.attname)
                    for field in row._meta.concrete_fields
                    if field.attname not in {"id", "session_id"}
                },
                session=factories.make_session(world.joint),
            )

    def test_is_compared_with_rolls_and_hours_by_the_check_of_the_ledger(self, world):
        world.close()
        name = "sessions of closed years are what rolls and hours say"
        assert name not in {finding.check for finding in list_findings()}
        Attendance.objects.filter(session=world.practical, member=world.member).update(
            status="absent"
        )
        named = {finding.check: finding.examples for finding in list_findings()}
        assert named[name] == [world.practical.pk]


class TestWhoSeesIt:
    def test_a_school_has_its_own_year(self, world):
        world.close()
        page = world.page(clerk_of(world.school))

        assert list(table_of(page.context, "school")) == [world.school.name]
        assert world.school.name in page.context["title"]

    def test_the_school_of_another_is_not_shown(self, world):
        page = world.page(clerk_of(world.school), school=world.other.pk)

        assert page.context["filters"].notes
        assert list(table_of(page.context, "school")) == [world.school.name]

    def test_what_is_behind_it_is_of_the_own_school(self, world):
        world.close()
        browser = browser_of(clerk_of(world.school))
        query = {"year": YEAR, "school": world.other.pk, "strand": "practice"}

        rows = browser.get(reverse("reports:report_sessions"), query).context["page_obj"]
        members = browser.get(reverse("reports:report_members"), query).context["page_obj"]

        own = held(training_class__school=world.school, course__strand="practice")
        assert {row.session for row in rows} == set(own)
        assert members.paginator.count == count(own)[3]


class TestTheFiles:
    def test_the_workbook_says_what_the_page_says(self, world):
        world.close()
        browser = browser_of(world.office.user)
        header, *rows = export(browser, "annual-report", year=YEAR)

        said = {(row[0], row[1]): row for row in rows}
        school = table_of(world.page().context, "school")[world.other.name]
        assert said["School", world.other.name][2:8] == [float(value) for value in school]
        [whole] = [row for row in rows if row[0] == "Total"]
        assert whole[2:8] == [float(value) for value in count(held())]
        assert header[2] == "Classes"

    def test_the_paper_says_that_it_is_frozen_and_stands_in_the_trail(self, world):
        world.close()
        browser = browser_of(make_officer(Role.DISTRICT_SCHOOL))
        reply = browser.get(reverse("reports:report_pdf"), {"year": YEAR})

        text = "\n".join(read_lines(reply.content))
        assert f"Annual report {YEAR}" in text
        assert "Frozen at" in text
        assert world.other.name in text
        entry = AuditEntry.objects.get(act="print_report")
        assert entry.after == {"year": YEAR, "run": 1}

    def test_the_page_says_that_an_open_year_is_not_closed(self, world):
        page = world.page(year=YEAR + 1)

        assert "the year is not closed" in page.text


def test_reading_costs_the_same_for_any_number_of_sessions(world):
    browser = browser_of(world.office.user)
    address = f"{reverse('reports:report')}?year={YEAR}"
    browser.get(address)

    def statements() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert browser.get(address).status_code == 200
        return len(caught)

    before = statements()
    for day in range(1, 9):
        hold(factories.make_class(world.school), {world.member: "present"}, on=date(YEAR, 3, day))
    assert statements() == before
