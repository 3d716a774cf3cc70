"""A dispute for its page, and the evidence for an answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, OuterRef
from django.urls import reverse

from accounts.models import User
from config.lib.periods import period
from hours.enums import UNFINISHED_DISPUTES, DisputeState
from hours.models import Assessment, Dispute, DisputeEntry
from hours.queries.disputes import find_appeal_end
from rolls.models import Attendance
from studies.enums import DECLARED_KINDS, StudyState
from studies.models import Study, StudyParticipant
from trainees.models import Membership
from years.queries.hours import find_line, get_own_year
from years.queries.lines import Line


@dataclass(frozen=True)
class DisputePage:
    """A dispute with its history, its current line, and what the user may do next.

    `appeal_end` is the last day for an appeal against the answer, None without a limit.
    """

    dispute: Dispute
    entries: list[DisputeEntry]
    line: Line | None
    is_own: bool
    may_answer: bool
    may_decide: bool
    may_appeal: bool
    appeal_end: date | None

    @property
    def may_withdraw(self) -> bool:
        return self.is_own and self.dispute.state in UNFINISHED_DISPUTES


def get_dispute_page(user: User, dispute_id: int, on: date) -> DisputePage:
    """A dispute that `user` may see. Raises Dispute.DoesNotExist."""
    mark = Attendance.objects.filter(
        session__roll__source=OuterRef("assessment__source"), member=OuterRef("assessment__owner")
    )
    visible = Dispute.objects.visible_to(user, on).with_subject().annotate(mark=mark.values("pk"))
    about = visible.select_related("assessment__source__roll", "assessment__source__study")
    dispute = about.get(pk=dispute_id)
    this = Dispute.objects.filter(pk=dispute.pk)
    is_own = this.of_account(user).exists()
    end = find_appeal_end(dispute) if dispute.state == DisputeState.ANSWERED else None
    return DisputePage(
        dispute,
        list(dispute.entries.select_related("written_by")),
        find_line(dispute.member_id, dispute.assessment) if dispute.assessment else None,
        is_own,
        may_answer=dispute.state == DisputeState.OPEN and this.answered_by(user, on).exists(),
        may_decide=dispute.state == DisputeState.APPEALED and this.decided_by(user, on).exists(),
        may_appeal=is_own and dispute.state == DisputeState.ANSWERED and (end is None or on <= end),
        appeal_end=end,
    )


def get_own_line(user: User, assessment_id: int, on: date) -> Line:
    """The user's own line that has this version. Raises Assessment.DoesNotExist."""
    assessment = Assessment.objects.filter(member__user=user).get(pk=assessment_id)
    for line in get_own_year(user, assessment.credit_year, on).lines:
        if assessment.pk in line.versions:
            return line
    raise Assessment.DoesNotExist


@dataclass(frozen=True)
class StudyInQuestion:
    """A record that may be the study a member misses, and the URL to correct it."""

    study: Study
    names_member: bool
    url: str
    may_correct: bool


def list_studies_in_question(user: User, dispute: Dispute, on: date) -> list[StudyInQuestion]:
    """Submitted records of the month and of the member's organisations in that month, by day.

    Only records that `user` may see. The URL of a record that `user` may correct leads to the
    correction, any other to the record itself, where it is reviewed. Two statements.
    """
    first = dispute.occurred_on.replace(day=1)
    month = period(first, (first + timedelta(days=31)).replace(day=1))
    people = [key for key in (dispute.member_id, dispute.member.merged_into_id) if key]
    memberships = Membership.objects.filter(member__in=people, period__overlap=month)
    there = StudyParticipant.objects.filter(study=OuterRef("pk"), member__in=people)
    studies = (
        Study.objects.visible_to(user, on)
        .filter(organisation__in=memberships.values("organisation"))
        .filter(held_on__gte=month.lower, held_on__lt=month.upper)
        .exclude(state__in=[StudyState.DRAFT, StudyState.WITHDRAWN])
        .exclude(kind__in=DECLARED_KINDS)
        .annotate(names_member=Exists(there))
    )
    correctable = set(studies.correctable_by(user, on).values_list("pk", flat=True))
    return [
        StudyInQuestion(
            study,
            study.names_member,
            reverse(
                "studies:correct_participants" if study.pk in correctable else "studies:study",
                args=[study.pk],
            ),
            study.pk in correctable,
        )
        for study in studies.order_by("held_on", "pk")
    ]
