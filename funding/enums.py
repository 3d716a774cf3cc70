from django.db import models
from django.utils.translation import gettext_lazy as _


class Channel(models.TextChoices):
    """The two earmarked channels that pay for training."""

    FISCAL = "fiscal", _("fiscal appropriation")
    DUES = "dues", _("dues supplement")
