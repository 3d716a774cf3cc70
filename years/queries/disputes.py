"""A dispute for its page, the evidence for an answer, and tasks on the home page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Exists, Min, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.enums import Role
from accounts.models import User
from accounts.roles import held_roles
from backstage.tasklist import Task
from config.lib.dates import format_day
from config.lib.periods import local_date, period
from hours.enums import UNFINISHED_DISPUTES, DisputeState
from hours.models import Assessment, Dispute, DisputeEntry
from hours.queries.disputes import find_appeal_end
from hours.querysets import DisputeQuerySet
from rolls.models import Attendance
from studies.enums import DECLARED_KINDS, StudyState
from studies.models import Study, StudyParticipant
from trainees.models import Membership
from years.queries.hours import find_line, get_own_year
from years.queries.lines import Line

# After ANSWER_DAYS an answer is late, and a decision is no longer shown to the school. A member
# sees an answer or decision on the home page for NEWS_DAYS.
ANSWER_DAYS = 7
NEWS_DAYS = 30


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


def list_dispute_tasks(user: User, now: datetime) -> list[Task]:
    """Disputes for a clerk to answer or the department to decide, and news for the member."""
    roles, on = held_roles(user), local_date(now)
    tasks: list[Task] = []
    if Role.SCHOOL_CLERK in roles:
        answered = Dispute.objects.answered_by(user, on)
        tasks += _waiting(answered, DisputeState.OPEN, on) + _decided(answered, now)
    if Role.ORGANISATION_DEPARTMENT in roles:
        tasks += _waiting(Dispute.objects.decided_by(user, on), DisputeState.APPEALED, on)
    if Role.MEMBER in roles:
        tasks += _answer_tasks(user, now)
    return tasks


def _waiting(rows: DisputeQuerySet, state: DisputeState, on: date) -> list[Task]:
    """The task to handle the disputes in this state, if there are any."""
    waiting = rows.filter(state=state).with_last_step()
    n, oldest = waiting.aggregate(n=Count("pk"), oldest=Min("moved_at")).values()
    if not n:
        return []
    if state == DisputeState.OPEN:
        label = ngettext("Answer %(n)d dispute", "Answer %(n)d disputes", n)
    else:
        label = ngettext("Decide %(n)d appeal", "Decide %(n)d appeals", n)
    since = local_date(oldest)
    return [
        Task(
            label % {"n": n},
            f"{reverse('years:disputes')}?stage={state}",
            due=_("since %(first)s") % {"first": format_day(since)},
            late=on > since + timedelta(days=ANSWER_DAYS),
        )
    ]


def _decided(rows: DisputeQuerySet, now: datetime) -> list[Task]:
    """Recent decisions by the department on the school's answers; hours may have changed."""
    decided = rows.filter(state=DisputeState.DECIDED).with_last_step()
    recent = decided.filter(moved_at__gt=now - timedelta(days=ANSWER_DAYS))
    n = recent.count()
    if not n:
        return []
    label = ngettext("%(n)d appeal was decided", "%(n)d appeals were decided", n)
    return [Task(label % {"n": n}, f"{reverse('years:disputes')}?stage={DisputeState.DECIDED}")]


def _answer_tasks(user: User, now: datetime) -> list[Task]:
    """Recent answers to and decisions on the user's own disputes."""
    disputes = Dispute.objects.of_account(user).filter(
        state__in=[DisputeState.ANSWERED, DisputeState.DECIDED]
    )
    recent = disputes.with_last_step().filter(moved_at__gt=now - timedelta(days=NEWS_DAYS))
    return [
        Task(
            _("Your dispute was answered"),
            reverse("years:dispute", args=[dispute.pk]),
            detail=f"{dispute.subject} · {format_day(dispute.occurred_on)}",
        )
        for dispute in recent.with_subject().order_by("-moved_at")
    ]
