"""What special audits tell people: the school a finding or a return, the auditor an answer."""

from __future__ import annotations

from datetime import date, datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from backstage.notices import Facts, NoticeText, register_notice, write_notices
from config.lib.dates import format_day
from config.lib.periods import local_date
from funding.models import AnswerReview, AuditFinding, FindingAnswer, SpecialAudit
from schools.queries.clerks import list_clerk_accounts

_FINDING, _ANSWER, _RETURN = "audit_finding", "finding_answer", "answer_returned"


def register_notices() -> None:
    """Register the kinds."""
    register_notice(_FINDING, _describe_finding)
    register_notice(_ANSWER, _describe_answer)
    register_notice(_RETURN, _describe_return)


def tell_clerks(finding: AuditFinding, *, at: datetime) -> int:
    """Tell the clerks of the payment's school that a finding waits for their answer."""
    sampled = finding.audited_payment
    return write_notices(
        kind=_FINDING,
        to=list_clerk_accounts(sampled.payment.school_id, local_date(at)),
        facts={"audit": sampled.audit.title, "due": finding.due_on.isoformat()},
        address=_address(sampled.audit),
        once=str(finding.pk),
        at=at,
    )


def tell_auditors(answer: FindingAnswer, *, at: datetime) -> int:
    """Tell who opened the audit and who raised the finding that an answer is there."""
    finding = answer.finding
    sampled = finding.audited_payment
    return write_notices(
        kind=_ANSWER,
        to=[sampled.audit.opened_by, finding.raised_by],
        facts={"audit": sampled.audit.title, "school": sampled.payment.school.name},
        address=_address(sampled.audit),
        once=str(answer.pk),
        at=at,
    )


def tell_of_return(review: AnswerReview, *, at: datetime) -> int:
    """Tell the clerks of the payment's school that their answer was returned."""
    finding = review.answer.finding
    sampled = finding.audited_payment
    return write_notices(
        kind=_RETURN,
        to=list_clerk_accounts(sampled.payment.school_id, local_date(at)),
        facts={"audit": sampled.audit.title, "due": finding.due_on.isoformat()},
        address=_address(sampled.audit),
        once=str(review.pk),
        at=at,
    )


def _address(audit: SpecialAudit) -> str:
    return reverse("funding:audit", args=[audit.pk])


def _describe_finding(facts: Facts) -> NoticeText:
    return NoticeText(_("A finding of an audit waits for your answer"), _say_due(facts))


def _describe_return(facts: Facts) -> NoticeText:
    return NoticeText(_("The auditor returned an answer to a finding"), _say_due(facts))


def _say_due(facts: Facts) -> str:
    return _("%(audit)s: answer by %(day)s.") % {
        "audit": facts["audit"],
        "day": format_day(date.fromisoformat(facts["due"])),
    }


def _describe_answer(facts: Facts) -> NoticeText:
    return NoticeText(
        _("%(school)s answered a finding") % {"school": facts["school"]}, facts["audit"]
    )
