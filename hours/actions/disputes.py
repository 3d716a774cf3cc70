"""Disputes: a member reports an error, the school answers, the department decides an appeal.

No step changes hours. Errors are corrected by the usual actions (a corrected mark, a withdrawn roll
or study); the answer *corrected* requires that this has been done.
"""

from __future__ import annotations

from datetime import date, datetime
from functools import partial

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.audit import record_act
from accounts.enums import Role
from accounts.interests import refuse_own_rows
from accounts.models import User
from accounts.origin import Actor, person_of
from accounts.roles import holds_any
from config.lib.dates import format_day
from config.lib.names import name_key
from config.lib.periods import in_force, local_date
from hours.enums import (
    UNFINISHED_DISPUTES,
    CreditCategory,
    DisputeState,
    DisputeStep,
    DisputeVerdict,
)
from hours.errors import DisputeError
from hours.models import Assessment, CreditRule, Dispute, DisputeEntry
from hours.models.disputes import last_day_to_object
from hours.notices import tell_of_answer
from hours.queries.disputes import find_appeal_end, find_corrections, versions_of
from hours.querysets import DisputeQuerySet
from schools.models import Organisation, School
from schools.queries.open_years import is_open, refuse_settled, say_settled
from trainees.models import Member

_ACTS = {
    DisputeStep.ANSWERED: "answer_dispute",
    DisputeStep.APPEALED: "appeal_dispute",
    DisputeStep.DECIDED: "decide_dispute",
    DisputeStep.WITHDRAWN: "withdraw_dispute",
}
_STATE_AFTER = {
    DisputeStep.ANSWERED: DisputeState.ANSWERED,
    DisputeStep.APPEALED: DisputeState.APPEALED,
    DisputeStep.DECIDED: DisputeState.DECIDED,
    DisputeStep.WITHDRAWN: DisputeState.WITHDRAWN,
}


def open_dispute(*, assessment_id: int, text: str, by: Actor, at: datetime) -> Dispute:
    """Dispute a line of one's own hours, within the time that its rule allows.

    Raises Assessment.DoesNotExist for another member's line, and DisputeError for a line that
    changed meanwhile, is already in dispute, or is too old.
    """
    user, on = person_of(by), local_date(at)
    with transaction.atomic():
        member = _lock_member(user)  # no one can reassess this member's lines meanwhile
        line = (
            Assessment.objects.filter(member=member)
            .select_related("rule", "school")
            .get(pk=assessment_id)
        )
        versions = versions_of(line)
        if versions.filter(version__gt=line.version).exists():
            raise DisputeError(_("This line was changed meanwhile. Look at it again."))
        open_dispute = Dispute.objects.filter(
            Q(state__in=UNFINISHED_DISPUTES)
            | Q(assessment=line) & ~Q(state=DisputeState.WITHDRAWN),
            assessment__in=versions,
        ).first()
        if open_dispute is not None:
            raise DisputeError(_("This line is in dispute already."), dispute_id=open_dispute.pk)
        refuse_settled(line.occurred_on, at, DisputeError)
        last = last_day_to_object(line.assessed_at, line.rule.dispute_days)
        if last is not None and on > last:
            raise DisputeError(
                _("This line could be disputed until %(day)s.") % {"day": format_day(last)}
            )
        dispute = Dispute.objects.create(
            member=member,
            assessment=line,
            occurred_on=line.occurred_on,
            school=_school_of_line(line, on),
            appeal_days=line.rule.dispute_days,
            opened_at=at,
        )
        _open(dispute, text, by=by, at=at)
    return dispute


def report_missing(
    *, occurred_on: date, missing: str, text: str, by: Actor, at: datetime
) -> Dispute:
    """Report that study on a day is missing from one's own hours.

    The school that served the member's organisation on that day answers. Raises Member.DoesNotExist
    for a user who is not a member. Raises DisputeError for future days, settled days, a missing
    name or text, and a study already in dispute.
    """
    user, on = person_of(by), local_date(at)
    with transaction.atomic():
        member = _lock_member(user)
        if occurred_on > on:
            raise DisputeError(_("This day has not come yet."), "occurred_on")
        refuse_settled(occurred_on, at, partial(DisputeError, field="occurred_on"))
        if not missing.strip():
            raise DisputeError(_("Say which study is missing."), "missing")
        _require_new(member, occurred_on, missing)
        rule = CreditRule.objects.filter(
            in_force(occurred_on), category=CreditCategory.CONCENTRATED
        ).first()
        dispute = Dispute.objects.create(
            member=member,
            missing=missing.strip(),
            occurred_on=occurred_on,
            school=_school_of_member(member, occurred_on, on),
            appeal_days=rule.dispute_days if rule else None,
            opened_at=at,
        )
        _open(dispute, text, by=by, at=at)
    return dispute


