from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class PocketKept(models.TextChoices):
    """Why a pocket number stays as it is."""

    SIGNED = "signed", _("as signed")
    IN_USE = "in_use", _("the phone is in it")


class LeaveAnswer(models.TextChoices):
    """What the clerk says to a request for leave."""

    ACCEPTED = "accepted", _("accepted")
    REFUSED = "refused", pgettext_lazy("of leave", "refused")


class LeaveState(models.TextChoices):
    """How a request for leave stands."""

    WAITING = "waiting", _("waiting for an answer")
    ACCEPTED = "accepted", _("accepted")
    REFUSED = "refused", pgettext_lazy("of leave", "refused")
    WITHDRAWN = "withdrawn", _("taken back")


class RollState(models.TextChoices):
    """States of a roll. No row at all means *not taken*."""

    DRAFT = "draft", _("draft")
    SUBMITTED = "submitted", _("submitted")


class RollStage(models.TextChoices):
    """How far a roll is. Hours stand from *submitted* on, whatever follows."""

    UNTAKEN = "untaken", _("not taken")
    DRAFT = "draft", _("draft")
    SUBMITTED = "submitted", _("submitted")
    CLOSED = "closed", _("closed")
    REOPENED = "reopened", _("reopened")
