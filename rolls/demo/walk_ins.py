"""Demo data: two unmatched walk-ins on each roll that is still a draft."""

from classes.enums import RollState
from classes.models import Roll
from rolls.enums import AttendanceStatus
from rolls.models import Attendance, WalkIn

_CAME = (
    ("李秀兰", "村网格员党支部", AttendanceStatus.PRESENT, "替本支部同志来听课"),
    ("王建军", "", AttendanceStatus.LATE, "字迹不清，党组织未填"),
)


def seed_walk_ins() -> None:
    """Store them, as recorded by the person who marked the roll."""
    drafts = Roll.objects.filter(state=RollState.DRAFT).values("session")
    marks = Attendance.objects.filter(session__in=drafts)
    last = marks.order_by("session_id", "-marked_at", "-id").distinct("session_id")
    WalkIn.objects.bulk_create(
        WalkIn(
            session_id=mark.session_id,
            name=name,
            organisation_name=organisation,
            status=status,
            note=note,
            recorded_at=mark.marked_at,
            recorded_by_id=mark.marked_by_id,
        )
        for mark in last
        for name, organisation, status, note in _CAME
    )
