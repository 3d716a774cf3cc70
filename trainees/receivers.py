"""What this app says to acts of the apps below."""

from typing import Any

from django.dispatch import receiver
from django.utils.translation import gettext as _

from accounts.records import RecordError
from courses.models import Session
from courses.signals import session_changing
from trainees.models import Attendance


@receiver(session_changing, dispatch_uid="trainees.keep_rolled_session")
def keep_rolled_session(session: Session, **_kwargs: Any) -> None:
    """What a roll was taken of stands once it has marks: credit hours rest on it."""
    if Attendance.objects.filter(session=session).exists():
        raise RecordError(_("This session has a roll, so it stays as it is."))
