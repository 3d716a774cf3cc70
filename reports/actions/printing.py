"""Printing the annual report is audited."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.audit import record_act
from accounts.origin import Actor
from backstage.models import StoredFile
from reports.queries.annual import AnnualReport


def record_report(*, report: AnnualReport, name: str, by: Actor, at: datetime) -> None:
    """Record that the report was printed: its year, of which school, and from which run."""
    facts = {"year": report.year, "run": report.run.number if report.run else None}
    with transaction.atomic():
        record_act(
            act="print_report",
            obj=StoredFile(pk="", name=name),
            by=by,
            at=at,
            after=facts,
            school_code=report.schools[0].code if len(report.schools) == 1 else "",
        )
