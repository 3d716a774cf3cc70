"""Nobody acts on what serves themselves: every act, by the one who gains and by somebody else."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.utils import timezone, translation

from accounts.audit_labels import ACT_LABELS
from accounts.chain.checking import list_chain_findings
from accounts.chain.signing import sign_written_rows
from accounts.enums import SignedActKind
from accounts.interests import own_rows, say_own
from accounts.models import AuditEntry, User
from accounts.records import RecordError, save_account
from classes.queries.leaves import list_leaves
from hours.models import Assessment, CreditEntry, Dispute
from hours.queries.ledger_check import list_findings
from rolls.actions.device_marks import DeviceMark, receive_marks
from rolls.actions.door import answer_at_door
from rolls.enums import DoorAnswer, MarkOutcome, MarkRefusal
from rolls.models import Attendance, MarkReceipt
from rolls.queries.rolls import get_roll_page
from rolls.queries.tasks import reopening_tasks
from studies.queries.studies import get_study_page
from tests import factories
from tests.conflicts import cases_of_audits, cases_of_years  # noqa: F401 - they enter their cases
from tests.conflicts.table import (
    CASES,
    EVENING,
    GIVES_NOTHING,
    World,
    own_leave,
    review,
    roll_with_oneself_reopened,
)
from tests.factories import DAY, MORNING, NOON, acting, make_member
from tests.refusals import refused
from trainees.enums import MergeState
from trainees.models import Member, MemberMerge

pytestmark = pytest.mark.django_db


def own_row(world: World) -> None:
    """The row is that of the account."""
    world.mine.user = world.me
    world.mine.save(update_fields=["user"])


def _merge(kept: Member, given_up: Member, account: int | None) -> None:
    """A merge as it stands once it is done."""
    given_up.merged_into, given_up.merged_year = kept, DAY.year
    given_up.save(update_fields=["merged_into", "merged_year"])
    by = [factories.make_user(), factories.make_user()]
    MemberMerge.objects.create(
        kept=kept,
        given_up=given_up,
        state=MergeState.DONE,
        reason="同一人",
        proposed_at=MORNING,
        proposed_by=by[0],
        decided_at=MORNING,
        decided_by=by[1],
        ended={"account": account, "closed": True} if account else {},
    )


def merged_row(world: World) -> None:
    """The row was merged into that of the account."""
    kept = make_member(world.organisation, world.mine.name, user=world.me)
    _merge(kept, world.mine, None)


def closed_account(world: World) -> None:
    """The account was that of a row that was merged into this one."""
    given_up = make_member(world.organisation, world.mine.name)
    _merge(world.mine, given_up, world.me.pk)


def account_without_row(world: World) -> None:
    """The account has no row, but the name and the phone of this one."""
    world.mine.phone = world.me.phone = "13800138000"
    world.me.display_name = world.mine.name
    world.mine.save(update_fields=["phone"])
    world.me.save(update_fields=["phone", "display_name"])


# What cannot be: a row that was merged into another is not matched, and not merged once more.
UNREACHABLE = {
    ("walk_in_matched_to_oneself", merged_row),
    ("own_merge_refused", merged_row),
    ("own_merge_done", merged_row),
    # A row has one account: these are about another account of the person.
    ("own_claim_accepted", own_row),
    ("own_claim_asked_again", own_row),
    ("own_signature_countersigned", own_row),
    ("own_reopening_answered", own_row),
    ("own_cost_checked", own_row),
    ("own_cost_approved", own_row),
    ("own_cost_paid", own_row),
    ("own_exception_decided", own_row),
    ("own_payment_audited", own_row),
    ("own_payment_found_at_fault", own_row),
    ("own_answer_reviewed", own_row),
    ("own_audit_closed", own_row),
}
# Rows of a person come before the close: a closed year takes no member.
OF_A_CLOSED_YEAR = {
    "own_signature_countersigned",
    "own_reopening_answered",
    "own_later_fact_noted",
    "own_later_fact_taken_back",
}
# How acts say it that have words of their own.
OWN_WORDS = (
    "Nobody grants or changes a role of their own",
    "Nobody decides on a claim of their own",
    "Somebody else countersigns what you signed",
    "Somebody else answers what you asked for",
    "Who asks for money does not approve it",
    "Nobody audits money of their own",
)
INTERESTS = (own_row, merged_row, closed_account, account_without_row)


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def world() -> World:
    return World()


def listed() -> list[str]:
    return [act for acts in GIVES_NOTHING.values() for act in acts.split()]


def test_every_act_is_tried_or_gives_nothing():
    tried = {case.act for case in CASES.values()} | {"receive_marks"}

    assert sorted(ACT_LABELS.keys() - tried) == sorted(listed())
    assert not tried - ACT_LABELS.keys()


def written() -> list[object]:
    """What an act would leave behind, so far."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND relname ~ '_'"
                       " AND relnamespace = current_schema()::regnamespace ORDER BY 1")  # fmt: skip
        tables = [name for (name,) in cursor.fetchall() if not name.startswith("django_")]
        query = " UNION ALL ".join(
            f"SELECT '{name}', count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) "
            f"FROM {name} t"
            for name in tables
        )
        cursor.execute(query)
        return sorted(cursor.fetchall(), key=str)


