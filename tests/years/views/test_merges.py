"""Members listed twice: found, proposed, decided on by another officer, and taken apart."""

from __future__ import annotations

import re
from datetime import date
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from accounts.enums import Role
from config.lib.periods import at_local, today
from hours.models import CreditEntry
from tests import factories
from tests.admin_pages import make_officer
from tests.browsers import browser_of
from tests.evidence import hold, study
from trainees.enums import Sex
from trainees.models import MemberMerge
from years.queries.hours import find_line, get_own_year
from years.queries.lines import Line

pytestmark = pytest.mark.django_db


class Office:
    """Two officers, a member of two rows, and a namesake of another birth date."""

    def __init__(self) -> None:
        self.school = factories.make_school()
        self.branch = factories.make_organisation(self.school)
        self.first, self.other, self.namesake = (
            factories.make_member(self.branch, "钱七") for _ in range(3)
        )
        self.namesake.birth_date = "1980-02-02"
        self.namesake.save()
        self.officers = [make_officer(Role.ORGANISATION_DEPARTMENT) for _ in range(2)]

    def browser(self, place: int = 0) -> Client:
        return browser_of(self.officers[place])

    def send(self, name, *keys, place=0, step="do", **typed):
        body = {"idempotency_key": str(uuid4()), "step": step} | typed
        return self.browser(place).post(reverse(f"years:{name}", args=keys), body)

    def propose(self) -> MemberMerge:
        self.send("propose_merge", self.first.pk, self.other.pk, reason="同一人")
        return MemberMerge.objects.get()


@pytest.fixture
def office() -> Office:
    return Office()


def line_of(member) -> Line:
    line = find_line(member.pk, member.assessments.latest("pk"))
    assert line is not None
    return line


def this_year() -> date:
    return date(today().year, 1, 2)


def test_rows_of_one_name_and_birth_date_are_found(office):
    page = office.browser().get(reverse("years:duplicates"))

    assert [(p.first, p.other, p.same_birth_date) for p in page.context["suspects"]] == [
        (office.first, office.other, True)
    ]


class TestTwoOtherRows:
    def ask(self, office, kept, given_up, **kwargs):
        query = {"kept": kept, "given_up": given_up}
        return office.browser().get(reverse("years:duplicates"), query, **kwargs)

    def test_are_named_by_their_numbers_and_proposed(self, office):
        office.other.name = "钱柒"
        office.other.save()

        page = self.ask(office, office.first.number, f" {office.other.number} ")
        assert page.url == reverse("years:propose_merge", args=[office.first.pk, office.other.pk])
        assert office.browser().get(page.url).status_code == 200
        assert not MemberMerge.objects.exists()

    def test_are_two_members_in_sight(self, office):
        number = office.first.number

        unknown = self.ask(office, number, "999999999")
        assert unknown.context["pair"].errors == {
            "given_up": ["No member in your sight has this number."]
        }
        assert "These are the same row." in self.ask(office, number, number).text
        assert "This field is required." in self.ask(office, number, "").text

    def test_are_never_named_by_an_id_number(self, office):
        page = self.ask(office, "11010519491231002X", office.first.number)

        assert page.url == reverse("years:duplicates")


def test_a_merge_is_proposed_by_one_and_decided_by_another(office):
    hold(factories.make_class(office.school), {office.other: "present"}, on=today())
    merge = office.propose()
    assert not office.browser().get(reverse("years:duplicates")).context["suspects"]

    answer = office.send("decide_merge", merge.pk)
    assert answer.status_code == 422

    check = office.send("decide_merge", merge.pk, place=1, step="check")
    assert check.context["effects"][0].startswith("4 credit hours")
    assert office.send("decide_merge", merge.pk, place=1).status_code == 302
    merge.refresh_from_db()
    assert merge.state == "done"


