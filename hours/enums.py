from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class RequirementGroup(models.TextChoices):
    """The group that a requirement rule applies to.

    For the hours of a year the narrower group wins. Newly appointed secretaries and new members
    also owe a training within some months.
    """

    LEADING_POST = "leading_post", _("secretaries and committee members")
    EVERY_MEMBER = "every_member", _("every member")
    NEW_SECRETARY = "new_secretary", _("newly appointed secretaries")
    PROBATIONARY = "probationary", _("probationary members")
    NEW_FULL_MEMBER = "new_full_member", _("new full members")


YEARLY_GROUPS = (RequirementGroup.LEADING_POST, RequirementGroup.EVERY_MEMBER)


class BalanceVerdict(models.TextChoices):
    """The verdict that is kept for a member and a year.

    Whether the year is over decides what hours not reached are called, so that is not kept.
    """

    MET = "met", _("target met")
    UNREACHED = "unreached", _("not yet on target")
    EXEMPT = "exempt", _("exempt")
    OUT = "out", _("not counted")
    NONE = "none", _("belongs nowhere")


class CreditCategory(models.TextChoices):
    """Categories of credit hours; they are never mixed with one another."""

    CONCENTRATED = "concentrated", _("concentrated training")
    COLLECTIVE = "collective", _("collective study")
    ONLINE = "online", _("online study")
    OUTSIDE = "outside", _("training elsewhere")
    OUTREACH = "outreach", _("study brought home")
    ACTIVITY = "activity", _("activity")


MAIN_CATEGORIES = (CreditCategory.CONCENTRATED, CreditCategory.COLLECTIVE)


class OwnCut(models.TextChoices):
    """Why a piece of evidence, on its own, is worth less to one member than to others."""

    NONE = "none", _("counted in full")
    LATE = "late", _("came late")
    ON_LEAVE = "on_leave", _("on leave")
    ABSENT = "absent", _("absent")
    WITHDRAWN = "withdrawn", _("withdrawn")


class Cap(models.TextChoices):
    """The limit that left no room for all hours of a piece of evidence."""

    NONE = "none", _("none")
    HALF_DAY = "half_day", _("cap of a half day reached")
    DAY = "day", _("daily cap reached")
    YEAR = "year", _("yearly cap reached")


class AssessmentCause(models.TextChoices):
    """Why this version of an assessment exists."""

    FIRST = "first", _("first assessed")
    CORRECTED = "corrected", _("corrected")
    WITHDRAWN = "withdrawn", _("withdrawn")
    RESTORED = "restored", _("submitted again")
    REASSESSED = "reassessed", _("another line of that time changed")
    MERGED = "merged", _("two rows of one member became one, or apart again")


class DisputeState(models.TextChoices):
    """The state of a dispute. An answer may be appealed against; a decision may not."""

    OPEN = "open", _("waits for the school")
    ANSWERED = "answered", _("answered")
    APPEALED = "appealed", _("under appeal")
    DECIDED = "decided", _("decided")
    WITHDRAWN = "withdrawn", _("withdrawn")


UNFINISHED_DISPUTES = (DisputeState.OPEN, DisputeState.APPEALED)


class DisputeStep(models.TextChoices):
    """What happened in a dispute."""

    OPENED = "opened", _("opened")
    ANSWERED = "answered", _("answered by the school")
    APPEALED = "appealed", _("appealed against")
    DECIDED = "decided", _("decided by the organisation department")
    WITHDRAWN = "withdrawn", _("withdrawn by the member")


class DisputeVerdict(models.TextChoices):
    """What an answer says: the hours were corrected, or they are right as they are."""

    CORRECTED = "corrected", pgettext_lazy("hours", "corrected")
    STANDS = "stands", _("stays as it is")
