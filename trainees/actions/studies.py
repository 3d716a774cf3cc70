"""Records of study outside the classes: recorded, submitted, reviewed by others, withdrawn.

Hours are posted when the last step of review passes a record, and reversed when it is withdrawn.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.audit import record_act
from accounts.models import User
from accounts.origin import Actor
from backstage.files import delete_file
from config.lib.dates import write_day
from config.lib.periods import at_local, in_force, local_date
from schools.models import Organisation
from trainees.actions.ledger import (
    CLAIM_STUDY,
    Change,
    Posted,
    foresee,
    list_holders,
    lock_members,
    settle,
)
from trainees.assessing import first_unsettled_day
from trainees.enums import (
    DECLARED_KINDS,
    AssessmentCause,
    ParticipantChange,
    ReviewStep,
    ReviewVerdict,
    StudyKind,
    StudyState,
)
from trainees.errors import StudyError
from trainees.models import (
    Member,
    Membership,
    Study,
    StudyFile,
    StudyParticipant,
    StudyParticipantCorrection,
    StudyReview,
    StudySubmission,
)
from trainees.queries.studies import find_worth, needs_evidence, say_handed_in, say_reviewed

MOST_PARTICIPANTS = 300
# By whether the record is a declaration.
EVIDENCE_MISSING = {
    False: gettext_lazy("Add a photograph or the sign-in sheet, then hand it in."),
    True: gettext_lazy("Add a certificate or a screenshot, then hand it in."),
}


@dataclass(frozen=True)
class Corrected:
    """What was posted for whoever was added to a record, and reversed for whoever was taken off."""

    added: Posted
    removed: Posted


@dataclass(frozen=True)
class StudyFacts:
    """What a record says of a study; minutes are those of each of its days."""

    kind: StudyKind
    topic: str
    place: str
    held_on: date
    minutes: int
    days: int = 1
    starts_at: time | None = None

    @property
    def last_day(self) -> date:
        return self.held_on + timedelta(days=self.days - 1)


def record_study(
    *,
    organisation: Organisation | None,
    facts: StudyFacts,
    member_ids: Collection[int],
    by: Actor,
    at: datetime,
) -> Study:
    """A draft of a study of `organisation`; nothing counts yet.

    The actor is a secretary, commissioner or clerk who serves the organisation. A declaration is
    of one member, by himself or by a clerk of the school that serves him; it belongs to the
    organisation of the member on its first day, whatever is given. Raises PermissionDenied, and
    StudyError naming the field.
    """
    user, on = _person(by), local_date(at)
    with transaction.atomic():
        _require_recorder(user, organisation, facts.kind, member_ids, on)
        _require_sound(facts, on)
        study = Study(
            organisation=_home_of(organisation, facts, member_ids),
            recorded_at=at,
            recorded_by=user,
            **_columns(facts),
        )
        _save(study)
        _set_participants(study, member_ids)
        record_act(act="record_study", obj=study, by=by, at=at, after=_told(facts, member_ids))
    return study


def change_study(
    *,
    study_id: int,
    seen_version: int,
    facts: StudyFacts,
    member_ids: Collection[int],
    by: Actor,
    at: datetime,
) -> Study:
    """Change a draft of one's own. Raises Study.DoesNotExist for any other, and StudyError."""
    user, on = _person(by), local_date(at)
    with transaction.atomic():
        study = _lock_draft(Study.objects.filter(recorded_by=user), study_id, seen_version)
        _require_recorder(user, study.organisation, facts.kind, member_ids, on)
        _require_sound(facts, on)
        before = _told(_facts_of(study), study.participants.values_list("member", flat=True))
        for name, value in _columns(facts).items():
            setattr(study, name, value)
        study.organisation = _home_of(study.organisation, facts, member_ids)
        study.version += 1
        _save(study)
        _set_participants(study, member_ids)
        after = _told(facts, member_ids)
        record_act(act="change_study", obj=study, by=by, at=at, before=before, after=after)
    return study


def discard_study(*, study_id: int, seen_version: int, by: Actor, at: datetime) -> None:
    """Throw a draft away that nobody has reviewed: the own one, or one left behind at the school.

    Raises what `change_study` raises.
    """
    user, on = _person(by), local_date(at)
    with transaction.atomic():
        own = Study.objects.filter(recorded_by=user) | Study.objects.of_clerk(user, on)
        study = _lock_draft(own, study_id, seen_version)
        if study.reviews.exists():
            raise StudyError(_("This record has been reviewed, so it stays."))
        before = _told(_facts_of(study), study.participants.values_list("member", flat=True))
        record_act(act="discard_study", obj=study, by=by, at=at, before=before)
        for evidence in study.files.select_related("file"):
            drop_file(evidence)
        study.delete()


