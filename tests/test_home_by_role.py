"""The home page of one account with several roles shows what is due in all of them."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from accounts.enums import ADMINISTRATOR_ROLES, DISTRICT_ROLES, MONEY_ROLES, Role
from backstage.enums import JobState
from backstage.models import Job
from backstage.tasklist import list_tasks
from config.lib.periods import at_local, today
from hours.models import LedgerCheck
from instructors.models import Instructor
from tests import factories
from tests.admin_pages import make_officer
from tests.factories import ClassWorld, make_leader, make_member, make_organisation, make_user
from trainees.actions.slips import issue_member_slips
from trainees.models import RegisterImport
from trainees.permissions import roles_in_force
from trainees.queries.slips import count_without_account

SLIPS = reverse("trainees:slips")


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def labels(user) -> list[str]:
    return [task.label for task in list_tasks(user, timezone.now())]


@pytest.fixture
def world(db):
    world = ClassWorld(size=3)
    yesterday = today() - timedelta(days=1)
    factories.make_session(world.training_class, starts_at=at_local(yesterday, 9))
    return world


def test_a_lecturer_sees_what_he_teaches_next(world):
    user = make_user()
    lecturer = Instructor.objects.create(
        name="王", corps="professional", employer="区委党校", user=user
    )
    for days in (-1, 3, 1):
        start = at_local(today() + timedelta(days=days), 14)
        factories.make_session(world.training_class, starts_at=start, instructor=lecturer)

    teaching = [task for task in list_tasks(user, timezone.now()) if "Teach" in task.label]

    assert [task.label for task in teaching] == [
        f"Teach “{world.training_class.title}”, session {number}" for number in (5, 4)
    ]
    assert teaching[0].detail == f"网格化治理 · {world.school.name} · 党群服务中心"
    assert teaching[0].due.endswith(", 14:00 to 17:00")
    page, sessions = reverse("classes:my_teaching"), lecturer.sessions.order_by("-starts_at")
    assert [task.url for task in teaching] == [
        f"{page}#session-{session.pk}" for session in reversed(sessions[:2])
    ]


def test_clerk_secretary_and_member_in_one(world):
    """Each of the three brings its own; members whom two roles reach are counted once."""
    leader = make_leader(world.organisation)
    leader.user = world.clerk
    leader.save()

    assert roles_in_force(world.clerk) == {"school_clerk", "branch_secretary", "member"}
    shown = labels(world.clerk)
    assert any(label.startswith("Submit") for label in shown)
    assert "Print slips for 3 members without an account" in shown
    assert "Study 56 more credit hours this year" in shown
    assert len(shown) == len(set(shown))


def test_a_secretary_of_one_school_who_is_clerk_of_another_sees_both(world):
    elsewhere = make_organisation(factories.make_school("120111005", "津门湖街道"))
    leader = make_leader(elsewhere)
    leader.user = world.clerk
    leader.save()
    make_member(elsewhere)

    assert "Print slips for 4 members without an account" in labels(world.clerk)


def test_once_all_have_slips_only_the_look_up_is_left(world):
    issue_member_slips(
        member_ids=[member.pk for member in world.members],
        key=uuid4(),
        by=world.by,
        at=timezone.now(),
    )

    slips = [task for task in list_tasks(world.clerk, timezone.now()) if SLIPS in task.url]
    assert [(task.label, task.is_lookup) for task in slips] == [("Accounts and slips", True)]


def test_staff_among_the_members_are_not_counted(world):
    world.members[0].user = make_officer(Role.PAYER)
    world.members[0].user.set_unusable_password()
    world.members[0].user.save()
    world.members[0].save()

    assert count_without_account(world.clerk, today(), timezone.now()) == 2


def test_a_lecturer_without_sessions_enters_days(db):
    looked_up = ["My teaching", "My engagements", "When I can teach"]
    assert labels(make_officer(Role.LECTURER)) == looked_up


@pytest.mark.parametrize("role", sorted(MONEY_ROLES))
def test_roles_of_money_without_anything_to_do_look_at_the_funds(db, role):
    user = make_officer(role)

    assert roles_in_force(user) == {role.value}
    assert labels(user) == [
        *("Funds of the schools", "Costs and payments", "Special audits"),
        *("Classes without money", "Budget, commitments and payments", "What classes cost"),
    ]


@pytest.mark.parametrize("role", Role)
def test_the_administration_is_offered_to_those_who_may_enter(db, role):
    urls = [task.url for task in list_tasks(make_officer(role), timezone.now())]

    assert (reverse("admin:index") in urls) == (role in {*DISTRICT_ROLES, *ADMINISTRATOR_ROLES})
    assert (reverse("accounts:trail") in urls) == (role == Role.AUDIT_ADMINISTRATOR)


@pytest.mark.parametrize(
    ("role", "looked_up"),
    [
        (Role.SECURITY_ADMINISTRATOR, {"Accounts", "Roles", "Slips and their codes"}),
        (Role.SYSTEM_ADMINISTRATOR, {"Privacy notices", "Jobs", "Checks of the ledger"}),
        (Role.AUDIT_ADMINISTRATOR, {"Audit trail", "Today's entries", "Lists exported"}),
    ],
)
def test_administrators_find_their_look_ups_and_each_opens(db, client, role, looked_up):
    user = make_officer(role)
    client.force_login(user, "accounts.backends.PhoneOrNumberBackend")

    tasks = list_tasks(user, timezone.now())

    assert looked_up <= {task.label for task in tasks}
    for task in tasks:
        assert client.get(task.url).status_code == 200


def test_the_system_administrator_is_told_of_what_failed(db):
    system = make_officer(Role.SYSTEM_ADMINISTRATOR)
    now = timezone.now()
    job = {"kind": "backstage.export", "state": JobState.FAILED, "asked_at": now}
    for days in (1, 2, 30):
        Job.objects.create(ended_at=now - timedelta(days=days), **job)
    LedgerCheck.objects.create(checked_at=now, entries=9, assessments=9, findings=3, details=[])

    shown = labels(system)

    assert "Look at 2 jobs that failed within a week" in shown
    assert "Look at 3 findings in the ledger" in shown
    LedgerCheck.objects.create(checked_at=now, entries=9, assessments=9, findings=0, details=[])
    assert not [label for label in labels(system) if "findings" in label]


def test_the_newest_imports_that_wait_are_named_and_the_others_counted(db):
    office = make_officer(Role.ORGANISATION_DEPARTMENT)
    now = timezone.now()
    RegisterImport.objects.bulk_create(
        RegisterImport(
            file_name=f"名册{n}.xlsx", as_of=today(), state="ready", uploaded_at=now + timedelta(n)
        )
        for n in range(7)
    )

    told = [label for label in labels(office) if "import" in label or "register" in label]

    assert "Check the register 名册6.xlsx" in told
    assert "Check the register 名册1.xlsx" not in told
    assert "2 more imports wait to be checked" in told


def test_an_account_without_a_role_holds_none(db):
    assert roles_in_force(make_user()) == frozenset()
