"""The state of a session's roll."""

from classes.enums import RollState
from classes.models import Roll
from courses.models import Session


def is_submitted(session: Session) -> bool:
    """Whether the roll of a session counts; the caller holds the session's lock."""
    return Roll.objects.filter(session=session, state=RollState.SUBMITTED).exists()


def has_submitted_roll(session: Session) -> bool:
    """Whether the roll counts, for a page: reads the roll that was loaded with the session."""
    roll = getattr(session, "roll", None)
    return roll is not None and roll.state == RollState.SUBMITTED
