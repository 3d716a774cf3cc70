"""Records that were handed in: who reviews them, what counts, and what comes back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import time, timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.utils import translation

from accounts.enums import Role
from accounts.models import AuditEntry
from config.lib.periods import at_local, period
from hours.models import CreditEntry, CreditRule
from hours.queries.ledger_check import list_findings
from studies.actions.study_reviews import correct_participants, review_study, withdraw_study
from studies.enums import StudyKind
from studies.errors import StudyError
from studies.models import Study, StudyParticipantCorrection, StudyReview
from tests import factories
from tests.factories import DAY, StudyWorld, acting
from tests.refusals import refused
from tests.studies.actions.test_studies import change, hours_of

pytestmark = pytest.mark.django_db
LATER = at_local(DAY, 22)


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def world() -> StudyWorld:
    return StudyWorld()


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


def correct(study: Study, by, *, add=(), guests=(), remove=(), reason="核对签到表", seen=None):
    return correct_participants(
        study_id=study.pk,
        seen_version=seen or Study.objects.get(pk=study.pk).version,
        add=[member.pk for member in add],
        guest_ids=[member.pk for member in guests],
        remove=[member.pk for member in remove],
        reason=reason,
        by=acting(by),
        at=LATER,
    )


def test_nobody_passes_what_somebody_turns_out_to_have_been_elsewhere_at(world):
    study = world.submit(world.record())
    gone = world.members[0]
    elsewhere = factories.make_organisation(world.school, "第二党支部")
    gone.memberships.update(organisation=elsewhere)

    with refused(StudyError, match=f"{gone.name} did not belong here on that day"):
        world.review(study, world.commissioner)
    world.review(study, world.commissioner, reason="当日不在本支部")
    assert state_of(study) == "draft"


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

        recorded = world.record(by=world.clerk, starts_at=time(9))
        world.submit(recorded)
        world.review(recorded, world.commissioner)
        with refused(Study.DoesNotExist):
            world.review(recorded, world.clerk)
        world.review(recorded, factories.make_clerk(world.school))
        assert state_of(recorded) == "approved"

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
        assert [submission.round for submission in study.submissions.all()] == [1, 2]
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
            review_study(
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
            review_study(
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

        about = AuditEntry.objects.filter(object_type="studies.study", object_id=study.pk)
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
        elsewhere = factories.make_clerk(factories.make_school("120111005", "津门湖街道"))
        for user in (world.clerk, world.commissioner, world.secretary, elsewhere):
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

    def test_the_person_who_was_left_out_gets_the_hours(self, world, study):
        corrected = correct(study, world.clerk, add=[world.members[2]])

        assert (corrected.added.entries, corrected.removed.entries) == (1, 0)
        assert [hours_of(member) for member in world.members] == [2, 2, 2]
        assert self.there(study) == {member.pk for member in world.members}
        assert state_of(study) == "approved"
        assert list_findings() == []

    def test_the_person_who_was_not_there_gives_them_back_and_reads_why(self, world, study):
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
        with refused(StudyError, match=f"{guest.name} did not belong here") as caught:
            correct(study, world.clerk, add=[guest])
        assert caught.value.field == "members"
        correct(study, world.clerk, add=[guest], guests=[guest])

        entry = CreditEntry.objects.get(member=guest)
        assert (entry.organisation, entry.school, entry.hours) == (branch, world.school, 2)
        correct(study, world.clerk, remove=[guest])
        assert list_findings() == []

    def test_who_when_and_why_is_kept_for_each_member(self, world, study):
        correct(study, world.clerk, add=world.members[2:], remove=world.members[:1], reason="核对")

        kept = StudyParticipantCorrection.objects.filter(study=study).order_by("change")
        assert [
            (
                correction.member,
                correction.organisation,
                correction.change,
                correction.reason,
                correction.corrected_by,
                correction.version,
            )
            for correction in kept
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
        for member, kind in ((world.members[2], "add"), (world.members[0], "remove")):
            member.user = factories.make_clerk(world.school)
            member.save()
            with refused(StudyError, match="yourself") as caught:
                correct(study, member.user, **{kind: [member]})
            assert caught.value.field == "members"

    def test_only_what_is_approved_and_no_declaration(self, world, study):
        waiting = world.record(starts_at=time(9))
        world.submit(waiting)
        member = world.member_with_account()
        declaration = world.record(kind=StudyKind.ONLINE_STUDY, members=[member], by=member.user)
        world.approve(declaration)
        withdraw(study, world.clerk)
        for recorded in (waiting, declaration, study):
            with refused(Study.DoesNotExist):
                correct(recorded, world.clerk, add=world.members[2:])

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

    def test_the_person_who_belonged_nowhere_was_not_there(self, world, study):
        newcomer = factories.make_member(world.organisation)
        newcomer.memberships.update(period=period(DAY + timedelta(days=1)))

        with refused(StudyError, match="did not belong here"):
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
