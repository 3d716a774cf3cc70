"""Amounts of money: Decimal yuan with two places."""

from decimal import Decimal
from typing import Any

from django.db import models

ZERO = Decimal("0.00")
FEN = Decimal("0.01")


class AmountField(models.DecimalField):
    """Yuan and fen, up to ten digits before the point."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs | {"max_digits": 12, "decimal_places": 2})

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.DecimalField", args, kwargs


def format_amount(amount: Decimal) -> str:
    """An amount in figures, such as 1,234.50; the same in both languages."""
    return f"{amount:,.2f}"
