"""The rules in force, for the page that confirms them, and as a step of founding."""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backstage.founding import FoundingStep, StepLink
from config.lib.periods import in_force
from hours.models import CreditRule, RequirementRule


def list_requirement_rules(on: date) -> QuerySet[RequirementRule]:
    """What is owed on the day `on`, by group."""
    return RequirementRule.objects.filter(in_force(on)).order_by("group")


def list_credit_rules(on: date) -> QuerySet[CreditRule]:
    """What study is worth on the day `on`, by category."""
    return CreditRule.objects.filter(in_force(on)).order_by("category")


def rules_step(on: date) -> FoundingStep:
    """The rules of the year, whose figures somebody compared with the texts in force."""
    rules = list_requirement_rules(on)
    marked = rules.filter(to_be_verified=True).count()
    text = ngettext("%(n)d rule to be verified.", "%(n)d rules to be verified.", marked)
    return FoundingStep(
        "rules",
        _("Rules of the year"),
        marked == 0 and rules.exists(),
        there=_("Rules in force: %(n)d.") % {"n": rules.count() + list_credit_rules(on).count()},
        missing=text % {"n": marked},
        links=(StepLink(_("Look at the rules"), reverse("hours:rules")),),
    )
