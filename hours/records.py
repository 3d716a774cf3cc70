"""Save requirement and credit rules: versions, periods and steps."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.origin import Actor
from accounts.records import RecordError, delete_record, lock_row, save_record
from config.lib.dates import format_day
from config.lib.periods import first_day, local_date, period
from hours.enums import RequirementGroup
from hours.models import Assessment, CreditRule, CreditStep, RequirementRule
from schools.actions.tree import refuse_past_years_of


def save_rule(
    *, obj: RequirementRule | CreditRule, by: Actor, at: datetime, kind: str, **kwargs: Any
) -> bool:
    """Save a version of a rule. A new one is numbered after the last version of its `kind` field.

    The open version then ends on the day before. Of a stored version, only the fields that the form
    leaves open change. Raises RecordError; also for days of a past year, if assessed hours would
    lose their rule, or if nothing would be owed on a day of this year or later.
    """
    with transaction.atomic():
        same = type(obj)._default_manager.filter(**{kind: getattr(obj, kind)})
        versions: list[Any] = list(same.select_for_update().order_by("version"))
        begins = first_day(obj.period)
        refuse_past_years_of(obj, at)
        if obj._state.adding:
            obj.version = versions[-1].version + 1 if versions else 1
            for version in versions:
                if version.period.upper is None and first_day(version.period) < begins:
                    version.period = period(first_day(version.period), begins)
                    _refuse_assessed_days(version)
                    save_record(obj=version, by=by, fields=["period"])
        else:
            _refuse_assessed_days(obj)
        changed = save_record(obj=obj, by=by, **kwargs)
        _refuse_gap(obj, at)
        return changed


def _refuse_gap(rule: RequirementRule | CreditRule, at: datetime) -> None:
    """Raise RecordError if a day of this year or later has no rule for what every member owes.

    Other rules may end: without a rule for leading posts, the rule for every member applies to
    them; in a category without a rule, no hours are posted.
    """
    if not isinstance(rule, RequirementRule) or rule.group != RequirementGroup.EVERY_MEMBER:
        return
    covered: date | None = date(local_date(at).year, 1, 1)
    for version in RequirementRule.objects.filter(group=rule.group).order_by("period"):
        if covered is None or first_day(version.period) > covered:
            break
        upper = version.period.upper
        covered = max(covered, upper) if upper else None
    if covered is not None:
        raise RecordError(
            _(
                "From %(day)s on no rule would say what every member owes. Add the next version "
                "instead: it ends this one on the day before."
            )
            % {"day": format_day(covered)},
            field="period",
        )


def _refuse_assessed_days(rule: RequirementRule | CreditRule) -> None:
    """Raise RecordError if a day assessed by a credit rule is no longer in the rule's period."""
    if not isinstance(rule, CreditRule):
        return
    lock_row(rule)
    outside = Assessment.objects.filter(rule=rule).exclude(
        occurred_on__gte=first_day(rule.period),
        occurred_on__lt=rule.period.upper or date.max,
    )
    last = outside.order_by("occurred_on").last()
    if last is not None:
        raise RecordError(
            _("Hours of %(day)s were assessed by this version: let it go on until after that day.")
            % {"day": format_day(last.occurred_on)},
            field="period",
        )


def save_step(*, obj: CreditStep, by: Actor, **kwargs: Any) -> bool:
    """Save a step of a credit rule that has assessed nothing yet. Raises RecordError."""
    with transaction.atomic():
        _refuse_used(obj)
        return save_record(obj=obj, by=by, **kwargs)


def delete_step(*, obj: CreditStep, by: Actor, **kwargs: Any) -> None:
    """Delete a step of a credit rule that has assessed nothing yet. Raises RecordError."""
    with transaction.atomic():
        _refuse_used(obj)
        delete_record(obj=obj, by=by, **kwargs)


def _refuse_used(step: CreditStep) -> None:
    """Raise RecordError once hours were assessed by the step's rule: its content is then fixed."""
    CreditRule.objects.select_for_update().get(pk=step.rule_id)
    if Assessment.objects.filter(rule=step.rule_id).exists():
        raise RecordError(
            _("Hours were assessed by this version of the rule: add a new version."), field="rule"
        )
