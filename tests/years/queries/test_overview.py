"""Each figure of the overview opens down to exactly the rows that it counts.

The figures are read from the page, their links are followed, and the rows behind them are
counted page by page, for every school and for all of them together.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from html.parser import HTMLParser

import pytest
from django.test import Client
from django.urls import resolve, reverse

from accounts.enums import Role
from config.lib import paging
from config.lib.periods import at_local, period
from hours.queries.ledger_check import list_findings
from rolls.actions.attendance import record_attendance
from rolls.models import Attendance
from schools.enums import Audience
from schools.models import Organisation, School, Township
from tests import factories
from tests.browsers import browser_of
from tests.evidence import NOW, clerk_of, hold, merge_rows, part_rows, study
from tests.factories import START
from trainees.enums import MembershipStatus, PostKind
from trainees.models import MemberMerge, Post
from years.queries.organisation_figures import list_organisation_figures
from years.queries.overview import list_figures, sum_figures

pytestmark = pytest.mark.django_db

JULY = date(2026, 7, 1)


class TwoSchoolsYear:
    """Two schools with whatever may make a figure and its rows differ, in 2025 and 2026."""

    def __init__(self) -> None:
        self.here = factories.make_school("120111101", "杨柳青镇")
        self.there = factories.make_school("120111005", "津门湖街道")
        self.clerk = clerk_of(self.here)
        self.branch = factories.make_organisation(self.here)
        self.other_branch = factories.make_organisation(self.there)
        self.diligent, self.late, self.idle = (
            factories.make_member(self.branch, name) for name in ("张伟", "王芳", "李静")
        )
        self.secretary = factories.make_leader(self.branch)
        self.exempt = factories.make_member(self.branch, "刘洋")
        factories.exempt(self.exempt)
        self.lost = factories.make_member(
            self.branch, "陈强", membership_status=MembershipStatus.LOST_CONTACT
        )
        self.guest, self.neighbour = (
            factories.make_member(self.other_branch, name) for name in ("杨敏", "赵军")
        )
        self.mover = factories.make_member(self.branch, "黄磊")
        self._last_year()
        self._hold_classes_here()
        self._hold_classes_there()
        self._study()
        self._move()

    def _last_year(self) -> None:
        old = factories.make_class(self.here, "去年培训班")
        hold(old, {self.mover: "present", self.late: "absent"}, on=date(2025, 12, 31), hours="8")
        hold(old, {self.mover: "late"}, on=date(2025, 6, 3), submitted=False)
        study(self.branch, self.mover, on=date(2025, 12, 30), school=self.here)

    def _hold_classes_here(self) -> None:
        main = factories.make_class(self.here, "四天培训班")
        marks = {self.diligent: "present", self.late: "late", self.idle: "absent"}
        marks |= {self.secretary: "present", self.exempt: "on_leave", self.lost: "present"}
        for day in (4, 5, 6, 7):
            hold(main, marks, on=date(2026, 5, day), hours="8")
        # A second class of one of those days: its hours are cut by the daily cap.
        evening = factories.make_class(self.here, "晚间课堂")
        hold(evening, {self.guest: "present", self.late: "present"}, on=date(2026, 5, 4), hour=19)
        mark = Attendance.objects.get(session__training_class=evening, member=self.late)
        self.correct(mark, "absent")
        # Over, without a roll; over, with a draft; over today; still to come.
        hold(main, {self.mover: "present"}, on=date(2026, 6, 1), submitted=False)
        draft = hold(main, {}, on=date(2026, 6, 2), submitted=False)
        record_attendance(
            session_id=draft.pk,
            marks={self.diligent.pk: "present"},
            seen={},
            by=factories.acting(self.clerk),
            at=draft.ends_at,
        )
        hold(main, {}, on=NOW.date(), submitted=False)
        planned = factories.make_class(self.here, "明天的班")
        hold(planned, {self.idle: "present"}, on=NOW.date() + timedelta(days=1), submitted=False)

    def _hold_classes_there(self) -> None:
        theirs = factories.make_class(self.there, "湖畔讲堂")
        marks = {self.guest: "present", self.neighbour: "late"}
        hold(theirs, marks, on=date(2026, 3, 9), hours="2.5")
        hold(theirs, {self.guest: "present"}, on=date(2026, 9, 9), hours="1.25")

    def _study(self) -> None:
        study(self.branch, self.idle, self.mover, on=date(2026, 2, 3), school=self.here)
        study(self.other_branch, self.neighbour, on=date(2026, 2, 3), school=self.there, minutes=50)

    def _move(self) -> None:
        self.mover.memberships.update(period=period(START, JULY))
        self.mover.memberships.create(organisation=self.other_branch, period=period(JULY))
        study(self.other_branch, self.mover, on=date(2026, 8, 3), school=self.there)

    def correct(self, mark: Attendance, status: str) -> None:
        factories.correct_mark(
            mark,
            status,
            by=factories.acting(self.clerk),
            at=at_local(date(2026, 5, 5), 8),
        )


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch):
    """Lists of several pages, so that no row is missing or twice between two of them."""
    monkeypatch.setattr(paging, "PAGE_SIZE", 3)


@pytest.fixture
def world(on_that_day) -> TwoSchoolsYear:
    world = TwoSchoolsYear()
    assert list_findings() == []
    return world


@pytest.fixture
def officer(world):
    officer = factories.make_user()
    factories.grant(officer, Role.DISTRICT_SCHOOL)
    return officer


class Table(HTMLParser):
    """The rows of a page's tables: the heading of each, and its links with their text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.rows: list[tuple[str, dict[str, str]]] = []
        self._heading, self._links, self._url = "", {}, ""
        self._in_row = self._in_heading = False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if tag == "tr":
            self._heading, self._links, self._in_row = "", {}, True
        elif tag == "th":
            self._in_heading = attributes.get("scope") == "row"
        elif tag == "a" and self._in_row and not self._in_heading:
            self._url = attributes["href"]
            self._links[self._url] = ""

    def handle_endtag(self, tag):
        if tag == "tr":
            if self._links:
                self.rows.append((self._heading.strip(), self._links))
            self._links, self._in_row = {}, False
        elif tag == "a":
            self._url = ""
        elif tag == "th":
            self._in_heading = False

    def handle_data(self, data):
        if self._in_heading:
            self._heading += data
        if self._url:
            self._links[self._url] += data.strip()


