"""Organisations that a register names and that do not exist: proposed, ticked, founded with it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEntry
from schools.actions.proposals import store_decisions
from schools.models import Organisation
from schools.queries.proposals import Place
from tests.trainees.actions.test_register import DAY, HEADERS, NOON, Office, counts
from trainees.actions import register as actions
from trainees.models import Member, RegisterImport

pytestmark = pytest.mark.django_db

NEW = "一街村第三党支部"


@pytest.fixture
def office():
    return Office()


def below_the_top(office: Office) -> Place:
    place = office.first.placements.get()
    return Place(NEW, "90001", "branch", place.parent_id, place.township_id)


def decide(office: Office, register: RegisterImport, *places: Place) -> RegisterImport:
    actions.decide_proposals(register_id=register.pk, places=places, by=office.by, at=NOON)
    register.refresh_from_db()
    return office.work(register)


def upload(office: Office, *more: list[str]) -> RegisterImport:
    named = [office.row("甲", 1, 所在党支部=NEW), office.row("乙", 3, 所在党支部=NEW)]
    return office.upload(*named, *more)


class TestAProposal:
    def test_is_made_of_an_unknown_name_and_founds_nothing(self, office):
        register = upload(office, office.row("丙", 5))

        [proposal] = register.proposals.all()
        assert (proposal.name, proposal.rows, proposal.is_ticked) == (NEW, 2, False)
        assert counts(register) == {"refused": 2, "new": 1}
        assert not Organisation.objects.filter(name=NEW).exists()

    def test_is_not_made_of_a_code_or_of_an_id_number(self, office):
        rows = (
            office.row("甲", n, 所在党支部=text)
            for n, text in ((1, "777"), (3, "11010519491231002X"))
        )

        assert not office.upload(*rows).proposals.exists()

    def test_says_what_the_file_says_of_the_organisation_above(self, office):
        row = [*office.row("甲", 1, 所在党支部=NEW), "一街村党总支"]

        register = office.upload(row, headers=[*HEADERS, "上级党组织"])

        assert register.proposals.get(name=NEW).upper_text == "一街村党总支"

    def test_is_made_of_every_unknown_name(self, office):
        rows = [office.row("甲", n, 所在党支部=f"第{n}小区党支部") for n in range(1, 301)]

        register = office.upload(*rows)

        assert register.proposals.count() == 300

    def test_is_made_of_a_higher_organisation_that_no_row_belongs_to(self, office):
        row = [*office.row("甲", 1, 所在党支部=NEW), "一街村党总支"]
        register = office.upload(row, headers=[*HEADERS, "上级党组织"])

        assert [(p.name, p.rows) for p in register.proposals.all()] == [
            ("一街村党总支", 0), (NEW, 1),
        ]  # fmt: skip

    def test_keeps_a_code_as_what_the_file_says_of_the_organisation_above(self, office):
        row = [*office.row("甲", 1, 所在党支部=NEW), "90001"]

        [proposal] = office.upload(row, headers=[*HEADERS, "上级党组织"]).proposals.all()

        assert proposal.upper_text == "90001"

    def test_of_which_rows_say_different_things_names_all_of_them(self, office):
        rows = [
            [*office.row("甲", n, 所在党支部=NEW), upper]
            for n, upper in ((1, "一街村党总支"), (3, "二街村党总支"))
        ]

        register = office.upload(*rows, headers=[*HEADERS, "上级党组织"])

        assert register.proposals.get(name=NEW).upper_text == "一街村党总支、二街村党总支"

    def test_goes_once_its_name_is_known(self, office):
        register = upload(office)
        Organisation.objects.filter(pk=office.second.pk).update(name=NEW)

        actions.reread_import(register_id=register.pk, by=office.by, at=NOON)
        register.refresh_from_db()

        register = office.work(register)
        assert counts(register) == {"new": 2}
        assert not register.proposals.exists()


class TestATickedProposal:
    def test_lets_its_rows_in_and_founds_nothing_before_the_import(self, office):
        register = decide(office, upload(office), below_the_top(office))

        assert counts(register) == {"new": 2}
        assert {str(row.proposal) for row in register.rows.all()} == {NEW}
        assert not Organisation.objects.filter(name=NEW).exists()

    def test_is_founded_with_the_import(self, office):
        ticked = below_the_top(office)
        office.apply(decide(office, upload(office), ticked))

        founded = Organisation.objects.get(name=NEW)
        assert founded.placements.get().parent == office.first.placements.get().parent
        assert founded.period.lower == DAY
        members = Member.objects.filter(memberships__organisation=founded)
        assert set(members.values_list("name", flat=True)) == {"甲", "乙"}
        acts = set(AuditEntry.objects.values_list("act", flat=True))
        assert {"decide_proposals", "add_organisation", "import_member"} <= acts

    def test_takes_a_stored_member_over(self, office):
        member = office.member("甲", 1)
        ticked = below_the_top(office)
        register = decide(office, upload(office), ticked)
        assert counts(register) == {"new": 1, "transferred": 1}

        office.apply(register)

        founded = Organisation.objects.get(name=NEW)
        assert member.memberships.get(period__contains=DAY).organisation == founded

    def test_whose_code_was_taken_meanwhile_stops_the_whole_import(self, office):
        ticked = below_the_top(office)
        register = decide(office, upload(office, office.row("丙", 5)), ticked)
        Organisation.objects.filter(pk=office.second.pk).update(code=ticked.code)

        register = office.apply(register)

        assert register.state == "ready"
        assert register.job.problem
        assert not Member.objects.exists()

    def test_that_is_ticked_no_more_is_refused_again(self, office):
        ticked = below_the_top(office)
        register = decide(office, decide(office, upload(office), ticked))

        assert counts(register) == {"refused": 2}


class TestATickedProposalBelowAnother:
    UPPER = "一街村党总支"

    def upload(self, office: Office) -> RegisterImport:
        row = [*office.row("甲", 1, 所在党支部=NEW), self.UPPER]
        return office.upload(row, headers=[*HEADERS, "上级党组织"])

    def places(self, office: Office) -> tuple[Place, Place]:
        # The code of the lower one comes first.
        upper = replace(below_the_top(office), name=self.UPPER, code="9", kind="general_branch")
        return upper, Place(NEW, "10001", "branch", None, None, self.UPPER)

    def test_is_founded_below_it(self, office):
        office.apply(decide(office, self.upload(office), *self.places(office)))

        founded = Organisation.objects.get(name=NEW)
        assert founded.placements.get().parent.name == self.UPPER
        assert Member.objects.get().memberships.get().organisation == founded

    def test_is_named_below_it_in_the_preview(self, office):
        register = decide(office, self.upload(office), *self.places(office))

        uppers = {proposal.name: proposal.upper_name for proposal in register.proposals.all()}
        assert uppers[NEW] == self.UPPER
        assert counts(register) == {"new": 1}

    def test_is_decided_anew_if_that_was_founded_meanwhile(self, office):
        register = decide(office, self.upload(office), *self.places(office))
        Organisation.objects.filter(pk=office.second.pk).update(name=self.UPPER)

        actions.reread_import(register_id=register.pk, by=office.by, at=NOON)
        register.refresh_from_db()
        register = office.work(register)

        assert counts(register) == {"refused": 1}
        [proposal] = register.proposals.all()
        assert (proposal.name, proposal.is_ticked) == (NEW, False)

    def test_founds_none_if_one_cannot_be_founded(self, office):
        upper, branch = self.places(office)
        register = decide(office, self.upload(office), upper, branch)
        Organisation.objects.filter(pk=office.second.pk).update(code=branch.code)

        register = office.apply(register)

        assert register.job.problem
        assert not Organisation.objects.filter(name__in=[NEW, self.UPPER]).exists()


class TestManyProposals:
    def test_are_decided_in_a_fixed_number_of_statements(self, office):
        place = below_the_top(office)
        rows = [office.row("甲", n, 所在党支部=f"第{n}小区党支部") for n in range(1, 61)]
        register = office.upload(*rows)
        names = list(register.proposals.values_list("name", flat=True))

        def statements(n: int) -> int:
            places = [replace(place, name=name, code=f"9{i}") for i, name in enumerate(names[:n])]
            with CaptureQueriesContext(connection) as seen:
                store_decisions(register.proposals, places)
            return len(seen)

        assert statements(1) == statements(60)
