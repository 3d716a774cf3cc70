from django.db import models
from django.utils.translation import gettext_lazy as _


class Strand(models.TextChoices):
    """The three strands; every module mixes them (40/40/20 by hours)."""

    THEORY = "theory", _("political theory")
    PRACTICE = "practice", _("grassroots practice")
    ROLE_MODELS = "role_models", _("role models")


class RegulationTask(models.TextChoices):
    """The first political task and the seven basic tasks of Party members' education.

    Source: Regulation on the education and management of Party members (2019), chapters 2 and 3.
    """

    FIRST = "first", _("first political task: arming the Party with the new thought")
    THEORY = "theory", _("education in political theory")
    POLITICS = "politics", _("political education and training")
    DISCIPLINE = "discipline", _("education in the Party's constitution, rules and discipline")
    PURPOSE = "purpose", _("education in the Party's purpose")
    TRADITION = "tradition", _("education in revolutionary tradition")
    SITUATION = "situation", _("education in situation and policy")
    SKILLS = "skills", _("education in knowledge and skills")


class Format(models.TextChoices):
    """The length of a class."""

    MICRO_LECTURE = "micro_lecture", _("micro-lecture")
    PACK = "pack", _("4-hour pack")
    EVENING = "evening", _("evening class")
    INTENSIVE = "intensive", _("intensive class")


class Preset(models.TextChoices):
    """Usual ways to hold a class; `PresetSession` says when a class of a preset meets."""

    MICRO_LECTURE = "micro_lecture", _("micro-lecture of 15 minutes")
    PACK = "pack", _("4-hour pack in half a day")
    EVENING = "evening", _("evening class, twice two hours")
    INTENSIVE = "intensive", _("intensive class of three days")


FORMAT_OF_PRESET = {
    Preset.MICRO_LECTURE: Format.MICRO_LECTURE,
    Preset.PACK: Format.PACK,
    Preset.EVENING: Format.EVENING,
    Preset.INTENSIVE: Format.INTENSIVE,
}


class ProgrammeKind(models.TextChoices):
    """Groups courses and classes of any module."""

    SPECIAL_PROJECT = "special_project", _("special project")
    CAMPAIGN = "campaign", _("campaign")


class VenueKind(models.TextChoices):
    """A room of the school, or a place elsewhere that classes visit."""

    VENUE = "venue", _("classroom venue")
    TEACHING_POINT = "teaching_point", _("on-site teaching point")


class EquipmentKind(models.TextChoices):
    """Equipment that a venue should have, and other useful facts about it."""

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
    HYBRID = "hybrid", _("on site and online at once")


# Modes that need a venue of a school; the others may name any place.
MODES_AT_VENUES = (Mode.ON_SITE, Mode.HYBRID)
