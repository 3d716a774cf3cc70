from django.db import models
from django.utils.translation import gettext_lazy as _


class AttendanceStatus(models.TextChoices):
    """A trainee's mark on the roll. No row means *not taken*."""

    PRESENT = "present", _("present")
    LATE = "late", _("late")
    ON_LEAVE = "on_leave", _("on leave")
    ABSENT = "absent", _("absent")


ATTENDED = (AttendanceStatus.PRESENT, AttendanceStatus.LATE)


class ReopeningAnswer(models.TextChoices):
    """The district school's answer to a request to reopen a roll."""

    GRANTED = "granted", _("granted")
    REFUSED = "refused", _("left closed")


class MarkOutcome(models.TextChoices):
    """The outcome of a mark that a device sent."""

    APPLIED = "applied", _("saved")
    CONFLICT = "conflict", _("somebody else marked differently")
    REFUSED = "refused", _("not accepted")


class MarkRefusal(models.TextChoices):
    """Why a mark that a device sent was not applied."""

    SUBMITTED = "submitted", _("The roll was submitted before this mark arrived.")
    NOT_ON_ROSTER = "not_on_roster", _("This person is not on the roster of the session.")
    OWN = "own", _("This is your own mark: somebody else sets it.")
    USED = "used", _("A mark with this number arrived before with other content.")


class DoorAnswer(models.TextChoices):
    """A lane's answer to a code shown at the door of a session."""

    PRESENT = "present", _("present")
    LATE = "late", _("late")
    MARKED = "marked", _("marked already")
    ON_LEAVE = "on_leave", _("on leave")
    ABSENT = "absent", _("marked absent")
    WAITS = "waits", _("on the waiting list")
    ELSEWHERE = "elsewhere", _("not on this roster")
    TOO_EARLY = "too_early", _("too early")
    CLOSED = "closed", _("door closed")
    EXPIRED = "expired", _("code expired")
    TOO_OLD = "too_old", _("sent too late")
    OWN = "own", _("your own mark")
    UNKNOWN = "unknown", _("code unknown")


LET_IN = (DoorAnswer.PRESENT, DoorAnswer.LATE)
CODE_REFUSED = (DoorAnswer.EXPIRED, DoorAnswer.UNKNOWN)


class CardEnd(models.TextChoices):
    """Why a member's card is no longer valid. The audit trail has the reason of a revocation."""

    REPLACED = "replaced", _("replaced by a new card")
    REVOKED = "revoked", _("card revoked")
