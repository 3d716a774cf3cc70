"""Records of study outside the classes: recording, changing, discarding and submitting drafts.

None of these steps posts hours. `study_reviews` has the steps after submission.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.audit import record_act
from accounts.models import User
from accounts.origin import Actor, person_of
from backstage.files import delete_file
from config.lib.dates import format_day
from config.lib.periods import at_local, in_force, local_date
from hours.queries.holders import list_holders
from schools.models import Organisation
from schools.queries.open_years import refuse_settled
from studies.enums import DECLARED_KINDS, StudyKind, StudyState
from studies.errors import StudyError
from studies.models import Study, StudyFile, StudyParticipant, StudySubmission
from studies.queries.studies import (
    find_worth,
    list_there,
    needs_evidence,
    say_absent,
    say_changed,
    say_handed_in,
    say_nowhere,
)
from trainees.models import Member, Membership

MOST_PARTICIPANTS = 300
# Keyed by whether the record is a declaration.
EVIDENCE_MISSING = {
    False: gettext_lazy("Add a photograph or the sign-in sheet, then hand it in."),
    True: gettext_lazy("Add a certificate or a screenshot, then hand it in."),
}


@dataclass(frozen=True)
class StudyFacts:
    """The facts of a study; `minutes` is the length on each of its days."""

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
    guest_ids: Collection[int] = (),
    by: Actor,
    at: datetime,
) -> Study:
    """Record a draft of a study of `organisation`; no hours are posted.

    The actor is a secretary, commissioner or clerk who serves the organisation. `member_ids` are
    the participants; those also in `guest_ids` may belong to another organisation. A declaration
    has one member and is made by that member or a clerk of their school. It belongs to the member's
    organisation on the first day; `organisation` is ignored. Raises PermissionDenied, and a
    StudyError that names the field.
    """
    user, on = person_of(by), local_date(at)
    with transaction.atomic():
        _require_recorder(user, organisation, facts.kind, member_ids, on)
        _require_sound(facts, at)
        home, member_ids = _home_of(organisation, facts, member_ids)
        study = Study(organisation=home, recorded_at=at, recorded_by=user, **_columns(facts))
        _save(study)
        _set_participants(study, member_ids, guest_ids)
        record_act(
            act="record_study", obj=study, by=by, at=at, after=_audit_facts(facts, member_ids)
        )
    return study


def change_study(
    *,
    study_id: int,
    seen_version: int,
    facts: StudyFacts,
    member_ids: Collection[int],
    guest_ids: Collection[int] = (),
    by: Actor,
    at: datetime,
) -> Study:
    """Change the actor's own draft. Raises Study.DoesNotExist for other records, and StudyError."""
    user, on = person_of(by), local_date(at)
    with transaction.atomic():
        study = _lock_draft(Study.objects.filter(recorded_by=user), study_id, seen_version)
        _require_recorder(user, study.organisation, facts.kind, member_ids, on)
        _require_sound(facts, at)
        before = _audit_facts(_facts_of(study), study.participants.values_list("member", flat=True))
        for name, value in _columns(facts).items():
            setattr(study, name, value)
        study.organisation, member_ids = _home_of(study.organisation, facts, member_ids)
        study.version += 1
        _save(study)
        _set_participants(study, member_ids, guest_ids)
        after = _audit_facts(facts, member_ids)
        record_act(act="change_study", obj=study, by=by, at=at, before=before, after=after)
    return study


def discard_study(*, study_id: int, seen_version: int, by: Actor, at: datetime) -> None:
    """Delete a never reviewed draft: the actor's own, or any at a school where they are a clerk.

    Raises what `change_study` raises.
    """
    user, on = person_of(by), local_date(at)
    with transaction.atomic():
        studies = Study.objects.filter(recorded_by=user) | Study.objects.of_clerk(user, on)
        study = _lock_draft(studies, study_id, seen_version)
        if study.reviews.exists():
            raise StudyError(_("This record has been reviewed, so it stays."))
        before = _audit_facts(_facts_of(study), study.participants.values_list("member", flat=True))
        record_act(act="discard_study", obj=study, by=by, at=at, before=before)
        for evidence in study.files.select_related("file"):
            drop_file(evidence)
        study.delete()


