"""Two schools with clerk and leader, the organisation department, and a task to claim."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from accounts.enums import Role
from accounts.models import User
from config.lib.periods import at_local
from quotas.actions.claims import accept_claim, begin_claim, submit_claim, write_claim
from quotas.actions.tasks import Target, begin_task, publish_task, set_line
from quotas.models import AnnualTask, QuotaClaim
from schools.models import School
from tests import factories
from tests.factories import acting, grant, make_user

# A Monday in January, on which the task is set.
SET = at_local(date(2026, 1, 12), 9)
LATER = SET + timedelta(days=1)
EVENTS, PERSON_TIMES = Target("events", Decimal(20)), Target("person_times", Decimal(400))


class QuotaWorld:
    """Who sets the task, and who claims."""

    def __init__(self) -> None:
        self.school = factories.make_school("120111102", "杨柳青镇")
        self.other = factories.make_school("120111005", "津门湖街道")
        self.clerk = factories.make_clerk(self.school)
        self.leader = self.make_leader(self.school)
        self.officer = make_user()
        grant(self.officer, Role.ORGANISATION_DEPARTMENT)

    def make_leader(self, school: School) -> User:
        leader = make_user()
        grant(leader, Role.SCHOOL_LEADER, school)
        return leader

    def draft(self, *targets: Target, year: int = 2026, at: datetime = SET) -> AnnualTask:
        task = begin_task(year=year, by=acting(self.officer), at=at)
        for target in targets or (EVENTS, PERSON_TIMES):
            set_line(task_id=task.pk, target=target, by=acting(self.officer), at=at)
        return task

    def publish(self, *targets: Target, year: int = 2026, at: datetime = SET) -> AnnualTask:
        task = self.draft(*targets, year=year, at=at)
        return publish_task(task_id=task.pk, by=acting(self.officer), at=at)

    def write(self, *amounts: object, school: School | None = None, reason: str = "") -> QuotaClaim:
        """A draft of the school's clerk with these amounts, in the order of the task's lines."""
        school = school or self.school
        clerk = self.clerk if school == self.school else factories.make_clerk(school)
        claim = begin_claim(school_id=school.pk, year=2026, by=acting(clerk), at=LATER)
        keys = claim.lines.order_by("task_line").values_list("task_line", flat=True)
        write_claim(
            claim_id=claim.pk,
            amounts={key: Decimal(str(n)) for key, n in zip(keys, amounts, strict=True)},
            reason=reason,
            by=acting(clerk),
            at=LATER,
        )
        return claim

    def submit(
        self, *amounts: object, school: School | None = None, reason: str = ""
    ) -> QuotaClaim:
        claim = self.write(*amounts, school=school, reason=reason)
        leader = self.leader if claim.school == self.school else self.make_leader(claim.school)
        return submit_claim(claim_id=claim.pk, by=acting(leader), at=LATER)

    def accept(
        self, *amounts: object, school: School | None = None, reason: str = ""
    ) -> QuotaClaim:
        claim = self.submit(*amounts, school=school, reason=reason)
        return accept_claim(claim_id=claim.pk, by=acting(self.officer), at=LATER)