def figures_on_page(
    browser: Client, name: str = "overview", **filters: object
) -> dict[str, dict[str, Decimal]]:
    """By heading of the row: every link in it with the figure that it carries."""
    page = browser.get(reverse(f"years:{name}"), filters)
    assert page.status_code == 200
    return {
        heading: {url: Decimal(text.replace(",", "")) for url, text in links.items()}
        for heading, links in Table(page.text).rows
    }


def rows_behind(browser: Client, url: str) -> tuple[list, dict]:
    """All rows of the list at `url`, page by page, and the context of its last page."""
    page = browser.get(url)
    assert page.status_code == 200
    rows, number = list(page.context["page_obj"]), 1
    while page.context["page_obj"].has_next():
        number += 1
        page = browser.get(f"{url}&page={number}")
        rows += page.context["page_obj"]
    assert page.context["page_obj"].paginator.count == len(rows)
    assert len({repr(row) if isinstance(row, dict) else row for row in rows}) == len(rows)
    return rows, page.context


def count_behind(browser: Client, url: str) -> Decimal:
    """What stands behind a figure: the hours of the ledger entries, or the number of rows."""
    rows, context = rows_behind(browser, url)
    if resolve(url.partition("?")[0]).view_name == "years:entries":
        total = sum((entry.hours for entry in rows), Decimal(0))
        assert context["total"] == total
        return total
    return Decimal(len(rows))


def name_of(url: str) -> str:
    """A figure's name: the list that it opens, with the filter that narrows it."""
    path, _, query = url.partition("?")
    narrowed = [part for part in query.split("&") if part.startswith(("due", "categ", "outcome"))]
    return "?".join([resolve(path).url_name, *narrowed])


def opened(browser: Client, figures: dict[str, Decimal]) -> dict[str, Decimal]:
    return {url: count_behind(browser, url) for url in figures}


def named(figures: dict[str, Decimal]) -> dict[str, str]:
    return {name_of(url): str(value.normalize()) for url, value in figures.items()}


def person(world: TwoSchoolsYear, role: Role, *schools: School):
    user = factories.make_user()
    for school in schools or [None]:
        factories.grant(user, role, school)
    return user


