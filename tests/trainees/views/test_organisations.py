"""The pages of the organisation tree: search, a level at a time, a day back, and its acts."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from accounts.enums import Role
from accounts.models import AuditEntry
from config.lib.filters import ListRequest
from config.lib.periods import at_local, period, today
from schools.actions.organisations import (
    cancel_rename,
    move_organisation,
    rename_organisation,
    take_up_names,
)
from schools.enums import OrganisationKind
from schools.errors import SchoolsError
from schools.models import Organisation
from tests import factories
from tests.admin_pages import filled, signed_in
from tests.factories import START
from tests.refusals import refused
from trainees import lists
from trainees.actions.organisations import (
    close_organisation,
    merge_organisations,
    split_organisation,
)
from trainees.filters import below_filters
from trainees.models import Membership

JANUARY = date(2026, 1, 1)
NOW = at_local(date(2026, 11, 24), 10)


@pytest.fixture(autouse=True)
def _english():
    """The words of a refusal, whatever the catalogue holds."""
    with translation.override("en"):
        yield


class Tree:
    """A committee with a general branch over two branches; a neighbour with a branch."""

    def __init__(self) -> None:
        self.top = factories.make_top()
        self.school = factories.make_school()
        self.other = factories.make_school("120111005", "津门湖街道")
        kinds = OrganisationKind
        below = factories.make_below
        self.committee = below(self.top, kinds.COMMITTEE, "杨柳青镇党委", self.school)
        self.general = below(self.committee, kinds.GENERAL_BRANCH, "于台村党总支")
        self.first = below(self.general, name="于台村第一党支部")
        self.second = below(self.general, name="于台村第二党支部")
        self.there = below(self.top, kinds.COMMITTEE, "津门湖街道党工委", self.other)
        self.members = [factories.make_member(self.first, f"张{n}") for n in "一二三"]
        self.secretary = factories.make_leader(self.second)
        self.officer = factories.make_user()
        factories.grant(self.officer, Role.ORGANISATION_DEPARTMENT)
        self.office = english(signed_in(self.officer))
        self.clerk = english(signed_in(factories.make_clerk(self.school)))
        self.by = factories.acting(self.officer)


def english(client: Client) -> Client:
    client.cookies["language"] = "en"
    return client


@pytest.fixture
def tree(db) -> Tree:
    return Tree()


def url(organisation: Organisation, act: str = "") -> str:
    name = f"trainees:organisation_{act}" if act else "trainees:organisation"
    return reverse(name, args=[organisation.pk])


def text_of(client: Client, address: str, **query: Any) -> str:
    page = client.get(address, query)
    assert page.status_code == 200
    return " ".join(page.text.split())


def send(client: Client, address: str, step: str = "check", **typed: Any):
    data = filled(client.get(address).context["form"], **typed)
    return client.post(address, data | {"step": step})


def errors_of(response) -> str:
    return " ".join(
        text for messages in response.context["form"].errors.values() for text in messages
    )


class TestTheList:
    ADDRESS = "/organisations/"

    def names(self, client: Client, **query: Any) -> list[str]:
        page = client.get(self.ADDRESS, query)
        if query.get("name"):
            return [organisation.name for organisation in page.context["page_obj"]]
        return [row["place"].organisation.name for row in page.context["rows"]]

    def test_begins_at_the_top_for_the_district(self, tree):
        assert self.names(tree.office) == [tree.top.name]

    def test_begins_at_the_own_committees_for_a_school(self, tree):
        assert self.names(tree.clerk) == [tree.committee.name]

    def test_narrows_to_a_school_in_sight(self, tree):
        assert self.names(tree.office, school=tree.other.pk) == [tree.there.name]
        assert self.names(tree.clerk, school=tree.other.pk) == [tree.committee.name]

    @pytest.mark.parametrize("text", ["第一", "ytcdy", "YTCDY"])
    def test_finds_by_part_of_the_name_and_by_initials(self, tree, text):
        assert self.names(tree.office, name=text) == [tree.first.name]

    def test_finds_by_the_beginning_of_the_code(self, tree):
        assert self.names(tree.office, name=tree.there.code[:9]) == [tree.there.name]

    def test_finds_nothing_of_another_school(self, tree):
        assert self.names(tree.clerk, name="津门湖") == []

    def test_finds_closed_ones_on_demand(self, tree):
        Membership.objects.filter(organisation=tree.second).update(period=period(START, JANUARY))
        close_organisation(organisation_id=tree.second.pk, on=date(2026, 2, 1), by=tree.by, at=NOW)

        assert self.names(tree.clerk, name="第二") == []
        assert self.names(tree.clerk, name="第二", closed=1) == [tree.second.name]

    def test_an_id_number_stands_in_no_address(self, tree):
        page = tree.office.get(self.ADDRESS, {"name": "11010519491231002X"})

        assert (page.status_code, page.url) == (302, self.ADDRESS)


class TestThePage:
    def test_lists_what_is_below_in_pages_and_exports_all_of_it(self, tree):
        for number in range(21):
            factories.make_below(tree.general, name=f"第{number}网格党支部")
        address = reverse("trainees:organisation", args=[tree.general.pk])

        first, second = (tree.office.get(address, {"page": page}).context for page in (1, 2))
        assert (len(first["rows"]), len(second["rows"])) == (20, 3)
        assert first["page_obj"].paginator.count == 23
        asked = ListRequest(tree.officer, {"above": str(tree.general.pk)}, timezone.now())
        assert len(list(lists.below(asked, below_filters(asked)))) == 23

    def test_counts_what_is_below_and_who_belongs_there(self, tree):
        page = tree.office.get(url(tree.committee))

        counts = page.context["counts"]
        assert (counts.below, counts.members, counts.of_itself) == (3, 4, 0)
        [row] = page.context["rows"]
        assert (row["place"].organisation, row["counts"].below) == (tree.general, 2)
        assert row["counts"].members == 4

    def test_links_the_members_to_the_list_of_them(self, tree):
        address = f"/members/?organisation={tree.general.code}"
        assert address in text_of(tree.clerk, url(tree.general))

        page = tree.clerk.get(address)
        names = [line.name for line in page.context["page_obj"]]
        assert sorted(names) == sorted([*(m.name for m in tree.members), tree.secretary.name])
        only = tree.clerk.get(f"/members/?organisation={tree.first.code}")
        assert len(only.context["page_obj"]) == 3

    @pytest.mark.parametrize("asked", ["x", "9" * 30, "-1"])
    def test_an_unknown_organisation_in_the_address_is_said_and_finds_nobody(self, tree, asked):
        page = tree.clerk.get(f"/members/?organisation={asked}")

        assert len(page.context["page_obj"]) == 0
        assert asked in page.content.decode()

    def test_is_as_of_a_day(self, tree):
        move_organisation(
            organisation_id=tree.first.pk,
            parent_id=tree.committee.pk,
            on=JANUARY,
            by=tree.by,
            at=NOW,
        )

        now, then = (
            tree.office.get(url(tree.general), query).context
            for query in ({}, {"on": "2025-12-31"})
        )

        assert [row["place"].organisation for row in now["rows"]] == [tree.second]
        assert [row["place"].organisation for row in then["rows"]] == [tree.first, tree.second]
        assert (now["counts"].members, then["counts"].members) == (1, 4)

    def test_keeps_the_days_at_another_school_from_the_former_one(self, tree):
        """The branch goes to the other school in February and is merged there in May."""
        february, may = date(2026, 2, 1), date(2026, 5, 1)
        sister = factories.make_below(tree.there, name="第十党支部")
        move_organisation(
            organisation_id=tree.second.pk,
            parent_id=tree.there.pk,
            on=february,
            by=tree.by,
            at=NOW,
        )
        merge_organisations(
            organisation_id=tree.second.pk, into_id=sister.pk, on=may, by=tree.by, at=NOW
        )

        there = english(signed_in(factories.make_clerk(tree.other)))
        status = {
            (name, day.isoformat()): browser.get(url(tree.second), {"on": day}).status_code
            for name, browser in {"here": tree.clerk, "there": there, "all": tree.office}.items()
            for day in (JANUARY, date(2026, 4, 1), today())
        }

        assert [key for key, code in status.items() if code == 404] == [
            ("here", "2026-04-01"),
            ("there", "2026-01-01"),
        ]
        assert set(status.values()) == {200, 404}

    def test_says_that_it_did_not_exist(self, tree):
        assert "does not exist on" in text_of(tree.office, url(tree.first), on="2018-12-31")
        for no_day in ("yesterday", "9999-12-31", "0001-01-01"):
            page = text_of(tree.office, url(tree.first), on=no_day)
            assert f"“{no_day}” is no day: what is shown is as of today." in page

    def test_shows_its_history_and_who_holds_a_post(self, tree):
        page = text_of(tree.clerk, url(tree.second))

        assert f"below {tree.general}, 杨柳青镇" in page
        assert f'secretary: <a href="/members/{tree.secretary.pk}/">' in page

    def test_tells_of_a_merger_on_both_pages_with_a_link_to_the_other(self, tree):
        march = date(2026, 3, 1)
        merge_organisations(
            organisation_id=tree.second.pk, into_id=tree.first.pk, on=march, by=tree.by, at=NOW
        )

        former, successor = (
            text_of(tree.clerk, url(organisation)) for organisation in (tree.second, tree.first)
        )

        link = f'<a href="{url(tree.first)}">{tree.first}</a>'
        assert f"it went over into {link}." in former
        assert f"merged into {link} on" in former
        assert f'takes up <a href="{url(tree.second)}">{tree.second}</a> on' in successor
        before = text_of(tree.clerk, url(tree.second), on="2026-02-28")
        assert f"2026: it goes over into {link}." in before

    def test_tells_of_a_split_on_both_pages(self, tree):
        done = split_organisation(
            organisation_id=tree.first.pk,
            code="1201111017777",
            name="于台村第三党支部",
            member_ids=[tree.members[0].pk],
            on=date(2026, 3, 1),
            by=tree.by,
            at=NOW,
        )

        assert f'<a href="{url(done.target)}">{done.target}</a> split off on' in (
            text_of(tree.clerk, url(tree.first))
        )
        assert f'split off from <a href="{url(tree.first)}">{tree.first}</a> on' in (
            text_of(tree.clerk, url(done.target))
        )

    def test_names_without_a_link_what_is_out_of_sight(self, tree):
        sister = factories.make_below(tree.there, name="第十党支部")
        merge_organisations(
            organisation_id=tree.second.pk, into_id=sister.pk, on=JANUARY, by=tree.by, at=NOW
        )

        page = text_of(tree.clerk, url(tree.second), on="2025-12-31")

        assert f"merged into {sister} on" in page
        assert url(sister) not in page

    def test_offers_acts_to_the_organisation_department_alone(self, tree):
        assert url(tree.first, "move") in text_of(tree.office, url(tree.first))
        assert url(tree.first, "move") not in text_of(tree.clerk, url(tree.first))

    def test_of_the_top_offers_no_move(self, tree):
        assert url(tree.top, "move") not in text_of(tree.office, url(tree.top))


class TestActs:
    def test_a_move_says_what_goes_along(self, tree):
        typed = {"parent": "津门湖街道党工委", "on": today().isoformat()}

        page = send(tree.office, url(tree.general, "move"), **typed).content.decode()

        assert "2 organisations below go along" in page
        assert "4 members stay in their organisations" in page
        assert "津门湖街道" in page
        assert tree.first.placements.count() == 1
        assert not AuditEntry.objects.filter(act="move_organisation").exists()

    def test_and_is_done_once_by_its_button(self, tree):
        address = url(tree.general, "move")
        form = tree.office.get(address).context["form"]
        data = filled(form, parent=tree.there.code, on=today().isoformat()) | {"step": "do"}

        replies = [tree.office.post(address, data) for _ in range(2)]

        assert [reply.url for reply in replies] == [url(tree.general)] * 2
        assert AuditEntry.objects.filter(act="move_organisation").count() == 1
        assert tree.first.placements.in_force(today()).get().township.code == "120111005"

    @pytest.mark.parametrize(
        ("text", "field", "message"),
        [("于台村第", "choice", "Several"), ("无此支部", "into", "No organisation")],
    )
    def test_a_target_that_is_not_one_organisation_is_said_to_be(self, tree, text, field, message):
        page = send(tree.office, url(tree.second, "merge"), into=text)

        assert page.status_code == 422
        assert message in str(page.context["form"].errors[field])

    def test_one_of_several_is_chosen(self, tree):
        address = url(tree.second, "merge")
        several = send(tree.office, address, into="于台村第")
        assert 'href="#id_choice_0"' in several.content.decode()
        form = several.context["form"]

        page = tree.office.post(address, filled(form, choice=str(tree.first.pk)))

        assert f"goes over into {tree.first.name}" in page.context["effects"][0]

    def test_a_refusal_stands_at_its_field_and_keeps_what_was_typed(self, tree):
        page = send(tree.office, url(tree.general, "move"), parent=tree.first.code)

        assert page.status_code == 422
        assert "stands below it" in str(page.context["form"].errors["parent"])
        assert page.context["form"]["parent"].value() == tree.first.code

    def test_a_split_offers_the_members_and_takes_the_chosen_ones(self, tree):
        address = url(tree.first, "split")
        typed = {
            "name": "于台村第三党支部",
            "code": "1201111017777",
            "members": [tree.members[0].pk],
            "on": today().isoformat(),
        }

        page = send(tree.office, address, **typed).content.decode()
        assert "1 member belongs to 于台村第三党支部" in page
        assert send(tree.office, address, step="do", **typed).status_code == 302

        founded = Organisation.objects.get(code="1201111017777")
        assert founded.memberships.get().member == tree.members[0]

    def test_a_split_without_members_is_refused(self, tree):
        page = send(tree.office, url(tree.first, "split"), name="新支部", code="12011110177")

        assert page.context["form"].errors["members"]

    def test_a_merger_names_the_posts_that_end(self, tree):
        page = send(tree.office, url(tree.second, "merge"), into=tree.first.code)

        assert f"1 post ends on that day: {tree.secretary.name} (secretary)" in (
            page.content.decode()
        )

    def test_closing_names_who_is_left(self, tree):
        page = send(tree.office, url(tree.second, "close"))

        [blocker] = page.context["blockers"]
        assert tree.secretary.name in blocker.text
        assert blocker.address in page.content.decode()
        [line] = tree.office.get(blocker.address).context["page_obj"]
        assert line.name == tree.secretary.name

    def test_an_organisation_is_added_below(self, tree):
        address = url(tree.general, "add")
        typed = {"name": "于台村第四党支部", "kind": "branch", "code": "1201111016666"}

        assert send(tree.office, address, **typed).status_code == 200
        assert send(tree.office, address, step="do", **typed).status_code == 302

        assert Organisation.objects.get(code="1201111016666").placements.get().parent == (
            tree.general
        )

    def test_a_name_holds_no_id_number(self, tree):
        page = send(tree.office, url(tree.first, "rename"), name="11010519491231002X")

        assert "ID number" in errors_of(page)

    def test_nobody_but_the_organisation_department_acts(self, tree):
        academic = factories.make_user()
        factories.grant(academic, Role.DISTRICT_SCHOOL)
        for client in (tree.clerk, english(signed_in(academic))):
            for act in ("add", "rename", "move", "split", "merge", "close"):
                assert client.post(url(tree.first, act), {"step": "do"}).status_code == 403


class TestNames:
    def rename(self, tree: Tree, name: str, on: date):
        return rename_organisation(
            organisation_id=tree.first.pk, name=name, on=on, by=tree.by, at=NOW
        )

    def name(self, tree: Tree) -> str:
        tree.first.refresh_from_db()
        return tree.first.name

    def test_a_new_name_leaves_the_former_one_on_the_page(self, tree):
        former = tree.first.name

        self.rename(tree, "于台一支部", JANUARY)

        assert self.name(tree) == "于台一支部"
        assert tree.first.name_initials == "ytyzb"
        assert tree.office.get(url(tree.first)).context["name"] == "于台一支部"
        then = tree.office.get(url(tree.first), {"on": "2025-12-31"})
        assert then.context["name"] == former
        assert f"{former} is called 于台一支部" in then.content.decode()

    def test_a_name_ahead_is_taken_up_on_its_day(self, tree):
        former = tree.first.name
        self.rename(tree, "于台一支部", date(2027, 1, 1))

        assert take_up_names(at=at_local(date(2026, 12, 31), 23, 59)) == 0
        assert self.name(tree) == former
        assert take_up_names(at=at_local(date(2027, 1, 1), 0, 1)) == 1
        assert self.name(tree) == "于台一支部"
        assert take_up_names(at=at_local(date(2027, 1, 1), 0, 2)) == 0

    def test_a_slip_is_replaced_on_the_same_day(self, tree):
        former = tree.first.name
        self.rename(tree, "于台一支步", JANUARY)
        change = self.rename(tree, "于台一支部", JANUARY)

        assert change.former_name == former
        assert tree.first.name_changes.count() == 1

    def test_no_name_comes_before_one_that_is_recorded(self, tree):
        self.rename(tree, "于台一支部", date(2026, 6, 1))

        with refused(SchoolsError, "Another name"):
            self.rename(tree, "于台村一支部", JANUARY)

    def test_a_name_ahead_is_cancelled_with_a_reason(self, tree):
        ahead = today().replace(year=today().year + 1, month=1, day=1)
        change = self.rename(tree, "于台一支部", ahead)
        with refused(SchoolsError, "cancel the change instead"):
            self.rename(tree, tree.first.name, ahead)
        address = reverse("trainees:organisation_cancel_rename", args=[tree.first.pk, change.pk])
        assert address in tree.office.get(url(tree.first)).text

        assert "required" in errors_of(send(tree.office, address, reason=""))
        check = send(tree.office, address, reason="登记有误")
        assert "keeps its name" in check.context["effects"][0]
        body = filled(check.context["form"]) | {"step": "do"}
        for _click in range(2):
            assert tree.office.post(address, body).status_code == 302

        assert not tree.first.name_changes.exists()
        entry = AuditEntry.objects.get(act="cancel_rename")
        assert entry.before == {"on": ahead.isoformat(), "name": "于台一支部"}
        assert entry.after == {"reason": "登记有误"}
        self.rename(tree, "于台二支部", ahead)

    def test_a_name_that_holds_or_is_followed_by_another_is_not_cancelled(self, tree):
        begun = self.rename(tree, "于台一支部", JANUARY)
        ahead = self.rename(tree, "于台二支部", date(2027, 1, 1))
        self.rename(tree, "于台三支部", date(2027, 2, 1))

        for change, words in ((begun, "another name instead"), (ahead, "follows")):
            with refused(SchoolsError, words):
                cancel_rename(
                    organisation_id=tree.first.pk,
                    change_id=change.pk,
                    reason="登记有误",
                    by=tree.by,
                    at=NOW,
                )

    def test_the_same_name_is_no_change(self, tree):
        with refused(SchoolsError, "already"):
            self.rename(tree, tree.first.name, JANUARY)
