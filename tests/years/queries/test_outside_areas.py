"""Members outside every school's area: the district sees them, and the sums hold them.

They belong to the district committee itself, or to an organisation in no school's area.
"""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.enums import Role
from config.lib.periods import today
from hours.queries.members import MemberLines
from schools.filters import OUTSIDE_AREAS
from schools.models import Township
from studies.models import Study
from tests import factories
from tests.browsers import browser_of
from tests.years.queries.test_overview import figures_on_page, opened
from trainees.models import Member
from years.queries.overview import list_figures

pytestmark = pytest.mark.django_db

OUTSIDE = "Outside every school's area"


class District:
    """A school with two members, one at the district committee and one in an area of no school."""

    def __init__(self) -> None:
        self.school = factories.make_school()
        self.branch = factories.make_organisation(self.school)
        self.inside = [factories.make_member(self.branch, name) for name in ("张伟", "王芳")]
        self.top = factories.make_top()
        self.at_top = factories.make_member(self.top, "李静")
        new = Township.objects.create(code="120111004", name="赤龙北街道")
        self.unserved = factories.place_organisation(
            type(self.top)(
                code="1201110040001", name="赤龙北第一党支部", kind="branch", period=self.top.period
            ),
            self.top,
            new,
        )
        self.there = factories.make_member(self.unserved, "刘洋")
        self.officers = [factories.make_user() for _ in range(2)]
        factories.grant(self.officers[0], Role.ORGANISATION_DEPARTMENT)
        factories.grant(self.officers[1], Role.DISTRICT_SCHOOL)
        self.clerk = factories.make_clerk(self.school)

    @property
    def outside(self) -> list[Member]:
        return [self.at_top, self.there]


@pytest.fixture
def district() -> District:
    return District()


class TestTheirPages:
    @pytest.mark.parametrize("name", ["trainees:member", "years:member_hours"])
    def test_open_for_the_district_and_for_no_school(self, district, name):
        for member in district.outside:
            url = reverse(name, args=[member.pk])
            for officer in district.officers:
                assert browser_of(officer).get(url).status_code == 200
            assert browser_of(district.clerk).get(url).status_code == 404

    @pytest.mark.parametrize("act", ["transfer_member", "grant_exemption", "correct_member"])
    def test_lead_to_the_acts_of_the_department(self, district, act):
        browser = browser_of(district.officers[0])

        for member in district.outside:
            assert browser.get(reverse(f"trainees:{act}", args=[member.pk])).status_code == 200

    def test_of_their_own_hours_open_for_themselves(self, district):
        district.at_top.user = factories.make_user()
        district.at_top.save()
        page = browser_of(district.at_top.user).get(reverse("years:my_hours"))

        assert page.status_code == 200
        assert page.context["my"].verdict.owed == 32

    def test_are_found_by_the_search_for_organisations_members(self, district):
        seen = Member.objects.visible_to(district.officers[0], today())

        assert {*seen} == {*district.inside, *district.outside}
        assert {*Member.objects.visible_to(district.clerk, today())} == {*district.inside}


