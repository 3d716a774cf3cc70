"""Credit hours: exact decimals in steps of 0.25 (1 credit hour = 1 学时)."""

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

STEP = Decimal("0.25")
ZERO = Decimal("0.00")


def validate_step(value: Decimal) -> None:
    """Raise ValidationError unless `value` is a multiple of 0.25."""
    if value % STEP:
        raise ValidationError(_("Hours go in steps of 0.25."), code="step")


class HoursField(models.DecimalField):
    """Credit hours, stored exactly with two decimals; `is_quarter_multiple` constrains the step."""

    default_validators = [validate_step]

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("max_digits", 6)
        kwargs.setdefault("decimal_places", 2)
        super().__init__(*args, **kwargs)


def is_quarter_multiple(*fields: str) -> models.Q:
    """The condition that each named column is a multiple of 0.25."""
    condition = models.Q()
    for field in fields:
        condition &= models.Q(**{f"{field}__in_quarters": True})
    return condition


def format_hours(value: Decimal) -> str:
    """`value` without trailing zeros: 24, 23.5, 0.25."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def grammatical_number(value: Decimal) -> int:
    """The number for `ngettext`: 1 for exactly one hour, 2 for anything else."""
    return 1 if value == 1 else 2


@HoursField.register_lookup
class InQuarters(models.Lookup):
    """`hours__in_quarters=True`: the column is a multiple of 0.25. Written for constraints."""

    lookup_name = "in_quarters"
    prepare_rhs = False

    def as_sql(self, compiler, connection):
        column, params = self.process_lhs(compiler, connection)
        return f"mod({column}, 0.25) = 0", params
