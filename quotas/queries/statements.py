"""What a statement of a year states: frozen results, and what was claimed beside what was done."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from quotas.enums import COVERAGES
from quotas.models import (
    AnnualTask,
    MemberResult,
    Reconciliation,
    StatementSignature,
    YearStatement,
)
from quotas.queries.actuals import cell_of, read_actuals
from quotas.queries.claim_differences import ALL, NOBODY, read_coverage
from quotas.queries.claims import accepted_amounts, cover_by
from quotas.queries.results import Sums, sum_all, sum_results
from schools.enums import SuccessionKind
from schools.models import District, School, SchoolSuccession

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
    """Each line of the year's task: what was claimed of it, and what was done.

    Shares of members are those of the frozen results, not of what is kept for lists (ADR 27).
    """
    task = AnnualTask.objects.newest(run.year).first()
    if task is None:
        return []
    schools = schools_stated(run, school_id)
    keys, outside = [school.pk for school in schools], school_id is None
    accepted, serving = accepted_amounts(run.year), _parts_of(run)
    done = read_actuals(keys, run.year, now, coverage=False)
    covered = read_coverage(run, keys, outside=outside)
    lines = []
    for line in task.lines.select_related("module").order_by("pk"):
        claimed = cover_by(line, schools, accepted, serving)
        amount = done.amount(cell_of(*line.key))
        if line.measure in COVERAGES:
            amount = covered.get((ALL, line.audience), NOBODY).share(line.measure)
        lines.append(
            {
                "measure": line.measure,
                "audience": line.audience,
                "module": line.module.name if line.module else "",
                "claimed": None if claimed is None else str(claimed),
                "done": str(amount),
            }
        )
    return lines


def schools_of_run(run: Reconciliation) -> list[School]:
    """The schools of the run's year by code, also those merged before the day of judgement.

    A rehearsal of one school is about that one. Two statements.
    """
    parts = _parts_of(run)
    schools = School.objects.in_year(run.year).order_by("code")
    return [school for school in schools if None in parts or school.pk in parts]


def _parts_of(run: Reconciliation) -> set[int | None]:
    return set(run.parts.values_list("school", flat=True))


def schools_stated(run: Reconciliation, school_id: int | None) -> list[School]:
    """The schools of whose year a statement tells: with None all that existed in it.

    A school that was merged before the day of judgement has no results of its own: the one it went
    over to answers for what it had claimed and done. Four statements at most.
    """
    schools = schools_of_run(run)
    if school_id is None:
        return schools
    parts = _parts_of(run)
    mergers = SchoolSuccession.objects.filter(
        kind=SuccessionKind.MERGER, takes_effect_on__lte=run.as_of
    )
    into = dict(mergers.values_list("former", "successor"))

    def heir(key: int) -> int:
        return key if key in parts or key not in into else heir(into[key])

    return [school for school in schools if heir(school.pk) == school_id]


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
