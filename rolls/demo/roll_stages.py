"""Demo data: closed rolls, one pending request to reopen a roll, and a called-off session."""

from classes.models import Roll
from config.lib.periods import at_local
from courses.models import Session
from rolls.models import RollReopening
from rolls.queries.deadlines import list_to_close
from schools.demo import DemoPlan
from schools.demo.network import YANGLIUQING


def seed_roll_stages(plan: DemoPlan) -> None:
    """Store them in their state at the beginning of the demo's day."""
    at = at_local(plan.on, 0)
    Roll.objects.filter(pk__in=list_to_close(at)).update(closed_at=at)
    rolls = Roll.objects.filter(session__training_class__school__code=YANGLIUQING)
    last = rolls.filter(closed_at__isnull=False).order_by("session__starts_at", "pk").last()
    if last is None or last.submitted_by is None:
        return
    RollReopening.objects.create(
        roll=last,
        reason="一名学员迟到后入场，误记为缺勤，签到表可查",
        asked_at=at,
        asked_by=last.submitted_by,
    )
    ahead = Session.objects.filter(training_class__school__code=YANGLIUQING, starts_at__gt=at)
    session = ahead.order_by("starts_at", "pk").last()
    if session is not None:
        session.called_off_at, session.called_off_by = at, last.submitted_by
        session.called_off_because = "报告厅检修，另行安排"
        session.save()
