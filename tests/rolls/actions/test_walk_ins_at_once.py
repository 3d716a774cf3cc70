"""Two clerks match the lines of one sheet at the same time: on real connections."""

from functools import partial

import pytest

from classes.errors import RosterError
from hours.models import CreditEntry
from rolls.actions.attendance import submit_roll
from rolls.actions.walk_ins import WalkInFacts, match_walk_in, record_walk_in, remove_walk_in
from rolls.errors import RollError
from rolls.models import Attendance, WalkIn
from rolls.queries.rolls import get_roll_page
from tests import factories
from tests.connections import overlapping, together
from tests.factories import DAY, NOON, ClassWorld, acting

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world():
    world = ClassWorld(size=2)
    world.strangers = [factories.make_member(world.organisation) for _ in range(2)]
    world.other = factories.make_clerk(world.school)
    page = get_roll_page(world.clerk, world.session.pk, DAY)
    marks = {line.member_id: "present" for line in page.lines}
    seen = dict.fromkeys(marks, "")
    submit_roll(session_id=world.session.pk, marks=marks, seen=seen, by=world.by, at=NOON)
    return world


def record(world) -> WalkIn:
    facts = WalkInFacts(name="李秀英", status="present")
    return record_walk_in(session_id=world.session.pk, facts=facts, by=world.by, at=NOON)


def match(walk_in, member, clerk) -> object:
    try:
        return match_walk_in(walk_in_id=walk_in.pk, member_id=member.pk, by=acting(clerk), at=NOON)
    except (RollError, RosterError, WalkIn.DoesNotExist) as error:
        return error


def test_one_line_is_matched_to_one_of_two_members(world):
    walk_in = record(world)
    tries = zip(world.strangers, (world.clerk, world.other), strict=True)
    done = together(*(partial(match, walk_in, member, clerk) for member, clerk in tries))

    assert sum(isinstance(result, RollError) for result in done) == 1
    walk_in.refresh_from_db()
    assert walk_in.member in world.strangers
    assert Attendance.objects.filter(member__in=world.strangers).count() == 1
    assert CreditEntry.objects.filter(member__in=world.strangers).count() == 1


def test_two_lines_are_not_both_matched_to_one_member(world):
    first, second = record(world), record(world)
    member = world.strangers[0]
    done = together(
        partial(match, first, member, world.clerk), partial(match, second, member, world.other)
    )

    assert sum(isinstance(result, RosterError | RollError) for result in done) == 1
    assert WalkIn.objects.filter(member=member).count() == 1
    assert CreditEntry.objects.filter(member=member).count() == 1


def test_a_line_removed_meanwhile_is_matched_to_nobody(world):
    walk_in = record(world)
    remove = partial(
        remove_walk_in, walk_in_id=walk_in.pk, reason="笔误", by=acting(world.other), at=NOON
    )
    done = overlapping(remove, partial(match, walk_in, world.strangers[0], world.clerk))

    assert isinstance(done[1], WalkIn.DoesNotExist)
    assert not Attendance.objects.filter(member__in=world.strangers).exists()
