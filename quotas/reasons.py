"""Why a member's result is what it is, in words."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.lib.hours import format_hours
from config.lib.sentences import join_sentences
from hours.enums import RequirementGroup
from hours.queries.requirements import Outcome
from quotas.models import MemberResult

MONTHS = 12
VERDICTS = {
    Outcome.MET: gettext_lazy("target met"),
    Outcome.SHORT: gettext_lazy("short"),
    Outcome.NOT_YET_DUE: gettext_lazy("not yet on target"),
    Outcome.EXEMPT: gettext_lazy("exempt"),
    Outcome.OUT: gettext_lazy("not counted"),
}


def explain(result: MemberResult) -> str:
    """The reason of a verdict: standing or exemption, else the rule, its months, what is left."""
    if result.verdict == Outcome.OUT:
        return _("Standing: %(standing)s. Not counted while it lasts.") % {
            "standing": result.get_membership_status_display()
        }
    if result.verdict == Outcome.EXEMPT:
        return _("Exempt throughout the year: %(reason)s.") % {
            "reason": result.get_exemption_display()
        }
    sentences = [say_rule(result.rule_group, result.rule_version), *say_months(result.months)]
    left = result.owed - result.done
    if left > 0:
        sentences.append(_("Credit hours left: %(n)s.") % {"n": format_hours(left)})
    if result.trained < result.trainings:
        words = {"n": result.trained, "m": result.trainings}
        sentences.append(_("Trainings attended: %(n)d of %(m)d.") % words)
    return join_sentences(sentences)


def say_rule(group: str, version: int) -> str:
    """A rule by the group that it applies to, and its version."""
    words = {"group": RequirementGroup(group).label, "version": version}
    return _("Rule for %(group)s, version %(version)d.") % words


def say_months(months: list[Any] | None) -> list[str]:
    """The months that count, with the hours of a year at their rate, unless the whole year does."""
    counted = Counter(
        (group, version, Decimal(hours))
        for group, version, hours in (month for month in months or () if month)
        if version
    )
    if len(counted) == 1 and sum(counted.values()) == MONTHS:
        return []
    text = _("Months that count: %(n)d at %(hours)s a year (%(group)s, version %(version)d).")
    return [
        text
        % {
            "n": n,
            "hours": format_hours(hours),
            "group": RequirementGroup(group).label,
            "version": version,
        }
        for (group, version, hours), n in sorted(counted.items())
    ]