@pytest.mark.parametrize("interest", INTERESTS, ids=lambda interest: interest.__name__)
@pytest.mark.parametrize("name", CASES)
def test_who_gains_is_refused_and_nothing_is_written(world, name, interest):
    if (name, interest) in UNREACHABLE:
        return
    case = CASES[name]
    if case.act == "undo_merge":
        own_row(world)
    if name in OF_A_CLOSED_YEAR:
        interest(world)
    act = case.prepare(world)
    if case.act != "undo_merge" and name not in OF_A_CLOSED_YEAR:
        interest(world)
    before = written()

    with pytest.raises(case.error) as caught, transaction.atomic():
        act(world.me)

    assert str(caught.value).startswith((say_own(), *OWN_WORDS))
    assert written() == before


@pytest.mark.parametrize("name", CASES)
def test_somebody_else_does_it(world, name):
    case = CASES[name]
    own_row(world)
    act = case.prepare(world)
    sign_written_rows(SignedActKind.STOCK)

    act(world.other)

    sign_written_rows()
    assert list_chain_findings(at=timezone.now()) == []
    entry = AuditEntry.objects.filter(act=case.act, actor=world.other).last()
    assert entry is not None
    findings = [finding.check for finding in list_findings()]
    assert not [check for check in findings if check.startswith("nobody ")]


class TestAMarkOfADevice:
    @pytest.fixture(autouse=True)
    def _own(self, world):
        own_row(world)

    def send(self, world, user, *marks):
        marks = [DeviceMark(uuid4(), key, status, "", NOON) for key, status in marks]
        return receive_marks(
            session_id=world.session.pk, marks=marks, by=acting(user), at=NOON
        ).answers

    def test_of_oneself_is_refused_and_kept_and_the_others_are_taken(self, world):
        mine, others = world.mine.pk, world.colleague.pk
        answers = self.send(world, world.me, (mine, "present"), (others, "present"))

        assert [answer.outcome for answer in answers] == [MarkOutcome.REFUSED, MarkOutcome.APPLIED]
        assert answers[0].refusal == MarkRefusal.OWN
        assert MarkReceipt.objects.get(refusal=MarkRefusal.OWN).member == world.mine
        assert [*Attendance.objects.values_list("member", flat=True)] == [others]

    def test_is_taken_from_somebody_else(self, world):
        [answer] = self.send(world, world.other, (world.mine.pk, "present"))

        assert answer.outcome == MarkOutcome.APPLIED

    def test_that_says_absent_serves_nobody(self, world):
        [answer] = self.send(world, world.me, (world.mine.pk, "absent"))

        assert answer.outcome == MarkOutcome.APPLIED

    def test_at_the_door_is_refused_with_its_reason(self, world):
        ask = {"session_id": world.session.pk, "member_id": world.mine.pk, "at": MORNING}

        assert answer_at_door(key=uuid4(), by=acting(world.me), **ask).answer == DoorAnswer.OWN
        assert not Attendance.objects.exists()
        assert answer_at_door(key=uuid4(), by=acting(world.other), **ask).answer == "present"


