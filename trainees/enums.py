from django.db import models
from django.utils.translation import gettext_lazy as _


class Sex(models.TextChoices):
    FEMALE = "f", _("female")
    MALE = "m", _("male")


class MembershipStatus(models.TextChoices):
    """Whether a membership counts in the denominators (Regulation art. 24)."""

    NORMAL = "normal", _("normal")
    SUSPENDED = "suspended", _("membership suspended")
    LOST_CONTACT = "lost_contact", _("lost contact")


class PostKind(models.TextChoices):
    """Posts held in an organisation."""

    SECRETARY = "secretary", _("secretary")
    DEPUTY_SECRETARY = "deputy_secretary", _("deputy secretary")
    COMMITTEE_MEMBER = "committee_member", _("committee member")
    AFFAIRS_WORKER = "affairs_worker", _("Party-affairs worker")


class MergeState(models.TextChoices):
    """The states of a merge, from the proposal to its end."""

    PROPOSED = "proposed", _("to be decided")
    DONE = "done", _("merged")
    REFUSED = "refused", _("refused")
    UNDONE = "undone", _("taken apart again")


class AccountState(models.TextChoices):
    """The state of a member's account. An active one may also get a slip, for a new password."""

    NONE = "none", _("no account yet")
    SLIP = "slip", _("slip issued")
    ACTIVE = "active", _("active")
    RENEWAL = "renewal", _("active, new password pending")
    DISABLED = "disabled", _("disabled")


WITH_SLIP = (AccountState.SLIP, AccountState.RENEWAL)
ACTIVATED = (AccountState.ACTIVE, AccountState.RENEWAL)

LEADING_POSTS = (PostKind.SECRETARY, PostKind.DEPUTY_SECRETARY, PostKind.COMMITTEE_MEMBER)


class ExemptionCategory(models.TextChoices):
    """Why nothing is owed (Regulation art. 23): a category, never a diagnosis."""

    ELDERLY = "elderly", _("advanced age")
    FRAIL = "frail", _("frail health")
    SERIOUS_ILLNESS = "serious_illness", _("serious illness")


class DepartureKind(models.TextChoices):
    """Why a member no longer belongs to any organisation of the district."""

    DEATH = "death", _("death")
    EXPULSION = "expulsion", _("expulsion from the Party")
    REMOVAL = "removal", _("removal from the rolls")
    RESIGNATION = "resignation", _("resignation from the Party")
    TRANSFER_OUT = "transfer_out", _("transfer out of the district")


class RegisterField(models.TextChoices):
    """The meaning of a column in an office's register."""

    ORGANISATION = "organisation", _("Party organisation")
    UPPER = "upper", _("higher organisation")
    NAME = "name", _("name")
    RESIDENT_ID = "resident_id", _("resident ID number")
    NUMBER = "number", _("member number")
    SEX = "sex", _("sex")
    BIRTH_DATE = "birth_date", _("date of birth")
    PHONE = "phone", _("phone")
    JOINED_ON = "joined_on", _("joined the Party on")
    FULL_MEMBER_ON = "full_member_on", _("full member since")
    MEMBERSHIP_STATUS = "membership_status", _("standing")
    POST = "post", _("post")
    IGNORED = "ignored", _("not used")


class ImportState(models.TextChoices):
    """The states of an import, from the upload to its end."""

    READING = "reading", _("being read")
    UNMAPPED = "unmapped", _("columns to be explained")
    READY = "ready", _("to be checked")
    APPLIED = "applied", _("applied")
    NOTHING = "nothing", _("over, nothing to apply")
    UNREADABLE = "unreadable", _("could not be read")
    DISCARDED = "discarded", _("discarded")


class RowKind(models.TextChoices):
    """What a row of a register means for the stored members."""

    NEW = "new", _("new")
    CHANGED = "changed", _("changed")
    TRANSFERRED = "transferred", _("transferred")
    UNCHANGED = "unchanged", _("unchanged")
    REFUSED = "refused", _("refused")
    MISSING = "missing", _("no longer listed")


# Applying an import writes a member for each row of these kinds.
WRITTEN = (RowKind.NEW, RowKind.CHANGED, RowKind.TRANSFERRED)