def test_hours_that_are_not_added_are_explained(office):
    study(
        office.branch,
        office.first,
        office.other,
        on=today(),
        school=office.school,
        kind="party_lesson",
    )
    merge = office.propose()

    check = office.send("decide_merge", merge.pk, place=1, step="check")

    assert check.context["effects"][0].startswith("0 credit hours")
    assert check.context["effects"][1].startswith(
        "2 credit hours of the row given up are not added"
    )


def test_what_tells_two_people_apart_is_said_before_the_decision(office):
    address = reverse("years:merge", args=[office.propose().pk])
    assert "These may be two people." in office.browser(1).get(address).text

    office.other.sex = Sex.FEMALE
    office.other.save()

    assert "These are probably two people." in office.browser(1).get(address).text


@pytest.mark.parametrize("name", ["propose_merge", "merge"])
def test_both_rows_are_shown_beside_each_other(office, name):
    for member, phone, joined_on in (
        (office.first, "13800000001", None),
        (office.other, "13800000002", "2012-07-01"),
    ):
        member.phone, member.joined_on = phone, joined_on
        member.save()
    hold(factories.make_class(office.school), {office.other: "present"}, on=this_year())
    keys = [office.first.pk, office.other.pk] if name == "propose_merge" else [office.propose().pk]

    text = office.browser(1).get(reverse(f"years:{name}", args=keys)).text

    rows = dict(re.findall(r'<tr>\s*<th scope="row">(.+?)</th>(.+?)</tr>', text, re.S))
    cells = {
        label: [
            re.sub("<[^>]+>", "", cell).strip() for cell in re.findall("<td.*?</td>", row, re.S)
        ]
        for label, row in rows.items()
    }
    assert cells["Of these, concentrated training"][:2] == ["0", "4"]
    assert cells["Phone"] == ["138****0001", "138****0002", "differs"]
    assert cells["Joined the Party on"][:2] == ["–", "Sun 1 Jul 2012"]
    assert cells["Sex"][2] == ""
    assert cells["Resident ID number"][2] == "differs"  # also where the masks do not
    assert office.branch.name in cells["Party organisation"][0]


def test_what_is_filled_in_is_said_before_it_is(office):
    office.first.joined_on, office.first.phone = None, ""
    office.other.joined_on, office.other.phone = "2012-07-01", "13800000002"
    office.first.save()
    office.other.save()
    merge = office.propose()

    check = office.send("decide_merge", merge.pk, place=1, step="check")

    filled = [effect for effect in check.context["effects"] if effect.startswith("Filled in")]
    assert filled == [
        "Filled in from the row given up: Phone: 138****0002; Joined the Party on: Sun 1 Jul 2012."
    ]
    office.send("decide_merge", merge.pk, place=1)
    back = office.send("undo_merge", merge.pk, reason="两个人", step="check")
    assert any(effect.startswith("Emptied again") for effect in back.context["effects"])


def test_the_row_that_was_given_up_has_no_card_to_lead_to(office):
    merge = office.propose()
    office.send("decide_merge", merge.pk, place=1)
    browser = office.browser()

    page = browser.get(reverse("years:merge", args=[merge.pk])).text

    cards = re.findall(r'href="(/members/\d+/)"', page)
    assert cards == [reverse("trainees:member", args=[office.first.pk])]
    assert all(browser.get(card).status_code == 200 for card in cards)


def test_home_names_what_waits_for_a_decision(office):
    office.propose()

    assert "Decide on 1 merge of members" in office.browser(1).get(reverse("home")).text
    assert "Decide on" not in office.browser(0).get(reverse("home")).text


def test_two_people_are_not_asked_about_again(office):
    merge = office.propose()
    office.send("refuse_merge", merge.pk, place=1, reason="同名同生日")

    page = office.browser().get(reverse("years:duplicates"))
    assert page.context["suspects"] == []
    assert "refused" in page.text


def test_a_merge_is_taken_apart_with_a_reason(office):
    merge = office.propose()
    office.send("decide_merge", merge.pk, place=1)

    assert office.send("undo_merge", merge.pk, reason="").status_code == 422
    assert office.send("undo_merge", merge.pk, reason="两个人").status_code == 302
    merge.refresh_from_db()
    assert merge.state == "undone"


