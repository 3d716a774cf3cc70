"""Records of study: their worth in hours, the page of a record, and its participants."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from accounts.models import User
from config.lib.dates import format_moment
from config.lib.hours import STEP, ZERO
from config.lib.names import name_key
from config.lib.periods import in_force
from hours.models import CreditEntry, CreditRule
from hours.queries.holders import map_holders
from schools.models import Organisation
from schools.queries.open_years import is_open
from studies.enums import (
    CATEGORY_OF_KIND,
    DECLARED_KINDS,
    ReviewStep,
    ReviewVerdict,
    StudyKind,
    StudyState,
)
from studies.models import (
    MOST_DAYS,
    Study,
    StudyFile,
    StudyParticipant,
    StudyParticipantCorrection,
    StudyReview,
)
from trainees.enums import MembershipStatus
from trainees.models import Exemption, Member, Membership


def find_worth(kind: StudyKind, minutes: int, on: date) -> Decimal | None:
    """The credit hours of one day of study of this kind; None if no rule is in force."""
    return list_worths(kind, [minutes], on).get(minutes)


def list_worths(kind: StudyKind, lengths: list[int], on: date) -> dict[int, Decimal]:
    """The credit hours of a day for each of `lengths` in minutes; empty without a rule.

    By the last step of the rule that is reached, before the first step by minutes per credit hour,
    and no more than the rule's ceiling; as in `STUDY_WORTH`.
    """
    rules = CreditRule.objects.filter(in_force(on), category=CATEGORY_OF_KIND[kind])
    rule = rules.prefetch_related("steps").first()
    if rule is None:
        return {}
    return {minutes: _worth(rule, minutes) for minutes in lengths}


def _worth(rule: CreditRule, minutes: int) -> Decimal:
    """The credit hours of so many minutes on one day. Reads the rule's steps in their order."""
    per_hour = rule.minutes_per_hour
    worth = minutes * 4 // per_hour * STEP if per_hour else ZERO
    for step in rule.steps.all():
        if step.from_minutes <= minutes:
            worth = step.hours
    return worth if rule.piece_cap is None else min(worth, rule.piece_cap)


def needs_evidence(study: Study) -> bool:
    """Whether the rule of its first day requires a file as evidence."""
    rules = CreditRule.objects.filter(in_force(study.held_on), category=study.category)
    return rules.filter(evidence_required=True).exists()


def say_handed_in() -> str:
    """Why a record can no longer be changed."""
    return _("This record has been handed in; it can no longer be changed.")


def say_reviewed(review: StudyReview) -> str:
    """The message that somebody has already taken the review step."""
    facts = {
        "name": review.reviewed_by.display_name,
        "at": format_moment(review.reviewed_at),
        "verdict": review.get_verdict_display(),
    }
    return _("%(name)s reviewed this record already, %(at)s: %(verdict)s.") % facts


@dataclass(frozen=True)
class Candidate:
    """A person who may have been at a study."""

    member_id: int
    name: str
    number: str
    initials: str
    membership_status: str
    is_exempt: bool
    is_guest: bool
    is_absent: bool = False  # named or ticked, but not a member here on that day

    @property
    def is_expected(self) -> bool:
        """Whether a new record assumes that the member was there."""
        return self.membership_status == MembershipStatus.NORMAL

    @property
    def membership_status_label(self) -> str:
        return "" if self.is_expected else str(MembershipStatus(self.membership_status).label)


def list_there(
    organisation: Organisation, on: date, guest_ids: Collection[int]
) -> QuerySet[Membership]:
    """The memberships, on the day `on`, of the people who can be at a study of an organisation.

    They are its members, and guests who belonged to another organisation.
    """
    return Membership.objects.filter(
        in_force(on), Q(organisation=organisation) | Q(member__in=guest_ids)
    )


def say_absent(member_ids: Collection[int]) -> str:
    """The message naming people who did not belong to the organisation, and what to do."""
    text = _(
        "%(names)s did not belong here on that day. Untick them, or add them as guests by "
        "number and name."
    )
    return text % {"names": _format_names(member_ids)}


def say_nowhere(member_ids: Collection[int]) -> str:
    """The message naming guests who belonged to no organisation on the day of the study."""
    text = _("%(names)s belonged to no organisation on that day: untick them.")
    return text % {"names": _format_names(member_ids)}


def say_changed(member_ids: Collection[int]) -> str:
    """The message naming people with a membership changed since the draft, and what to do."""
    text = _(
        "Where %(names)s belonged on that day was changed meanwhile. Whoever recorded it looks at "
        "the participants and saves it once more; a record under review is returned for that."
    )
    return text % {"names": _format_names(member_ids)}