def answer_dispute(
    *, dispute_id: int, verdict: str, text: str, by: Actor, at: datetime
) -> DisputeEntry:
    """The school's answer. *Corrected* requires a correction, *stays as it is* an explanation.

    The actor is a clerk of the school, but not the member concerned. Raises PermissionDenied,
    Dispute.DoesNotExist if the actor cannot see the dispute, and DisputeError, naming the field
    where one is wrong.
    """
    user, on = person_of(by), local_date(at)
    with transaction.atomic():
        dispute = _lock(Dispute.objects.visible_to(user, on), dispute_id)
        _require_among(Dispute.objects.answered_by(user, on), dispute, by, Role.SCHOOL_CLERK)
        if dispute.state != DisputeState.OPEN:
            raise DisputeError(_("This dispute no longer waits for an answer of the school."))
        _require_grounds(dispute, verdict, text, on)
        entry = _move(dispute, DisputeStep.ANSWERED, verdict=verdict, text=text, by=by, at=at)
        tell_of_answer(entry, at=at)
        return entry


def appeal_dispute(*, dispute_id: int, text: str, by: Actor, at: datetime) -> DisputeEntry:
    """Appeal once against the answer to one's own dispute, within the time that its rule allows.

    Raises Dispute.DoesNotExist for another member's dispute, and DisputeError.
    """
    user, on = person_of(by), local_date(at)
    with transaction.atomic():
        dispute = _lock(Dispute.objects.of_account(user), dispute_id)
        if dispute.state != DisputeState.ANSWERED:
            raise DisputeError(_("Only an answer of the school can be appealed against, once."))
        refuse_settled(dispute.occurred_on, at, DisputeError)
        last = find_appeal_end(dispute)
        if last is not None and on > last:
            raise DisputeError(
                _("An appeal was possible until %(day)s.") % {"day": format_day(last)}
            )
        if not text.strip():
            raise DisputeError(_("Say why the answer is not right."), "text")
        return _move(dispute, DisputeStep.APPEALED, text=text, by=by, at=at)


def decide_dispute(
    *, dispute_id: int, verdict: str, text: str, by: Actor, at: datetime
) -> DisputeEntry:
    """Decide an appeal finally. *Corrected* requires a correction made since the appeal.

    The actor is an officer of the organisation department, but neither the member concerned nor the
    person who answered. Raises the same errors as `answer_dispute`.
    """
    user, on = person_of(by), local_date(at)
    with transaction.atomic():
        dispute = _lock(Dispute.objects.visible_to(user, on), dispute_id)
        decided = Dispute.objects.decided_by(user, on)
        _require_among(decided, dispute, by, Role.ORGANISATION_DEPARTMENT)
        if dispute.state != DisputeState.APPEALED:
            raise DisputeError(_("This dispute no longer waits for a decision."))
        _require_grounds(dispute, verdict, text, on)
        entry = _move(dispute, DisputeStep.DECIDED, verdict=verdict, text=text, by=by, at=at)
        tell_of_answer(entry, at=at)
        return entry


def withdraw_dispute(*, dispute_id: int, by: Actor, at: datetime) -> DisputeEntry:
    """Withdraw one's own dispute while it waits for an answer or a decision.

    Raises Dispute.DoesNotExist for another member's dispute, and DisputeError.
    """
    user = person_of(by)
    with transaction.atomic():
        dispute = _lock(Dispute.objects.of_account(user), dispute_id)
        if dispute.state not in UNFINISHED_DISPUTES:
            raise DisputeError(_("This dispute waits for nobody; there is nothing to take back."))
        return _move(dispute, DisputeStep.WITHDRAWN, by=by, at=at)


def _require_new(member: Member, day: date, missing: str) -> None:
    """Raise DisputeError if the same study on that day is already in dispute."""
    waiting = Dispute.objects.filter(
        member=member, occurred_on=day, assessment=None, state__in=UNFINISHED_DISPUTES
    )
    key = name_key(missing)
    for dispute in waiting:
        if name_key(dispute.missing) == key:
            raise DisputeError(
                _("The hours of this study are in dispute already."),
                "missing",
                dispute_id=dispute.pk,
            )


