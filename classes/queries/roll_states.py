"""How the roll of a session stands."""

from classes.enums import RollState
from classes.models import Roll
from courses.models import Session


def is_submitted(session: Session) -> bool:
    """Whether the roll of a session counts; the session's lock is held."""
    return Roll.objects.filter(session=session, state=RollState.SUBMITTED).exists()