def _format_names(member_ids: Collection[int]) -> str:
    people = Member.objects.filter(pk__in=member_ids).order_by("name_pinyin", "pk")
    return _(", ").join(person.name for person in people)


def list_candidates(
    organisation: Organisation, on: date, guest_ids: list[int], ticked_ids: list[int]
) -> list[Candidate]:
    """The members of an organisation on the day `on` by name, then guests, then the absent.

    The absent are guests, and ticked members of the organisation, without a membership on that day:
    entering a wrong day loses nobody. Two statements; two more if somebody is absent.
    """
    exempt = Exemption.objects.filter(in_force(on), member=OuterRef("member"))
    memberships = (
        list_there(organisation, on, guest_ids)
        .select_related("member")
        .annotate(is_exempt=Exists(exempt))
        .order_by("member__name_pinyin", "member")
    )
    people = [
        Candidate(
            membership.member_id,
            membership.member.name,
            membership.member.number,
            membership.member.name_initials,
            membership.membership_status,
            membership.is_exempt,
            membership.organisation_id != organisation.pk,
        )
        for membership in memberships
    ]
    left = {*guest_ids, *ticked_ids} - {person.member_id for person in people}
    return [
        *sorted(people, key=lambda person: person.is_guest),
        *(_list_left(organisation, left, guest_ids) if left else ()),
    ]


def _list_left(organisation: Organisation, left: set[int], guest_ids: list[int]) -> list[Candidate]:
    """Of `left`, the guests and those who belonged to the organisation on some other day."""
    once = Membership.objects.filter(organisation=organisation, member__in=left)
    known = left & {*guest_ids, *once.values_list("member", flat=True)}
    return [
        Candidate(
            member.pk,
            member.name,
            member.number,
            member.name_initials,
            membership_status=MembershipStatus.NORMAL,
            is_exempt=False,
            is_guest=False,
            is_absent=True,
        )
        for member in Member.objects.filter(pk__in=known).order_by("name_pinyin", "pk")
    ]


def find_guest(number: str, name: str, on: date) -> Member | None:
    """The member with this number and name who belongs to an organisation on the day `on`."""
    here = Membership.objects.filter(in_force(on), member=OuterRef("pk"))
    guest = Member.objects.filter(Exists(here), number=number).first()
    return guest if guest and name_key(guest.name) == name_key(name) else None


def list_served(user: User, on: date, text: str = "") -> QuerySet[Organisation]:
    """The organisations for which `user` may record study, filtered by `text`."""
    served = Organisation.objects.filter(pk__in=Study.objects.organisations_served(user, on))
    words = text.split()
    if words:  # a name may contain spaces, or the user may have added them
        served = served.named_like(" ".join(words), "".join(words))
    return served.order_by("code")


@dataclass(frozen=True)
class Event:
    """An event in a record's history: what, when, who, and why."""

    at: datetime
    what: str
    who: str
    reason: str = ""


@dataclass
class StudyPage:
    """A record, its participants, files and history, and what the user may do."""

    study: Any  # with what `with_next_step` adds
    participants: list[Any]  # as `list_participants` gives them
    files: list[StudyFile]
    reviews: list[StudyReview]
    worth: Decimal | None
    needs_evidence: bool
    is_own: bool
    may_review: bool
    may_withdraw: bool
    may_correct: bool
    may_discard: bool
    submissions: list[Any] = field(default_factory=list)
    corrections: list[Any] = field(default_factory=list)

    @property
    def is_draft(self) -> bool:
        return bool(self.study.state == StudyState.DRAFT)

    @property
    def may_change(self) -> bool:
        return self.is_own and self.is_draft

    @property
    def is_own_declaration(self) -> bool:
        """Whether it is the user's own declaration and not passed yet."""
        waits = self.is_draft or bool(self.study.next_step)
        return self.is_own and bool(self.study.is_declared) and waits

    @property
    def returned(self) -> StudyReview | None:
        """The review that returned the record, while it is a draft again."""
        last = self.reviews[-1] if self.reviews else None
        return last if self.is_draft and last and last.verdict == ReviewVerdict.RETURNED else None

    @property
    def events(self) -> list[Event]:
        """The record's history, earliest first."""
        study = self.study
        events = [
            Event(study.recorded_at, _("recorded"), study.recorded_by.display_name),
            *(
                Event(s.submitted_at, _("handed in"), s.submitted_by.display_name)
                for s in self.submissions
            ),
            *(
                Event(r.reviewed_at, _said(r), r.reviewed_by.display_name, r.reason)
                for r in self.reviews
            ),
            *(_corrected(list(group)) for _key, group in groupby(self.corrections, _act_of)),
        ]
        return sorted(events, key=lambda event: event.at)

    @property
    def waits_for_community(self) -> bool:
        return bool(self.study.next_step == ReviewStep.COMMUNITY)

    @property
    def hours(self) -> Decimal:
        """The hours in the ledger for this record."""
        return sum((participant.hours or ZERO for participant in self.participants), ZERO)