def submit_study(*, study_id: int, seen_version: int, by: Actor, at: datetime) -> Study:
    """Hand a draft in for review once it is over, with the evidence that its rule asks for.

    Raises what `change_study` raises.
    """
    user, on = _person(by), local_date(at)
    with transaction.atomic():
        study = _lock_draft(Study.objects.filter(recorded_by=user), study_id, seen_version)
        _require_sound(_facts_of(study), on)
        _require_over(study, at)
        if not study.participants.exists():
            raise StudyError(_("Say who was there."), "members")
        if needs_evidence(study) and not study.files.exists():
            raise StudyError(str(EVIDENCE_MISSING[study.is_declared]), "files")
        study.state = StudyState.SUBMITTED
        study.round += 1
        study.version += 1
        _save(study)
        StudySubmission.objects.create(
            study=study, round=study.round, submitted_at=at, submitted_by=user
        )
        record_act(act="submit_study", obj=study, by=by, at=at, after={"round": study.round})
    return study


def review_study(
    *, study_id: int, seen_version: int, passes: bool, reason: str, by: Actor, at: datetime
) -> Posted | None:
    """Pass the next step of review, or return the record to a draft with a reason.

    The last step posts the hours of everyone who was there. Raises Study.DoesNotExist if the step
    is not the actor's to take, and StudyError for a record that changed or was reviewed meanwhile,
    or no reason.
    """
    user, on = _person(by), local_date(at)
    with transaction.atomic():
        _require_unreviewed(Study.objects.visible_to(user, on), study_id, seen_version)
        study = _lock(Study.objects.to_review_by(user, on), study_id, seen_version)
        step = Study.objects.with_next_step(on).get(pk=study.pk).next_step
        if not passes and not reason.strip():
            raise StudyError(_("Say why it is returned."), "reason")
        if passes:
            _require_over(study, at)
        verdict = ReviewVerdict.PASSED if passes else ReviewVerdict.RETURNED
        _write_review(study, step, verdict=verdict, reason=reason, user=user, at=at)
        posted = None
        if not passes:
            study.state = StudyState.DRAFT
        elif step == ReviewStep.COMMUNITY:
            study.state = StudyState.CHECKED
        else:
            study.state = StudyState.APPROVED
            posted = _settle(study, AssessmentCause.RESTORED, "", user, at)
        study.version += 1
        study.save(update_fields=["state", "version"])
        after = {"step": step, "verdict": verdict.value, "reason": reason} | _told_posted(posted)
        record_act(act="review_study", obj=study, by=by, at=at, after=after)
    return posted


def withdraw_study(
    *, study_id: int, seen_version: int, reason: str, by: Actor, at: datetime
) -> Posted:
    """Take an approved record back for good: its hours are reversed, and it stays to be read.

    The actor is of the school that reviewed it, but not its recorder. What it kept from
    other evidence comes back. Raises Study.DoesNotExist outside the actor's sight, StudyError.
    """
    user, on = _person(by), local_date(at)
    with transaction.atomic():
        of_schools = Study.objects.of_reviewing_school(user, on).exclude(recorded_by=user)
        study = _lock(of_schools, study_id, seen_version)
        if study.state != StudyState.APPROVED:
            raise StudyError(_("This record is not approved; there is nothing to take back."))
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
        posted = _settle(study, AssessmentCause.WITHDRAWN, reason, user, at)
        study.state = StudyState.WITHDRAWN
        study.version += 1
        study.save(update_fields=["state", "version"])
        after = {"reason": reason} | _told_posted(posted)
        record_act(act="withdraw_study", obj=study, by=by, at=at, after=after)
    return posted


def correct_participants(
    *,
    study_id: int,
    seen_version: int,
    add: Collection[int],
    remove: Collection[int],
    reason: str,
    by: Actor,
    at: datetime,
) -> Corrected:
    """Add members to an approved record, or take some off it; the hours of these alone change.

    The actor is of the school that reviewed it, or of the organisation department while it decides
    an appeal about it; never its recorder, and never about himself. Whoever is taken off is so with
    every row of the person. Raises Study.DoesNotExist if it is not the actor's to correct, and
    StudyError naming the field.
    """
    user, on = _person(by), local_date(at)
    with transaction.atomic():
        study = _lock(Study.objects.correctable_by(user, on), study_id, seen_version)
        if not reason.strip():
            raise StudyError(_("Say why the participants are corrected."), "reason")
        gone = _participants_of(study, remove)
        new = _organisations_of(add, study.held_on)
        lock_members([*gone, *new])
        _require_correction(study, set(new), set(gone), user)
        how: dict[str, Any] = {"reason": reason, "by": user, "at": at}
        removed = _claim_corrected(study, list(gone), is_withdrawn=True, **how)
        study.participants.filter(member__in=gone).delete()
        _add_participants(study, new)
        added = _claim_corrected(study, list(new), is_withdrawn=False, **how)
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


