from django.db import models
from django.utils.translation import gettext_lazy as _


class Strand(models.TextChoices):
    """The three strands whose mix every module keeps (40/40/20 by hours)."""

    THEORY = "theory", _("political theory")
    PRACTICE = "practice", _("grassroots practice")
    ROLE_MODELS = "role_models", _("role models")


class Format(models.TextChoices):
    """How long a class is."""

    MICRO_LECTURE = "micro_lecture", _("micro-lecture")
    PACK = "pack", _("4-hour pack")
    INTENSIVE = "intensive", _("intensive class")


class Mode(models.TextChoices):
    """Where and how a class meets."""

    ON_SITE = "on_site", _("on site")
    ONLINE = "online", _("online")
    MOBILE_HALL = "mobile_hall", _("mobile lecture hall")
    OUTREACH = "outreach", _("outreach teaching")
