"""Leave is asked for ahead, answered by the clerk, and stands in the roll until it is taken."""

from datetime import date

import pytest

from accounts.models import AuditEntry
from classes.actions.leaves import answer_leave, ask_leave, withdraw_leave
from classes.enums import LeaveAnswer, LeaveState
from classes.errors import LeaveError
from classes.models import LeaveRequest
from classes.queries.leaves import list_classes_with_leaves, list_leaves
from config.lib.periods import at_local
from courses.models import Session
from hours.models import CreditEntry
from rolls.actions.attendance import submit_roll
from rolls.queries.rolls import get_roll_page
from tests import factories
from tests.factories import ClassWorld

pytestmark = pytest.mark.django_db
DAY = date(2026, 5, 20)
BEFORE, AFTER = at_local(date(2026, 5, 18), 10), at_local(DAY, 12)


@pytest.fixture
def world():
    world = ClassWorld(size=2)
    world.member = world.members[0]
    world.member.user = factories.make_user()
    world.member.save()
    return world


def ask(world, at=BEFORE, reason="值班"):
    by = factories.acting(world.member.user)
    return ask_leave(session_id=world.session.pk, reason=reason, by=by, at=at)


def answer(world, leave, answer=LeaveAnswer.ACCEPTED, word="", by=None, at=BEFORE):
    return answer_leave(leave_id=leave.pk, answer=answer, word=word, by=by or world.by, at=at)


def withdraw(world, leave, at=BEFORE):
    return withdraw_leave(leave_id=leave.pk, by=factories.acting(world.member.user), at=at)


def suggested(world):
    page = get_roll_page(world.clerk, world.session.pk, DAY)
    return [line.suggested for line in page.lines]


def test_an_accepted_request_is_what_the_roll_begins_with(world):
    leave = ask(world)
    assert suggested(world) == ["", ""]

    answer(world, leave)

    assert suggested(world) == ["on_leave", ""]
    assert not CreditEntry.objects.exists()


def test_a_mark_goes_before_it(world):
    answer(world, ask(world))
    submit_roll(
        session_id=world.session.pk, marks=world.marks("present"), seen={}, by=world.by, at=AFTER
    )

    assert suggested(world) == ["present", "present"]


def test_one_that_was_taken_back_or_refused_is_not(world):
    leave = ask(world)
    answer(world, leave)
    withdraw(world, leave)
    assert suggested(world) == ["", ""]

    answer(world, ask(world), LeaveAnswer.REFUSED, "本课必到")
    assert suggested(world) == ["", ""]


def test_it_is_asked_once_and_again_after_it_was_taken_back(world):
    leave = ask(world)
    with pytest.raises(LeaveError):
        ask(world)

    withdraw(world, leave)
    assert ask(world).state == LeaveState.WAITING


@pytest.mark.parametrize("reason", ["", "  "])
def test_it_has_a_reason(world, reason):
    with pytest.raises(LeaveError):
        ask(world, reason=reason)


def test_it_is_asked_and_taken_back_before_the_session_begins(world):
    leave = ask(world)
    for act in (lambda: ask(world, at=AFTER), lambda: withdraw(world, leave, at=AFTER)):
        with pytest.raises(LeaveError):
            act()


def test_only_of_a_session_on_whose_roster_one_is(world):
    other = factories.make_session(factories.make_class(world.school))

    with pytest.raises(Session.DoesNotExist):
        ask_leave(
            session_id=other.pk,
            reason="值班",
            by=factories.acting(world.member.user),
            at=BEFORE,
        )


def test_nobody_takes_back_anothers(world):
    leave = ask(world)
    with pytest.raises(LeaveRequest.DoesNotExist):
        withdraw_leave(leave_id=leave.pk, by=world.by, at=BEFORE)


def test_it_is_answered_once_and_refused_with_a_word(world):
    leave = ask(world)
    with pytest.raises(LeaveError):
        answer(world, leave, LeaveAnswer.REFUSED, " ")

    answer(world, leave)
    with pytest.raises(LeaveError):
        answer(world, leave, LeaveAnswer.REFUSED, "本课必到")


def test_what_was_taken_back_or_is_on_a_submitted_roll_is_not_answered(world):
    leave = ask(world)
    withdraw(world, leave)
    with pytest.raises(LeaveError):
        answer(world, leave)

    leave = ask(world)
    submit_roll(
        session_id=world.session.pk, marks=world.marks("present"), seen={}, by=world.by, at=AFTER
    )
    with pytest.raises(LeaveError):
        answer(world, leave, at=AFTER)


def test_a_clerk_of_another_school_neither_sees_nor_answers_it(world):
    leave = ask(world)
    other = factories.make_clerk(factories.make_school("120111005", "津门湖街道"))

    assert list_leaves(other, world.training_class, BEFORE) == []
    with pytest.raises(LeaveRequest.DoesNotExist):
        answer(world, leave, by=factories.acting(other))


def test_the_clerk_is_told_of_it_until_it_is_answered(world):
    leave = ask(world)
    waiting = list_classes_with_leaves(world.clerk, BEFORE)
    assert [(training_class.pk, training_class.n) for training_class in waiting] == [
        (world.training_class.pk, 1)
    ]

    answer(world, leave)
    assert list_classes_with_leaves(world.clerk, BEFORE) == []
    (line,) = list_leaves(world.clerk, world.training_class, BEFORE)
    assert (line.leave.state, line.is_waiting) == (LeaveState.ACCEPTED, False)


def test_the_trail_keeps_each_step(world):
    leave = ask(world)
    answer(world, leave)
    withdraw(world, leave)

    acts = AuditEntry.objects.filter(object_id=str(leave.pk)).order_by("pk")
    assert list(acts.filter(act__endswith="leave").values_list("act", flat=True)) == [
        "ask_leave",
        "answer_leave",
        "withdraw_leave",
    ]