def foresee_study(study: Study) -> list[Change]:
    """What passing a record would post now, by member; changes nothing and locks nobody.

    Empty where nobody was there, or no credit rule is in force.
    """
    there = list(study.participants.values_list("member", flat=True))
    return foresee(**_claim(study, there, is_withdrawn=False))


def _settle(study: Study, cause: AssessmentCause, reason: str, user: User, at: datetime) -> Posted:
    there = list(study.participants.values_list("member", flat=True))
    lock_members(there)
    claim = _claim(study, there, is_withdrawn=cause == AssessmentCause.WITHDRAWN)
    return settle(cause=cause, reason=reason, by=user, at=at, **claim)


def _claim(study: Study, there: list[int], *, is_withdrawn: bool) -> dict[str, Any]:
    """What the record says of these of its participants, for the ledger."""
    values = {
        "study": study.pk,
        "there": there,
        "category": study.category.value,
        "is_withdrawn": is_withdrawn,
    }
    days = [study.held_on + timedelta(days=n) for n in range(study.days)]
    return {
        "claims": CLAIM_STUDY,
        "values": values,
        "members": list_holders(there),
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


def lock_own_draft(*, study_id: int, by: Actor) -> Study:
    """A draft that the actor recorded, locked, in whatever version. Raises Study.DoesNotExist."""
    own = Study.objects.filter(recorded_by=_person(by), state=StudyState.DRAFT)
    found: Study = own.select_for_update(no_key=True).get(pk=study_id)
    return found


def drop_file(evidence: StudyFile) -> None:
    """Forget a file of a draft and its content."""
    evidence.delete()
    delete_file(evidence.file)


def _lock(found: Any, study_id: int, seen_version: int) -> Study:
    """The record, locked, if it is among `found` once it is. Raises StudyError if it changed."""
    _lock_row(study_id)
    study: Study = found.select_related("organisation", "recorded_by").get(pk=study_id)
    if study.version != seen_version:
        raise StudyError(_("Somebody else changed this record meanwhile. Look at it again."))
    return study


def _require_unreviewed(seen: Any, study_id: int, seen_version: int) -> None:
    """Raises StudyError where this submission of the record was reviewed since it was seen."""
    study = _lock_row(study_id)
    if study is None or study.version == seen_version or not seen.filter(pk=study_id).exists():
        return
    review = study.reviews.filter(round=study.round).last()
    if review is not None:
        raise StudyError(say_reviewed(review))


def _lock_row(study_id: int) -> Study | None:
    found: Study | None = Study.objects.select_for_update(no_key=True).filter(pk=study_id).first()
    return found


def _lock_draft(found: Any, study_id: int, seen_version: int) -> Study:
    row = _lock_row(study_id)
    if row and row.state != StudyState.DRAFT and found.filter(pk=study_id).exists():
        raise StudyError(say_handed_in())
    return _lock(found, study_id, seen_version)


def _save(study: Study) -> None:
    """Save the record. Raises StudyError where the branch has one of this kind and time."""
    try:
        with transaction.atomic():
            study.save()
    except IntegrityError as error:
        raise StudyError(
            _("There is a record of this kind, day and time for this organisation already."),
            "held_on",
        ) from error


def _home_of(
    organisation: Organisation | None, facts: StudyFacts, member_ids: Collection[int]
) -> Organisation:
    """Where a record belongs: a declaration where its member belonged. Raises StudyError."""
    if facts.kind not in DECLARED_KINDS and organisation is not None:
        return organisation
    memberships = Membership.objects.filter(in_force(facts.held_on), member__in=member_ids)
    membership = memberships.select_related("organisation").first()
    if membership is None:
        raise StudyError(_("The member belonged to no organisation on that day."), "held_on")
    return membership.organisation


def _require_recorder(
    user: User,
    organisation: Organisation | None,
    kind: StudyKind,
    member_ids: Collection[int],
    on: date,
) -> None:
    """Raises PermissionDenied, and StudyError where a declaration is not of one person."""
    if kind not in DECLARED_KINDS:
        served = Study.objects.organisations_served(user, on)
        if organisation is None or organisation.pk not in served:
            raise PermissionDenied
        return
    if len(member_ids) != 1:
        raise StudyError(_("A declaration is of one member."), "members")
    is_own = Member.objects.filter(pk__in=member_ids, user=user).exists()
    if not is_own and not Member.objects.of_clerk(user, on).filter(pk__in=member_ids).exists():
        raise PermissionDenied


def _require_sound(facts: StudyFacts, on: date) -> None:
    """Raises StudyError for days ahead or settled already, and for what is worth nothing."""
    if facts.held_on > on:
        raise StudyError(_("This day has not come yet."), "held_on")
    if facts.last_day > on:
        text = _("The last of these days, %(day)s, has not come yet.")
        raise StudyError(text % {"day": write_day(facts.last_day)}, "days")
    first = first_unsettled_day(on)
    worth = find_worth(facts.kind, facts.minutes, facts.held_on)
    if worth is None:
        raise StudyError(_("No credit rule is in force on that day."), "held_on")
    if not worth:
        raise StudyError(_("So few minutes are worth no credit hours."), "minutes")
    if facts.held_on < first:
        raise StudyError(_("Days before %(year)s are settled.") % {"year": first.year}, "held_on")


def _require_over(study: Study, at: datetime) -> None:
    """Raises StudyError where its last day's end, as far as a time is known, lies ahead."""
    if study.starts_at is None:
        return
    begins = at_local(study.last_day, study.starts_at.hour, study.starts_at.minute)
    if begins + timedelta(minutes=study.minutes) > at:
        raise StudyError(
            _("By its time and length this study has not taken place yet; wait until it is over."),
            "starts_at",
        )


def _set_participants(study: Study, member_ids: Collection[int]) -> None:
    """Who was there, each from the organisation of the first day. Raises StudyError."""
    _require_few(len(member_ids))
    organisations = _organisations_of(member_ids, study.held_on)
    study.participants.all().delete()
    _add_participants(study, organisations)


def _require_few(n: int) -> None:
    """Raises StudyError for more people than one record names."""
    if n > MOST_PARTICIPANTS:
        raise StudyError(
            _("A record names no more than %(n)d members.") % {"n": MOST_PARTICIPANTS}, "members"
        )


def _organisations_of(member_ids: Collection[int], on: date) -> dict[int, int]:
    """The organisation of each member on the day `on`. Raises StudyError if one has none."""
    memberships = Membership.objects.filter(in_force(on), member__in=member_ids)
    organisations = dict(memberships.order_by("member").values_list("member", "organisation"))
    if organisations.keys() != set(member_ids):
        raise StudyError(
            _("Somebody on the list belonged to no organisation on that day."), "members"
        )
    return organisations


def _add_participants(study: Study, organisations: dict[int, int]) -> None:
    StudyParticipant.objects.bulk_create(
        StudyParticipant(study=study, member_id=member, organisation_id=organisation)
        for member, organisation in organisations.items()
    )


def _participants_of(study: Study, member_ids: Collection[int]) -> dict[int, int]:
    """The participants who are these people, by any of their rows, each with the organisation."""
    people = list_holders(member_ids)
    rows = study.participants.filter(Q(member__in=people) | Q(member__merged_into__in=people))
    return dict(rows.order_by("member").values_list("member", "organisation"))


def _require_correction(study: Study, new: set[int], gone: set[int], user: User) -> None:
    """Raises StudyError for a correction that is none, of oneself, or of too many or all."""
    if not new and not gone:
        raise StudyError(_("Nobody is added or taken off: there is nothing to correct."), "members")
    concerned = list_holders(new | gone)
    own = Member.objects.filter(Q(user=user) | Q(merged_into__user=user), pk__in=concerned)
    if own.exists():
        raise StudyError(_("Somebody else corrects what concerns yourself."), "members")
    left = set(study.participants.values_list("member", flat=True)) - gone
    if {*list_holders(left)} & {*list_holders(new)}:
        raise StudyError(_("Somebody to be added is on the list already."), "members")
    if not left and not new:
        raise StudyError(_("Nobody would be left: take the whole record back instead."), "members")
    _require_few(len(left) + len(new))


def _claim_corrected(
    study: Study, there: list[int], *, is_withdrawn: bool, reason: str, by: User, at: datetime
) -> Posted:
    """Assess these participants anew; their members are locked."""
    if not there:
        return Posted.nothing()
    claim = _claim(study, there, is_withdrawn=is_withdrawn)
    return settle(cause=AssessmentCause.CORRECTED, reason=reason.strip(), by=by, at=at, **claim)


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


def _columns(facts: StudyFacts) -> dict[str, Any]:
    return asdict(replace(facts, topic=facts.topic.strip(), place=facts.place.strip()))


def _facts_of(study: Study) -> StudyFacts:
    return StudyFacts(
        StudyKind(study.kind),
        study.topic,
        study.place,
        study.held_on,
        study.minutes,
        study.days,
        study.starts_at,
    )


def _told(facts: StudyFacts, member_ids: Collection[int]) -> dict[str, Any]:
    """What the trail keeps of a record: facts, and members by key."""
    told = {name: str(value) for name, value in _columns(facts).items() if value is not None}
    return told | {"members": sorted(member_ids)}


def _told_posted(posted: Posted | None) -> dict[str, Any]:
    if posted is None:
        return {}
    return {"entries": posted.entries, "hours": str(posted.hours), "others": posted.others}


def _person(by: Actor) -> User:
    if by.user is None:
        raise PermissionDenied
    return by.user
