"""Cases of the table about a year: claims, statements, and what comes after the close."""

from __future__ import annotations

from decimal import Decimal

from accounts.enums import Role
from accounts.models import User
from quotas.actions.claims import (
    accept_claim,
    ask_again,
    begin_claim,
    submit_claim,
    write_claim,
)
from quotas.actions.closing import (
    LaterFact,
    answer_reopening,
    ask_reopening,
    note_adjustment,
    take_adjustment_back,
)
from quotas.actions.reconciliations import start_reconciliation
from quotas.actions.statements import Issuing, countersign_statement, sign_results
from quotas.errors import AdjustmentError, ClaimError, ReopeningError, StatementError
from quotas.models import QuotaClaim, Reconciliation, StatementSignature
from quotas.queries.statements import schools_to_sign
from quotas.reconciliation_job import compute_all
from schools.models import School
from tests import factories
from tests.conflicts.table import Act, World, case
from tests.constraints.rows_of_quotas import make_published_task
from tests.factories import DAY, NOON, acting, grant, make_user
from trainees.models import Member

LAST = DAY.year - 1
FACT = LaterFact(words="补到一份签到表", reason="结账后才找到", evidence="签到表原件，校办档案")


def leader_of(school: School) -> User:
    leader = make_user()
    grant(leader, Role.SCHOOL_LEADER, school)
    return leader


def officer() -> User:
    """One who has nothing to do with any school."""
    user = make_user()
    grant(user, Role.ORGANISATION_DEPARTMENT)
    return user


def second_account(world: World) -> User:
    """The account of the row, which is another one than that which acts unless it has one."""
    row = Member.objects.get(pk=world.mine.pk)
    if row.user is None:
        row.user = make_user()
        row.save(update_fields=["user"])
    return row.user


def claim_written_by_mine(world: World) -> QuotaClaim:
    """A claim of another school, which an account of the person drafted."""
    school, clerk = factories.make_school("120111190", "津门湖街道"), second_account(world)
    held = grant(clerk, Role.SCHOOL_CLERK, school)
    make_published_task(world.third, DAY.year)
    claim = begin_claim(school_id=school.pk, year=DAY.year, by=acting(clerk), at=NOON)
    amounts = dict.fromkeys(claim.lines.values_list("task_line", flat=True), Decimal(3))
    write_claim(claim_id=claim.pk, amounts=amounts, by=acting(clerk), at=NOON)
    held.delete()
    return submit_claim(claim_id=claim.pk, by=acting(leader_of(school)), at=NOON)


@case("accept_claim", ClaimError)
def own_claim_accepted(world: World) -> Act:
    claim = claim_written_by_mine(world)
    return lambda user: accept_claim(claim_id=claim.pk, by=acting(user), at=NOON)


@case("ask_again", ClaimError)
def own_claim_asked_again(world: World) -> Act:
    claim = claim_written_by_mine(world)
    return lambda user: ask_again(claim_id=claim.pk, words="请加", by=acting(user), at=NOON)


def reconcile(world: World) -> Reconciliation:
    by = acting(world.third)
    # Nobody else may be taken for the person, which would block the year.
    for member in Member.objects.exclude(pk=world.mine.pk):
        Member.objects.filter(pk=member.pk).update(name=f"学员{member.pk}")
    run = start_reconciliation(year=LAST, is_rehearsal=False, by=by, at=NOON, in_background=False)
    compute_all(run.pk, by, lambda: NOON)
    return run


def sign(run: Reconciliation, school: School, leader: User) -> StatementSignature:
    return sign_results(reconciliation_id=run.pk, school_id=school.pk, by=acting(leader), at=NOON)


def countersign(signature: StatementSignature, user: User) -> object:
    issuing = Issuing(acting(user), NOON, "https://portal.example/check/")
    return countersign_statement(signature_id=signature.pk, issuing=issuing)


def close(world: World) -> None:
    run = reconcile(world)
    for school in schools_to_sign(run):
        countersign(sign(run, school, leader_of(school)), officer())


@case("countersign_statement", StatementError)
def own_signature_countersigned(world: World) -> Act:
    school, leader = factories.make_school("120111190", "津门湖街道"), second_account(world)
    held = grant(leader, Role.SCHOOL_LEADER, school)
    signature = sign(reconcile(world), school, leader)
    held.delete()
    return lambda user: countersign(signature, user)


@case("answer_year_reopening", ReopeningError)
def own_reopening_answered(world: World) -> Act:
    close(world)
    asker = second_account(world)
    if asker != world.me:
        grant(asker, Role.ORGANISATION_DEPARTMENT)
    asked = ask_reopening(year=LAST, reason="漏了一次课", by=acting(asker), at=NOON)
    return lambda user: answer_reopening(
        reopening_id=asked.pk, is_granted=True, by=acting(user), at=NOON
    )


@case("note_adjustment", AdjustmentError)
def own_later_fact_noted(world: World) -> Act:
    close(world)
    fact = LaterFact(FACT.words, FACT.reason, FACT.evidence, member_id=world.mine.pk)
    return lambda user: note_adjustment(year=LAST, fact=fact, by=acting(user), at=NOON)


@case("take_adjustment_back", AdjustmentError)
def own_later_fact_taken_back(world: World) -> Act:
    close(world)
    fact = LaterFact(FACT.words, FACT.reason, FACT.evidence, member_id=world.mine.pk)
    row = note_adjustment(year=LAST, fact=fact, by=acting(world.third), at=NOON)
    return lambda user: take_adjustment_back(
        adjustment_id=row.pk, reason="记错了", by=acting(user), at=NOON
    )
