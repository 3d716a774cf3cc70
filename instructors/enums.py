from django.db import models
from django.utils.translation import gettext_lazy as _


class Corps(models.TextChoices):
    """The three lecturer corps."""

    LEAD_STUDY = "lead_study", _("lead-study corps")
    PROFESSIONAL = "professional", _("professional corps")
    BACKBONE = "backbone", _("backbone corps")


class Title(models.TextChoices):
    """Professional title, which sets the fee ceiling."""

    NONE = "none", _("no title")
    ASSOCIATE_PROFESSOR = "associate_professor", _("associate-professor level")
    PROFESSOR = "professor", _("professor level")
    ACADEMICIAN = "academician", _("academician or national expert")


class NominationState(models.TextChoices):
    """What became of a nomination."""

    WAITING = "waiting", _("waits for the organisation department")
    APPOINTED = "appointed", _("appointed")
    DECLINED = "declined", _("declined")


class LetterState(models.TextChoices):
    """Whether a letter of appointment, or its paper, is valid."""

    VALID = "valid", _("valid")
    EXPIRED = "expired", _("expired")
    REVOKED = "revoked", _("revoked")
    REPLACED = "replaced", _("replaced")


class LetterStanding(models.TextChoices):
    """How a lecturer stands with letters of appointment, all of theirs taken together."""

    IN_FORCE = "in_force", _("valid")
    ENDING = "ending", _("ends soon")
    TO_COME = "to_come", _("not yet in force")
    EXPIRED = "expired", _("expired")
    REVOKED = "revoked", _("revoked")
    NONE = "none", _("no letter")


class DayPart(models.TextChoices):
    """A part of a day: until noon, until 18:00, after it."""

    MORNING = "morning", _("morning")
    AFTERNOON = "afternoon", _("afternoon")
    EVENING = "evening", _("evening")


class LeaveKind(models.TextChoices):
    """Why a lecturer does not teach on some days. Health is personal, and says no more."""

    DUTY = "duty", _("official duty")
    STUDY = "study", _("own training")
    PERSONAL = "personal", _("personal")
