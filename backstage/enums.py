from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class JobState(models.TextChoices):
    """The states of a job from order to end."""

    QUEUED = "queued", _("waiting")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")
    STOPPED = "stopped", _("stopped")


OPEN_STATES = (JobState.QUEUED, JobState.RUNNING)


class FileKind(models.TextChoices):
    """The kind of evidence in a file for a study."""

    PHOTO = "photo", _("photograph")
    SHEET = "sheet", _("sign-in sheet")
    CERTIFICATE = "certificate", _("certificate or screenshot")


class RunOutcome(models.TextChoices):
    """How a run of an operation ended."""

    OK = "ok", _("done")
    FAILED = "failed", _("failed")


class PendingState(models.TextChoices):
    """The states of an act that waits for a second person."""

    WAITING = "waiting", _("waiting for a second person")
    DONE = "done", _("confirmed and done")
    REFUSED = "refused", _("refused")


class Channel(models.TextChoices):
    """The ways by which a message leaves the portal, besides standing in it."""

    EMAIL = "email", _("e-mail")
    SMS = "sms", _("SMS")


class DeliveryState(models.TextChoices):
    """How far a delivery is. One that is being sent when its worker dies is given up."""

    WAITING = "waiting", _("waiting")
    SENDING = "sending", _("being sent")
    FAILED = "failed", _("failed, is tried again")
    SENT = "sent", _("sent")
    GIVEN_UP = "given_up", pgettext_lazy("of a delivery", "given up")


DUE_STATES = (DeliveryState.WAITING, DeliveryState.FAILED)
