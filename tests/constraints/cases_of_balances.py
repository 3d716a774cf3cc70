"""Constraints of what is kept of members' years, each with the change that breaks it."""

from __future__ import annotations

from decimal import Decimal

from hours.models import Balance, BalanceCount, MonthTotal
from rolls.models import AttendanceTotal
from tests.constraints.cases import Alone, Beside

BALANCE_CASES: dict[str, Alone] = {
    "balance_once_a_year": Beside(Balance, refused={}, accepted={"year": 2025}),
    "balance_quarter_steps": Alone(Balance, {"hours": Decimal("1.10")}),
    "month_total_quarter_steps": Alone(MonthTotal, {"hours": Decimal("1.10")}),
    "balance_count_once": Beside(BalanceCount, refused={"members": 5}, accepted={"year": 2025}),
    "month_total_settled_once": Beside(
        MonthTotal, refused={"hours": Decimal(5)}, accepted={"month": 6}
    ),
    "attendance_total_once": Beside(AttendanceTotal, refused={"times": 5}, accepted={"year": 2025}),
    "attendance_total_is_of_some": Alone(AttendanceTotal, {"times": 0}),
}