def submit_study(*, study_id: int, seen_version: int, by: Actor, at: datetime) -> Study:
    """Submit a draft for review once the study is over, with the evidence that its rule requires.

    The participants' memberships on its day must not have changed since the draft was saved. Raises
    what `change_study` raises.
    """
    user, on = person_of(by), local_date(at)
    with transaction.atomic():
        study = _lock_draft(Study.objects.filter(recorded_by=user), study_id, seen_version)
        _require_sound(_facts_of(study), at)
        require_over(study, at)
        if not study.participants.exists():
            raise StudyError(_("Say who was there."), "members")
        if study.is_declared:
            named = list(study.participants.values_list("member", flat=True))
            _require_recorder(user, study.organisation, StudyKind(study.kind), named, on)
        else:
            require_still_there(study)
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


def lock_own_draft(*, study_id: int, by: Actor) -> Study:
    """Lock and return the actor's own draft, in any version. Raises Study.DoesNotExist."""
    studies = Study.objects.filter(recorded_by=person_of(by), state=StudyState.DRAFT)
    study: Study = studies.select_for_update(no_key=True).get(pk=study_id)
    return study


def drop_file(evidence: StudyFile) -> None:
    """Delete a file of a draft, including its content."""
    evidence.delete()
    delete_file(evidence.file)


def lock_study(studies: Any, study_id: int, seen_version: int) -> Study:
    """Lock the record, then fetch it from `found`. Raises StudyError if its version differs."""
    lock_study_row(study_id)
    study: Study = studies.select_related("organisation", "recorded_by").get(pk=study_id)
    if study.version != seen_version:
        raise StudyError(_("Somebody else changed this record meanwhile. Look at it again."))
    return study


def lock_study_row(study_id: int) -> Study | None:
    study: Study | None = Study.objects.select_for_update(no_key=True).filter(pk=study_id).first()
    return study


def _lock_draft(studies: Any, study_id: int, seen_version: int) -> Study:
    row = lock_study_row(study_id)
    if row and row.state != StudyState.DRAFT and studies.filter(pk=study_id).exists():
        raise StudyError(say_handed_in())
    return lock_study(studies, study_id, seen_version)


def _save(study: Study) -> None:
    """Save the record. Raises StudyError if the branch already has one of this kind and time."""
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
) -> tuple[Organisation, Collection[int]]:
    """The organisation that a record belongs to, and its participants. Raises StudyError.

    A declaration belongs to its member's organisation. If the member's row had none on that day,
    the declaration names another row of the same person that had: a merge ends one membership.
    """
    if facts.kind not in DECLARED_KINDS and organisation is not None:
        return organisation, member_ids
    person = list_holders(member_ids)
    rows = Membership.objects.filter(
        in_force(facts.held_on), Q(member__in=person) | Q(member__merged_into__in=person)
    )
    memberships = sorted(
        rows.select_related("organisation"), key=lambda membership: membership.member_id
    )
    named = [
        membership for membership in memberships if membership.member_id in member_ids
    ] or memberships
    if not named:
        raise StudyError(_("The member belonged to no organisation on that day."), "held_on")
    return named[0].organisation, [named[0].member_id]


def _require_recorder(
    user: User,
    organisation: Organisation | None,
    kind: StudyKind,
    member_ids: Collection[int],
    on: date,
) -> None:
    """Raise PermissionDenied, or StudyError if a declaration is not of exactly one member."""
    if kind not in DECLARED_KINDS:
        served = Study.objects.organisations_served(user, on)
        if organisation is None or organisation.pk not in served:
            raise PermissionDenied
        return
    if len(member_ids) != 1:
        raise StudyError(_("A declaration is of one member."), "members")
    person = list_holders(member_ids)
    is_own = Member.objects.filter(pk__in=person, user=user).exists()
    if not is_own and not Member.objects.of_clerk(user, on).filter(pk__in=person).exists():
        raise PermissionDenied


