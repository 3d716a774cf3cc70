"""The tree changes on a day; what was before that day stays, to the last figure."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import translation

from accounts.enums import Role
from accounts.models import AuditEntry
from config.lib.periods import at_local, period
from hours.models import CreditEntry
from hours.queries.ledger_check import list_findings
from hours.queries.members import MemberLines
from schools.actions.organisations import add_organisation, move_organisation
from schools.enums import OrganisationKind
from schools.errors import BlockedError, SchoolsError
from schools.models import Organisation, OrganisationSuccession, Placement, School
from tests import factories
from tests.evidence import hold, study
from tests.factories import START
from tests.refusals import refused
from trainees.actions.organisations import (
    close_organisation,
    merge_organisations,
    split_organisation,
)
from trainees.models import Member, Membership, Post
from years.queries.hours import get_member_year
from years.queries.overview import list_figures

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 24)
NOW = at_local(TODAY, 10)
D = date(2026, 10, 1)
LATER = date(2027, 1, 1)
BEFORE = D - timedelta(days=1)


@pytest.fixture(autouse=True)
def _english():
    """The words of a refusal, whatever the catalogue holds."""
    with translation.override("en"):
        yield


class District:
    """Two schools; in each a committee, a general branch and two branches, studied at for years."""

    def __init__(self) -> None:
        self.officer = factories.make_user(display_name="刘洋")
        factories.grant(self.officer, "organisation_department")
        self.by = factories.acting(self.officer)
        top = factories.make_top()
        self.schools = [
            factories.make_school("120111101", "杨柳青镇"),
            factories.make_school("120111005", "津门湖街道"),
        ]
        kinds = OrganisationKind
        self.committees, self.generals, self.branches = [], [], []
        for school in self.schools:
            committee = factories.make_below(top, kinds.COMMITTEE, f"{school.name}工委", school)
            general = factories.make_below(committee, kinds.GENERAL_BRANCH, "于台村党总支")
            self.committees.append(committee)
            self.generals.append(general)
            self.branches += [
                factories.make_below(general, name=f"{school.code} 第{n}党支部") for n in "一二"
            ]
        self.members = [factories.make_member(branch) for branch in self.branches for _ in range(2)]
        self.secretary = factories.make_leader(self.branches[0])
        for school, members in zip(self.schools, (self.members[:4], self.members[4:]), strict=True):
            training_class = factories.make_class(school)
            for day in (date(2024, 5, 20), date(2025, 6, 12), date(2026, 3, 3)):
                hold(training_class, dict.fromkeys(members, "present"), on=day)
        for day in (date(2025, 9, 1), date(2026, 4, 1)):
            study(self.branches[0], *self.members[:2], on=day, school=self.schools[0])

    def figures(self, year: int, on: date) -> list[Any]:
        """Everything the overview and the list of members say of a year, seen from the day `on`."""
        schools = list(School.objects.all())
        lines = MemberLines(school_ids=[school.pk for school in schools], year=year, on=on)
        return [
            *list_figures(schools, year, at_local(on, 20)),
            # A post that ends within the year is owed less for, as soon as that is known.
            *(
                replace(line, owed=None) if year == TODAY.year else line
                for line in lines[0 : len(lines)]
            ),
            *CreditEntry.objects.order_by("pk").values_list("pk", "school", "organisation"),
        ]

    def past(self) -> list[Any]:
        """What no act may change: the years before, and this one as of the days before `D`."""
        return [
            self.figures(2024, TODAY),
            self.figures(2025, TODAY),
            self.figures(2026, BEFORE),
            [
                get_member_year(self.officer, member.pk, year, TODAY).verdict
                for member in Member.objects.order_by("pk")
                for year in (2024, 2025)
            ],
        ]


@pytest.fixture
def district() -> District:
    return District()


def place(organisation: Organisation, on: date) -> Placement:
    return organisation.placements.in_force(on).get()


def places(organisation: Organisation) -> list[tuple[str, date]]:
    """The townships of an organisation, and since when."""
    rows = organisation.placements.order_by("period").select_related("township")
    return [(row.township.code, row.period.lower) for row in rows]


def school_of(member: Member, on: date) -> str:
    [line] = [
        line
        for school in School.objects.all()
        for line in [*MemberLines(school_ids=[school.pk], year=on.year, on=on)[0:99]]
        if line.member_id == member.pk
    ]
    return line.school


def move(district: District, organisation: Organisation, parent: Organisation, on: date = D):
    return move_organisation(
        organisation_id=organisation.pk, parent_id=parent.pk, on=on, by=district.by, at=NOW
    )


def split(district: District, organisation: Organisation, *members: Member, on: date = D):
    return split_organisation(
        organisation_id=organisation.pk,
        code="1201111019999",
        name="新设党支部",
        member_ids=[member.pk for member in members],
        on=on,
        by=district.by,
        at=NOW,
    )


def merge(district: District, organisation: Organisation, into: Organisation, on: date = D):
    return merge_organisations(
        organisation_id=organisation.pk, into_id=into.pk, on=on, by=district.by, at=NOW
    )


def close(district: District, organisation: Organisation, on: date = D):
    return close_organisation(organisation_id=organisation.pk, on=on, by=district.by, at=NOW)


ACTS = {
    "move": lambda d: move(d, d.generals[0], d.committees[1]),
    "split": lambda d: split(d, d.branches[0], d.members[0]),
    "merge of branches": lambda d: merge(d, d.branches[0], d.branches[2]),
    "merge of general branches": lambda d: merge(d, d.generals[0], d.generals[1]),
    "merge of committees": lambda d: merge(d, d.committees[1], d.committees[0]),
    "move, ahead": lambda d: move(d, d.generals[0], d.committees[1], LATER),
    "merge, ahead": lambda d: merge(d, d.committees[1], d.committees[0], LATER),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_no_act_changes_what_was_before_its_day(district, act):
    before = district.past()

    act(district)

    assert district.past() == before
    assert list_findings() == []


class TestMove:
    def test_takes_all_below_along_to_the_school_of_the_new_place(self, district):
        there = district.schools[1]

        moved = move(district, district.generals[0], district.committees[1])

        assert set(moved.organisation_ids) == set(moved.strangers)
        assert len(moved.organisation_ids) == 3
        assert {place(o, D).township.code for o in district.branches[:2]} == {there.code}
        assert {place(o, BEFORE).township.code for o in district.branches[:2]} == {"120111101"}
        assert school_of(district.members[0], TODAY) == there.name
        assert school_of(district.members[0], BEFORE) == district.schools[0].name

    def test_within_the_township_changes_the_one_place_only(self, district):
        moved = move(district, district.branches[0], district.committees[0])

        assert moved.strangers == []
        assert Placement.objects.filter(period__startswith=D).count() == 1
        assert place(district.branches[0], D).parent == district.committees[0]

    def test_ahead_leaves_today_as_it_is(self, district):
        move(district, district.generals[0], district.committees[1], LATER)

        assert school_of(district.members[0], TODAY) == district.schools[0].name
        assert place(district.branches[0], LATER).township.code == "120111005"

    @pytest.mark.parametrize("below", [0, 1])
    def test_makes_no_circle(self, district, below):
        target = [district.generals[0], district.branches[0]][below]

        with refused(SchoolsError, "stands below it"):
            move(district, district.generals[0], target)

    def test_nor_one_that_would_close_later(self, district):
        """In January the one committee goes below the other, which may not go below it now."""
        committee, kind = district.committees[0], OrganisationKind.COMMITTEE
        village = factories.make_below(committee, kind, "村党委")
        other = factories.make_below(factories.make_top(), kind, "镇党委", district.schools[0])
        move(district, committee, other, LATER)

        with refused(SchoolsError, "stands below it"):
            move(district, other, village)

    def test_keeps_the_order_of_levels(self, district):
        with refused(SchoolsError, "does not stand below"):
            move(district, district.generals[0], district.generals[1])

    def test_is_not_dated_into_a_past_year(self, district):
        with refused(SchoolsError, "are settled"):
            move(district, district.generals[0], district.committees[1], date(2025, 12, 31))

    def test_to_another_school_is_not_dated_before_a_study_there(self, district):
        with refused(SchoolsError, "recorded a study"):
            move(district, district.generals[0], district.committees[1], date(2026, 4, 1))

        move(district, district.generals[0], district.committees[1], date(2026, 4, 2))

        assert list_findings() == []

    def test_waits_for_a_change_recorded_for_later(self, district):
        move(district, district.generals[0], district.committees[1], LATER)

        with refused(SchoolsError, "recorded for"):
            move(district, district.generals[0], district.committees[1])

    def test_leaves_what_is_recorded_to_go_elsewhere(self, district):
        branch, committee = district.branches[0], district.committees[0]
        move(district, branch, committee, LATER)

        move(district, district.generals[0], district.committees[1])

        assert places(branch)[1:] == [("120111005", D), ("120111101", LATER)]
        assert place(branch, LATER).parent == committee

    def test_leaves_what_stands_below_one_that_goes_elsewhere(self, district):
        """Within one township a move cuts no place below; the other move must, on that day."""
        general, committee = district.generals[0], district.committees[0]
        other = factories.make_below(
            factories.make_top(), OrganisationKind.COMMITTEE, "镇党委", district.schools[0]
        )
        move(district, general, other, LATER)

        move(district, committee, district.committees[1])

        for branch in district.branches[:2]:
            assert places(branch)[1:] == [("120111005", D), ("120111101", LATER)]

    def test_takes_along_what_comes_nearer_below_it(self, district):
        """A general branch goes up a level below the committee that moves, with its branches."""
        village = factories.make_below(district.committees[0], OrganisationKind.COMMITTEE, "村党委")
        district.generals[0].placements.update(parent=village)
        move(district, district.generals[0], district.committees[0], LATER)

        move(district, district.committees[0], district.committees[1])

        for branch in district.branches[:2]:
            assert {code for code, _ in places(branch)[1:]} == {"120111005"}

    def test_is_in_the_trail_with_both_places(self, district):
        move(district, district.branches[0], district.committees[0])

        entry = AuditEntry.objects.get(act="move_organisation")
        assert entry.before["parent"] == district.generals[0].code
        assert entry.after["parent"] == district.committees[0].code
        assert entry.school_code == "120111101"


class TestSplit:
    def test_founds_a_sister_to_which_the_chosen_members_belong(self, district):
        old, mover, stayer = district.branches[0], *district.members[:2]

        done = split(district, old, mover)

        assert place(done.target, D).parent == district.generals[0]
        assert done.target.period == period(D)
        rows = list(mover.memberships.order_by("period").values_list("organisation", "period"))
        assert rows == [(old.pk, period(START, D)), (done.target.pk, period(D))]
        assert stayer.memberships.get().organisation == old

    def test_stays_in_the_history_of_both(self, district):
        done = split(district, district.branches[0], district.members[0])

        kept = OrganisationSuccession.objects.get()
        assert (kept.former, kept.successor) == (district.branches[0], done.target)
        assert (kept.kind, kept.takes_effect_on) == ("split", D)

    def test_ends_the_posts_of_those_who_go(self, district):
        done = split(district, district.branches[0], district.secretary)

        assert done.posts == [Post.objects.get()]
        assert Post.objects.get().period == period(START, D)

    def test_keeps_the_membership_status(self, district):
        Membership.objects.filter(member=district.members[0]).update(membership_status="suspended")

        split(district, district.branches[0], district.members[0])

        statuses = district.members[0].memberships.values_list("membership_status", flat=True)
        assert set(statuses) == {"suspended"}

    def test_of_somebody_elses_member_is_refused(self, district):
        with refused(SchoolsError, "belong here"):
            split(district, district.branches[0], district.members[0], district.members[4])

    def test_refuses_a_code_that_is_taken(self, district):
        with refused(SchoolsError) as caught:
            split_organisation(
                organisation_id=district.branches[0].pk,
                code=district.branches[1].code,
                name="新设党支部",
                member_ids=[district.members[0].pk],
                on=D,
                by=district.by,
                at=NOW,
            )
        assert caught.value.field == "code"


class TestMerge:
    def test_hands_over_members_and_ends_posts_and_organisation(self, district):
        source, target = district.branches[0], district.branches[2]

        done = merge(district, source, target)

        assert set(done.members) == {*district.members[:2], district.secretary}
        assert done.posts == [Post.objects.get()]
        source.refresh_from_db()
        assert source.period == period(START, D)
        assert source.placements.get().period == period(START, D)
        assert school_of(district.members[0], TODAY) == district.schools[1].name

    def test_stays_in_the_history_of_both(self, district):
        merge(district, district.branches[0], district.branches[1])

        kept = OrganisationSuccession.objects.get()
        assert (kept.former, kept.successor) == tuple(district.branches[:2])
        assert (kept.kind, kept.takes_effect_on) == ("merger", D)

    def test_hands_over_what_stands_below(self, district):
        done = merge(district, district.generals[0], district.generals[1])

        assert done.children == district.branches[:2]
        assert {place(o, D).parent for o in district.branches} == {district.generals[1]}
        assert {place(o, D).township.code for o in district.branches} == {"120111005"}

    def test_hands_over_only_until_a_later_move(self, district):
        """A general branch leaves later, with the branches below it."""
        general, committee, there = district.generals[0], *district.committees
        other = factories.make_below(
            factories.make_top(), OrganisationKind.COMMITTEE, "镇党委", district.schools[0]
        )
        move(district, general, other, LATER)

        merge(district, committee, there)

        assert places(general)[1:] == [("120111005", D), ("120111101", LATER)]
        assert places(district.branches[0])[1:] == [("120111005", D), ("120111101", LATER)]

    def test_takes_memberships_along_that_begin_later(self, district):
        mover, target = district.members[4], district.branches[0]
        mover.memberships.update(period=period(START, LATER))
        Membership.objects.create(
            member=mover, organisation=district.branches[1], period=period(LATER)
        )

        merge(district, district.branches[1], target)

        assert mover.memberships.get(period=period(LATER)).organisation == target

    def test_into_what_stands_below_it_is_refused(self, district):
        with refused(SchoolsError, "stands below it"):
            merge(district, district.generals[0], district.branches[0])

    def test_into_itself_is_refused(self, district):
        with refused(SchoolsError, "organisation itself"):
            merge(district, district.branches[0], district.branches[0])

    def test_into_a_branch_is_refused_while_others_stand_below(self, district):
        with refused(SchoolsError, "does not stand below"):
            merge(district, district.generals[0], district.branches[2])

    def test_is_not_dated_before_its_last_study(self, district):
        with refused(SchoolsError, "recorded a study"):
            merge(district, district.branches[0], district.branches[1], date(2026, 3, 1))


class TestClose:
    def test_names_the_members_who_are_left(self, district):
        with refused(BlockedError) as caught:
            close(district, district.branches[0])

        [blocker] = caught.value.blockers
        assert district.secretary.name in blocker.text
        assert blocker.address == f"/members/?organisation={district.branches[0].code}"

    def test_names_the_organisations_that_are_left(self, district):
        with refused(BlockedError) as caught:
            close(district, district.generals[0])

        [blocker] = caught.value.blockers
        assert district.branches[0].name in blocker.text
        assert blocker.address == f"/organisations/{district.generals[0].pk}/"

    def test_ends_organisation_place_and_posts(self, district):
        branch = district.branches[0]
        Membership.objects.filter(organisation=branch).update(period=period(START, D))
        before = district.figures(2025, TODAY)

        posts = close(district, branch)

        branch.refresh_from_db()
        assert branch.period == period(START, D)
        assert posts[0].period == period(START, D)
        assert not branch.placements.in_force(D).exists()
        assert district.figures(2025, TODAY) == before

    def test_ends_the_roles_held_in_it_and_their_open_sessions(self, district):
        empty = district.branches[0]
        Membership.objects.filter(organisation=empty).update(period=period(START, D))
        commissioner = factories.make_user()
        grant = factories.grant(commissioner, Role.ORGANISATION_COMMISSIONER, organisation=empty)
        close(district, empty)

        grant.refresh_from_db()
        commissioner.refresh_from_db()
        assert grant.period == period(START, D)
        assert commissioner.session_epoch == 1

    def test_of_one_that_was_closed_is_refused(self, district):
        Membership.objects.filter(organisation=district.branches[0]).update(period=period(START, D))
        close(district, district.branches[0])

        with refused(SchoolsError, "does not exist"):
            close(district, district.branches[0], LATER)


class TestAdd:
    def add(self, district: District, parent: Organisation, **fields: Any) -> Organisation:
        given = {"code": "1201111018888", "name": " 新村党支部 ", "kind": "branch"}
        return add_organisation(
            parent_id=parent.pk,
            **given | {"township": None, "village": None} | fields,
            on=D,
            by=district.by,
            at=NOW,
        )

    def test_stands_in_the_township_of_its_parent(self, district):
        founded = self.add(district, district.generals[0])

        assert place(founded, D).township.code == "120111101"
        assert founded.name_initials == "xcdzb"
        assert founded.period == period(D)

    def test_directly_below_the_top_names_its_township(self, district):
        with refused(SchoolsError, "name the township"):
            self.add(district, factories.make_top())

        township = place(district.generals[0], D).township
        founded = self.add(district, factories.make_top(), township=township)
        assert place(founded, D).township == township

    @pytest.mark.parametrize("field", ["code", "name"])
    def test_says_at_the_field_what_is_wrong(self, district, field):
        with refused(SchoolsError) as caught:
            self.add(district, district.generals[0], **{field: ""})

        assert caught.value.field == field


def test_the_ledger_holds_after_a_year_of_changes(district):
    move(district, district.generals[0], district.committees[1])
    split(district, district.branches[0], district.members[0], on=D + timedelta(days=1))
    merge(district, district.branches[1], district.branches[2], D + timedelta(days=2))
    study(district.branches[2], *district.members[2:4], on=TODAY, school=district.schools[1])

    assert list_findings() == []
