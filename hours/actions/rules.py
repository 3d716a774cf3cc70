"""Confirming the rules of a year: the mark "to be verified" comes off."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.origin import Actor
from accounts.records import RecordError
from config.lib.periods import in_force, local_date
from hours.models import RequirementRule
from hours.records import save_rule


def confirm_rules(*, rule_ids: Collection[int], by: Actor, at: datetime) -> list[RequirementRule]:
    """Take the mark "to be verified" off rules in force, as the administration does.

    Each leaves its own entry in the trail. Raises RecordError if one of them is no longer in force
    or was confirmed meanwhile.
    """
    with transaction.atomic():
        marked = RequirementRule.objects.filter(in_force(local_date(at)), to_be_verified=True)
        rules = list(marked.filter(pk__in=rule_ids).select_for_update().order_by("pk"))
        if len(rules) != len(set(rule_ids)):
            raise RecordError(_("The rules were changed meanwhile. Look at them again."))
        for rule in rules:
            rule.to_be_verified = False
            save_rule(obj=rule, by=by, at=at, kind="group", fields=["to_be_verified"])
    return rules
