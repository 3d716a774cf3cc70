"""The limits of the day, and which rule a cost is beyond."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal

from django.db.models import F, Max, Sum
from django.utils.translation import gettext as _

from classes.models import Enrolment
from classes.queries.classes import places_of
from config.lib.hours import format_hours
from config.lib.period_forms import describe_period
from courses.models import TrainingClass
from dispatch.models import BookingLetter
from funding.amounts import FEN, ZERO, format_amount
from funding.enums import DAY_USES, FundUse, LimitKind
from funding.models import Commitment, FeeRule, LimitRule


@dataclass(frozen=True)
class Breach:
    """A rule, what it allows a cost, and what the cost comes to (yuan); `basis` says how."""

    rule: FeeRule | LimitRule
    most: Decimal
    reached: Decimal
    basis: str = ""

    @property
    def words(self) -> str:
        """What is beyond which rule."""
        said = _("%(reached)s yuan are more than %(most)s yuan.") % {
            "reached": format_amount(self.reached),
            "most": format_amount(self.most),
        }
        return " ".join(part for part in (said, self.basis, cite_rule(self.rule)) if part)


def find_breach(cost: Commitment, on: date) -> Breach | None:
    """The rule of the day `on` that a commitment, not stored yet, is beyond."""
    if cost.fee_rule is not None and cost.fee_hours is not None:
        most = (cost.fee_rule.ceiling * cost.fee_hours).quantize(FEN, ROUND_DOWN)
        found = Breach(cost.fee_rule, most, cost.amount)
    elif cost.use == FundUse.VENUE_EQUIPMENT:
        item = _find_limit(LimitKind.EQUIPMENT_ITEM, on)
        if item is None:
            return None
        found = Breach(item, item.most, cost.amount)
    elif cost.use in DAY_USES and cost.training_class is not None:
        limit = _find_limit(LimitKind.PERSON_DAY, on)
        if limit is None:
            return None
        found = _look_at_class(cost.training_class, limit, cost.amount)
    else:
        return None
    return found if found.reached > found.most else None


def read_half_day_limits() -> Callable[[date], LimitRule | None]:
    """Which rule limits the paid hours of a half day, by day; one statement for all days."""
    rules = list(LimitRule.objects.filter(kind=LimitKind.HALF_DAY_HOURS))
    return lambda day: next((rule for rule in rules if day in rule.period), None)


def cite_rule(rule: FeeRule | LimitRule) -> str:
    """A rule as pages name it: what it says, its source, since when, and its number."""
    if isinstance(rule, FeeRule):
        name = _("yuan for an hour of a lecturer (%(title)s)") % {"title": rule.get_title_display()}
        most = format_amount(rule.ceiling)
    else:
        name = rule.get_kind_display()
        is_hours = rule.kind == LimitKind.HALF_DAY_HOURS
        most = format_hours(rule.most) if is_hours else format_amount(rule.most)
    return _("Rule %(number)d: at most %(most)s %(name)s; %(source)s, in force %(days)s.") % {
        "number": rule.pk,
        "most": most,
        "name": name,
        "source": rule.source,
        "days": describe_period(rule.period),
    }


def _look_at_class(training_class: TrainingClass, limit: LimitRule, amount: Decimal) -> Breach:
    """What a class costs with another `amount`, against its people and days.

    People are those on the roster, or who is planned for if these are more: costs are asked for
    before the roster is full. Where nobody planned a number, an empty roster counts as many as the
    venue takes. What is not planned yet counts as one person and one day.
    """
    enrolled = Enrolment.objects.known_to(training_class).count()
    letters = BookingLetter.objects.filter(training_class=training_class)
    booked = letters.aggregate(most=Max("headcount"))["most"]
    planned = training_class.capacity or booked or 0
    people = max(enrolled, planned) or places_of(training_class) or 1
    sessions = training_class.sessions.filter(called_off_at=None)
    days = sessions.order_by().values("held_on").distinct().count() or 1
    costs = Commitment.objects.filter(training_class=training_class, use__in=DAY_USES)
    held = F("committed") + F("approved") + F("paid")
    sums = costs.order_by().with_stages().aggregate(sum=Sum(held))
    return Breach(
        limit,
        limit.most * people * days,
        (sums["sum"] or ZERO) + amount,
        _("The class has %(people)d people on %(days)d days, and all its costs count.")
        % {"people": people, "days": days},
    )


def _find_limit(kind: LimitKind, on: date) -> LimitRule | None:
    return LimitRule.objects.in_force(on).filter(kind=kind).first()
