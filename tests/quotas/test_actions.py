"""The task is set in versions; claims go to and fro until they cover it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import translation

from accounts.enums import Role
from accounts.models import AuditEntry
from config.lib.periods import local_date
from quotas.actions.claims import accept_claim, ask_again, begin_claim, submit_claim, write_claim
from quotas.actions.tasks import Target, begin_task, drop_line, publish_task, set_line
from quotas.amounts import say_lines
from quotas.errors import ClaimError, TaskError
from quotas.models import AnnualTask, QuotaClaim
from quotas.queries.claims import read_cover
from quotas.queries.tasks import claim_tasks, department_tasks
from tests.factories import acting, grant, make_user
from tests.quotas.world import LATER, SET, QuotaWorld
from tests.told import told

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def w() -> QuotaWorld:
    return QuotaWorld()


def titles_of(user) -> list[str]:
    """The newest first."""
    return [title for title, _text in told(user)][::-1]


def tasks_of(user) -> list[str]:
    with translation.override("en"):
        found = [*claim_tasks(user, LATER), *department_tasks(user, LATER)]
        return [task.label for task in found]


def test_a_task_begins_with_the_lines_of_the_year_before(w):
    w.publish(year=2026)

    after = begin_task(year=2027, by=acting(w.officer), at=LATER)

    assert [(line.measure, line.amount) for line in after.lines.order_by("pk")] == [
        ("events", 20),
        ("person_times", 400),
    ]
    assert (after.version, after.reason) == (1, "")


def test_a_line_is_of_one_measure_audience_and_module(w):
    task = w.draft()

    set_line(task_id=task.pk, target=Target("events", Decimal(30)), by=acting(w.officer), at=SET)
    ordinary = Target("trained", Decimal(90), "ordinary")
    set_line(task_id=task.pk, target=ordinary, by=acting(w.officer), at=SET)
    drop_line(line_id=task.lines.get(measure="person_times").pk, by=acting(w.officer), at=SET)

    assert [(n.measure, n.audience, n.amount) for n in task.lines.order_by("pk")] == [
        ("events", "", 30),
        ("trained", "ordinary", 90),
    ]
    with pytest.raises(TaskError, match="100 per cent"):
        set_line(
            task_id=task.pk,
            target=Target("on_target", Decimal(101)),
            by=acting(w.officer),
            at=SET,
        )


def test_the_schools_are_told_once_the_task_is_out(w):
    w.publish()

    assert titles_of(w.clerk) == titles_of(w.leader) == ["The task of 2026 is out"]
    assert tasks_of(w.clerk) == ["Claim the share of 杨柳青镇党校 in the task of 2026"]
    assert tasks_of(w.leader) == []
    assert AuditEntry.objects.filter(act="publish_task", actor=w.officer).count() == 1


def test_a_published_task_is_amended_by_its_next_version(w):
    task = w.publish()

    with pytest.raises(TaskError, match="never changes"):
        set_line(task_id=task.pk, target=Target("events", Decimal(9)), by=acting(w.officer), at=SET)
    with pytest.raises(TaskError, match="Say why"):
        begin_task(year=2026, by=acting(w.officer), at=LATER)

    second = begin_task(year=2026, reason="增加场次", by=acting(w.officer), at=LATER)
    assert AnnualTask.objects.newest(2026).get() == task
    publish_task(task_id=second.pk, by=acting(w.officer), at=LATER)
    assert AnnualTask.objects.newest(2026).get() == second
    assert second.lines.count() == 2


def test_only_the_department_sets_tasks(w):
    task = w.draft()
    for user in (w.clerk, w.leader):
        with pytest.raises(PermissionDenied):
            begin_task(year=2027, by=acting(user), at=SET)
        with pytest.raises(PermissionDenied):
            publish_task(task_id=task.pk, by=acting(user), at=SET)
    empty = begin_task(year=2027, by=acting(w.officer), at=SET)
    with pytest.raises(TaskError, match="at least one line"):
        publish_task(task_id=empty.pk, by=acting(w.officer), at=SET)


def test_a_claim_goes_from_clerk_to_leader_to_department(w):
    w.publish()
    claim = w.write(12, 250)
    assert tasks_of(w.leader) == ["Read and submit the claim of 杨柳青镇党校 for 2026"]
    with pytest.raises(PermissionDenied):
        submit_claim(claim_id=claim.pk, by=acting(w.clerk), at=LATER)

    submit_claim(claim_id=claim.pk, by=acting(w.leader), at=LATER)
    assert tasks_of(w.officer) == ["Decide on 1 claim of 2026"]
    assert titles_of(w.officer) == ["Claim of 杨柳青镇党校 for 2026: submitted"]

    ask_again(claim_id=claim.pk, words="场次请再加四场", by=acting(w.officer), at=LATER)
    assert tasks_of(w.clerk) == ["Claim anew for 杨柳青镇党校: the district asks again (2026)"]
    assert titles_of(w.clerk)[0] == "Claim of 杨柳青镇党校 for 2026: asked again"

    second = w.accept(16, 250, reason="按区里意见增加")
    assert (second.version, second.state) == (2, "accepted")
    assert tasks_of(w.clerk) == tasks_of(w.leader) == tasks_of(w.officer) == []


def test_a_new_version_needs_a_reason_and_begins_with_the_last_one(w):
    w.publish()
    w.accept(12, 250)

    claim = begin_claim(school_id=w.school.pk, year=2026, by=acting(w.clerk), at=LATER)

    assert [line.amount for line in claim.lines.order_by("task_line")] == [12, 250]
    with pytest.raises(ClaimError, match="Say why"):
        submit_claim(claim_id=claim.pk, by=acting(w.leader), at=LATER)
    with pytest.raises(ClaimError, match="not decided yet"):
        begin_claim(school_id=w.school.pk, year=2026, by=acting(w.clerk), at=LATER)


def test_nobody_acts_for_both_sides(w):
    w.publish()
    claim = w.submit(12, 250)
    both = make_user()
    grant(both, Role.ORGANISATION_DEPARTMENT)
    grant(both, Role.SCHOOL_LEADER, w.school)

    for act in (accept_claim, lambda **kw: ask_again(words="少", **kw)):
        with pytest.raises(ClaimError, match="of their own"):
            act(claim_id=claim.pk, by=acting(both), at=LATER)
        with pytest.raises(PermissionDenied):
            act(claim_id=claim.pk, by=acting(w.leader), at=LATER)


def test_another_school_is_not_claimed_for(w):
    w.publish()

    with pytest.raises(PermissionDenied):
        begin_claim(school_id=w.other.pk, year=2026, by=acting(w.clerk), at=LATER)
    claim = w.write(1, 1, school=w.other)
    with pytest.raises(PermissionDenied):
        write_claim(claim_id=claim.pk, amounts={}, by=acting(w.clerk), at=LATER)
    with pytest.raises(PermissionDenied):
        submit_claim(claim_id=claim.pk, by=acting(w.leader), at=LATER)


def test_a_claim_answers_the_task_in_force(w):
    w.publish()
    claim = w.submit(12, 250)
    second = begin_task(year=2026, reason="增加场次", by=acting(w.officer), at=LATER)
    publish_task(task_id=second.pk, by=acting(w.officer), at=LATER)

    with pytest.raises(ClaimError, match="amended meanwhile"):
        accept_claim(claim_id=claim.pk, by=acting(w.officer), at=LATER)
    ask_again(claim_id=claim.pk, words="任务已调整", by=acting(w.officer), at=LATER)

    assert w.accept(12, 250, reason="任务已调整").task == second


def test_a_claim_is_an_amount_of_its_measure(w):
    w.publish(Target("events", Decimal(20)), Target("trained", Decimal(90)))

    with pytest.raises(ClaimError, match="whole numbers"):
        w.write("12.5", 90)
    with pytest.raises(ClaimError, match="100 per cent at most"):
        w.write(12, 150, school=w.other)


def test_claims_cover_the_task_when_their_sum_does_and_each_school_its_share(w):
    task = w.publish(Target("events", Decimal(20)), Target("trained", Decimal(90)))
    w.accept(12, 95)

    events, trained = read_cover(task, local_date(LATER)).lines
    assert (events.accepted, events.gap) == (12, 8)
    assert (trained.accepted, trained.gap) == (0, 90)

    w.submit(8, 90, school=w.other)
    events, trained = read_cover(task, local_date(LATER)).lines
    assert (events.accepted, events.claimed) == (12, 20)
    assert (trained.accepted, trained.claimed) == (0, 90)

    accept_claim(claim_id=QuotaClaim.objects.get(school=w.other).pk, by=acting(w.officer), at=LATER)
    assert read_cover(task, local_date(LATER)).is_covered


def test_an_amended_task_keeps_what_was_accepted_until_claims_are_amended(w):
    w.publish()
    w.accept(12, 250)
    second = begin_task(year=2026, reason="增加场次", by=acting(w.officer), at=LATER)
    set_line(
        task_id=second.pk, target=Target("events", Decimal(30)), by=acting(w.officer), at=LATER
    )
    publish_task(task_id=second.pk, by=acting(w.officer), at=LATER)

    events, times = read_cover(second, local_date(LATER)).lines

    assert (events.accepted, events.gap, times.accepted) == (12, 18, 250)
    assert tasks_of(w.clerk) == ["Claim anew for 杨柳青镇党校: the task of 2026 is amended"]


def test_a_draft_for_an_older_task_gives_way_with_its_amounts(w):
    w.publish()
    draft = w.write(12, 250)
    second = begin_task(year=2026, reason="增加场次", by=acting(w.officer), at=LATER)
    publish_task(task_id=second.pk, by=acting(w.officer), at=LATER)
    assert tasks_of(w.clerk) == ["Claim anew for 杨柳青镇党校: the task of 2026 is amended"]
    assert tasks_of(w.leader) == []

    claim = begin_claim(school_id=w.school.pk, year=2026, by=acting(w.clerk), at=LATER)

    assert not QuotaClaim.objects.filter(pk=draft.pk).exists()
    assert (claim.version, claim.task) == (1, second)
    assert [line.amount for line in claim.lines.order_by("task_line")] == [12, 250]
    assert AuditEntry.objects.filter(act="discard_claim", object_id=str(draft.pk)).exists()
    assert tasks_of(w.leader) == ["Read and submit the claim of 杨柳青镇党校 for 2026"]
    submit_claim(claim_id=claim.pk, by=acting(w.leader), at=LATER)


def test_the_trail_says_lines_in_the_language_of_its_reader(w):
    w.publish(Target("events", Decimal(20)))
    fact = AuditEntry.objects.filter(act="publish_task").get().after["task_lines"]

    assert fact == [{"measure": "events", "audience": "", "module": "", "amount": "20.00"}]
    assert say_lines(fact) == "classes held: 20"
    with translation.override("zh-hans"):
        assert say_lines([*fact, "培训班: 3.00"]) == "已开办培训班：20；培训班: 3.00"
