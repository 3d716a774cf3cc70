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


class VenueKind(models.TextChoices):
    """A room of the school, or a place outside where its classes are taught what is there."""

    VENUE = "venue", _("classroom venue")
    TEACHING_POINT = "teaching_point", _("on-site teaching point")


class EquipmentKind(models.TextChoices):
    """What a venue is to have, and what else is worth knowing of it."""

    VIDEO_CONFERENCING = "video_conferencing", _("video conferencing")
    PROJECTOR = "projector", _("projector")
    SOUND = "sound", _("sound system")
    FLAG = "flag", _("Party flag")
    OATH = "oath", _("oath of admission on the wall")
    PLAQUE = "plaque", _("plaque")
    BOOKS = "books", _("books and magazines")
    PHONE_POCKETS = "phone_pockets", _("phone pockets")


class Mode(models.TextChoices):
    """Where and how a class meets."""

    ON_SITE = "on_site", _("on site")
    ONLINE = "online", _("online")
    MOBILE_HALL = "mobile_hall", _("mobile lecture hall")
    OUTREACH = "outreach", _("outreach teaching")
