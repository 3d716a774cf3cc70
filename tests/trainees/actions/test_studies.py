"""Records of study, rule by rule: who records, who reviews, what counts and what comes back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path
from threading import Barrier

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import translation

from accounts.enums import Role
from accounts.models import AuditEntry
from config.lib.periods import at_local, period
from tests import factories
from tests.factories import DAY, StudyWorld, acting
from tests.refusals import refused
from trainees.actions.studies import (
    StudyFacts,
    change_study,
    correct_participants,
    discard_study,
    record_study,
    submit_study,
    withdraw_study,
)
from trainees.enums import StudyKind
from trainees.errors import StudyError
from trainees.models import (
    CreditEntry,
    CreditRule,
    Member,
    Study,
    StudyParticipantCorrection,
    StudyReview,
)
from trainees.queries.ledger_check import list_findings

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


def state_of(study: Study) -> str:
    return Study.objects.get(pk=study.pk).state


def withdraw(study: Study, by, reason: str = "重复登记"):
    return withdraw_study(
        study_id=study.pk,
        seen_version=Study.objects.get(pk=study.pk).version,
        reason=reason,
        by=acting(by),
        at=LATER,
    )


def correct(study: Study, by, *, add=(), remove=(), reason="核对签到表", seen=None):
    return correct_participants(
        study_id=study.pk,
        seen_version=seen or Study.objects.get(pk=study.pk).version,
        add=[member.pk for member in add],
        remove=[member.pk for member in remove],
        reason=reason,
        by=acting(by),
        at=LATER,
    )


def change(study: Study, by, member_ids=None, **facts):
    told = {
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
        facts=StudyFacts(**told),
        member_ids=member_ids,
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

        assert world.record(by=world.commissioner).organisation == world.organisation

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
    def declare(self, world, **how):
        member = world.member_with_account()
        how = {"kind": StudyKind.ONLINE_STUDY, "members": [member], "by": member.user} | how
        return world.record(**how)

    def test_a_member_declares_for_himself(self, world):
        study = self.declare(world, held_on=DAY - timedelta(days=2), days=3)
        world.approve(study)

        assert hours_of(world.members[0]) == 6  # two hours on each of three days

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
        study = world.record(members=[*world.members, guest])
        world.approve(study)

        assert study.participants.get(member=guest).organisation == branch
        entry = CreditEntry.objects.get(member=guest)
        assert (entry.organisation, entry.school, entry.hours) == (branch, world.school, 2)

    def test_whoever_belonged_nowhere_on_that_day_was_not_there(self, world):
        newcomer = factories.make_member(world.organisation)
        newcomer.memberships.update(period=period(DAY + timedelta(days=1)))

        with refused(StudyError, match="belonged to no organisation"):
            world.record(members=[newcomer])

    def test_a_study_without_anybody_is_not_handed_in(self, world):
        study = world.record(members=[])

        with refused(StudyError, match="Say who was there") as caught:
            world.submit(study)
        assert caught.value.field == "members"


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
            found = factories.add_study_file(
                study_id=study.pk,
                kind=factories.FileKind.PHOTO,
                data=factories.make_picture(),
                name="a.png",
                by=by,
                at=LATE,
            )
            path = Path(settings.MEDIA_ROOT) / str(found.file.key)
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
        world.review(study, world.commissioner)
        world.review(study, world.clerk)
        with refused(Study.DoesNotExist):
            withdraw(study, clerk)


class TestReviews:
    def test_two_steps_the_community_then_the_school(self, world):
        study = world.record()
        world.submit(study)
        with refused(Study.DoesNotExist):
            world.review(study, world.clerk)

        assert world.review(study, world.commissioner) is None
        assert (state_of(study), hours_of(world.members[0])) == ("checked", 0)
        posted = world.review(study, world.clerk)

        assert state_of(study) == "approved"
        assert (posted.entries, posted.hours) == (3, 6)
        assert [hours_of(member) for member in world.members] == [2, 2, 2]
        assert list_findings() == []

    def test_a_rule_of_one_step_leaves_it_to_the_school(self, world):
        CreditRule.objects.filter(category="collective").update(review_steps=1)
        study = world.record()
        world.submit(study)

        with refused(Study.DoesNotExist):
            world.review(study, world.commissioner)
        world.review(study, world.clerk)
        assert state_of(study) == "approved"

    def test_without_a_commissioner_the_school_takes_the_only_step(self):
        world = StudyWorld(two_steps=False)
        study = world.record()
        world.approve(study)

        assert state_of(study) == "approved"

    def test_nobody_reviews_his_own(self, world):
        study = world.record(by=world.commissioner)
        world.submit(study)
        with refused(Study.DoesNotExist):
            world.review(study, world.commissioner)
        world.review(study, world.clerk)  # the community has nobody else

        own = world.record(by=world.clerk, starts_at=time(9))
        world.submit(own)
        world.review(own, world.commissioner)
        with refused(Study.DoesNotExist):
            world.review(own, world.clerk)
        world.review(own, factories.make_clerk(world.school))
        assert state_of(own) == "approved"

    def test_a_leader_of_the_school_passes_what_its_only_clerk_recorded(self, world):
        leader = factories.make_user()
        factories.grant(leader, Role.SCHOOL_LEADER, world.school)
        other = factories.make_user()
        factories.grant(other, Role.SCHOOL_LEADER, factories.make_school("120111005", "津门湖街道"))
        study = world.record(by=world.clerk)
        world.submit(study)
        world.review(study, world.commissioner)
        with refused(Study.DoesNotExist):
            world.review(study, other)
        world.review(study, leader)

        assert (state_of(study), hours_of(world.members[0])) == ("approved", 2)
        with refused(Study.DoesNotExist):
            correct(study, world.clerk, remove=world.members[:1])
        correct(study, leader, remove=world.members[:1])
        with refused(Study.DoesNotExist):
            withdraw(study, other)
        withdraw(study, leader)
        assert state_of(study) == "withdrawn"

    def test_a_leader_does_not_pass_what_he_recorded_as_clerk(self, world):
        both = factories.make_clerk(world.school)
        factories.grant(both, Role.SCHOOL_LEADER, world.school)
        study = world.record(by=both)
        world.submit(study)
        world.review(study, world.commissioner)

        with refused(Study.DoesNotExist):
            world.review(study, both)

    def test_two_people_take_the_two_steps(self, world):
        factories.grant(world.commissioner, Role.SCHOOL_CLERK, world.school)
        study = world.record()
        world.submit(study)
        world.review(study, world.commissioner)

        with refused(Study.DoesNotExist):
            world.review(study, world.commissioner)
        world.review(study, world.clerk)
        assert set(study.reviews.values_list("reviewed_by", flat=True)) == {
            world.commissioner.pk,
            world.clerk.pk,
        }

    def test_returned_with_a_reason_it_is_a_draft_and_comes_again(self, world):
        study = world.record()
        world.submit(study)
        world.review(study, world.commissioner)
        world.review(study, world.clerk, reason="缺照片")
        assert state_of(study) == "draft"

        change(study, world.secretary, topic="主题教育")
        world.submit(study)
        assert [one.round for one in study.submissions.all()] == [1, 2]
        world.review(study, world.commissioner)
        world.review(study, world.clerk)

        assert state_of(study) == "approved"
        said = list(study.reviews.values_list("round", "step", "verdict", "reason"))
        assert said == [
            (1, "community", "passed", ""),
            (1, "school", "returned", "缺照片"),
            (2, "community", "passed", ""),
            (2, "school", "passed", ""),
        ]

    def test_a_return_says_why(self, world):
        study = world.record()
        world.submit(study)

        with refused(StudyError, match="Say why") as caught:
            factories.review_study(
                study_id=study.pk,
                seen_version=2,
                passes=False,
                reason="  ",
                by=acting(world.commissioner),
                at=LATER,
            )
        assert caught.value.field == "reason"

    def test_a_review_of_what_changed_meanwhile_is_refused(self, world):
        study = world.record()
        world.submit(study)
        world.review(study, world.commissioner, reason="缺照片")
        world.submit(study)

        with refused(StudyError, match="changed this record"):
            factories.review_study(
                study_id=study.pk,
                seen_version=2,
                passes=True,
                reason="",
                by=acting(world.commissioner),
                at=LATER,
            )

    def test_each_act_stands_in_the_trail(self, world):
        study = world.record()
        world.approve(study)
        withdraw(study, world.clerk)

        about = AuditEntry.objects.filter(object_type="trainees.study", object_id=study.pk)
        assert list(about.order_by("id").values_list("act", flat=True)) == [
            "record_study",
            "add_study_file",
            "submit_study",
            "review_study",
            "review_study",
            "withdraw_study",
        ]


class TestWithdrawal:
    def test_hours_are_reversed_and_the_record_stays(self, world):
        study = world.record()
        world.approve(study)
        withdraw(study, world.clerk)

        assert state_of(study) == "withdrawn"
        assert [hours_of(member) for member in world.members] == [0, 0, 0]
        assert CreditEntry.objects.count() == 6
        assert list_findings() == []

    def test_what_a_cap_cut_for_its_sake_comes_back(self, world):
        first = world.record(minutes=300)
        world.approve(first)
        second = world.record(minutes=300, kind=StudyKind.PARTY_LESSON)
        world.approve(second)
        assert hours_of(world.members[0]) == 8  # five, and three of five

        posted = withdraw(first, world.clerk)

        assert hours_of(world.members[0]) == 5
        assert posted.others == 3
        assert list_findings() == []

    def test_its_place_is_free_again(self, world):
        study = world.record()
        world.approve(study)
        withdraw(study, world.clerk)

        world.approve(world.record())
        assert hours_of(world.members[0]) == 2

    def test_only_a_clerk_who_did_not_record_it_and_only_with_a_reason(self, world):
        study = world.record(by=world.clerk)
        world.submit(study)
        world.review(study, world.commissioner)
        second = factories.make_clerk(world.school)
        world.review(study, second)
        for user in (world.clerk, world.commissioner, world.secretary):
            with refused(Study.DoesNotExist):
                withdraw(study, user)
        with refused(StudyError, match="Say why"):
            withdraw(study, second, reason=" ")

    def test_only_what_is_approved(self, world):
        study = world.record()
        with refused(StudyError, match="not approved"):
            withdraw(study, world.clerk)


class TestCorrectingParticipants:
    @pytest.fixture
    def study(self, world):
        study = world.record(members=world.members[:2])
        world.approve(study)
        return study

    def there(self, study) -> set[int]:
        return set(study.participants.values_list("member", flat=True))

    def test_whoever_was_left_out_gets_the_hours(self, world, study):
        corrected = correct(study, world.clerk, add=[world.members[2]])

        assert (corrected.added.entries, corrected.removed.entries) == (1, 0)
        assert [hours_of(member) for member in world.members] == [2, 2, 2]
        assert self.there(study) == {member.pk for member in world.members}
        assert state_of(study) == "approved"
        assert list_findings() == []

    def test_whoever_was_not_there_gives_them_back_and_reads_why(self, world, study):
        absent = world.members[0]
        correct(study, world.clerk, remove=[absent], reason="当天请假")

        assert [hours_of(member) for member in world.members] == [0, 2, 0]
        last = absent.assessments.latest("version")
        assert (last.own_reason, last.cause, last.reason) == ("withdrawn", "corrected", "当天请假")
        assert CreditEntry.objects.get(member=absent, reverses__isnull=False).reason == "当天请假"
        assert self.there(study) == {world.members[1].pk}
        assert list_findings() == []

    def test_one_for_another_in_one_act(self, world, study):
        correct(study, world.clerk, add=world.members[2:], remove=world.members[:1])

        assert [hours_of(member) for member in world.members] == [0, 2, 2]

    def test_taken_off_and_added_again_it_counts_once(self, world, study):
        correct(study, world.clerk, remove=world.members[:1])
        correct(study, world.clerk, add=world.members[:1], reason="签到表上有他")

        assert hours_of(world.members[0]) == 2
        assert list_findings() == []
        withdraw(study, world.clerk)
        assert hours_of(world.members[0]) == 0

    def test_what_it_kept_from_other_evidence_comes_back(self, world, study):
        lesson = world.record(minutes=480, kind=StudyKind.PARTY_LESSON)
        world.approve(lesson)
        assert hours_of(world.members[0]) == 8

        assert correct(study, world.clerk, remove=world.members[:1]).removed.others == 1
        assert hours_of(world.members[0]) == 8
        assert list_findings() == []

    def test_a_guest_keeps_the_own_branch(self, world, study):
        branch = factories.make_organisation(factories.make_school("120111005", "津门湖街道"))
        guest = factories.make_member(branch)
        correct(study, world.clerk, add=[guest])

        entry = CreditEntry.objects.get(member=guest)
        assert (entry.organisation, entry.school, entry.hours) == (branch, world.school, 2)
        correct(study, world.clerk, remove=[guest])
        assert list_findings() == []

    def test_who_when_and_why_is_kept_for_each_member(self, world, study):
        correct(study, world.clerk, add=world.members[2:], remove=world.members[:1], reason="核对")

        kept = StudyParticipantCorrection.objects.filter(study=study).order_by("change")
        assert [
            (one.member, one.organisation, one.change, one.reason, one.corrected_by, one.version)
            for one in kept
        ] == [
            (world.members[2], world.organisation, "added", "核对", world.clerk, 4),
            (world.members[0], world.organisation, "removed", "核对", world.clerk, 4),
        ]
        entry = AuditEntry.objects.get(act="correct_participants")
        assert entry.after == {
            "added": [world.members[2].pk],
            "removed": [world.members[0].pk],
            "reason": "核对",
        }

    def test_only_by_the_school_that_reviewed_it_and_not_by_its_recorder(self, world):
        study = world.record(by=world.clerk, members=world.members[:2])
        world.submit(study)
        world.review(study, world.commissioner)
        world.review(study, factories.make_clerk(world.school))
        elsewhere = factories.make_clerk(factories.make_school("120111005", "津门湖街道"))
        department = factories.make_user()
        factories.grant(department, Role.ORGANISATION_DEPARTMENT)
        for user in (world.clerk, world.commissioner, world.secretary, elsewhere, department):
            with refused(Study.DoesNotExist):
                correct(study, user, add=world.members[2:])

    def test_never_about_oneself(self, world, study):
        for member, how in ((world.members[2], "add"), (world.members[0], "remove")):
            member.user = factories.make_clerk(world.school)
            member.save()
            with refused(StudyError, match="yourself") as caught:
                correct(study, member.user, **{how: [member]})
            assert caught.value.field == "members"

    def test_only_what_is_approved_and_no_declaration(self, world, study):
        waiting = world.record(starts_at=time(9))
        world.submit(waiting)
        member = world.member_with_account()
        own = world.record(kind=StudyKind.ONLINE_STUDY, members=[member], by=member.user)
        world.approve(own)
        withdraw(study, world.clerk)
        for one in (waiting, own, study):
            with refused(Study.DoesNotExist):
                correct(one, world.clerk, add=world.members[2:])

    @pytest.mark.parametrize(
        ("add", "remove", "reason", "field", "words"),
        [
            ([2], [], " ", "reason", "Say why"),
            ([], [], "核对", "members", "nothing to correct"),
            ([], [2], "核对", "members", "nothing to correct"),
            ([1], [], "核对", "members", "on the list already"),
            ([], [0, 1], "核对", "members", "take the whole record back"),
        ],
    )
    def test_what_is_no_correction_is_refused(
        self, world, study, add, remove, reason, field, words
    ):
        people = {
            "add": [world.members[n] for n in add],
            "remove": [world.members[n] for n in remove],
        }
        with refused(StudyError, match=words) as caught:
            correct(study, world.clerk, reason=reason, **people)
        assert caught.value.field == field

    def test_whoever_belonged_nowhere_was_not_there(self, world, study):
        newcomer = factories.make_member(world.organisation)
        newcomer.memberships.update(period=period(DAY + timedelta(days=1)))

        with refused(StudyError, match="belonged to no organisation"):
            correct(study, world.clerk, add=[newcomer])

    def test_an_older_view_of_it_changes_nothing(self, world, study):
        seen = Study.objects.get(pk=study.pk).version
        correct(study, world.clerk, add=world.members[2:])
        with refused(StudyError, match="changed this record"):
            correct(study, world.clerk, remove=world.members[:1], seen=seen)


@pytest.mark.django_db(transaction=True)
def test_of_two_reviewers_at_once_one_takes_the_step():
    world = StudyWorld(two_steps=False)
    clerks = [world.clerk, factories.make_clerk(world.school)]
    study = world.record()
    world.submit(study)
    barrier = Barrier(2)

    def review(clerk):
        barrier.wait()
        try:
            world.review(study, clerk)
        except (StudyError, Study.DoesNotExist) as error:
            return type(error)
        finally:
            connection.close()
        return None

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(review, clerks))

    assert sum(answer is None for answer in answers) == 1
    assert StudyReview.objects.count() == 1
    assert [hours_of(member) for member in world.members] == [2, 2, 2]


def test_what_is_recorded_for_an_organisation_names_it(world):
    with refused(PermissionDenied):
        record_study(
            organisation=None,
            facts=StudyFacts(StudyKind.THEMED_DAY, "学习", "", DAY, 120),
            member_ids=[],
            by=acting(world.secretary),
            at=LATE,
        )
