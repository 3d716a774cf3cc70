from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class PocketKept(models.TextChoices):
    """Why a pocket number cannot change."""

    SIGNED = "signed", _("as signed")
    IN_USE = "in_use", _("the phone is in it")


class LeaveAnswer(models.TextChoices):
    """The clerk's answer to a request for leave."""

    ACCEPTED = "accepted", _("accepted")
    REFUSED = "refused", pgettext_lazy("of leave", "refused")


class LeaveState(models.TextChoices):
    """The state of a request for leave."""

    WAITING = "waiting", _("waiting for an answer")
    ACCEPTED = "accepted", _("accepted")
    REFUSED = "refused", pgettext_lazy("of leave", "refused")
    WITHDRAWN = "withdrawn", _("taken back")


class RollState(models.TextChoices):
    """States of a roll. A session without a row has its roll *not taken*."""

    DRAFT = "draft", _("draft")
    SUBMITTED = "submitted", _("submitted")


class RollStage(models.TextChoices):
    """The stage of a roll. Hours count from *submitted* on, whatever follows."""

    UNTAKEN = "untaken", _("not taken")
    DRAFT = "draft", _("draft")
    SUBMITTED = "submitted", _("submitted")
    CLOSED = "closed", _("closed")
    REOPENED = "reopened", _("reopened")
