"""Valid rows of credit steps and of what is kept of members' years, as `rows.VALID` has them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Model

from hours.models import Balance, BalanceCount, CreditRule, CreditStep, MonthTotal
from rolls.models import AttendanceTotal
from tests.factories import DAY

# `w` is the world of `rows`.
HOURS: dict[type[Model], Callable[[Any], dict[str, Any]]] = {
    CreditStep: lambda _w: {
        "rule": CreditRule.objects.get(category="collective"),
        "from_minutes": 30,
        "hours": Decimal(1),
    },
    Balance: lambda w: {
        "year": DAY.year,
        "member": w.member,
        "name_pinyin": w.member.name_pinyin,
        "organisation": w.organisation,
        "organisation_code": w.organisation.code,
        "school": w.school,
        "membership_status": "normal",
        "exemption": "",
        "rule_group": "every_member",
        "audience": "ordinary",
        "owed": Decimal(32),
        "trainings": 0,
        "hours": Decimal(4),
        "concentrated": Decimal(4),
        "trained": 1,
        "verdict": "unreached",
        "holds_until": date(2027, 1, 1),
    },
    BalanceCount: lambda w: {
        "year": DAY.year,
        "school": None,
        "organisation": w.organisation,
        "audience": "ordinary",
        "rule_group": "every_member",
        "verdict": "met",
        "members": 3,
    },
    MonthTotal: lambda w: {
        "year": DAY.year,
        "month": DAY.month,
        "school": w.school,
        "organisation": w.organisation,
        "category": "concentrated",
        "hours": Decimal(4),
        "is_settled": True,
    },
    AttendanceTotal: lambda w: {
        "year": DAY.year,
        "school": w.school,
        "organisation": w.organisation,
        "member": w.member,
        "times": 1,
    },
}