def _said(review: StudyReview) -> str:
    if review.verdict == ReviewVerdict.WITHDRAWN:
        return review.get_verdict_display()
    return _("%(step)s: %(verdict)s") % {
        "step": review.get_step_display(),
        "verdict": review.get_verdict_display(),
    }


def _act_of(correction: StudyParticipantCorrection) -> tuple[int, str]:
    return correction.version, correction.change


def _corrected(group: list[StudyParticipantCorrection]) -> Event:
    first = group[0]
    names = _(", ").join(correction.member.name for correction in group)
    what = _("%(label)s: %(value)s") % {"label": first.get_change_display(), "value": names}
    return Event(first.corrected_at, what, first.corrected_by.display_name, first.reason)


def get_study_page(user: User, study_id: int, on: date) -> StudyPage:
    """A record that `user` may see. Raises Study.DoesNotExist."""
    study = (
        Study.objects.visible_to(user, on)
        .with_next_step(on)
        .select_related("organisation", "recorded_by")
        .get(pk=study_id)
    )
    is_own = study.recorded_by_id == user.pk
    this = Study.objects.filter(pk=study.pk)
    of_others = this.of_reviewing_school(user, on).exclude(recorded_by=user)
    may_withdraw = of_others.without_participant(user).exists()
    reviews = list(study.reviews.select_related("reviewed_by"))
    is_draft = study.state == StudyState.DRAFT
    is_settled = not is_open(study.held_on.year, on)
    return StudyPage(
        study=study,
        participants=list_participants(study),
        files=list(study.files.select_related("file")),
        reviews=reviews,
        worth=find_worth(StudyKind(study.kind), study.minutes, study.held_on),
        needs_evidence=needs_evidence(study),
        is_own=is_own,
        may_review=this.to_review_by(user, on).exists(),
        may_withdraw=study.state == StudyState.APPROVED and may_withdraw and not is_settled,
        may_correct=not is_settled and this.correctable_by(user, on).exists(),
        may_discard=is_draft and not reviews and (is_own or this.of_clerk(user, on).exists()),
        submissions=list(study.submissions.select_related("submitted_by")),
        corrections=list(study.corrections.select_related("member", "corrected_by")),
    )


def list_declared_beside(user: User, page: StudyPage, on: date) -> list[Study]:
    """Other submitted declarations of the same member for the same days that `user` may see.

    Without a known time, this is the only hint that a study was declared twice.
    """
    study, person = page.study, page.participants[0].holder_id
    named = StudyParticipant.objects.filter(
        Q(member=person) | Q(member__merged_into=person), study=OuterRef("pk")
    )
    declarations = (
        Study.objects.visible_to(user, on)
        .filter(Exists(named), kind__in=DECLARED_KINDS)
        .filter(held_on__lte=study.last_day)
        .filter(held_on__gt=study.held_on - timedelta(days=MOST_DAYS))
        .exclude(state__in=[StudyState.DRAFT, StudyState.WITHDRAWN])
        .exclude(pk=study.pk)
    )
    return [
        declaration
        for declaration in declarations.order_by("held_on", "pk")
        if declaration.last_day >= study.held_on
    ]


def list_participants(study: Study) -> list[Any]:
    """The participants by name, each with `holder_id` and their `hours` in the ledger.

    The holder is, after a merge, the row of the person that remained. A person named by several
    rows has the hours once: on the remaining row, or else on the first row. The other rows have
    `is_repeated`.
    """
    people = study.participants.select_related("member", "organisation")
    participants: list[Any] = list(people.order_by("member__name_pinyin", "member"))
    posted = CreditEntry.objects.filter(assessment__source__study=study).values("member")
    hours = dict(posted.annotate(sum=Sum("hours")).values_list("member", "sum"))
    counted = {participant.member_id for participant in participants}
    holders = map_holders(counted, study.held_on.year)
    for participant in participants:
        kept = holders.get(participant.member_id)
        participant.holder_id = kept or participant.member_id
        participant.is_repeated = kept in counted
        counted.add(participant.holder_id)
        participant.hours = None if participant.is_repeated else hours.get(participant.holder_id)
        participant.is_guest = participant.organisation_id != study.organisation_id
    return participants


def format_members(stored: list[Any]) -> str:
    """Format members stored in the audit trail by id or by number, as numbers."""
    keys = [key for key in stored if isinstance(key, int)]
    numbers = dict(Member.objects.filter(pk__in=keys).values_list("pk", "number"))
    return _(", ").join(str(numbers.get(key, key)) for key in stored)