class TestTheFiguresOfASchool:
    @pytest.mark.parametrize("year", [2026, 2025])
    def test_each_open_the_rows_they_count(self, world, officer, year):
        browser = browser_of(officer)
        page = figures_on_page(browser, year=year)

        for school in (world.here, world.there):
            figures = page[school.name]
            assert len(figures) == 11
            assert opened(browser, figures) == figures

    def test_are_those_of_what_happened(self, world, officer):
        page = figures_on_page(browser_of(officer))

        assert named(page[world.here.name]) == {
            "classes": "2",
            "sessions?due=missing": "3",
            "attendances": "17",  # four people on four days, and the guest once
            "attendees": "5",
            "entries?category=concentrated": "131",  # 3 × 32, 4 × 7.75 and the guest's 4
            "entries?category=collective": "4",
            "entries?category=other": "0",
            "members?outcome=counted": "4",
            "members?outcome=met": "1",
            "members?outcome=exempt": "1",
            "members?outcome=out": "1",
        }
        assert named(page[world.there.name]) == {
            "classes": "1",
            "sessions?due=missing": "0",
            "attendances": "3",
            "attendees": "2",
            "entries?category=concentrated": "6",
            "entries?category=collective": "2.75",
            "entries?category=other": "0",
            "members?outcome=counted": "3",
            "members?outcome=met": "0",
            "members?outcome=exempt": "0",
            "members?outcome=out": "0",
        }

    def test_of_other_study_are_all_that_is_neither_training_nor_meeting(self, world, officer):
        browser = browser_of(officer)
        before = Decimal(named(figures_on_page(browser)[world.here.name])["entries?category=other"])
        for kind in ("online_study", "outreach_visit"):
            study(world.branch, world.idle, on=date(2026, 5, 20), school=world.here, kind=kind)

        figures = figures_on_page(browser)[world.here.name]

        assert Decimal(named(figures)["entries?category=other"]) > before
        assert opened(browser, figures) == figures

    def test_of_a_past_year_stay_where_they_were(self, world, officer):
        page = figures_on_page(browser_of(officer), year=2025)

        assert named(page[world.here.name]) == {
            "classes": "1",
            "sessions?due=missing": "1",
            "attendances": "1",
            "attendees": "1",
            "entries?category=concentrated": "8",
            "entries?category=collective": "2",
            "entries?category=other": "0",
            "members?outcome=counted": "5",
            "members?outcome=met": "0",
            "members?outcome=exempt": "1",
            "members?outcome=out": "1",
        }
        assert set(named(page[world.there.name]).values()) == {"0", "2"}

    def test_go_on_to_add_up_within_the_lists(self, world, officer):
        browser = browser_of(officer)
        figures = {
            name_of(url): (url, value)
            for url, value in figures_on_page(browser)[world.here.name].items()
        }

        classes, _ = rows_behind(browser, figures["classes"][0])
        assert {row.title: (row.held, row.missing) for row in classes} == {
            "四天培训班": (7, 3),
            "晚间课堂": (1, 0),
        }
        assert sum(row.missing for row in classes) == figures["sessions?due=missing"][1]
        people, _ = rows_behind(browser, figures["attendees"][0])
        assert sum(row["times"] for row in people) == figures["attendances"][1]

    def test_are_the_same_for_the_people_of_the_school(self, world, officer):
        whole = figures_on_page(browser_of(officer))
        for role in (Role.SCHOOL_CLERK, Role.SCHOOL_LEADER, Role.LIAISON_OFFICER):
            browser = browser_of(person(world, role, world.here))
            page = figures_on_page(browser)

            assert page == {world.here.name: whole[world.here.name]}
            assert opened(browser, page[world.here.name]) == page[world.here.name]

    def test_of_one_school_out_of_several_are_chosen_by_the_filter(self, world, officer):
        browser = browser_of(officer)

        assert list(figures_on_page(browser, school=world.there.pk)) == [world.there.name]

    def test_say_how_many_are_on_target(self, world):
        here, there = list_figures([world.there, world.here], 2026, NOW)[::-1]

        assert (here.name, here.share) == (world.here.name, Decimal("25.0"))
        assert (there.name, there.share) == (world.there.name, Decimal("0.0"))
        assert here.exempt == 1

    def test_of_a_school_without_members_have_no_share(self, world):
        empty = factories.make_school("120111006", "中北镇")

        (figures,) = list_figures([empty], 2026, NOW)
        assert (figures.counted, figures.share) == (0, None)


