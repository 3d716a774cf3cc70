"""Records of study: what they are worth, and the lists of those who record and review them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from config.lib.hours import STEP, ZERO
from config.lib.periods import in_force
from trainees.enums import CATEGORY_OF_KIND, StudyKind
from trainees.models import CreditRule, Study


def find_worth(kind: StudyKind, minutes: int, on: date) -> Decimal | None:
    """The credit hours of one day of study of this kind; None where no rule is in force.

    By minutes per credit hour, or by the step of the rule that is reached, whichever is more.
    """
    rules = CreditRule.objects.filter(in_force(on), category=CATEGORY_OF_KIND[kind])
    rule = rules.prefetch_related("steps").first()
    if rule is None:
        return None
    by_minutes = ZERO
    if rule.minutes_per_hour:
        by_minutes = minutes * 4 // rule.minutes_per_hour * STEP
    return max(
        [by_minutes, *(step.hours for step in rule.steps.all() if step.from_minutes <= minutes)]
    )


def needs_evidence(study: Study) -> bool:
    """Whether the rule of its first day asks for a file that shows the study."""
    rules = CreditRule.objects.filter(in_force(study.held_on), category=study.category)
    return rules.filter(evidence_required=True).exists()