def test_who_decides_or_takes_apart_second_is_told_and_keeps_the_reason(office):
    merge = office.propose()
    office.send("refuse_merge", merge.pk, place=1, reason="同名同生日")

    late = office.send("decide_merge", merge.pk, place=1)

    assert late.status_code == 422
    assert "refused" in str(late.context["form"].non_field_errors())

    late = office.send("undo_merge", merge.pk, reason="查明是两个人")
    assert late.status_code == 422
    assert "查明是两个人" in late.text


def test_the_page_of_a_merge_credits_each_step_to_the_person_who_took_it(office):
    """The person who proposed takes apart: the decision stays the other officer's."""
    merge = office.propose()
    office.send("decide_merge", merge.pk, place=1)
    office.send("undo_merge", merge.pk, reason="两个人")
    merge.refresh_from_db()
    proposer, decider = office.officers
    assert (merge.decided_by, merge.answer) == (decider, "")
    assert (merge.undone_by, merge.undo_reason) == (proposer, "两个人")

    page = " ".join(office.browser().get(reverse("years:merge", args=[merge.pk])).text.split())
    facts = {
        label: re.sub("<[^>]+>", "", words)
        for label, words in re.findall("<dt>(.+?)</dt> ?<dd> ?(.+?) ?</dd>", page)
    }
    assert facts["Proposed"].endswith(f" · {proposer} · 同一人")
    assert facts["Decided"].endswith(f" · {decider}")
    assert facts["Taken apart"].endswith(f" · {proposer} · 两个人")


@pytest.mark.parametrize("is_class", [True, False])
def test_a_line_says_to_which_row_its_hours_went(office, is_class):
    if is_class:
        hold(factories.make_class(office.school), {office.other: "present"}, on=today())
    else:
        study(office.branch, office.other, on=today(), school=office.school)
    merge = office.propose()
    office.send("decide_merge", merge.pk, place=1)
    with translation.override("en"):
        assert "the hours went to the row that is kept" in line_of(office.other).why
        office.send("undo_merge", merge.pk, reason="两个人")
        kept, given_up = line_of(office.first), line_of(office.other)
        assert "the hours went back to the other row" in kept.why
        assert kept.short_why == "at the other row"
        assert given_up.is_full

    reversals = CreditEntry.objects.filter(reverses__isnull=False)
    assert [entry.why for entry in reversals] == ["重复党员合并或撤销合并"] * 2
    listed = office.browser().get(reverse("years:entries")).text
    assert "Reversal: two rows of one member became one, or apart again" in listed


def test_lines_of_a_past_year_are_shown_beside_the_own_ones_and_not_counted(office):
    last_year = today().replace(year=today().year - 1, month=5, day=20)
    hold(factories.make_class(office.school), {office.other: "present"}, on=last_year)
    office.first.user = factories.make_user()
    office.first.save()
    merge = office.propose()
    office.send("decide_merge", merge.pk, place=1)

    year = get_own_year(office.first.user, last_year.year, today())

    assert [(line.hours, line.is_of_merged) for line in year.lines] == [(4, True)]
    assert (year.verdict.done, sum(part.hours for part in year.sums)) == (0, 0)
    assert at_local(last_year, 0).year in year.years


def test_the_list_costs_the_same_for_one_merge_and_for_many(office):
    office.propose()
    browser, url = office.browser(1), reverse("years:duplicates")
    browser.get(url)
    with CaptureQueriesContext(connection) as queries:
        browser.get(url)
    for name in ("孙八", "周九", "吴十"):
        MemberMerge.objects.create(
            kept=office.first,
            given_up=factories.make_member(office.branch, name),
            reason="同一人",
            proposed_at=at_local(today(), 9),
            proposed_by=office.officers[0],
        )
    with CaptureQueriesContext(connection) as many:
        assert len(browser.get(url).context["page_obj"]) == 4
    assert len(queries) == len(many)
