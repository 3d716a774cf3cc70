"""Records of study until they are handed in: who records what, and what becomes of a draft."""

from __future__ import annotations

from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.utils import translation

from accounts.enums import Role
from config.lib.periods import at_local, period
from hours.models import CreditEntry, CreditRule
from schools.models import Organisation
from studies.actions.studies import (
    StudyFacts,
    change_study,
    discard_study,
    record_study,
    submit_study,
)
from studies.enums import StudyKind
from studies.errors import StudyError
from studies.models import Study
from tests import factories
from tests.admin_pages import make_officer
from tests.factories import DAY, NOON, StudyWorld, acting
from tests.refusals import refused
from trainees.actions.member_merges import merge_members, propose_merge
from trainees.models import Member

pytestmark = pytest.mark.django_db
LATE = at_local(DAY, 21)
LATER = at_local(DAY, 22)


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def world() -> StudyWorld:
    return StudyWorld()


def hours_of(member: Member) -> Decimal:
    return CreditEntry.objects.filter(member=member).sum_hours()


def moved_member(old: Organisation, new: Organisation, on: date) -> Member:
    """A member of `old` who has belonged to `new` since the day `on`."""
    member = factories.make_member(old)
    move(member, new, on)
    return member


def merge_rows(kept: Member, given_up: Member) -> None:
    """Two rows become one on the evening of the day."""
    officers = [make_officer(Role.ORGANISATION_DEPARTMENT) for _ in range(2)]
    merge = propose_merge(
        kept_id=kept.pk,
        given_up_id=given_up.pk,
        reason="同一人，两次登记",
        by=acting(officers[0]),
        at=NOON,
    )
    merge_members(merge_id=merge.pk, by=acting(officers[1]), at=LATE)
    kept.refresh_from_db()


def move(member: Member, new: Organisation, on: date) -> None:
    member.memberships.update(period=period(factories.START, on))
    member.memberships.create(organisation=new, period=period(on))


def change(study: Study, by, member_ids=None, guest_ids=(), **facts):
    arguments = {
        "kind": StudyKind(study.kind),
        "topic": study.topic,
        "place": study.place,
        "held_on": study.held_on,
        "minutes": study.minutes,
    } | facts
    if member_ids is None:
        member_ids = list(study.participants.values_list("member", flat=True))
    return change_study(
        study_id=study.pk,
        seen_version=Study.objects.get(pk=study.pk).version,
        facts=StudyFacts(**arguments),
        member_ids=member_ids,
        guest_ids=guest_ids,
        by=acting(by),
        at=LATE,
    )


class TestWhoRecords:
    def test_a_secretary_for_the_own_branch(self, world):
        study = world.record()

        assert (study.state, study.recorded_by) == ("draft", world.secretary)
        assert {p.organisation for p in study.participants.all()} == {world.organisation}
        assert [hours_of(member) for member in world.members] == [0, 0, 0]

    def test_a_commissioner_for_what_stands_right_below(self, world):
        world.organisation = factories.make_below(world.organisation)
        study = world.record(by=world.commissioner, members=[])

        assert study.organisation == world.organisation

    def test_a_clerk_for_every_organisation_of_the_school(self, world):
        assert world.record(by=world.clerk).recorded_by == world.clerk

    @pytest.mark.parametrize(
        "role", [Role.SCHOOL_LEADER, Role.LIAISON_OFFICER, Role.ORGANISATION_DEPARTMENT]
    )
    def test_nobody_else(self, world, role):
        user = factories.make_user()
        factories.give_role(user, role, world.organisation)

        with refused(PermissionDenied):
            world.record(by=user)

    def test_not_the_secretary_of_another_branch_nor_a_former_one(self, world):
        elsewhere = factories.make_leader(factories.make_organisation(world.school, "第二党支部"))
        elsewhere.user = factories.make_user()
        elsewhere.save()
        with refused(PermissionDenied):
            world.record(by=elsewhere.user)

        post = world.secretary.member.posts.get()
        post.period = period(date(2019, 1, 1), DAY)
        post.save()
        with refused(PermissionDenied):
            world.record()

    def test_not_the_clerk_of_another_school(self, world):
        clerk = factories.make_clerk(factories.make_school("120111005", "津门湖街道"))

        with refused(PermissionDenied):
            world.record(by=clerk)

    def test_a_member_no_meeting(self, world):
        with refused(PermissionDenied):
            world.record(by=world.member_with_account().user)


