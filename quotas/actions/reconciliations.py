"""Reconciling a year: a rehearsal at any time, or the final one under the lock of the year."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from math import ceil
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.audit import record_act
from accounts.enums import ActorChannel, Role
from accounts.origin import Actor
from accounts.roles import holds_any
from backstage.confirmations import Blocker
from backstage.jobs import order_job
from config.lib.lock_classes import LockClass
from config.lib.periods import in_force, local_date
from config.lib.years import FIRST_YEAR, day_of_judgement, is_over
from hours.queries.requirements import is_anything_owed
from quotas.blocker_registry import count_blocked, list_blocked
from quotas.enums import EndReason, ReconciliationState
from quotas.errors import BlockedYearError, ReconciliationError
from quotas.models import MemberResult, Reconciliation, ReconciliationPart
from quotas.notices import take_back_results, tell_of_results
from quotas.queries.deliveries import store_delivered
from quotas.queries.results import store_all_results, store_results
from schools.actions.year_locks import lock_year, release_year
from schools.models import School

RECONCILE = "reconcile"
# The job of a reconciliation has no more parts than this.
MOST_PARTS = 16
# Rehearsals whose results stay, so that two of them can be compared; as many of one school alone.
REHEARSALS_KEPT = 3


def start_reconciliation(
    *,
    year: int,
    is_rehearsal: bool,
    by: Actor,
    at: datetime,
    school_id: int | None = None,
    in_background: bool = True,
) -> Reconciliation:
    """Begin a reconciliation with a part for each school, and order the job that computes it.

    A rehearsal is begun by the district or by the schedule, and keeps what blocks the final one.
    The final one is the organisation department's: it closes the year first, so that nothing moves
    any more, and is refused if the year is not over or anything blocks it. A rehearsal may be of
    one school. Raises PermissionDenied, SchoolsError and ReconciliationError.
    """
    _require_role(by, is_rehearsal=is_rehearsal)
    on = local_date(at)
    as_of = day_of_judgement(year, on)
    if not FIRST_YEAR <= year <= on.year or not is_anything_owed(as_of):
        raise ReconciliationError(_("No rule says what is owed in this year."), "year")
    if not is_rehearsal:
        _require_whole(year, on, school_id)
    with transaction.atomic():
        _wait_for_others(year)
        lock = None if is_rehearsal else lock_year(year=year, by=by, at=at)
        blockers = count_blocked(year, at)
        if lock and blockers:
            raise _blocked(year, at)
        _end_broken(year, by, at)
        number = Reconciliation.objects.filter(year=year).aggregate(n=Max("number"))["n"] or 0
        run = Reconciliation.objects.create(
            year=year,
            number=number + 1,
            lock=lock,
            as_of=as_of,
            blockers=blockers,
            started_at=at,
            started_by=by.user,
        )
        ReconciliationPart.objects.bulk_create(
            ReconciliationPart(reconciliation=run, school_id=key)
            for key in _schools_on(as_of, school_id)
        )
        _forget_broken(year)
        record_act(act="start_reconciliation", obj=run, by=by, at=at, after=_facts(run))
        if in_background:
            _order(run, by, at)
    return run


def restart_reconciliation(
    *, reconciliation_id: int, by: Actor, at: datetime, in_background: bool = True
) -> Reconciliation:
    """Order a final reconciliation that was broken off once more; its lock holds on.

    Its job failed or was stopped, or the shell that it was begun from is gone. Parts that are done
    stay so. Raises PermissionDenied for all but the organisation department, and
    ReconciliationError for one that is at work, computed or discarded.
    """
    _require_role(by, is_rehearsal=False)
    with transaction.atomic():
        run = Reconciliation.objects.select_for_update(of=("self",)).get(pk=reconciliation_id)
        if run.is_rehearsal or not run.is_unattended:
            raise ReconciliationError(_("Only a final reconciliation that was broken off goes on."))
        if in_background:
            _order(run, by, at)
        record_act(act="restart_reconciliation", obj=run, by=by, at=at, after=_facts(run))
    return run


def _order(run: Reconciliation, by: Actor, at: datetime) -> None:
    """Order the job that computes the parts that are not done."""
    run.job = order_job(
        kind=RECONCILE,
        arguments={"reconciliation": run.pk},
        parts=_name_parts(run),
        by=by,
        at=at,
    )
    run.save(update_fields=["job"])


def reconcile_part(
    *, reconciliation_id: int, school_id: int | None, by: Actor, at: datetime
) -> None:
    """Compute the results of one school's members, as `reconcile_parts` does."""
    part = ReconciliationPart.objects.get(reconciliation=reconciliation_id, school=school_id)
    reconcile_parts(reconciliation_id=reconciliation_id, part_ids=[part.pk], by=by, at=at)


