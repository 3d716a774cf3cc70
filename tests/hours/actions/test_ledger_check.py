"""Lines whose cuts follow no longer from the rules are reassessed once, in an officer's name."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.enums import Role
from accounts.models import AuditEntry
from config.lib.periods import at_local
from hours.models import Assessment, CreditEntry, CreditRule
from hours.queries.ledger_check import RECOUNT, list_findings
from rolls.actions.attendance import submit_roll
from tests import factories
from tests.admin_pages import make_officer
from tests.factories import DAY, ClassWorld

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer():
    return make_officer(Role.ORGANISATION_DEPARTMENT)


@pytest.fixture
def capped_later():
    """Six hours of one morning, assessed before the cap of a half day was known."""
    CreditRule.objects.update(half_day_cap=None)
    world = ClassWorld(size=2)
    morning = at_local(DAY, 8)
    world.session.delete()
    world.session = factories.make_session(
        world.training_class, starts_at=morning, ends_at=morning + timedelta(hours=4), hours="6"
    )
    submit_roll(
        session_id=world.session.pk,
        marks=world.marks("present", "absent"),
        seen={},
        by=world.by,
        at=at_local(DAY, 20),
    )
    CreditRule.objects.update(half_day_cap=4)
    return world


def post_hours(user) -> str:
    out = StringIO()
    call_command("reassess_ledger", user.username, stdout=out)
    return out.getvalue()


def test_lines_are_reassessed_and_say_so(capped_later, officer):
    assert [finding.check for finding in list_findings()] == [RECOUNT]

    assert post_hours(officer) == "Settled; no findings.\n"

    line = Assessment.objects.get(version=2)
    assert (line.member, line.hours, line.cap_reason) == (capped_later.members[0], 4, "half_day")
    assert (line.cause, line.assessed_by) == ("reassessed", officer)
    assert CreditEntry.objects.sum_hours() == 4
    entry = AuditEntry.objects.get(act="reassess_ledger")
    assert (entry.actor, entry.after) == (officer, {"others": 1})


def test_nothing_changes_the_second_time(capped_later, officer):
    post_hours(officer)
    post_hours(officer)

    assert Assessment.objects.count() == 3


def test_only_an_officer_of_the_department_answers_for_it(capped_later):
    with pytest.raises(CommandError, match="Name an officer"):
        post_hours(capped_later.clerk)

    assert CreditEntry.objects.sum_hours() == 6