class TestDeclarations:
    def declare(self, world, **kwargs):
        member = world.member_with_account()
        kwargs = {"kind": StudyKind.ONLINE_STUDY, "members": [member], "by": member.user} | kwargs
        return world.record(**kwargs)

    def test_a_member_declares_for_himself(self, world):
        study = self.declare(world, held_on=DAY - timedelta(days=2), days=3)
        world.approve(study)

        assert hours_of(world.members[0]) == 3  # one hour on each of three days

    def test_it_belongs_to_the_organisation_of_its_first_day(self, world):
        member = world.member_with_account()
        other = factories.make_organisation(world.school, "第二党支部")
        membership = member.memberships.get()
        membership.period = period(date(2019, 1, 1), DAY)
        membership.save()
        member.memberships.create(organisation=other, period=period(DAY))

        study = self.declare(world)
        assert study.organisation == other
        earlier = change(study, member.user, held_on=DAY - timedelta(days=1))
        assert earlier.organisation == world.organisation

    def test_a_merged_member_goes_on_with_what_they_declared_by_the_other_row(self, world):
        yesterday = DAY - timedelta(days=1)
        study = self.declare(world, held_on=yesterday)
        by_clerk = self.declare(world, by=world.clerk)
        given_up, kept = world.members[:2]
        merge_rows(kept, given_up)

        assert set(Study.objects.visible_to(kept.user, DAY)) == {study, by_clerk}
        change(study, kept.user, topic="改过的题目")
        assert study.participants.get().member == kept  # with the days that it took over
        for declaration, user in ((study, kept.user), (by_clerk, world.clerk)):
            change(declaration, user, held_on=DAY, topic="改过的题目")
            assert declaration.participants.get().member == kept
        change(study, kept.user, held_on=yesterday)
        world.approve(study)
        assert (hours_of(kept), hours_of(given_up)) == (1, 0)

    def test_a_clerk_declares_for_a_member_of_the_school(self, world):
        study = self.declare(world, by=world.clerk)

        assert Study.objects.visible_to(world.members[0].user, DAY).get() == study
        assert not Study.objects.to_review_by(world.clerk, DAY).exists()

    def test_nobody_declares_for_somebody_else(self, world):
        clerk = factories.make_clerk(factories.make_school("120111005", "津门湖街道"))
        for user in (world.secretary, world.commissioner, clerk):
            with refused(PermissionDenied):
                self.declare(world, by=user)

    def test_it_is_of_one_member(self, world):
        with refused(StudyError, match="one member"):
            self.declare(world, members=world.members)

    def test_the_school_alone_reviews_it(self, world):
        study = self.declare(world)
        world.submit(study)

        assert not Study.objects.to_review_by(world.commissioner, DAY).exists()
        assert Study.objects.to_review_by(world.clerk, DAY).get() == study