def reconcile_parts(
    *, reconciliation_id: int, part_ids: Collection[int], by: Actor, at: datetime
) -> None:
    """Compute the results of some schools' members, once: one transaction under advisory locks.

    Does nothing for parts that are done, or of a reconciliation that was discarded meanwhile.
    """
    with transaction.atomic():
        parts = _lock_parts(reconciliation_id, pk__in=part_ids)
        run = Reconciliation.objects.get(pk=reconciliation_id)
        left = [part for part in parts if part.done_at is None]
        if not left or run.state != ReconciliationState.RUNNING:
            return
        members = store_results(run, [part.school_id for part in left])
        for part in left:
            _note_done(run, part, members[part.school_id], by, at)


def reconcile_everybody(*, reconciliation_id: int, by: Actor, at: datetime) -> bool:
    """Compute all parts by one statement, which reads the ledger once: one transaction.

    Returns whether it did: not for a reconciliation of one school, or one with a part that is done,
    nor for one that was discarded.
    """
    with transaction.atomic():
        parts = _lock_parts(reconciliation_id)
        run = Reconciliation.objects.get(pk=reconciliation_id)
        is_whole = any(part.school is None for part in parts)
        if not is_whole or any(part.done_at for part in parts):
            return False
        if run.state != ReconciliationState.RUNNING:
            return False
        members = store_all_results(run)
        for part in parts:
            _note_done(run, part, members[part.school_id], by, at)
    return True


def _lock_parts(reconciliation_id: int, **which: Any) -> list[ReconciliationPart]:
    """Lock the parts in ascending order, and read them as they are then."""
    parts = ReconciliationPart.objects.filter(reconciliation=reconciliation_id, **which)
    with connection.cursor() as cursor:
        for key in parts.order_by("pk").values_list("pk", flat=True):
            cursor.execute(
                "SELECT pg_advisory_xact_lock(%s, %s)", [LockClass.RECONCILIATION_PARTS, key]
            )
    return list(parts.select_related("school").order_by("pk"))


def _note_done(
    run: Reconciliation, part: ReconciliationPart, members: int, by: Actor, at: datetime
) -> None:
    part.members, part.done_at = members, at
    part.save(update_fields=["members", "done_at"])
    record_act(
        act="reconcile_part",
        obj=run,
        by=by,
        at=at,
        after={"members": members},
        school_code=part.school.code if part.school else "",
    )


def finish_reconciliation(*, reconciliation_id: int, by: Actor, at: datetime) -> None:
    """Mark a reconciliation as computed once all of its parts are done; once.

    A final one also freezes the sessions of the year, of which its annual report is made, and the
    leaders of its schools are told that its results wait for their signature.
    """
    with transaction.atomic():
        run = Reconciliation.objects.select_for_update().get(pk=reconciliation_id)
        is_open = run.parts.filter(done_at=None).exists()
        if run.state != ReconciliationState.RUNNING or is_open:
            return
        if not run.is_rehearsal:
            store_delivered(run, run.started_at)
        run.state, run.computed_at = ReconciliationState.COMPUTED, at
        run.save(update_fields=["state", "computed_at"])
        _forget_rehearsals(run.year)
        if not run.is_rehearsal:
            tell_of_results(run, at=at)
        record_act(
            act="finish_reconciliation",
            obj=run,
            by=by,
            at=at,
            after=_facts(run) | {"members": run.results.count()},
        )


def discard_reconciliation(
    *, reconciliation_id: int, reason: str, by: Actor, at: datetime
) -> Reconciliation:
    """Discard a final reconciliation: its results stay as such, and the year is open again.

    Raises PermissionDenied for all but the organisation department, and ReconciliationError without
    a reason, or for a rehearsal, one that was discarded, or one that closed its year.
    """
    _require_role(by, is_rehearsal=False)
    if not reason.strip():
        raise ReconciliationError(_("Say why."), "reason")
    with transaction.atomic():
        run = Reconciliation.objects.select_for_update().get(pk=reconciliation_id)
        if run.is_rehearsal or run.state == ReconciliationState.DISCARDED:
            raise ReconciliationError(_("Only a final reconciliation is discarded, and once."))
        if Reconciliation.objects.closed().filter(pk=run.pk).exists():
            raise ReconciliationError(_("It closed its year: two people open the year again."))
        _discard(run, reason.strip(), by, at)
        take_back_results(run, at=at)
        release_year(year=run.year, reason=reason, by=by, at=at)
        record_act(
            act="discard_reconciliation", obj=run, by=by, at=at, after={"reason": run.reason}
        )
    return run


def abandon_rehearsal(*, reconciliation_id: int, by: Actor, at: datetime) -> None:
    """Discard a rehearsal whose job was stopped or failed; a final one waits for the department."""
    with transaction.atomic():
        run = Reconciliation.objects.select_for_update().get(pk=reconciliation_id)
        if run.is_rehearsal and run.state == ReconciliationState.RUNNING:
            _end_rehearsal(run, EndReason.BROKEN_OFF, by, at)


