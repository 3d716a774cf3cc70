from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class OrganisationKind(models.TextChoices):
    """The levels of the organisation tree."""

    DISTRICT_COMMITTEE = "district_committee", _("district committee")
    COMMITTEE = "committee", _("primary-level committee")
    GENERAL_BRANCH = "general_branch", _("general branch")
    BRANCH = "branch", _("branch")


# The levels that may be directly above each level.
STANDS_BELOW = {
    OrganisationKind.DISTRICT_COMMITTEE: (),
    OrganisationKind.COMMITTEE: (
        OrganisationKind.DISTRICT_COMMITTEE,
        OrganisationKind.COMMITTEE,
    ),
    OrganisationKind.GENERAL_BRANCH: (
        OrganisationKind.DISTRICT_COMMITTEE,
        OrganisationKind.COMMITTEE,
    ),
    OrganisationKind.BRANCH: (
        OrganisationKind.DISTRICT_COMMITTEE,
        OrganisationKind.COMMITTEE,
        OrganisationKind.GENERAL_BRANCH,
    ),
}


class SchoolOffice(models.TextChoices):
    """The offices that lead a school."""

    FIRST_RESPONSIBLE = "first_responsible", _("first responsible person")
    EXECUTIVE_VICE_PRINCIPAL = "executive_vice_principal", _("executive vice principal")
    VICE_PRINCIPAL = "vice_principal", _("vice principal")


class SuccessionKind(models.TextChoices):
    """How a successor continues another: all of it (merger), or a part that splits off."""

    MERGER = "merger", _("merger")
    SPLIT = "split", _("split")


class Audience(models.TextChoices):
    """The three audiences that a class may be for."""

    SECRETARIES = "secretaries", _("secretary")
    AFFAIRS_WORKERS = "affairs_workers", _("Party-affairs worker")
    ORDINARY = "ordinary", _("ordinary member")


class FundingChannel(models.TextChoices):
    """The two earmarked channels that pay for training."""

    FISCAL = "fiscal", _("fiscal appropriation")
    DUES = "dues", _("dues supplement")


class TableKind(models.TextChoices):
    """The tables from which a network is founded."""

    DIVISIONS = "divisions", _("division table")
    SCHOOLS = "schools", _("table of schools")
    TREE = "tree", _("table of organisations")


class TableField(models.TextChoices):
    """The meaning of a column in such a table. A level in it is an `OrganisationKind`."""

    CODE = "code", _("code")
    NAME = "name", pgettext_lazy("of a thing", "name")
    LEVEL = "level", pgettext_lazy("of a table", "level")
    PARENT = "parent", _("code of the higher one")
    TOWNSHIPS = "townships", _("code of the township")
    VILLAGE = "village", _("code of the village")
    IGNORED = "ignored", _("not used")


class LineKind(models.TextChoices):
    """What a row of such a table means for what is stored."""

    REFUSED = "refused", _("refused")
    NEW = "new", _("new")
    PRESENT = "present", _("there already")
