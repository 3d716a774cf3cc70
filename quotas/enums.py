from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Measure(models.TextChoices):
    """What a line of the annual task counts, of one school or of the whole district, in its year.

    - EVENTS: training classes with a session that is over and was not called off. The audience is
      that of the class.
    - PERSON_TIMES: marks *present* or *late* on submitted rolls of the school's classes. The
      audience is that of the member, as for all measures below.
    - MEMBERS: the distinct members behind these marks. One who attended at two schools counts once
      for each, and once for the district.
    - TRAINING_HOURS: hours of concentrated training in the ledger, at the school of the day.
    - HOURS: all credit hours in the ledger, at the school of the day.
    - TRAINED: of the school's members who owe hours, the per cent with credit hours of concentrated
      training, earned at whichever school.
    - ON_TARGET: of the school's members who owe hours, the per cent who reached what they owe.

    A module is that of the class. What study of branches enters, and what is a share of members,
    has none. An audience of members follows from posts on the day of judgement: today, or the last
    day of a past year.
    """

    EVENTS = "events", _("classes held")
    PERSON_TIMES = "person_times", _("person-times")
    MEMBERS = "members", _("distinct members")
    TRAINING_HOURS = "training_hours", _("credit hours of concentrated training")
    HOURS = "hours", _("credit hours of all study")
    TRAINED = "trained", _("members who attended a training (%)")
    ON_TARGET = "on_target", _("members on target (%)")


# Shares of a school's members, in per cent. They are not summed over schools.
COVERAGES = (Measure.TRAINED, Measure.ON_TARGET)
# In credit hours, so in steps of 0.25.
IN_HOURS = (Measure.TRAINING_HOURS, Measure.HOURS)
# Counted one by one.
IN_NUMBERS = (Measure.EVENTS, Measure.PERSON_TIMES, Measure.MEMBERS)
# What study of branches enters, and shares of members, have no module.
WITHOUT_MODULE = (Measure.HOURS, *COVERAGES)


class TaskState(models.TextChoices):
    """A published version of the annual task never changes."""

    DRAFT = "draft", _("draft")
    PUBLISHED = "published", _("published")


class ClaimState(models.TextChoices):
    """The school submits a claim; the organisation department accepts it or asks again.

    A claim that was submitted keeps its lines. What the school writes next is its next version.
    """

    DRAFT = "draft", _("draft")
    SUBMITTED = "submitted", pgettext_lazy("of a claim", "submitted")
    ASKED_AGAIN = "asked_again", _("asked again")
    ACCEPTED = "accepted", pgettext_lazy("of a claim", "accepted")


# In a list: submitted, and the person who looks is to decide.
TO_DECIDE = "to_decide"
# The organisation department has decided.
DECIDED = (ClaimState.ASKED_AGAIN, ClaimState.ACCEPTED)


class ReconciliationState(models.TextChoices):
    """A reconciliation is computed part by part; one that is discarded stays, marked as such."""

    RUNNING = "running", _("being computed")
    COMPUTED = "computed", _("computed")
    DISCARDED = "discarded", pgettext_lazy("of a reconciliation", "discarded")


class EndReason(models.TextChoices):
    """Why a rehearsal ended before it was computed; stored as its reason."""

    SUPERSEDED = "superseded", _("Another reconciliation began.")
    BROKEN_OFF = "broken_off", _("It was broken off.")


class ReopeningState(models.TextChoices):
    """One officer asks for a closed year to be opened again; another one grants or refuses it.

    Until then who asked may withdraw it.
    """

    ASKED = "asked", pgettext_lazy("of a reopening", "asked for")
    GRANTED = "granted", pgettext_lazy("of a reopening", "granted")
    REFUSED = "refused", pgettext_lazy("of a reopening", "refused")
    WITHDRAWN = "withdrawn", pgettext_lazy("of a reopening", "withdrawn")


# Nothing comes of these, so the year may be asked for anew.
ENDED_REOPENINGS = (ReopeningState.REFUSED, ReopeningState.WITHDRAWN)


class StatementState(models.TextChoices):
    """Whether an issued statement holds: until its reconciliation is discarded, or the next one."""

    VALID = "valid", _("valid")
    REPLACED = "replaced", _("replaced")
    REVOKED = "revoked", _("revoked")
