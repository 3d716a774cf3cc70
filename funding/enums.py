from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Purpose(models.TextChoices):
    """What an allocation is for."""

    TRAINING = "training", _("training delivery")
    EQUIPMENT = "equipment", _("equipment")
    RUNNING = "running", _("daily running")


class FundUse(models.TextChoices):
    """What a cost is for. Which channel may pay for it says a `UseRule`."""

    LECTURER_FEE = "lecturer_fee", _("lecturer fee")
    LODGING = "lodging", _("lodging")
    MEALS = "meals", _("meals")
    TRANSPORT = "transport", _("transport")
    VENUE = "venue", _("hire of a venue")
    MATERIALS = "materials", _("materials")
    TICKETS = "tickets", _("tickets")
    GUIDING = "guiding", _("guiding")
    TEXTBOOKS = "textbooks", _("textbooks of Party education")
    VENUE_EQUIPMENT = "venue_equipment", _("equipment of a venue")
    RUNNING_COSTS = "running_costs", _("general running costs")


# The uses that are not training delivery.
_OTHER_PURPOSES = {
    FundUse.VENUE_EQUIPMENT: Purpose.EQUIPMENT,
    FundUse.RUNNING_COSTS: Purpose.RUNNING,
}


def purpose_of(use: str) -> Purpose:
    """The purpose from whose money a use is paid."""
    return _OTHER_PURPOSES.get(FundUse(use), Purpose.TRAINING)


# What a class causes by itself, and the unit that a `CostRate` has a price for.
CLASS_UNITS = {
    FundUse.LECTURER_FEE: _("paid hour"),
    FundUse.MEALS: _("person and whole day"),
    FundUse.TRANSPORT: _("trip"),
    FundUse.VENUE: _("half day"),
}
CLASS_USES = tuple(CLASS_UNITS)

# What the ceiling of a class for each person and day covers. Its lecturers are paid apart.
DAY_USES = frozenset(FundUse) - {FundUse.LECTURER_FEE, *_OTHER_PURPOSES}


class LimitKind(models.TextChoices):
    """What a `LimitRule` limits, and in which unit."""

    HALF_DAY_HOURS = "half_day_hours", _("paid hours of a lecturer in a half day")
    PERSON_DAY = "person_day", _("yuan for each person and day of a class")
    EQUIPMENT_ITEM = "equipment_item", _("yuan for an item of equipment")


class OnBreach(models.TextChoices):
    """What a cost beyond a rule leads to."""

    BLOCKS = "blocks", _("is refused")
    EXCEPTION = "exception", _("needs an exception by the organisation department")


class ExceptionOutcome(models.TextChoices):
    """What the organisation department makes of a request for an exception."""

    GRANTED = "granted", pgettext_lazy("of an exception", "granted")
    REFUSED = "refused", pgettext_lazy("of an exception", "refused")


class Stage(models.TextChoices):
    """Where a yuan is on its way. What was granted stands against all the others, so below zero."""

    GRANTED = "granted", pgettext_lazy("of money", "granted")
    AVAILABLE = "available", _("available")
    COMMITTED = "committed", _("committed")
    APPROVED = "approved", pgettext_lazy("of money", "approved")
    PAID = "paid", _("paid")


# Where money that was granted is.
HELD = (Stage.AVAILABLE, Stage.COMMITTED, Stage.APPROVED, Stage.PAID)


class TransactionKind(models.TextChoices):
    """What moves money from one stage to another."""

    ALLOCATION = "allocation", _("allocation")
    # An allocation from before the ledger; nobody's act, so it names nobody.
    TAKEN_OVER = "taken_over", _("allocation from before the ledger")
    ADJUSTMENT = "adjustment", _("adjustment")
    CARRY_OVER = "carry_over", _("carry-over")
    COMMITMENT = "commitment", _("commitment")
    APPROVAL = "approval", _("approval")
    PAYMENT = "payment", _("payment")
    RELEASE = "release", _("release")
    REVERSAL = "reversal", _("reversal")


OF_ALLOCATIONS = (
    TransactionKind.ALLOCATION,
    TransactionKind.TAKEN_OVER,
    TransactionKind.ADJUSTMENT,
)
OF_COMMITMENTS = (
    TransactionKind.COMMITMENT,
    TransactionKind.APPROVAL,
    TransactionKind.PAYMENT,
    TransactionKind.RELEASE,
)
WITH_REASON = (
    TransactionKind.ADJUSTMENT,
    TransactionKind.CARRY_OVER,
    TransactionKind.RELEASE,
    TransactionKind.REVERSAL,
)


class CommitmentState(models.TextChoices):
    """What a commitment waits for. It follows from its transactions and is stored nowhere."""

    TO_CHECK = "to_check", _("waits for the custodian")
    TO_DECIDE = "to_decide", _("waits for a decision on its exception")
    REFUSED = "refused", _("exception refused, to be released")
    TO_APPROVE = "to_approve", _("waits for approval")
    TO_PAY = "to_pay", _("waits for payment")
    SETTLED = "settled", _("settled")


class ClassCostState(models.TextChoices):
    """How a cost of a class stands. It follows from sessions and ledger and is stored nowhere."""

    MISSING = "missing", _("no money yet")
    DIFFERS = "differs", _("differs from the plan")
    RESERVED = "reserved", pgettext_lazy("of a cost", "reserved as planned")
    BY_HAND = "by_hand", _("asked for by hand")
    GIVEN_UP = "given_up", _("given back")
    CLOSED = "closed", pgettext_lazy("of a cost", "closed")


class SampleBasis(models.TextChoices):
    """Why a payment is in the sample of a special audit."""

    THRESHOLD = "threshold", _("above the threshold")
    DRAWN = "drawn", pgettext_lazy("of a sample", "drawn")


class SampleMethod(models.TextChoices):
    """How a sample is drawn. A method never changes; another one is another member."""

    UNITS = "units", _("monetary unit sampling")


class Severity(models.TextChoices):
    """How much a finding weighs."""

    NOTE = "note", pgettext_lazy("of a finding", "note")
    FAULT = "fault", pgettext_lazy("of a finding", "fault")
    GRAVE = "grave", pgettext_lazy("of a finding", "grave fault")


class ReviewOutcome(models.TextChoices):
    """What the auditor makes of an answer."""

    ACCEPTED = "accepted", pgettext_lazy("of an answer", "accepted")
    RETURNED = "returned", pgettext_lazy("of an answer", "returned")


class FindingState(models.TextChoices):
    """What a finding waits for. It follows from answers and reviews and is stored nowhere."""

    TO_ANSWER = "to_answer", _("waits for the school's answer")
    TO_REVIEW = "to_review", _("waits for the auditor")
    SETTLED = "settled", pgettext_lazy("of a finding", "settled")


class VoucherKind(models.TextChoices):
    """What a payment is proven by. Which a use needs says a `VoucherRule`."""

    PLAN = "plan", _("approved plan")
    NOTICE = "notice", _("notice of the class")
    ROLL = "roll", _("roll of who came")
    ITEMISED = "itemised", _("itemised cost")
    RECEIPT = "receipt", _("receipt")
    FEE_SHEET = "fee_sheet", _("fee sheet")
