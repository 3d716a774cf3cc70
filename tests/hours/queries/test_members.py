"""The list of members: filters, search, and an order that ranks nobody."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.urls import reverse

from accounts.enums import Role
from config.lib.periods import period
from hours.actions.balances import settle_balances
from hours.models import RequirementRule
from hours.queries.members import BY_ORGANISATION, MemberLines
from hours.queries.requirements import COUNTED, Outcome
from tests import factories
from tests.browsers import browser_of
from tests.evidence import TODAY, clerk_of, hold
from trainees.enums import MembershipStatus

pytestmark = pytest.mark.django_db

# What the list is narrowed to: who has not reached what is owed is found as one who is short.
FOUND = [outcome for outcome in Outcome if outcome != Outcome.NOT_YET_DUE]


class Register:
    """Members of every outcome at one school, and one at another."""

    def __init__(self) -> None:
        self.school = factories.make_school()
        self.other = factories.make_school("120111005", "津门湖街道")
        self.branch = factories.make_organisation(self.school)
        self.met = self.add("张伟")
        self.short = self.add("王芳")
        self.exempt = self.add("李静")
        factories.exempt(self.exempt)
        self.lost = self.add("赵云", membership_status=MembershipStatus.LOST_CONTACT)
        self.elsewhere = factories.make_member(factories.make_organisation(self.other), "张薇")
        marks = {self.met: "present", self.short: "late"}
        training_class = factories.make_class(self.school)
        for day in (4, 5, 6, 7):
            hold(training_class, marks, on=date(2026, 5, day), hours="8")

    def add(self, name: str, **fields):
        return factories.make_member(self.branch, name, **fields)

    def lines(self, **filters) -> MemberLines:
        schools = filters.pop("schools", [self.school, self.other])
        values = {"year": 2026, "on": TODAY, "school_ids": [s.pk for s in schools]} | filters
        return MemberLines(**values)

    def names(self, **filters) -> list[str]:
        lines = self.lines(**filters)
        return [line.name for line in lines[0 : len(lines)]]


@pytest.fixture
def register() -> Register:
    return Register()


class TestFilters:
    def test_by_school(self, register):
        assert register.names(schools=[register.other]) == ["张薇"]
        assert len(register.lines(schools=[register.school])) == 4
        assert len(register.lines(schools=[])) == 0

    @pytest.mark.parametrize(
        ("outcome", "names"),
        [
            (Outcome.MET, ["张伟"]),
            (Outcome.SHORT, ["王芳", "张薇"]),
            (Outcome.EXEMPT, ["李静"]),
            (Outcome.OUT, ["赵云"]),
            (COUNTED, ["王芳", "张伟", "张薇"]),
            ("", ["李静", "王芳", "张伟", "张薇", "赵云"]),
        ],
    )
    def test_by_verdict(self, register, outcome, names):
        lines = register.lines(outcome=outcome)

        assert register.names(outcome=outcome) == names
        assert len(lines) == len(names)

    def test_say_what_each_line_says(self, register):
        for outcome in FOUND:
            lines = register.lines(outcome=outcome)
            said = Outcome.NOT_YET_DUE if outcome == Outcome.SHORT else outcome
            assert {line.verdict.outcome for line in lines[0 : len(lines)]} == {said}

    def test_call_it_short_once_the_year_is_over(self, register):
        lines = register.lines(outcome=Outcome.SHORT, year=2025)

        assert {line.verdict.outcome for line in lines[0 : len(lines)]} == {Outcome.SHORT}

    def test_divide_everybody_among_the_verdicts(self, register):
        parts = [set(register.names(outcome=outcome)) for outcome in FOUND]

        assert sum(map(len, parts)) == len(set.union(*parts)) == len(register.lines())

    def test_by_year(self, register):
        assert register.names(year=2025, outcome=Outcome.MET) == []
        assert len(register.lines(year=2025)) == 5

    def test_and_search_together(self, register):
        assert register.names(text="张", outcome=Outcome.SHORT) == ["张薇"]
        assert register.names(text="张", schools=[register.school]) == ["张伟"]


class TestSearch:
    @pytest.mark.parametrize(
        ("text", "names"),
        [
            ("张伟", ["张伟"]),
            ("伟", ["张伟"]),
            ("张", ["张伟", "张薇"]),
            ("zw", ["张伟", "张薇"]),
            ("ZW", ["张伟", "张薇"]),
            ("z", ["张伟", "张薇", "赵云"]),
            ("w", ["王芳"]),
            ("nobody", []),
        ],
    )
    def test_by_name_or_initials(self, register, text, names):
        assert register.names(text=text) == names
        assert len(register.lines(text=text)) == len(names)

    def test_by_number_wants_the_whole_of_it(self, register):
        number = register.met.number

        assert register.names(text=number) == ["张伟"]
        assert register.names(text=number[:-1]) == []

    @pytest.mark.parametrize("name", ["欧阳𠮷㐂", "买买提·艾力"])
    def test_finds_rare_characters_and_the_separator(self, register, name):
        register.add(name)

        assert register.names(text=name[-2:]) == [name]

    @pytest.mark.parametrize("wildcard", ["%", "_", "张_", "%伟", "\\", "\\%", "z%", "z_"])
    def test_takes_wildcards_literally(self, register, wildcard):
        assert register.names(text=wildcard) == []

    @pytest.mark.parametrize("name", ["百分%号", "下_划", "反\\斜"])
    def test_finds_them_where_they_stand(self, register, name):
        register.add(name)

        assert register.names(text=name[1:]) == [name]
        assert register.names(text=name[-2]) == [name]

    @pytest.mark.parametrize("text", ["'", "'; --", "%(year)s", "%s", "{}", "\u0001"])
    def test_takes_any_text_as_text(self, register, text):
        assert register.names(text=text) == []


class TestOrder:
    def test_is_by_name_and_never_by_hours(self, register):
        assert register.names() == ["李静", "王芳", "张伟", "张薇", "赵云"]

    def test_is_the_same_on_every_page(self, register):
        for _ in range(5):
            register.add("张伟")
        lines = register.lines()
        pages = [line.member_id for start in range(0, 10, 3) for line in lines[start : start + 3]]

        assert len(lines) == 10
        assert len(set(pages)) == 10

    def test_costs_one_statement_for_a_page_one_for_the_count_and_one_for_what_waits(
        self, register, django_assert_num_queries
    ):
        lines = register.lines()

        with django_assert_num_queries(3):
            assert len(lines) == len(lines[0:50]) == 5


class TestPlan:
    """A page reads its lines from an index in their order, whoever waits to be settled."""

    @pytest.mark.parametrize("waits", [False, True], ids=["settled", "somebody waits"])
    @pytest.mark.parametrize(
        ("narrowed", "index"),
        [
            ({}, "balance_by_name"),
            ({"order": BY_ORGANISATION}, "balance_by_organisation"),
            # Of so few rows that of names is as good as that of verdicts, or of a school.
            ({"outcome": Outcome.EXEMPT}, "balance_(of_verdict|by_name)"),
            ({"school_ids": [1]}, "balance_(of_school|by_name)"),
        ],
    )
    def test_reads_as_many_rows_as_it_shows(self, register, narrowed, index, waits):
        settle_balances(on=TODAY)
        if waits:
            factories.exempt(register.met)
        lines = MemberLines(**{"school_ids": [1, 2], "year": 2026, "on": TODAY} | narrowed)
        statement = lines._statement(is_whole=False)
        with connection.cursor() as cursor:
            # So few rows are read and sorted otherwise.
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
            cursor.execute("SET LOCAL enable_sort = off")
            cursor.execute(f"EXPLAIN {statement} LIMIT 50", {**lines._values, "reach": 50})
            plan = "\n".join(line for (line,) in cursor.fetchall())

        kept = re.search(r"Limit[^\n]*\n *->  Index Scan using (\w+) on hours_balance\b", plan)
        assert kept is not None, plan
        assert re.fullmatch(index, kept[1])
        assert ("trainees_membership" in plan) is waits


class TestALine:
    def test_says_what_is_owed_and_done(self, register):
        (line,) = register.lines(text="王芳")[0:1]

        assert (line.organisation, line.school) == (register.branch.name, register.school.name)
        assert (line.owed, line.done) == (Decimal(32), Decimal(31))
        assert (line.verdict.outcome, line.verdict.left) == (Outcome.NOT_YET_DUE, Decimal(1))


class TestThePage:
    def names_on(self, page) -> list[str]:
        assert page.status_code == 200
        return [line.name for line in page.context["page_obj"]]

    def test_keeps_the_filters_of_its_address(self, register, on_that_day):
        officer = factories.make_user()
        factories.grant(officer, Role.DISTRICT_SCHOOL)
        browser, url = browser_of(officer), reverse("years:members")

        assert self.names_on(browser.get(url, {"q": " zw ", "outcome": "short"})) == ["张薇"]
        assert self.names_on(browser.get(url, {"q": "%"})) == []
        assert len(self.names_on(browser.get(url, {"outcome": "nonsense", "year": "0"}))) == 5

    @pytest.mark.parametrize("text", ["买买提艾力", "艾力", "买买提.艾力", "mmtal", "al", "ma"])
    def test_search_finds_a_name_in_parts(self, register, on_that_day, text):
        register.add("买买提·艾力")
        browser, url = browser_of(clerk_of(register.school)), reverse("years:members")

        assert self.names_on(browser.get(url, {"q": text})) == ["买买提·艾力"]

    def test_says_so_where_no_rule_is_in_force(self, register, on_that_day):
        rules = RequirementRule.objects.filter(group="every_member")
        rules.update(period=period(date(2019, 1, 1), date(2026, 1, 1)))
        browser, url = browser_of(clerk_of(register.school)), reverse("years:members")

        assert "No rule says what was owed in 2026." in browser.get(url).text
        nobody = browser.get(url, {"year": "2025", "q": "nobody"}).text
        assert "No rule says" not in nobody

    def test_holds_members_of_the_schools_in_sight_only(self, register, on_that_day):
        browser, url = browser_of(clerk_of(register.school)), reverse("years:members")

        assert "张薇" not in self.names_on(browser.get(url))
        assert "张薇" not in self.names_on(browser.get(url, {"school": register.other.pk}))
        assert self.names_on(browser.get(url, {"q": "张薇"})) == []

    @pytest.mark.parametrize("text", ["\0", "张\0", "𠮷", "x" * 500, "\ud7ff", "\u202e", "\n"])
    def test_takes_a_search_with_any_character(self, register, on_that_day, text):
        browser = browser_of(clerk_of(register.school))

        assert browser.get(reverse("years:members"), {"q": text}).status_code == 200

    def test_finds_nobody_by_a_character_that_no_name_holds(self, register, on_that_day):
        """U+E863 stood for 䶮 in older registers: a private character is a character of a name."""
        browser, url = browser_of(clerk_of(register.school)), reverse("years:members")
        assert self.names_on(browser.get(url, {"q": "\ue863"})) == []

        register.add("王\ue863")
        assert self.names_on(browser.get(url, {"q": "\ue863"})) == ["王\ue863"]