def _require_sound(facts: StudyFacts, at: datetime) -> None:
    """Raise StudyError for future days, days of settled years, and studies worth no hours."""
    on = local_date(at)
    if facts.held_on > on:
        raise StudyError(_("This day has not come yet."), "held_on")
    if facts.last_day > on:
        text = _("The last of these days, %(day)s, has not come yet.")
        raise StudyError(text % {"day": format_day(facts.last_day)}, "days")
    worth = find_worth(facts.kind, facts.minutes, facts.held_on)
    if worth is None:
        raise StudyError(_("No credit rule is in force on that day."), "held_on")
    if not worth:
        raise StudyError(_("So few minutes are worth no credit hours."), "minutes")
    refuse_settled(facts.held_on, at, partial(StudyError, field="held_on"))


def require_over(study: Study, at: datetime) -> None:
    """Raise StudyError if the end of its last day is in the future, where a time is known."""
    if study.starts_at is None:
        return
    begins = at_local(study.last_day, study.starts_at.hour, study.starts_at.minute)
    if begins + timedelta(minutes=study.minutes) > at:
        raise StudyError(
            _("By its time and length this study has not taken place yet; wait until it is over."),
            "starts_at",
        )


def _set_participants(
    study: Study, member_ids: Collection[int], guest_ids: Collection[int]
) -> None:
    """Replace the participants, each with the organisation of the first day. Raises StudyError."""
    require_few(len(member_ids))
    organisations = homes_of(member_ids, guest_ids, study.organisation, study.held_on)
    study.participants.all().delete()
    add_participants(study, organisations)


def require_few(n: int) -> None:
    """Raise StudyError for more people than a record may name."""
    if n > MOST_PARTICIPANTS:
        raise StudyError(
            _("A record names no more than %(n)d members.") % {"n": MOST_PARTICIPANTS}, "members"
        )


def homes_of(
    member_ids: Collection[int], guest_ids: Collection[int], organisation: Organisation, on: date
) -> dict[int, int]:
    """The organisation of each participant of a study of `organisation` on the day `on`.

    Participants must belong to `organisation`; guests may belong to any organisation. Raises a
    StudyError that names those who do not.
    """
    there = list_there(organisation, on, guest_ids).filter(member__in=member_ids)
    homes = dict(there.order_by("member").values_list("member", "organisation"))
    absent = set(member_ids) - homes.keys()
    if nowhere := absent & set(guest_ids):
        raise StudyError(say_nowhere(nowhere), "members")
    if absent:
        raise StudyError(say_absent(absent), "members")
    return homes


def require_still_there(study: Study) -> None:
    """Raise StudyError if a participant's membership on the study's day was changed meanwhile.

    A row merged since is ignored: its membership ended with the merge.
    """
    rows = study.participants.filter(member__merged_into=None)
    belonged = dict(rows.values_list("member", "organisation"))
    guests = [key for key, home in belonged.items() if home != study.organisation_id]
    homes = homes_of(belonged.keys(), guests, study.organisation, study.held_on)
    if changed := {key for key in belonged if homes[key] != belonged[key]}:
        raise StudyError(say_changed(changed), "members")


def add_participants(study: Study, organisations: dict[int, int]) -> None:
    StudyParticipant.objects.bulk_create(
        StudyParticipant(study=study, member_id=member, organisation_id=organisation)
        for member, organisation in organisations.items()
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


def _audit_facts(facts: StudyFacts, member_ids: Collection[int]) -> dict[str, Any]:
    """A record as stored in the audit trail: its facts, and its members by id."""
    stored = {name: str(value) for name, value in _columns(facts).items() if value is not None}
    return stored | {"members": sorted(member_ids)}