def _open(dispute: Dispute, text: str, *, by: Actor, at: datetime) -> None:
    if not text.strip():
        raise DisputeError(_("Say what is wrong."), "text")
    _write(dispute, DisputeStep.OPENED, text=text, by=by, at=at)
    code = dispute.school.code
    record_act(act="open_dispute", obj=dispute, by=by, at=at, school_code=code)


def _move(
    dispute: Dispute,
    step: DisputeStep,
    *,
    verdict: str = "",
    text: str = "",
    by: Actor,
    at: datetime,
) -> DisputeEntry:
    """Take the step: write its entry, the new state and the audit entry, which omits the text."""
    entry = _write(dispute, step, verdict=verdict, text=text, by=by, at=at)
    before = dispute.state
    dispute.state = _STATE_AFTER[step]
    dispute.save(update_fields=["state"])
    record_act(
        act=_ACTS[step],
        obj=dispute,
        by=by,
        at=at,
        school_code=dispute.school.code,
        before={"state": before},
        after={"state": dispute.state} | ({"answer": verdict} if verdict else {}),
    )
    return entry


def _write(
    dispute: Dispute,
    step: DisputeStep,
    *,
    verdict: str = "",
    text: str = "",
    by: Actor,
    at: datetime,
) -> DisputeEntry:
    return DisputeEntry.objects.create(
        dispute=dispute,
        step=step,
        verdict=verdict,
        text=text.strip(),
        written_at=at,
        written_by=person_of(by),
    )


def _require_among(permitted: DisputeQuerySet, dispute: Dispute, by: Actor, role: Role) -> None:
    """Raise PermissionDenied, or DisputeError for the own dispute of a holder of the role."""
    if permitted.filter(pk=dispute.pk).exists():
        return
    if holds_any(by.user, role):
        refuse_own_rows(by, [dispute.member_id], DisputeError)
    raise PermissionDenied


def _require_grounds(dispute: Dispute, verdict: str, text: str, on: date) -> None:
    """Raise DisputeError for *corrected* without a correction, *stays* without an explanation.

    Nothing of a settled year can be corrected any more; the member still gets the explanation.
    """
    if verdict not in DisputeVerdict.values:
        raise DisputeError(_("Choose an answer."), "verdict")
    if verdict == DisputeVerdict.CORRECTED and not find_corrections(dispute).exists():
        if not is_open(dispute.occurred_on.year, on):
            raise DisputeError(say_settled(dispute.occurred_on.year), "verdict")
        raise DisputeError(_("Nothing has been corrected yet. Correct it first."), "verdict")
    if verdict == DisputeVerdict.STANDS and not text.strip():
        raise DisputeError(_("Explain to the member why it stays as it is."), "text")


def _lock_member(user: User) -> Member:
    """The member with the account `user`, locked. Raises Member.DoesNotExist."""
    return Member.objects.select_for_update(no_key=True).get(user=user)


def _lock(disputes: DisputeQuerySet, dispute_id: int) -> Dispute:
    """The dispute, locked, if it is in `found`. Raises Dispute.DoesNotExist."""
    rows = disputes.select_related("member", "school", "assessment__source")
    return rows.select_for_update(of=("self",), no_key=True).get(pk=dispute_id)


def _school_of_line(line: Assessment, on: date) -> School:
    """The line's school: the one that held the class or served the organisation of the study.

    If that school no longer exists, the school that serves the member answers. Raises DisputeError.
    """
    return line.school if on in line.school.period else _school_of_member(line.member, on, on)


def _school_of_member(member: Member, day: date, on: date) -> School:
    """The school that served the member's organisation on `day`, or else serves it on the day `on`.

    Raises DisputeError if no school is left to answer.
    """
    for then in (day, on):
        organisations = Organisation.objects.filter(
            in_force(then, "memberships__period"), memberships__member=member
        )
        school = _school_serving(organisations, then, on)
        if school is not None:
            return school
    raise DisputeError(_("No school serves your organisation; ask the organisation department."))


def _school_serving(organisations: QuerySet, then: date, on: date) -> School | None:
    """The school that served one of these on the day `then`, if it exists on the day `on`."""
    serving = School.objects.in_force(on).filter(
        in_force(then, "areas__period"),
        in_force(then, "areas__township__placements__period"),
        areas__township__placements__organisation__in=organisations,
    )
    return serving.first()
