"""The job that computes a reconciliation: a part for each school, done side by side."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.origin import Actor
from backstage.jobs import JobKind, PartRun, Run
from backstage.models import Job
from quotas.actions.reconciliations import (
    RECONCILE,
    abandon_rehearsal,
    finish_reconciliation,
    reconcile_everybody,
    reconcile_parts,
)
from quotas.models import Reconciliation, ReconciliationPart


def compute_all(run_id: int, by: Actor, clock: Callable[[], datetime]) -> None:
    """Compute all parts at once, or those that are not done; without a worker."""
    if not reconcile_everybody(reconciliation_id=run_id, by=by, at=clock()):
        parts = ReconciliationPart.objects.filter(reconciliation=run_id)
        keys = list(parts.values_list("pk", flat=True))
        reconcile_parts(reconciliation_id=run_id, part_ids=keys, by=by, at=clock())
    finish_reconciliation(reconciliation_id=run_id, by=by, at=clock())


def _run_part(part: PartRun) -> None:
    first, last = map(int, part.key.split("-"))
    reconcile_parts(
        reconciliation_id=part.job.arguments["reconciliation"],
        part_ids=range(first, last + 1),
        by=part.by,
        at=part.clock(),
    )


def _finish(run: Run) -> None:
    finish_reconciliation(
        reconciliation_id=run.job.arguments["reconciliation"], by=run.by, at=run.clock()
    )


def _abandon(run: Run) -> None:
    abandon_rehearsal(
        reconciliation_id=run.job.arguments["reconciliation"], by=run.by, at=run.clock()
    )


def _label(job: Job) -> str:
    run = Reconciliation.objects.filter(pk=job.arguments["reconciliation"]).first()
    if run is None:
        return _("Reconciliation")
    text = _("Rehearsal of %(year)s") if run.is_rehearsal else _("Reconciliation of %(year)s")
    return text % {"year": run.year}


def _page(job: Job) -> str:
    return reverse("quotas:reconciliation", args=[job.arguments["reconciliation"]])


def _name_part(label: str) -> str:
    names = [name or _("Outside every school's area") for name in label.split("\n")]
    ends = {"first": names[0], "last": names[-1]}
    return names[0] if names[0] == names[-1] else _("%(first)s to %(last)s") % ends


RECONCILIATION = JobKind(
    name=RECONCILE,
    label=_label,
    run=_finish,
    run_part=_run_part,
    undo_parts=_abandon,
    page=_page,
    queue=RECONCILE,
    title=gettext_lazy("Reconciliation"),
    part_label=_name_part,
)
