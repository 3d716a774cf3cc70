"""What an amount may be by its measure."""

from __future__ import annotations

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from quotas.enums import COVERAGES, IN_NUMBERS


def validate_amount(amount: Decimal, measure: str) -> None:
    """Raise ValidationError for parts of what is counted one by one, or above 100 per cent."""
    if measure in IN_NUMBERS and amount % 1:
        raise ValidationError(_("Classes, person-times and members are whole numbers."))
    if measure in COVERAGES and amount > 100:
        raise ValidationError(_("A share of members is 100 per cent at most."))