class TestTheFiguresOfAllSchools:
    """Open their rows too, by the same lists without a school."""

    @pytest.fixture
    def total(self, world, officer) -> tuple[Client, dict[str, Decimal]]:
        browser = browser_of(officer)
        page = figures_on_page(browser)
        (heading,) = set(page) - {world.here.name, world.there.name}
        return browser, page[heading]

    def test_each_open_the_rows_they_count(self, total):
        browser, figures = total
        assert len(figures) == 11
        distinct = {url for url in figures if name_of(url) == "attendees"}
        others = {url: value for url, value in figures.items() if url not in distinct}

        assert opened(browser, others) == others

    def test_even_that_of_distinct_members_some_of_whom_went_to_two_schools(self, total):
        browser, figures = total
        distinct = {url: n for url, n in figures.items() if name_of(url) == "attendees"}

        assert opened(browser, distinct) == distinct

    def test_of_a_liaison_officer_cover_the_schools_assigned(self, world):
        factories.make_school("120111006", "中北镇")
        browser = browser_of(person(world, Role.LIAISON_OFFICER, world.here, world.there))
        page = figures_on_page(browser)

        (heading,) = set(page) - {world.here.name, world.there.name}
        sums = {name_of(url): value for url, value in page[heading].items()}
        assert sums["attendances"] == 20
        assert len(page) == 3

    def test_are_the_sums_of_all_schools(self, world):
        figures = list_figures([world.here, world.there], 2026, NOW)
        total = sum_figures(figures, "All")

        for name in (
            "classes",
            "sessions",
            "due",
            "person_times",
            "concentrated",
            "collective",
            "other",
        ):
            assert getattr(total, name) == sum(getattr(row, name) for row in figures)
        assert total.counted == 7
        assert total.share == Decimal("14.3")


class TestTwoRowsOfAPerson:
    """Marks of a row given up count with the row that holds their hours."""

    @staticmethod
    def distinct(world: TwoSchoolsYear) -> list[int]:
        here, there = list_figures([world.there, world.here], 2026, NOW)[::-1]
        return [here.members, there.members, here.members_of_all]

    def merge(self, world: TwoSchoolsYear) -> MemberMerge:
        """The guest went to both schools, the neighbour to one."""
        assert self.distinct(world) == [5, 2, 6]
        return merge_rows(world.guest, world.neighbour)

    def test_are_one_distinct_member(self, world):
        self.merge(world)

        assert self.distinct(world) == [5, 1, 5]

    def test_are_one_line_behind_the_figures(self, world, officer):
        self.merge(world)
        browser = browser_of(officer)

        for figures in figures_on_page(browser).values():
            assert opened(browser, figures) == figures
        [line] = rows_behind(browser, f"{reverse('years:attendees')}?school={world.there.pk}")[0]
        assert (line["number"], line["times"]) == (world.guest.number, 3)

    def test_are_one_distinct_member_of_their_organisation(self, world, officer):
        self.merge(world)
        figures = list_organisation_figures([world.there.pk], None, 2026, NOW)

        assert [(row.person_times, row.members) for row in figures] == [(3, 1)]

    def test_are_of_the_audience_of_the_row_that_remains(self, world, officer):
        world.guest.posts.create(
            organisation=world.other_branch, kind=PostKind.SECRETARY, period=period(START)
        )
        self.merge(world)
        browser = browser_of(officer)

        page = figures_on_page(browser, audience=Audience.SECRETARIES)[world.there.name]
        assert named(page)["attendances"] == "3"
        assert opened(browser, page) == page
        ordinary = figures_on_page(browser, audience=Audience.ORDINARY)[world.there.name]
        assert named(ordinary)["attendances"] == "0"

    def test_are_two_again_once_the_merge_was_undone(self, world):
        part_rows(self.merge(world))

        assert self.distinct(world) == [5, 2, 6]

    def test_stay_one_in_a_year_that_was_closed_while_they_were(self, world, officer):
        part_rows(self.merge(world))
        MemberMerge.objects.update(first_year=2026, until_year=2027)
        browser = browser_of(officer)

        assert self.distinct(world) == [5, 1, 5]
        lines = rows_behind(browser, f"{reverse('years:attendees')}?school={world.there.pk}")[0]
        assert [line["number"] for line in lines] == [world.guest.number]


