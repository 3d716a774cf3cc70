"""How the roll of a session stands."""

from courses.models import Session
from trainees.enums import RollState
from trainees.models import Roll


def is_submitted(session: Session) -> bool:
    """Whether the roll of a session counts; the session's lock is held."""
    return Roll.objects.filter(session=session, state=RollState.SUBMITTED).exists()