class TestTheOverview:
    def test_has_a_line_for_them_so_that_the_lines_add_up(self, district):
        browser = browser_of(district.officers[1])
        page = figures_on_page(browser)

        assert [*page] == [district.school.name, OUTSIDE, "The whole district"]
        school, outside, total = (
            {url.partition("?")[2].rpartition("outcome=")[2]: n for url, n in figures.items()}
            for figures in page.values()
        )
        assert outside["counted"] == 2
        assert school["counted"] + outside["counted"] == total["counted"] == 4

    def test_opens_their_rows_alone_and_those_of_all(self, district):
        page = figures_on_page(browser_of(district.officers[0]))

        for heading in (OUTSIDE, "The whole district"):
            assert opened(browser_of(district.officers[0]), page[heading]) == page[heading]
        assert {url.partition("?")[0] for url in page[OUTSIDE]} == {reverse("years:members")}

    def test_has_no_such_line_without_such_members(self, district):
        for member in district.outside:
            member.memberships.update(organisation=district.branch)

        assert [*figures_on_page(browser_of(district.officers[0]))] == [district.school.name]

    def test_has_no_such_line_for_a_school_or_one_chosen(self, district):
        one = figures_on_page(browser_of(district.officers[0]), school=district.school.pk)

        assert [*one] == [*figures_on_page(browser_of(district.clerk))] == [district.school.name]

    def test_shows_them_alone_where_asked(self, district):
        page = figures_on_page(browser_of(district.officers[0]), school="none")

        assert [*page] == [OUTSIDE]

    def test_costs_one_statement_with_them_and_one_for_what_waits(
        self, district, django_assert_num_queries
    ):
        with django_assert_num_queries(2):
            figures = list_figures([district.school], today().year, factories.NOON, outside=True)
        assert [row.counted for row in figures] == [2, 2]
        assert (figures[1].name, figures[1].is_outside) == (str(OUTSIDE_AREAS), True)


class TestTheOverviewByOrganisation:
    def lines(self, browser, **filters) -> dict[str, int]:
        page = browser.get(reverse("years:overview_organisations"), filters)
        return {
            line.name: {cell.figure.key: cell.value for cell in line.cells}["counted"]
            for line in page.context["table"].lines
        }

    def test_holds_the_committee_and_what_no_school_serves(self, district):
        browser = browser_of(district.officers[0])

        assert self.lines(browser) == {
            district.top.name: 1,
            district.branch.name: 2,
            district.unserved.name: 1,
        }
        assert self.lines(browser, school="none") == {
            district.top.name: 1,
            district.unserved.name: 1,
        }
        assert self.lines(browser, organisation=district.top.code) == self.lines(browser)

    def test_holds_none_of_them_for_a_school(self, district):
        only = {district.branch.name: 2}

        assert self.lines(browser_of(district.clerk)) == only
        assert self.lines(browser_of(district.officers[0]), school=district.school.pk) == only


class TestTheListOfMembers:
    def names(self, user, **filters) -> set[str]:
        page = browser_of(user).get(reverse("years:members"), filters)
        return {line.name for line in page.context["page_obj"]}

    def test_holds_them_and_says_where_they_stand(self, district):
        assert self.names(district.officers[0]) == {"张伟", "王芳", "李静", "刘洋"}
        page = browser_of(district.officers[0]).get(reverse("years:members"), {"school": "none"})
        assert page.text.count("outside every school's area") >= 2

    def test_narrows_to_them(self, district):
        assert self.names(district.officers[1], school="none") == {"李静", "刘洋"}
        assert self.names(district.officers[1], school=district.school.pk) == {"张伟", "王芳"}

    def test_offers_them_to_the_district_alone(self, district):
        assert self.names(district.clerk) == self.names(district.clerk, school="none")
        assert self.names(district.clerk) == {"张伟", "王芳"}

    def test_costs_as_many_statements_as_without_them(self, district, django_assert_num_queries):
        lines = MemberLines(school_ids=[district.school.pk], year=2026, on=today(), outside=True)

        with django_assert_num_queries(2):
            assert len(lines) == 4
        with django_assert_num_queries(1):
            assert len(lines[0:4]) == 4
        assert {line.owed for line in lines[0:4]} == {Decimal(32)}


def test_their_study_is_in_sight_of_the_district(district):
    study = Study.objects.create(
        organisation=district.unserved,
        kind="themed_day",
        topic="主题党日",
        held_on=factories.DAY,
        minutes=60,
        place="会议室",
        recorded_by=factories.make_user(),
        recorded_at=factories.NOON,
    )

    assert [*Study.objects.visible_to(district.officers[0], today())] == [study]
    assert not Study.objects.visible_to(district.clerk, today()).exists()
