"""Valid rows of the years, as `rows.VALID` has them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.db.models import Model

from config.lib.periods import at_local, period
from reports.models import SheetLayout
from schools.models import YearEndRule, YearLock
from tests.factories import NOON

# `w` is the world of `rows`.
YEARS: dict[type[Model], Callable[[Any], dict[str, Any]]] = {
    YearEndRule: lambda w: {
        "days": 31,
        "source": "本区规定",
        "period": period(date(2017, 1, 1), date(2018, 1, 1)),
    },
    YearLock: lambda w: {
        "year": 2025,
        "revision": 1,
        "locked_at": at_local(date(2026, 1, 9), 9),
        "locked_by": w.user,
    },
    SheetLayout: lambda w: {
        "name": "统计表",
        "file": w.other_file,
        "uploaded_at": NOON,
        "uploaded_by": w.user,
    },
}