def _name_parts(run: Reconciliation) -> list[tuple[str, str]]:
    """The parts of a reconciliation that are not done as those of its job: key and label.

    Each looks at all memberships, so where there are many schools a part of the job has several.
    The key of a part of the job has the first and the last of those that it does.
    The label has their names in two lines, an empty one for members outside all areas.
    """
    left = list(run.parts.filter(done_at=None).select_related("school").order_by("pk"))
    size = ceil(len(left) / MOST_PARTS)
    groups = [left[start : start + size] for start in range(0, len(left), size or 1)]
    return [(f"{group[0].pk}-{group[-1].pk}", _name_group(group)) for group in groups]


def _name_group(parts: list[ReconciliationPart]) -> str:
    ends = (parts[0], parts[-1])
    return "\n".join(part.school.name if part.school else "" for part in ends)


def _require_whole(year: int, on: date, school_id: int | None) -> None:
    """Raise ReconciliationError for one school alone, or before the year ends."""
    if school_id is not None:
        raise ReconciliationError(_("The final reconciliation is of all schools."), "school")
    if not is_over(year, on):
        raise ReconciliationError(_("A year is reconciled once it is over."), "year")


def _blocked(year: int, at: datetime) -> BlockedYearError:
    found = list_blocked(year, at)
    text = _("What blocks the reconciliation is to be finished first. Open: %(n)d")
    label = _("%(label)s: %(n)d, for %(who)s")
    named = [
        Blocker(label % {"label": one.label, "n": one.count, "who": one.who}, one.address)
        for one in found
    ]
    return BlockedYearError(text % {"n": sum(one.count for one in found)}, named)


def _require_role(by: Actor, *, is_rehearsal: bool) -> None:
    """Raise PermissionDenied for people who may not begin it; the schedule only rehearses."""
    if by.user is None:
        if is_rehearsal and by.channel in {ActorChannel.TASK, ActorChannel.COMMAND}:
            return
        raise PermissionDenied
    roles = [Role.ORGANISATION_DEPARTMENT] + [Role.DISTRICT_SCHOOL] * is_rehearsal
    if not holds_any(by.user, *roles):
        raise PermissionDenied


def _schools_on(as_of: date, school_id: int | None) -> list[int | None]:
    """The schools that serve a township on the day, and None for the members outside all areas."""
    if school_id is not None:
        return [school_id]
    schools = School.objects.filter(in_force(as_of, "areas__period")).distinct()
    return [*schools.order_by("code").values_list("pk", flat=True), None]


def _wait_for_others(year: int) -> None:
    """Wait until nobody else begins one of the year, so that the next sees what they began."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LockClass.RECONCILIATIONS, year])


def _end_broken(year: int, by: Actor, at: datetime) -> None:
    """Let a rehearsal that goes on, or was broken off, give way to the next reconciliation."""
    running = Reconciliation.objects.select_for_update().filter(
        year=year, state=ReconciliationState.RUNNING
    )
    for run in running:
        if not run.is_rehearsal:
            raise ReconciliationError(_("This year is being reconciled."), "year")
        _end_rehearsal(run, EndReason.SUPERSEDED, by, at)


def _end_rehearsal(run: Reconciliation, why: EndReason, by: Actor, at: datetime) -> None:
    _discard(run, why.value, by, at)
    record_act(act="end_rehearsal", obj=run, by=by, at=at, after=_facts(run) | {"ended": why.value})


def _discard(run: Reconciliation, reason: str, by: Actor, at: datetime) -> None:
    run.state, run.discarded_at, run.reason = ReconciliationState.DISCARDED, at, reason
    run.discarded_by = by.user
    run.save(update_fields=["state", "discarded_at", "discarded_by", "reason"])


def _forget_broken(year: int) -> None:
    """Delete what rehearsals had found that were broken off: it is of some schools alone."""
    broken = Reconciliation.objects.filter(
        year=year, lock=None, state=ReconciliationState.DISCARDED
    )
    MemberResult.objects.filter(
        reconciliation__in=list(broken.values_list("pk", flat=True))
    ).delete()


def _forget_rehearsals(year: int) -> None:
    """Delete the results of old rehearsals, of all schools and of one; they stay listed."""
    computed = Reconciliation.objects.filter(
        year=year, lock=None, state=ReconciliationState.COMPUTED
    ).order_by("-number")
    for rehearsals in (computed.of_all_schools(), computed.exclude(parts__school=None)):
        old = list(rehearsals.values_list("pk", flat=True)[REHEARSALS_KEPT:])
        MemberResult.objects.filter(reconciliation__in=old).delete()


def _facts(run: Reconciliation) -> dict[str, Any]:
    return {"year": run.year, "number": run.number, "is_rehearsal": run.is_rehearsal}
