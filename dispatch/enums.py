from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class LetterStage(models.TextChoices):
    """Where a booking letter stands, from the school's draft to its evaluation."""

    DRAFT = "draft", _("draft")
    SUBMITTED = "submitted", _("submitted")
    INQUIRY = "inquiry", _("the district asks")
    ANSWERED = "answered", _("answered")
    SCHEDULED = "scheduled", _("scheduled")
    CONFIRMED = "confirmed", _("confirmed")
    TAUGHT = "taught", _("taught")
    EVALUATED = "evaluated", _("evaluated")
    DECLINED = "declined", pgettext_lazy("of a booking letter", "declined")
    CANCELLED = "cancelled", _("cancelled")


# The district works on these.
AT_THE_DESK = frozenset({LetterStage.SUBMITTED, LetterStage.INQUIRY, LetterStage.ANSWERED})
# Nothing is taught for these.
ENDED_STAGES = frozenset({LetterStage.DECLINED, LetterStage.CANCELLED})
# Nothing was agreed yet, so either side may still end them.
OPEN_STAGES = AT_THE_DESK | {LetterStage.DRAFT, LetterStage.SCHEDULED}


class EngagementState(models.TextChoices):
    """What became of the engagement of a lecturer for one session."""

    DRAFT = "draft", _("in the draft of the plan")
    PROPOSED = "proposed", _("waits for the lecturer")
    ACCEPTED = "accepted", pgettext_lazy("of an engagement", "accepted")
    DECLINED = "declined", pgettext_lazy("of an engagement", "declined")
    LAPSED = "lapsed", _("not answered in time")
    WITHDRAWN = "withdrawn", pgettext_lazy("of an engagement", "withdrawn")


# These hold the time of lecturer and venue.
LIVE_STATES = (EngagementState.DRAFT, EngagementState.PROPOSED, EngagementState.ACCEPTED)
# The session is back at the desk.
LOST_STATES = (EngagementState.DECLINED, EngagementState.LAPSED)
