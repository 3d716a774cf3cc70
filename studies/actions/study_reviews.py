"""Submitted records of study: reviewing, correcting and withdrawing them.

Hours are posted when a record passes the last review step, and reversed when it is withdrawn.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.audit import record_act
from accounts.interests import refuse_own_rows
from accounts.models import User
from accounts.origin import Actor, person_of
from config.lib.periods import local_date
from hours.actions.ledger import Change, Posted, post_hours, preview_changes
from hours.enums import AssessmentCause
from hours.errors import LedgerError
from hours.models import Source
from hours.queries.holders import list_holders, list_holders_of_any_year
from schools.queries.open_years import refuse_settled
from studies.actions.studies import (
    add_participants,
    homes_of,
    lock_study,
    lock_study_row,
    require_few,
    require_over,
    require_still_there,
)
from studies.enums import ParticipantChange, ReviewStep, ReviewVerdict, StudyState
from studies.errors import StudyError
from studies.hours_source import KEY, STUDY, training_of
from studies.models import Study, StudyParticipant, StudyParticipantCorrection, StudyReview
from studies.notices import tell_of_review
from studies.queries.studies import say_reviewed
from studies.querysets import StudyQuerySet
from trainees.actions.locks import lock_members


@dataclass(frozen=True)
class Corrected:
    """What was posted for the added participants, and reversed for the removed ones."""

    added: Posted
    removed: Posted


def review_study(
    *, study_id: int, seen_version: int, passes: bool, reason: str, by: Actor, at: datetime
) -> Posted | None:
    """Pass the next review step, or return the record to draft with a reason.

    The last step posts the hours of all participants. Raises Study.DoesNotExist if the actor may
    not take the step, and StudyError if the record was changed or reviewed meanwhile, a
    participant's membership on its day was changed meanwhile, or the reason is missing.
    """
    user, on = person_of(by), local_date(at)
    with transaction.atomic():
        visible = Study.objects.visible_to(user, on)
        _require_unreviewed(visible, study_id, seen_version)
        _refuse_own(visible, study_id, by)
        study = lock_study(Study.objects.to_review_by(user, on), study_id, seen_version)
        step = Study.objects.with_next_step(on).get(pk=study.pk).next_step
        if not passes and not reason.strip():
            raise StudyError(_("Say why it is returned."), "reason")
        if passes:
            refuse_settled(study.held_on, at, StudyError)
            require_over(study, at)
            if not study.is_declared:
                require_still_there(study)
        verdict = ReviewVerdict.PASSED if passes else ReviewVerdict.RETURNED
        _write_review(study, step, verdict=verdict, reason=reason, user=user, at=at)
        posted = None
        if not passes:
            study.state = StudyState.DRAFT
        elif step == ReviewStep.COMMUNITY:
            study.state = StudyState.CHECKED
        else:
            study.state = StudyState.APPROVED
            study.source = Source.objects.create(kind=KEY, training=training_of(study.pk))
        study.version += 1
        study.save(update_fields=["state", "source", "version"])
        if study.state == StudyState.APPROVED:
            posted = _post_hours(study, AssessmentCause.RESTORED, "", user, at)
        after = {"step": step, "verdict": verdict.value, "reason": reason} | _posted_facts(posted)
        record_act(act="review_study", obj=study, by=by, at=at, after=after)
        tell_of_review(study, reason, at=at)
    return posted


def withdraw_study(
    *, study_id: int, seen_version: int, reason: str, by: Actor, at: datetime
) -> Posted:
    """Withdraw an approved record permanently: its hours are reversed; it remains readable.

    The actor belongs to the school that reviewed it, and is not its recorder. Other evidence gets
    back the hours that this record had displaced. Raises Study.DoesNotExist if the actor may not
    withdraw the record, and StudyError.
    """
    user, on = person_of(by), local_date(at)
    with transaction.atomic():
        of_schools = Study.objects.of_reviewing_school(user, on).exclude(recorded_by=user)
        study = lock_study(of_schools, study_id, seen_version)
        _refuse_own(of_schools, study_id, by)
        if study.state != StudyState.APPROVED:
            raise StudyError(_("This record is not approved; there is nothing to take back."))
        refuse_settled(study.held_on, at, StudyError)
        if not reason.strip():
            raise StudyError(_("Say why the record is taken back."), "reason")
        _write_review(
            study,
            ReviewStep.SCHOOL,
            verdict=ReviewVerdict.WITHDRAWN,
            reason=reason,
            user=user,
            at=at,
        )
        posted = _post_hours(study, AssessmentCause.WITHDRAWN, reason, user, at)
        study.state = StudyState.WITHDRAWN
        study.version += 1
        study.save(update_fields=["state", "version"])
        after = {"reason": reason} | _posted_facts(posted)
        record_act(act="withdraw_study", obj=study, by=by, at=at, after=after)
        tell_of_review(study, reason, at=at)
    return posted


def correct_participants(
    *,
    study_id: int,
    seen_version: int,
    add: Collection[int],
    remove: Collection[int],
    reason: str,
    guest_ids: Collection[int] = (),
    by: Actor,
    at: datetime,
) -> Corrected:
    """Add members to an approved record or remove some; only these members' hours are assessed.

    Added members in `guest_ids` may have belonged to another organisation on its first day. The
    actor belongs to the school that reviewed the record, or to the organisation department while it
    decides an appeal about it. The recorder may not correct it, and nobody corrects their own
    participation. A removal covers all rows of the person. Raises Study.DoesNotExist if the actor
    may not correct the record, and a StudyError that names the field.
    """
    user, on = person_of(by), local_date(at)
    with transaction.atomic():
        study = lock_study(Study.objects.correctable_by(user, on), study_id, seen_version)
        refuse_settled(study.held_on, at, StudyError)
        if not reason.strip():
            raise StudyError(_("Say why the participants are corrected."), "reason")
        gone = _participants_of(study, remove)
        new = homes_of(add, guest_ids, study.organisation, study.held_on)
        lock_members([*gone, *new])
        refuse_own_rows(by, [*new, *gone], partial(StudyError, field="members"))
        _require_correction(study, set(new), set(gone))
        kwargs: dict[str, Any] = {"reason": reason, "by": user, "at": at}
        removed = _claim_corrected(study, list(gone), is_withdrawn=True, **kwargs)
        study.participants.filter(member__in=gone).delete()
        add_participants(study, new)
        added = _claim_corrected(study, list(new), is_withdrawn=False, **kwargs)
        for change, people in (
            (ParticipantChange.REMOVED, gone),
            (ParticipantChange.ADDED, new),
        ):
            _write_corrections(study, change, people, reason=reason, user=user, at=at)
        study.version += 1
        study.save(update_fields=["version"])
        record_act(
            act="correct_participants",
            obj=study,
            by=by,
            at=at,
            after={"added": sorted(new), "removed": sorted(gone), "reason": reason},
        )
    return Corrected(added, removed)


def preview_study(study: Study) -> list[Change]:
    """Preview what passing a record would post now, by member; changes and locks nothing.

    Empty without participants, or if no credit rule is in force.
    """
    there = list(study.participants.values_list("member", flat=True))
    return preview_changes(**_claim(study, there, is_withdrawn=False))


def _post_hours(
    study: Study, cause: AssessmentCause, reason: str, user: User, at: datetime
) -> Posted:
    there = list(study.participants.values_list("member", flat=True))
    lock_members(there)
    claim = _claim(study, there, is_withdrawn=cause == AssessmentCause.WITHDRAWN)
    return _post(claim, cause, reason, user, at)


def _post(
    claim: dict[str, Any], cause: AssessmentCause, reason: str, user: User, at: datetime
) -> Posted:
    """Post a claim. Raises StudyError if the ledger refuses it."""
    try:
        return post_hours(cause=cause, reason=reason, by=user, at=at, **claim)
    except LedgerError as error:
        raise StudyError(str(error)) from error


def _claim(study: Study, there: list[int], *, is_withdrawn: bool) -> dict[str, Any]:
    """The arguments for the ledger to claim the hours of these participants."""
    values = {
        "study": study.pk,
        "there": there,
        "category": study.category.value,
        "is_withdrawn": is_withdrawn,
    }
    days = [study.held_on + timedelta(days=n) for n in range(study.days)]
    return {
        "claims": STUDY.claim,
        "values": values,
        "members": list_holders_of_any_year(there),
        "days": days,
    }


def _write_review(
    study: Study, step: str, *, verdict: ReviewVerdict, reason: str, user: User, at: datetime
) -> None:
    StudyReview.objects.create(
        study=study,
        round=study.round,
        step=step,
        verdict=verdict,
        reason=reason.strip(),
        recorded_by=study.recorded_by,
        reviewed_at=at,
        reviewed_by=user,
    )


def _require_unreviewed(seen: Any, study_id: int, seen_version: int) -> None:
    """Raise StudyError if this submission was reviewed after the actor loaded the record."""
    study = lock_study_row(study_id)
    if study is None or study.version == seen_version or not seen.filter(pk=study_id).exists():
        return
    review = study.reviews.filter(round=study.round).last()
    if review is not None:
        raise StudyError(say_reviewed(review))


def _refuse_own(seen: StudyQuerySet, study_id: int, by: Actor) -> None:
    """Raise StudyError if the actor took part in the record, under any row."""
    if seen.filter(pk=study_id).exists():
        there = StudyParticipant.objects.filter(study=study_id)
        refuse_own_rows(by, there.values_list("member", flat=True), StudyError)


def _participants_of(study: Study, member_ids: Collection[int]) -> dict[int, int]:
    """The organisation of each participant row that belongs to these people."""
    people = list_holders(member_ids)
    rows = study.participants.filter(Q(member__in=people) | Q(member__merged_into__in=people))
    return dict(rows.order_by("member").values_list("member", "organisation"))


def _require_correction(study: Study, new: set[int], gone: set[int]) -> None:
    """Raise StudyError if the correction is empty, too large, or removes all."""
    if not new and not gone:
        raise StudyError(_("Nobody is added or taken off: there is nothing to correct."), "members")
    left = set(study.participants.values_list("member", flat=True)) - gone
    if {*list_holders(left)} & {*list_holders(new)}:
        raise StudyError(_("Somebody to be added is on the list already."), "members")
    if not left and not new:
        raise StudyError(_("Nobody would be left: take the whole record back instead."), "members")
    require_few(len(left) + len(new))


def _claim_corrected(
    study: Study, there: list[int], *, is_withdrawn: bool, reason: str, by: User, at: datetime
) -> Posted:
    """Assess these participants again; their members are locked."""
    if not there:
        return Posted.nothing()
    claim = _claim(study, there, is_withdrawn=is_withdrawn)
    return _post(claim, AssessmentCause.CORRECTED, reason.strip(), by, at)


def _write_corrections(
    study: Study,
    change: ParticipantChange,
    people: dict[int, int],
    *,
    reason: str,
    user: User,
    at: datetime,
) -> None:
    StudyParticipantCorrection.objects.bulk_create(
        StudyParticipantCorrection(
            study=study,
            version=study.version,
            member_id=member,
            organisation_id=organisation,
            change=change,
            reason=reason.strip(),
            recorded_by=study.recorded_by,
            corrected_at=at,
            corrected_by=user,
        )
        for member, organisation in people.items()
    )


def _posted_facts(posted: Posted | None) -> dict[str, Any]:
    if posted is None:
        return {}
    return {"entries": posted.entries, "hours": str(posted.hours), "others": posted.others}
