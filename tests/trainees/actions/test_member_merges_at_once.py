"""Two rows of one person become one while somebody posts hours of the row that is given up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest

from accounts.enums import Role
from accounts.models import ActivationCode
from config.lib.periods import at_local
from hours.models import CreditEntry
from hours.queries.ledger_check import list_findings
from rolls.actions.attendance import submit_roll, withdraw_roll
from rolls.models import Attendance
from studies.actions.study_reviews import withdraw_study
from studies.enums import StudyKind
from studies.models import Study
from tests import factories
from tests.admin_pages import make_officer
from tests.connections import overlapping, together
from tests.factories import DAY, ClassWorld, StudyWorld
from trainees.actions.member_merges import merge_members, propose_merge, undo_merge
from trainees.actions.slips import issue_member_slips
from trainees.enums import MergeState
from trainees.models import Member, MemberMerge

pytestmark = pytest.mark.django_db(transaction=True)

EVENING = at_local(DAY, 21)
LATER = EVENING + timedelta(days=1)


class Merger:
    """Two rows of one person, whose merger is proposed."""

    def __init__(self, kept: Member, given_up: Member) -> None:
        self.kept, self.given_up = kept, given_up
        proposer, self.officer = (
            factories.acting(make_officer(Role.ORGANISATION_DEPARTMENT)) for _ in range(2)
        )
        self.merge = propose_merge(
            kept_id=kept.pk, given_up_id=given_up.pk, reason="同一人", by=proposer, at=EVENING
        )

    def decide(self):
        return merge_members(merge_id=self.merge.pk, by=self.officer, at=LATER)

    def undo(self):
        return undo_merge(merge_id=self.merge.pk, reason="两人", by=self.officer, at=LATER)

    def require(self, *, kept: int, given_up: int = 0) -> None:
        """It is done, the two rows have these hours, and a recount finds nothing."""
        assert MemberMerge.objects.get().state == MergeState.DONE
        assert self.hours() == (kept, given_up)
        assert not list_findings()

    def hours(self) -> tuple:
        of_member = CreditEntry.objects.filter
        return tuple(of_member(member=m).sum_hours() for m in (self.kept, self.given_up))


# The first of the two has acted and not committed, or both begin at once.
type Way = Callable[[Callable, Callable], list]
WAYS: dict[str, Way] = {
    "merger first": overlapping,
    "merger second": lambda merge, act: overlapping(act, merge),
    "at once": together,
}
either_way = pytest.mark.parametrize("run", WAYS.values(), ids=WAYS)


@pytest.fixture
def rolls():
    """A class of both rows and somebody else. The row that is kept has six hours of the day."""
    world = ClassWorld(size=3)
    earlier = factories.make_class(world.school)
    factories.enrol(earlier, world.members[0])
    session = factories.make_session(earlier, starts_at=at_local(DAY, 14), hours="6")
    marks = {world.members[0].pk: "present"}
    submit_roll(session_id=session.pk, marks=marks, seen={}, by=world.by, at=EVENING)
    world.merger = Merger(*world.members[:2])
    return world


def submit(world: ClassWorld, *statuses: str):
    return submit_roll(
        session_id=world.session.pk,
        marks=world.marks(*statuses),
        seen={},
        by=world.by,
        at=EVENING,
    )


class TestARoll:
    @either_way
    def test_submitted_meanwhile_counts_for_the_row_that_is_kept(self, rolls, run):
        run(rolls.merger.decide, partial(submit, rolls, "absent", "present"))

        rolls.merger.require(kept=8)
        assert Attendance.objects.filter(session=rolls.session).count() == 3

    @either_way
    def test_that_marks_both_rows_counts_once(self, rolls, run):
        run(rolls.merger.decide, partial(submit, rolls, "present"))

        rolls.merger.require(kept=8)

    @either_way
    def test_corrected_meanwhile_counts_as_corrected(self, rolls, run):
        submit(rolls, "absent", "present")
        mark = Attendance.objects.get(session=rolls.session, member=rolls.merger.given_up)
        correct = partial(factories.correct_mark, mark, "absent", by=rolls.by, at=LATER)

        run(rolls.merger.decide, correct)

        rolls.merger.require(kept=6)

    @either_way
    def test_taken_back_meanwhile_counts_for_neither(self, rolls, run):
        submit(rolls, "absent", "present")
        kwargs = {"reason": "班次有误", "by": rolls.by, "at": LATER}

        run(rolls.merger.decide, partial(withdraw_roll, session_id=rolls.session.pk, **kwargs))

        rolls.merger.require(kept=6)

    @either_way
    def test_submitted_while_the_rows_are_taken_apart_counts_for_its_own(self, rolls, run):
        rolls.merger.decide()

        run(rolls.merger.undo, partial(submit, rolls, "absent", "present"))

        assert rolls.merger.hours() == (6, 4)
        assert not list_findings()

    @either_way
    def test_of_many_classes_at_once_makes_no_deadlock(self, rolls, run):
        """Rows locked in any order: the duplicate stands before the kept row in the other class."""
        other = factories.make_class(rolls.school)
        factories.enrol(other, *reversed(rolls.members))
        session = factories.make_session(other, starts_at=at_local(DAY, 14))
        marks = dict.fromkeys((member.pk for member in rolls.members), "present")
        kwargs = {"marks": marks, "seen": {}, "by": rolls.by, "at": EVENING}

        def both():
            return together(
                partial(submit, rolls, "present"),
                partial(submit_roll, session_id=session.pk, **kwargs),
            )

        together(rolls.merger.decide, both)

        rolls.merger.require(kept=8)


def test_an_account_given_meanwhile_goes_to_the_row_that_is_kept(rolls):
    kept, given_up = rolls.merger.kept, rolls.merger.given_up
    kwargs = {"key": uuid4(), "by": rolls.by, "at": EVENING}

    overlapping(
        partial(issue_member_slips, member_ids=[given_up.pk], **kwargs), rolls.merger.decide
    )

    for member in (kept, given_up):
        member.refresh_from_db()
    assert kept.user is not None
    assert given_up.user is None
    assert not ActivationCode.objects.filter(ended_at=None).exists()


@pytest.fixture
def studies():
    """A branch where the second row has an account and the first is kept."""
    world = StudyWorld(two_steps=False)
    duplicate = world.members[1]
    duplicate.user = factories.make_user()
    duplicate.save(update_fields=["user"])
    world.merger = Merger(*world.members[:2])
    return world


def wait_for_review(world: StudyWorld, kind: str) -> Study:
    """A record of the branch, or a declaration of the row that is given up, handed in."""
    members = [world.merger.given_up]
    if kind == StudyKind.ONLINE_STUDY:
        study = world.record(kind=kind, members=members, by=members[0].user, place="")
    else:
        study = world.record(kind=kind)
    return world.submit(study)


class TestAStudy:
    @either_way
    @pytest.mark.parametrize(("kind", "hours"), [("themed_day", 2), ("online_study", 1)])
    def test_approved_meanwhile_counts_once(self, studies, run, kind, hours):
        study = wait_for_review(studies, kind)

        run(studies.merger.decide, partial(studies.review, study, studies.clerk))

        studies.merger.require(kept=hours)

    @either_way
    @pytest.mark.parametrize("kind", ["themed_day", "online_study"])
    def test_taken_back_meanwhile_counts_for_neither(self, studies, run, kind):
        study = wait_for_review(studies, kind)
        studies.review(study, studies.clerk)
        seen = Study.objects.get(pk=study.pk).version
        kwargs = {"reason": "未开展", "by": factories.acting(studies.clerk), "at": LATER}

        run(
            studies.merger.decide,
            partial(withdraw_study, study_id=study.pk, seen_version=seen, **kwargs),
        )

        studies.merger.require(kept=0)
