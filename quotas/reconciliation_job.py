"""The job that computes a reconciliation, part by part."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.origin import Actor
from backstage.jobs import JobKind, Progress
from backstage.models import Job
from quotas.actions.reconciliations import RECONCILE, finish_reconciliation, reconcile_part
from quotas.models import Reconciliation, ReconciliationPart


def compute_all(
    run_id: int,
    by: Actor,
    clock: Callable[[], datetime],
    report: Callable[[int, int], None] = lambda _done, _total: None,
) -> None:
    """Compute the parts that are not done, one transaction for each, and finish."""
    parts = ReconciliationPart.objects.filter(reconciliation=run_id).order_by("pk")
    schools = list(parts.values_list("school", flat=True))
    for done, school_id in enumerate(schools, start=1):
        reconcile_part(reconciliation_id=run_id, school_id=school_id, by=by, at=clock())
        report(done, len(schools))
    finish_reconciliation(reconciliation_id=run_id, by=by, at=clock())


def _run(progress: Progress) -> None:
    run_id = progress.job.arguments["reconciliation"]
    compute_all(run_id, progress.by, progress.clock, progress.report)


def _label(job: Job) -> str:
    run = Reconciliation.objects.filter(pk=job.arguments["reconciliation"]).first()
    if run is None:
        return _("Reconciliation")
    text = _("Rehearsal of %(year)s") if run.is_rehearsal else _("Reconciliation of %(year)s")
    return text % {"year": run.year}


RECONCILIATION = JobKind(
    name=RECONCILE,
    label=_label,
    run=_run,
    queue=RECONCILE,
    in_rows=False,
    title=gettext_lazy("Reconciliation"),
)
