"""Printing papers of the money is audited."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from accounts.audit import record_act
from accounts.origin import Actor
from backstage.models import StoredFile


def record_print(
    *, name: str, narrowed: Mapping[str, str], school_code: str, by: Actor, at: datetime
) -> None:
    """Record that a paper was printed: its name, and what it was narrowed to."""
    with transaction.atomic():
        record_act(
            act="print_fund_paper",
            obj=StoredFile(pk="", name=name),
            by=by,
            at=at,
            after={"filters": dict(narrowed)},
            school_code=school_code,
        )
