"""What the page of a member's year says: owed, done and left, the pace, the missing trainings."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from config.lib.dates import format_day
from config.lib.hours import format_hours
from hours.forecast import forecast_hours
from hours.queries.requirements import Outcome, Verdict
from trainees.enums import DepartureKind

_SENTENCE = {
    Outcome.NOT_YET_DUE: _("%(owed)s credit hours owed this year, %(done)s done, %(left)s to go"),
    Outcome.SHORT: _("%(owed)s credit hours owed in %(year)s, %(done)s done, %(left)s short"),
    Outcome.MET: _("%(owed)s credit hours owed in %(year)s, %(done)s done: target met"),
    Outcome.EXEMPT: _("No credit hours owed in %(year)s (%(category)s); %(done)s done"),
    Outcome.OUT: _("Not counted in %(year)s (%(standing)s); %(done)s credit hours done"),
}


def say_year(year: int, verdict: Verdict | None, *, category: str, standing: str) -> str:
    """The verdict of a year. `category` is of the exemption, `standing` the member's status."""
    if verdict is None:
        return gettext("No membership is on record for %(year)s.") % {"year": year}
    facts = {
        "year": year,
        "owed": format_hours(verdict.owed),
        "done": format_hours(verdict.done),
        "left": format_hours(verdict.left),
        "category": category,
        "standing": standing,
    }
    return str(_SENTENCE[verdict.outcome]) % facts


def say_no_rule(year: int) -> str:
    """A year without a rule for every member is not judged."""
    return gettext("No rule says what was owed in %(year)s.") % {"year": year}


def say_left(year: int, departure: DepartureKind, left_on: date, done: Decimal) -> str:
    """The year of a member who belongs to no organisation any more."""
    facts = {"year": year, "kind": departure.label, "done": format_hours(done)}
    return gettext(
        "Left on %(day)s (%(kind)s): %(year)s is not judged; %(done)s credit hours done"
    ) % {**facts, "day": format_day(left_on)}


def say_forecast(verdict: Verdict | None, on: date) -> str:
    """Where this year's pace leads; empty once the target is met or the year is over."""
    if verdict is None or verdict.outcome != Outcome.NOT_YET_DUE:
        return ""
    ahead = forecast_hours(verdict.done, on)
    if ahead is None or not verdict.owed:
        return ""
    facts = {"hours": format_hours(ahead), "owed": format_hours(verdict.owed)}
    if ahead >= verdict.owed:
        return gettext("At this pace you reach the target this year.") % facts
    return (
        gettext("At this pace you end the year at about %(hours)s of %(owed)s credit hours.")
        % facts
    )


def say_trainings(verdict: Verdict | None) -> str:
    """The concentrated trainings that are missing, if any."""
    missing = verdict.trainings_left if verdict else 0
    if not missing:
        return ""
    return ngettext(
        "%(n)d concentrated training is missing.",
        "%(n)d concentrated trainings are missing.",
        missing,
    ) % {"n": missing}
