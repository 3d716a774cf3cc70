"""Queries about one dispute: related assessments, corrections, and the end of an appeal."""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet

from hours.enums import AssessmentCause, DisputeStep, DisputeVerdict
from hours.models import Assessment, Dispute
from hours.models.disputes import last_day_to_object
from hours.source_kinds import counts_once


def versions_of(line: Assessment) -> QuerySet[Assessment]:
    """All assessments of the same evidence for the same member."""
    return Assessment.objects.filter(
        member=line.member_id,
        source=line.source_id,
        owner=line.owner_id,
        occurred_on=line.occurred_on,
    )


def find_corrections(dispute: Dispute) -> QuerySet[Assessment]:
    """The assessments that corrected what the member last disputed.

    The line assessed anew; or, for missing study, hours of that day posted since. The row that the
    member's row was merged into counts as well; the merge itself is not a correction.
    """
    holders = [dispute.member_id, dispute.member.merged_into_id]
    assessments = Assessment.objects.filter(member__in=holders, occurred_on=dispute.occurred_on)
    assessments = assessments.exclude(cause=AssessmentCause.MERGED)
    line = dispute.assessment
    if line is None:
        assessments = assessments.filter(assessed_at__gt=dispute.opened_at, hours__gt=0)
    else:
        assessments = assessments.filter(source=line.source_id, pk__gt=line.pk)
        if not counts_once(line.source.kind):
            assessments = assessments.filter(owner=line.owner_id)
    appeal = dispute.entries.filter(step=DisputeStep.APPEALED).first()
    return assessments.filter(assessed_at__gt=appeal.written_at) if appeal else assessments


def find_appeal_end(dispute: Dispute) -> date | None:
    """The last day for an appeal against the school's answer; None without a limit."""
    answer = dispute.entries.get(step=DisputeStep.ANSWERED)
    return last_day_to_object(answer.written_at, dispute.appeal_days)


def format_answer(verdict: str) -> str:
    """An answer that the audit trail stored, in the reader's language."""
    return str(DisputeVerdict(verdict).label)