class TestTheAccountThatAMergeClosed:
    """A security administrator has the account of the kept row; the other one was closed."""

    @pytest.fixture
    def closed(self, world):
        own_row(world)
        account = factories.make_user(is_active=False)
        _merge(world.mine, make_member(world.organisation, world.mine.name), account.pk)
        return account

    def enable(self, closed, user):
        copy = User.objects.get(pk=closed.pk)
        copy.is_active = True
        save_account(obj=copy, by=acting(user), fields=["is_active"])

    def test_is_not_enabled_by_its_owner(self, world, closed):
        with refused(RecordError) as caught:
            self.enable(closed, world.me)

        assert (str(caught.value), caught.value.field) == (say_own(), "is_active")
        assert not User.objects.get(pk=closed.pk).is_active

    def test_is_enabled_by_somebody_else(self, world, closed):
        self.enable(closed, world.other)

        assert User.objects.get(pk=closed.pk).is_active

    def test_may_be_renamed_by_its_owner(self, world, closed):
        closed.display_name = "王海"
        assert save_account(obj=closed, by=acting(world.me), fields=["display_name"])


class TestPages:
    """No button is offered for what would be refused."""

    @pytest.fixture(autouse=True)
    def _own(self, world):
        own_row(world)

    def test_a_study_with_oneself_is_not_reviewed_or_taken_back(self, world):
        study = world.study()
        page = {user: get_study_page(user, study.pk, DAY) for user in (world.me, world.other)}
        assert (page[world.me].may_review, page[world.other].may_review) == (False, True)
        review(study, world.third, study.version)
        page = {user: get_study_page(user, study.pk, DAY) for user in (world.me, world.other)}
        assert (page[world.me].may_withdraw, page[world.other].may_withdraw) == (False, True)

    def test_an_own_mark_is_not_corrected(self, world):
        world.submit()
        marks = Attendance.objects.correctable_by
        assert world.mine.pk not in marks(world.me, DAY).values_list("member", flat=True)
        assert world.mine.pk in marks(world.other, DAY).values_list("member", flat=True)
        page = get_roll_page(world.me, world.session.pk, DAY)
        assert (page.is_own, [line.is_own for line in page.lines]) == (True, [True, False])
        assert not get_roll_page(world.other, world.session.pk, DAY).is_own

    def test_an_own_leave_is_not_answered(self, world):
        own_leave(world)
        waits = {
            user: list_leaves(user, world.training_class, NOON)[0].is_waiting
            for user in (world.me, world.other)
        }
        assert waits == {world.me: False, world.other: True}

    def test_an_own_roll_to_reopen_is_no_task(self, world):
        roll_with_oneself_reopened(world)
        tasks = {user: reopening_tasks(user, NOON) for user in (world.me, world.other)}
        assert (len(tasks[world.me]), len(tasks[world.other])) == (0, 1)

    def test_an_own_dispute_waits_for_somebody_else(self, world):
        dispute = world.dispute()
        assert dispute not in Dispute.objects.waiting_for(world.me, DAY)
        assert dispute in Dispute.objects.waiting_for(world.other, DAY)


class TestTheCheckOfTheLedger:
    """`verify_ledger` names what was done in spite of the rule."""

    def checks(self) -> list[str]:
        return [finding.check for finding in list_findings()]

    def test_names_an_own_mark(self, world):
        own_row(world)
        world.submit()
        Attendance.objects.filter(member=world.mine).update(marked_by=world.me)

        assert self.checks() == ["nobody marks themselves present or corrects their own mark"]

    def test_names_nothing_from_before_two_rows_were_known_to_be_one(self, world):
        world.submit()
        Attendance.objects.filter(member=world.mine).update(
            marked_by=world.me, marked_at=MORNING.replace(hour=0)
        )
        merged_row(world)

        assert "nobody marks themselves present or corrects their own mark" not in self.checks()

        Attendance.objects.filter(member=world.mine).update(marked_at=EVENING)
        assert "nobody marks themselves present or corrects their own mark" in self.checks()


def test_a_person_has_the_rows_of_all_merges(world):
    own_row(world)
    for _ in range(2):
        _merge(world.mine, make_member(world.organisation), None)

    assert len(own_rows(world.me)) == 3
    assert own_rows(None) == frozenset()
    assert not CreditEntry.objects.exists()
    assert not Assessment.objects.exists()