class TestWhatIsSound:
    @pytest.mark.parametrize(
        ("facts", "field", "words"),
        [
            ({"held_on": DAY + timedelta(days=1)}, "held_on", "not come yet"),
            ({"days": 2}, "days", "The last of these days, Thu 21 May 2026, has not come yet"),
            ({"held_on": date(2025, 12, 31)}, "held_on", "settled"),
            ({"minutes": 14}, "minutes", "worth no credit hours"),
        ],
    )
    def test_days_ahead_settled_days_and_what_is_worth_nothing_are_refused(
        self, world, facts, field, words
    ):
        with refused(StudyError, match=words) as caught:
            world.record(**facts)
        assert caught.value.field == field

    @pytest.mark.parametrize(
        ("facts", "is_over"),
        [
            ({"starts_at": time(19)}, True),
            ({"starts_at": time(19, 5)}, False),
            ({"starts_at": None}, True),
            ({"starts_at": time(20), "held_on": DAY - timedelta(days=1)}, True),
            ({"starts_at": time(20), "held_on": DAY - timedelta(days=1), "days": 2}, False),
        ],
    )
    def test_what_is_not_over_is_neither_handed_in_nor_passed(self, world, facts, is_over):
        at = at_local(DAY, 21)
        study = world.record(**facts)

        if is_over:
            assert world.submit(study, at=at).state == "submitted"
            return
        with refused(StudyError, match="has not taken place yet") as caught:
            world.submit(study, at=at)
        assert caught.value.field == "starts_at"
        world.submit(study, at=at_local(DAY, 23))
        with refused(StudyError, match="has not taken place yet"):
            world.review(study, world.commissioner, at=at)
        assert world.review(study, world.commissioner, at=at, reason="还没有开") is None

    def test_in_january_december_is_not_settled_yet(self, world):
        december = date(2025, 12, 20)
        january, february = at_local(date(2026, 1, 31), 9), at_local(date(2026, 2, 1), 9)

        assert world.record(held_on=december, at=january).held_on == december
        with refused(StudyError, match="settled"):
            world.record(held_on=december, starts_at=time(9), at=february)

    def test_a_day_without_a_rule_is_refused(self, world):
        CreditRule.objects.filter(category="collective").update(period=period(date(2026, 6, 1)))

        with refused(StudyError, match="No credit rule"):
            world.record()

    def test_a_branch_has_one_meeting_of_a_kind_at_a_time(self, world):
        world.record()
        with refused(StudyError, match="already") as caught:
            world.record()
        assert caught.value.field == "held_on"
        world.record(starts_at=time(14))
        world.record(kind=StudyKind.PARTY_LESSON)
        with refused(StudyError, match="already"):
            world.record(starts_at=time(14))

    def test_visits_of_one_day_are_as_many_as_there_were(self, world):
        for member in world.members:
            world.record(kind=StudyKind.OUTREACH_VISIT, members=[member])

        assert Study.objects.count() == 3

    def test_a_guest_stays_with_the_own_branch_and_its_hours_with_the_study(self, world):
        branch = factories.make_organisation(factories.make_school("120111005", "津门湖街道"))
        guest = factories.make_member(branch)
        study = world.record(members=[*world.members, guest], guests=[guest])
        world.approve(study)

        assert study.participants.get(member=guest).organisation == branch
        entry = CreditEntry.objects.get(member=guest)
        assert (entry.organisation, entry.school, entry.hours) == (branch, world.school, 2)

    def test_the_person_who_belonged_nowhere_on_that_day_was_not_there(self, world):
        newcomer = factories.make_member(world.organisation)
        newcomer.memberships.update(period=period(DAY + timedelta(days=1)))

        for guests, said in (([], "did not belong here"), ([newcomer], "to no organisation")):
            with refused(StudyError, match=f"{newcomer.name} .*{said}"):
                world.record(members=[newcomer], guests=guests)

    def test_a_study_without_anybody_is_not_handed_in(self, world):
        study = world.record(members=[])

        with refused(StudyError, match="Say who was there") as caught:
            world.submit(study)
        assert caught.value.field == "members"


class TestNobodyIsAGuestByAWrongDay:
    """Who belonged elsewhere on the day of a study was there only if he was added as a guest."""

    @pytest.fixture
    def moved(self, world) -> Member:
        """Who came from another branch on the day after."""
        branch = factories.make_organisation(world.school, "第二党支部")
        return moved_member(branch, world.organisation, DAY + timedelta(days=1))

    @pytest.mark.parametrize(
        "kind", [StudyKind.THEMED_DAY, StudyKind.ACTIVITY, StudyKind.OUTREACH_VISIT]
    )
    def test_who_came_later_is_named_and_refused(self, world, moved, kind):
        with refused(StudyError, match=f"{moved.name} did not belong here on that day") as caught:
            world.record(kind=kind, members=[*world.members, moved], guests=world.members)
        assert caught.value.field == "members"
        assert not Study.objects.exists()

        study = world.record(kind=kind, members=[*world.members, moved], guests=[moved])
        assert study.participants.get(member=moved).organisation != world.organisation

    def test_who_left_since_was_there_as_a_member(self, world):
        branch = factories.make_organisation(world.school, "第二党支部")
        left = moved_member(world.organisation, branch, DAY + timedelta(days=1))
        study = world.record(members=[left])
        world.submit(study)

        assert study.participants.get().organisation == world.organisation

    def test_a_day_on_which_somebody_was_elsewhere_is_not_entered_later_either(self, world):
        branch = factories.make_organisation(world.school, "第二党支部")
        moved = moved_member(branch, world.organisation, DAY)
        study, yesterday = world.record(members=[moved]), DAY - timedelta(days=1)

        with refused(StudyError, match="did not belong here") as caught:
            change(study, world.secretary, held_on=yesterday)
        assert caught.value.field == "members"
        assert study.participants.get().organisation == world.organisation
        study = change(study, world.secretary, guest_ids=[moved.pk], held_on=yesterday)
        assert study.participants.get().organisation == branch
        assert world.submit(study).state == "submitted"

    def test_who_turns_out_to_have_left_before_is_not_handed_in(self, world):
        study = world.record()
        gone = world.members[0]
        branch = factories.make_organisation(world.school, "第二党支部")
        move(gone, branch, DAY)

        with refused(StudyError, match=f"{gone.name} did not belong here on that day") as caught:
            world.submit(study)
        assert caught.value.field == "members"
        change(study, world.secretary, [member.pk for member in world.members], [gone.pk])
        world.submit(study)
        assert study.participants.get(member=gone).organisation == branch

    def test_a_guest_who_turns_out_to_have_been_elsewhere_is_looked_at_again(self, world):
        branches = [factories.make_organisation(world.school, name) for name in "甲乙"]
        guest = moved_member(branches[0], world.organisation, DAY + timedelta(days=1))
        study = world.record(members=[guest], guests=[guest])
        guest.memberships.filter(period__contains=DAY).update(organisation=branches[1])

        with refused(StudyError, match=f"Where {guest.name} belonged on that day was changed"):
            world.submit(study)
        study = change(study, world.secretary, [guest.pk], [guest.pk])
        world.submit(study)
        assert study.participants.get().organisation == branches[1]

    def test_a_row_that_was_merged_since_is_handed_in(self, world):
        kept, given_up = world.members[:2]
        study = world.record(members=[given_up])
        merge_rows(kept, given_up)

        assert not given_up.memberships.filter(period__contains=DAY).exists()
        assert world.submit(study).state == "submitted"

    def test_a_declaration_goes_where_its_member_belonged(self, world):
        member = world.member_with_account()
        study = world.record(kind=StudyKind.ONLINE_STUDY, members=[member], by=member.user)
        move(member, factories.make_organisation(world.school, "第二党支部"), DAY)

        assert world.submit(study).state == "submitted"


