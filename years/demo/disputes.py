"""Demo data: two disputes of the demo's own member, one open and one answered."""

from datetime import datetime, timedelta
from typing import Any

from config.lib.periods import at_local
from hours.enums import DisputeState, DisputeStep, DisputeVerdict, OwnCut
from hours.models import Assessment, Dispute, DisputeEntry
from schools.demo import DemoPlan, DemoSchools
from trainees.demo.posts import Focus

_OPENED_BEFORE = 2  # days before the demo's today
_MISSING_BEFORE = 12
_OPENED_AFTER, _ANSWERED_AFTER = timedelta(days=3), timedelta(days=5)  # its assessment


def seed_disputes(plan: DemoPlan, schools: DemoSchools, focus: Focus, account: int) -> None:
    """Store them; `account` is the account of the demo's member."""
    clerk = schools.clerk_for(focus.branch)
    marks = Assessment.objects.filter(member=focus.member.id, own_reason=OwnCut.ABSENT)
    line = marks.select_related("rule").latest("occurred_on")
    common = {
        "member_id": focus.member.id,
        "school_id": schools.school_for(focus.branch).id,
        "appeal_days": line.rule.dispute_days,
    }
    opened_at = line.assessed_at + _OPENED_AFTER
    answered = Dispute.objects.create(
        assessment=line,
        occurred_on=line.occurred_on,
        state=DisputeState.ANSWERED,
        opened_at=opened_at,
        **common,
    )
    _say(answered, account, opened_at, step=DisputeStep.OPENED, text="我当天到课，签到晚了一些。")
    _say(
        answered,
        clerk,
        line.assessed_at + _ANSWERED_AFTER,
        step=DisputeStep.ANSWERED,
        verdict=DisputeVerdict.STANDS,
        text="经核对点名册和签到表，均无您的签名，维持缺勤。",
    )
    opened_at = at_local(plan.days_before(_OPENED_BEFORE), 19, 40)
    waiting = Dispute.objects.create(
        missing="主题党日",
        occurred_on=plan.days_before(_MISSING_BEFORE),
        opened_at=opened_at,
        **common,
    )
    text = "我当天参加了支部主题党日，坐在第二排。"
    _say(waiting, account, opened_at, step=DisputeStep.OPENED, text=text)


def _say(dispute: Dispute, account: int, at: datetime, **entry: Any) -> None:
    DisputeEntry.objects.create(dispute=dispute, written_by_id=account, written_at=at, **entry)