class TestNarrowedFigures:
    """Links carry along what the overview is narrowed to."""

    @pytest.mark.parametrize(
        "narrowed",
        [
            *({"audience": audience} for audience in Audience.values),
            {"part": "q2"},
            {"part": "m9"},
            {"part": "q2", "audience": "secretaries"},
            {"year": 2025, "part": "m12", "audience": "ordinary"},
        ],
        ids=str,
    )
    def test_each_open_the_rows_they_count(self, world, officer, narrowed):
        browser = browser_of(officer)
        page = figures_on_page(browser, **narrowed)

        assert len(page) == 3
        for figures in page.values():
            assert opened(browser, figures) == figures

    def test_of_an_audience_are_those_of_its_members_and_its_classes(self, world, officer):
        browser = browser_of(officer)
        page = figures_on_page(browser, audience=Audience.SECRETARIES)

        assert named(page[world.here.name]) == {
            "classes": "0",  # both are meant for ordinary members
            "sessions?due=missing": "0",
            "attendances": "4",
            "attendees": "1",
            "entries?category=concentrated": "32",
            "entries?category=collective": "0",
            "entries?category=other": "0",
            "members?outcome=counted": "1",
            "members?outcome=met": "0",
            "members?outcome=exempt": "0",
            "members?outcome=out": "0",
        }

    def test_of_the_audiences_add_up(self, world, officer):
        browser = browser_of(officer)
        Post.objects.create(
            member=world.secretary,
            organisation=world.branch,
            kind=PostKind.AFFAIRS_WORKER,
            period=period(START),
        )
        Post.objects.create(
            member=world.idle,
            organisation=world.branch,
            kind=PostKind.AFFAIRS_WORKER,
            period=period(START),
        )
        whole = figures_on_page(browser)[world.here.name]
        parts = [
            figures_on_page(browser, audience=value)[world.here.name] for value in Audience.values
        ]

        sums = {
            name: sum(part[url] for part in parts for url in part if name_of(url) == name)
            for name in map(name_of, whole)
        }
        assert sums == {name_of(url): value for url, value in whole.items()}
        assert [part_counts(part)["members?outcome=counted"] for part in parts] == [1, 1, 2]

    def test_of_the_quarters_add_up_but_for_what_is_of_the_whole_year(self, world, officer):
        browser = browser_of(officer)
        whole = part_counts(figures_on_page(browser)[world.here.name])
        quarters = [
            part_counts(figures_on_page(browser, part=f"q{n}")[world.here.name])
            for n in range(1, 5)
        ]

        for name in ("attendances", "entries?category=concentrated", "sessions?due=missing"):
            assert sum(quarter[name] for quarter in quarters) == whole[name]
        for name in ("members?outcome=counted", "members?outcome=met"):
            assert {quarter[name] for quarter in quarters} == {whole[name]}


def part_counts(figures: dict[str, Decimal]) -> dict[str, Decimal]:
    return {name_of(url): value for url, value in figures.items()}


class Tree:
    """A committee over the branch of the world, and a branch that was closed in summer."""

    def __init__(self, world: TwoSchoolsYear) -> None:
        township = Township.objects.get(code=world.here.code)
        since = period(START)
        self.committee = factories.place_organisation(
            Organisation(code="120111101", name="杨柳青镇党委", kind="committee", period=since),
            factories.make_top(),
            township,
        )
        world.branch.placements.update(parent=self.committee)
        self.closed = factories.place_organisation(
            Organisation(
                code="1201111019", name="关闭的支部", kind="branch", period=period(START, JULY)
            ),
            self.committee,
            township,
        )
        self.member = factories.make_member(self.closed, "孙丽")
        training_class = factories.make_class(world.here, "春季班")
        hold(training_class, {self.member: "present"}, on=date(2026, 4, 1))
        self.member.memberships.update(period=period(START, JULY))
        self.member.memberships.create(organisation=world.branch, period=period(JULY))