class TestDrafts:
    def test_only_the_recorder_changes_it(self, world):
        study = world.record()
        for user in (world.commissioner, world.clerk):
            with refused(Study.DoesNotExist):
                change(study, user, topic="别人改的")

        changed = change(study, world.secretary, [world.members[0].pk], topic="主题教育")

        assert (changed.topic, changed.version) == ("主题教育", 2)
        assert [p.member for p in changed.participants.all()] == [world.members[0]]

    def test_an_older_view_of_it_changes_nothing(self, world):
        study = world.record()
        change(study, world.secretary, topic="主题教育")

        with refused(StudyError, match="changed this record"):
            submit_study(study_id=study.pk, seen_version=1, by=acting(world.secretary), at=LATE)

    def test_what_is_handed_in_is_changed_by_nobody(self, world):
        study = world.record()
        world.submit(study)

        with refused(StudyError, match="handed in"):
            change(study, world.secretary, topic="主题教育")
        with refused(StudyError, match="handed in"):
            discard_study(study_id=study.pk, seen_version=2, by=acting(world.secretary), at=LATE)

    def test_it_can_be_thrown_away_with_its_files_by_recorder_or_school(
        self, world, django_capture_on_commit_callbacks
    ):
        for user in (world.secretary, world.clerk):
            study = world.record()
            by = acting(world.secretary)
            evidence = factories.add_study_file(
                study_id=study.pk,
                kind=factories.FileKind.PHOTO,
                data=factories.make_picture(),
                name="a.png",
                by=by,
                at=LATE,
            )
            path = Path(settings.MEDIA_ROOT) / str(evidence.file.key)
            assert path.exists()
            with django_capture_on_commit_callbacks(execute=True):
                discard_study(study_id=study.pk, seen_version=1, by=acting(user), at=LATE)
            assert not path.exists()
        assert not Study.objects.exists()

    def test_what_was_reviewed_stays(self, world):
        study = world.record()
        world.submit(study)
        world.review(study, world.commissioner, reason="缺签到表")

        with refused(StudyError, match="so it stays"):
            discard_study(study_id=study.pk, seen_version=3, by=acting(world.secretary), at=LATE)

    def test_a_foreign_schools_record_does_not_exist(self, world):
        study = world.record()
        clerk = factories.make_clerk(factories.make_school("120111005", "津门湖街道"))

        assert not Study.objects.visible_to(clerk, DAY).exists()
        with refused(Study.DoesNotExist):
            discard_study(study_id=study.pk, seen_version=1, by=acting(clerk), at=LATE)
        world.submit(study)
        with refused(Study.DoesNotExist):
            world.review(study, clerk)


def test_what_is_recorded_for_an_organisation_names_it(world):
    with refused(PermissionDenied):
        record_study(
            organisation=None,
            facts=StudyFacts(StudyKind.THEMED_DAY, "学习", "", DAY, 120),
            member_ids=[],
            by=acting(world.secretary),
            at=LATE,
        )
