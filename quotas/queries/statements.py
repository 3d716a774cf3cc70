"""What a statement of a year states: frozen results, and what was claimed beside what was done."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from quotas.models import (
    AnnualTask,
    MemberResult,
    Reconciliation,
    StatementSignature,
    YearStatement,
)
from quotas.queries.actuals import cell_of, read_actuals
from quotas.queries.claims import accepted_amounts, cover_of
from quotas.queries.results import Sums, sum_all, sum_results
from schools.models import District, School

# The figures of a sum, in the order of the columns of a statement.
COUNTS = ("members", "counted", "met", "exempt", "out")
HOURS = ("owed", "done", "concentrated")


def results_of(run: Reconciliation, school_id: int | None) -> QuerySet[MemberResult]:
    """The results that a statement covers: those of a school, or with None of the district."""
    results = run.results.all()
    return results if school_id is None else results.filter(school=school_id)


def figures_of(run: Reconciliation, school_id: int | None) -> dict[str, Any]:
    """The figures of a statement as they are stored: in all, and by organisation or school."""
    results = results_of(run, school_id)
    by = "school" if school_id is None else "organisation"
    return {
        "sums": _plain(sum_all(results)),
        "parts": [
            {"key": sums.key, "name": sums.name} | _plain(sums) for sums in sum_results(results, by)
        ],
    }


def state_facts(
    signature: StatementSignature, *, issued_by: str, issued_at: datetime, revision: int
) -> dict[str, Any]:
    """What the statement of a signature states, as language-independent values."""
    run, school = signature.reconciliation, signature.school
    district = District.objects.values_list("name", flat=True).first() or ""
    return {
        "name": school.name if school else district,
        "code": school.code if school else "",
        "district": district,
        "year": run.year,
        "revision": revision,
        "reconciliation": run.number,
        "as_of": run.as_of.isoformat(),
        "signed_by": signature.signed_by.display_name,
        "signed_at": signature.signed_at.isoformat(),
        "issued_by": issued_by,
        "issued_at": issued_at.isoformat(),
        **figures_of(run, school.pk if school else None),
        "claims": list_claimed(run, school.pk if school else None, issued_at),
    }


def list_claimed(run: Reconciliation, school_id: int | None, now: datetime) -> list[dict[str, Any]]:
    """Each line of the year's task: what was claimed of it, and what was done."""
    task = AnnualTask.objects.newest(run.year).first()
    if task is None:
        return []
    of_parts = run.parts.filter(school__isnull=False).values_list("school", flat=True)
    schools = [school_id] if school_id else list(of_parts)
    accepted = accepted_amounts(run.year)
    done = read_actuals(schools, run.year, now, outside=school_id is None)
    lines = []
    for line in task.lines.select_related("module").order_by("pk"):
        taken = [accepted.get(key, {}).get(line.key) for key in schools]
        claimed = taken[0] if school_id else cover_of(line, taken)
        lines.append(
            {
                "measure": line.measure,
                "audience": line.audience,
                "module": line.module.name if line.module else "",
                "claimed": None if claimed is None else str(claimed),
                "done": str(
                    done.amount(cell_of(line.measure, line.audience, line.module_id, school_id))
                ),
            }
        )
    return lines


def revision_of(run: Reconciliation) -> int:
    """Which revision of its year a final reconciliation is: discarded ones do not count."""
    before = Reconciliation.objects.final().filter(year=run.year, number__lt=run.number)
    return before.count() + 1


def find_closed(year: int) -> Reconciliation | None:
    """The reconciliation that closed the year, if the year was not opened again since."""
    closed = Reconciliation.objects.closed().filter(year=year, lock__released_at=None)
    return closed.select_related("lock").first()


def schools_to_sign(run: Reconciliation) -> QuerySet[School]:
    """The schools that sign their results of a reconciliation, by code."""
    return School.objects.filter(pk__in=run.parts.values("school")).order_by("code")


def statement_before(statement: YearStatement) -> YearStatement | None:
    """The statement of the revision before, of the same school."""
    signature = statement.signature
    earlier = YearStatement.objects.filter(
        year=statement.year,
        revision=statement.revision - 1,
        signature__reconciliation__discarded_at=None,
    )
    if signature.school_id is None:
        return earlier.filter(signature__school=None).first()
    return earlier.filter(signature__school=signature.school_id).first()


def _plain(sums: Sums) -> dict[str, Any]:
    counts: dict[str, Any] = {field: getattr(sums, field) for field in COUNTS}
    return counts | {field: str(getattr(sums, field)) for field in HOURS}