class TestFiguresOfOrganisations:
    @pytest.fixture
    def tree(self, world) -> Tree:
        return Tree(world)

    @pytest.mark.parametrize("narrowed", [{}, {"audience": "ordinary", "part": "q2"}], ids=str)
    def test_each_open_the_rows_they_count(self, world, tree, officer, narrowed):
        browser = browser_of(officer)
        for start in ({}, {"school": world.here.pk}, {"organisation": tree.committee.code}):
            page = figures_on_page(browser, "overview_organisations", **start, **narrowed)

            assert page
            for figures in page.values():
                assert opened(browser, figures) == figures

    def test_of_what_is_below_add_up(self, world, tree, officer):
        """What was closed keeps the study of its days; its members are where they are now."""
        browser = browser_of(officer)
        above = figures_on_page(browser, "overview_organisations", school=world.here.pk)
        below = figures_on_page(
            browser,
            "overview_organisations",
            school=world.here.pk,
            organisation=tree.committee.code,
        )

        assert list(below) == [world.branch.name, tree.closed.name]
        whole = part_counts(above[tree.committee.name])
        parts = [part_counts(figures) for figures in below.values()]
        for name in whole:
            assert sum(part[name] for part in parts) == whole[name], name
        assert (whole["attendances"], parts[1]["attendances"]) == (17, 1)  # without the guest
        assert parts[1]["members?outcome=counted"] == 0

    def test_are_asked_for_one_level_at_a_time(self, world, tree, officer):
        page = browser_of(officer).get(reverse("years:overview_organisations"))

        assert f"organisation={tree.committee.code}" in page.text
        assert [line.name for line in page.context["table"].lines if line.address] == [
            tree.committee.name
        ]

    def test_of_one_in_the_middle_show_its_own_apart(self, world, tree, officer):
        factories.make_member(tree.committee, "周涛")
        address = {"organisation": tree.committee.code}
        page = browser_of(officer).get(reverse("years:overview_organisations"), address)

        itself, *below = page.context["table"].lines
        assert (itself.name, itself.is_itself) == (tree.committee.name, True)
        assert {cell.figure.key: cell.value for cell in itself.cells}["counted"] == 1
        assert [row.name for row in below] == [world.branch.name, tree.closed.name]

    def test_hold_nothing_of_another_school(self, world, tree):
        browser = browser_of(person(world, Role.SCHOOL_CLERK, world.there))
        address = {"school": world.here.pk, "organisation": tree.committee.code}
        page = browser.get(reverse("years:overview_organisations"), address)

        assert page.context["table"].lines == []
        assert tree.committee.name not in page.text

    def test_cost_one_statement_and_one_for_what_waits(
        self, world, tree, django_assert_num_queries
    ):
        with django_assert_num_queries(2):
            list_organisation_figures([world.here.pk], None, 2026, NOW)


class TestAnOrganisation:
    """In the filter bar: typed, found, chosen."""

    def names(self, page) -> list[str]:
        return [line.name for line in page.context["page_obj"]]

    @pytest.fixture
    def ask(self, world, officer):
        tree = Tree(world)
        browser = browser_of(officer)

        def open_list(text: str, name: str = "members", **more: object):
            address = {"organisation": text, **more}
            page = browser.get(reverse(f"years:{name}"), address)
            assert page.status_code == 200
            return page

        open_list.tree = tree
        return open_list

    def test_is_chosen_by_its_code_with_all_below_it(self, world, ask):
        page = ask(ask.tree.committee.code, outcome="counted")

        assert page.context["organisation"].chosen == ask.tree.committee
        assert page.context["page_obj"].paginator.count == 5

    @pytest.mark.parametrize("text", ["关闭的支部", "关闭", "gbdzb"])
    def test_is_chosen_by_the_only_one_of_that_name(self, ask, text):
        assert ask(text, "attendances").context["organisation"].chosen == ask.tree.closed

    def test_is_to_be_chosen_where_several_fit(self, world, ask):
        page = ask("党支部")

        assert self.names(page) == []
        for branch in (world.branch, world.other_branch):
            assert f"?organisation={branch.code}" in page.text

    def test_of_no_such_name_finds_no_row_and_says_so(self, ask):
        for name in ("members", "attendances", "attendees", "entries", "overview_organisations"):
            page = ask("不存在", name)
            assert "No Party organisation is called" in page.text
            assert not page.context.get("page_obj")
            assert "table" not in page.context or not page.context["table"].lines

    def test_is_found_in_sight_only(self, world):
        browser = browser_of(person(world, Role.SCHOOL_CLERK, world.there))
        page = browser.get(reverse("years:members"), {"organisation": world.branch.code})

        assert page.context["organisation"].chosen is None
        assert world.branch.name not in page.text

    def test_orders_the_members_below_it(self, world, ask):
        page = ask(ask.tree.committee.code, order="organisation")
        organisations = [line.organisation for line in page.context["page_obj"]]

        assert organisations == sorted(organisations)


def test_the_figures_cost_one_statement_and_one_for_what_waits(world, django_assert_num_queries):
    with django_assert_num_queries(2):
        list_figures([world.here, world.there], 2026, NOW)


def test_every_name_in_the_list_of_members_opens(world):
    """Also in a past year, and though somebody has left the school since."""
    browser = browser_of(person(world, Role.SCHOOL_CLERK, world.here))
    for year in (2026, 2025):
        lines, _ = rows_behind(browser, f"{reverse('years:members')}?year={year}")
        assert len(lines) >= 6
        answers = {
            line.name: browser.get(
                reverse("years:member_hours", args=[line.member_id]), {"year": year}
            ).status_code
            for line in lines
        }

        assert answers == dict.fromkeys(answers, 200)
